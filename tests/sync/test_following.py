"""What other programs do to messages on the server: local facts outlive it (rules O1, O7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_inbox.connectors.contract import (
    FolderReset,
    FolderRole,
    Gone,
    Inventory,
    Location,
    RawMail,
)
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import drafts, replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts, conversations, known_messages
from desktop_inbox.store.places import DELETED_ELSEWHERE
from tests.support.post import Post


def wish(post: Post, name: str) -> None:
    settings = {"deleted_elsewhere": name}
    post.room.write(lambda tx: accounts.change(tx, post.mailbox.id, settings=settings))


def taken_away(mail: RawMail) -> Gone:
    return Gone(folder=mail.location.folder, uidvalidity=1, uids=(mail.location.uid,))


def elsewhere(mail: RawMail, folder: str = "archive", uid: int = 900) -> RawMail:
    """The same mail where another program has moved it."""
    place = Location(folder=folder, uidvalidity=5, uid=uid)
    return replace(mail, location=place, role=FolderRole.ARCHIVE)


def folders(post: Post) -> list[str]:
    """Return where the only message lies."""
    (message,) = post.room.messages(post.only().id)
    return [
        one.folder
        for one in post.room.read(lambda conn: known_messages.places_of(conn, message.id))
    ]


@pytest.mark.parametrize("option", ["keep", "mark", "mirror"])
def test_what_another_program_moves_keeps_its_identity_notes_and_tags(
    post: Post, option: str
) -> None:
    """Behaviour 9."""
    wish(post, option)
    mail = post.mail("a@x")
    post.bring(mail)
    key = post.only().id
    post.room.write(lambda tx: actions.tag(tx, key, "VIP"))
    post.room.write(lambda tx: replies.add_note(tx, key, "Ask Bo"))

    post.bring(taken_away(mail))
    post.look()  # may have begun before it was moved
    assert post.bring(elsewhere(mail)).duplicates == 1
    post.look()
    post.look()

    row = post.only()
    assert (row.id, [tag.name for tag in row.tags], row.message_count) == (key, ["VIP"], 2)
    incoming, note = post.room.messages(key)
    assert (incoming.warnings, note.text) == ((), "Ask Bo")
    assert [
        place.folder
        for place in post.room.read(lambda conn: known_messages.places_of(conn, incoming.id))
    ] == ["archive"]


def test_what_is_deleted_on_the_server_is_kept_by_default(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.bring(taken_away(mail))
    for _ in range(3):
        post.look()
    (message,) = post.room.messages(post.only().id)
    assert message.warnings == ()


def test_what_is_deleted_on_the_server_is_marked_where_wished(post: Post) -> None:
    wish(post, "mark")
    mail = post.mail("a@x")
    post.bring(mail)
    post.bring(taken_away(mail))
    post.look()
    assert post.room.messages(post.only().id)[0].warnings == ()
    post.look()
    post.look()
    assert post.room.messages(post.only().id)[0].warnings == (DELETED_ELSEWHERE,)

    post.bring(elsewhere(mail))  # it was in a folder that is not read

    assert post.room.messages(post.only().id)[0].warnings == ()


def test_what_is_deleted_on_the_server_goes_here_too_where_wished(post: Post) -> None:
    wish(post, "mirror")
    first, second = post.mail("a@x"), post.mail("b@x", reply_to="a@x", minute=1)
    post.bring(first, second)
    post.bring(taken_away(second))
    post.look()
    assert post.only().message_count == 2
    post.look()
    assert post.only().message_count == 1

    assert post.bring(elsewhere(second)).stored == 0

    assert post.only().message_count == 2


def test_a_conversation_whose_messages_are_all_gone_is_listed_nowhere_until_one_is_back(
    post: Post,
) -> None:
    wish(post, "mirror")
    mail = post.mail("a@x")
    post.bring(mail)
    key = post.only().id
    post.room.write(lambda tx: actions.tag(tx, key, "VIP"))
    _delete(post, mail)
    assert post.room.conversations() == []
    assert post.room.conversations("all") == []
    assert post.room.read(lambda conn: conversations.counts(conn)).inbox == 0

    post.bring(post.mail("b@x", reply_to="a@x", minute=1))

    assert (post.only().id, post.only().message_count) == (key, 1)
    assert [tag.name for tag in post.only().tags] == ["VIP"]


def test_a_conversation_that_still_holds_a_note_or_a_draft_is_not_hidden(post: Post) -> None:
    wish(post, "mirror")
    noted, drafted = post.mail("a@x", subject="noted"), post.mail("b@x", subject="drafted")
    post.bring(noted, drafted)
    post.room.write(lambda tx: replies.add_note(tx, post.only_named("noted").id, "Keep"))
    content = DraftContent(conversation_id=post.only_named("drafted").id, body="Hello")
    post.room.write(lambda tx: drafts.save(tx, content))
    _delete(post, noted, drafted)
    assert {row.subject for row in post.room.conversations()} == {"noted", "drafted"}


def _delete(post: Post, *mails: RawMail) -> None:
    """Have mails be gone from the server for good."""
    for mail in mails:
        post.bring(taken_away(mail))
    post.look()
    post.look()


def test_a_renamed_folder_moves_its_messages(post: Post) -> None:
    wish(post, "mirror")
    mail = post.mail("a@x")
    post.bring(mail)
    counts = post.bring(FolderReset(folder="inbox", uidvalidity=0), elsewhere(mail, "Play", 1))
    post.look()
    post.look()
    assert (counts.duplicates, post.only().message_count) == (1, 1)
    assert folders(post) == ["Play"]


def test_an_inventory_says_what_is_gone_and_what_was_read(post: Post) -> None:
    """What is done where the server contradicts itself: local facts stay."""
    mails = [post.mail(f"{n}@x", subject=f"s{n}") for n in range(4)]
    post.bring(*mails)
    uids = [mail.location.uid for mail in mails]
    post.room.write(lambda tx: actions.tag(tx, post.only_named("s0").id, "VIP"))
    inventory = Inventory(
        folder="inbox", uidvalidity=1, below=uids[3], uids=tuple(uids[:2]), unseen=(uids[1],)
    )

    post.bring(inventory)

    assert [post.only_named(f"s{n}").unread for n in range(4)] == [0, 1, 1, 1]
    found = post.room.read(
        lambda conn: known_messages.by_places(
            conn, [known_messages.Place(post.mailbox.id, "inbox", 1, uid) for uid in uids]
        )
    )
    assert sorted(place.uid for place in found) == uids[:2]
    assert [tag.name for tag in post.only_named("s0").tags] == ["VIP"]


def test_two_copies_are_gone_only_when_both_are(post: Post) -> None:
    wish(post, "mirror")
    mail = post.mail("a@x")
    post.bring(mail, elsewhere(mail))
    post.bring(taken_away(mail))
    post.look()
    post.look()
    assert post.only().message_count == 1
    assert folders(post) == ["archive"]


@pytest.mark.parametrize(
    ("mode", "was_seen", "now_seen", "unread"),
    [
        ("open", False, True, 0),
        ("open", True, False, 1),
        ("never", False, True, 0),
        ("never", True, False, 0),  # the server was never told that it was read
    ],
)
def test_what_is_read_and_moved_elsewhere_is_read_here(
    post: Post, mode: str, was_seen: bool, now_seen: bool, unread: int
) -> None:
    settings = {"mark_read": mode}
    post.room.write(lambda tx: accounts.change(tx, post.mailbox.id, settings=settings))
    mail = post.mail("a@x", seen=was_seen)
    post.bring(mail)
    post.bring(taken_away(mail), replace(elsewhere(mail), seen=now_seen))
    assert post.only().unread == unread


def test_an_unread_copy_does_not_make_the_original_unread(post: Post) -> None:
    mail = post.mail("a@x", seen=True)
    post.bring(mail)
    post.bring(replace(elsewhere(mail), seen=False))
    assert post.only().unread == 0


def test_what_was_read_where_we_moved_it_is_read_here(post: Post) -> None:
    """Its new place is known already when it is read for the first time there."""
    mail = post.mail("a@x")
    post.bring(mail)
    post.bring(replace(mail, seen=True))
    assert post.only().unread == 0
    post.bring(replace(mail, seen=False))
    assert post.only().unread == 0
