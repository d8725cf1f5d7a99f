"""A flag that another mail program sets is a star here, and ours is a flag there (rule O2)."""

from __future__ import annotations

from dataclasses import replace

from desktop_inbox.connectors.contract import FolderRole, Inventory, Location, MarkedElsewhere
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import undoing
from desktop_inbox.store import events
from tests.support.post import SHOP, Post
from tests.sync.test_server_actions import replay, waiting


def told(location: Location, *, flagged: bool) -> MarkedElsewhere:
    return MarkedElsewhere(location=location, seen=False, flagged=flagged)


def star(post: Post, *, on: bool = True) -> None:
    post.room.write(lambda tx: actions.star(tx, [post.only().id], on=on))


def history(post: Post) -> list[str]:
    key = post.only().id
    return [one.kind for one in post.room.read(lambda conn: events.of_conversation(conn, key))]


def test_a_flag_is_a_star_and_taking_it_off_takes_the_star_off(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.bring(told(mail.location, flagged=True))
    assert post.only().starred
    post.bring(told(mail.location, flagged=False))
    assert not post.only().starred
    assert history(post)[-2:] == ["server.star", "server.unstar"]
    assert waiting(post) == [], "the server said so itself"


def test_mail_that_comes_with_a_flag_has_a_star_at_once(post: Post) -> None:
    post.bring(post.mail("a@x", flagged=True), post.mail("b@x", subject="Another"))
    assert {row.subject: row.starred for row in post.room.conversations()} == {
        "A question": True,
        "Another": False,
    }


def test_a_header_that_comes_again_whole_and_flagged_has_a_star(post: Post) -> None:
    head = post.mail("a@x", complete=False)
    post.bring(head)
    post.bring(replace(post.mail("a@x", flagged=True), location=head.location))
    assert post.only().starred


def test_the_star_stays_while_any_message_is_flagged(post: Post) -> None:
    first = post.mail("a@x", flagged=True)
    second = post.mail("b@x", reply_to="a@x", minute=1, flagged=True)
    post.bring(first, second)
    post.bring(told(first.location, flagged=False))
    assert post.only().starred
    post.bring(told(second.location, flagged=False))
    assert not post.only().starred


def test_a_message_that_was_flagged_and_moved_elsewhere_has_a_star(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    place = Location(folder="Work", uidvalidity=3, uid=1)
    post.bring(replace(mail, location=place, role=FolderRole.OTHER, flagged=True))
    assert post.only().starred


def test_a_whole_comparison_puts_stars_right(post: Post) -> None:
    mail, other = post.mail("a@x", flagged=True), post.mail("b@x", subject="Another")
    post.bring(mail, other)
    place = mail.location
    uids = (mail.location.uid, other.location.uid)
    post.bring(
        Inventory(
            folder=place.folder,
            uidvalidity=place.uidvalidity,
            below=99,
            uids=uids,
            unseen=uids,
            flagged=(other.location.uid,),
        )
    )
    assert {row.subject for row in post.room.conversations() if row.starred} == {"Another"}


def test_our_star_is_newer_than_what_the_server_says_until_it_has_heard(post: Post) -> None:
    mail = post.mail("a@x", flagged=True)
    post.bring(mail)
    star(post, on=False)
    post.bring(told(mail.location, flagged=True))
    assert not post.only().starred


async def test_our_own_star_is_taken_off_by_another_program(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    star(post)
    await replay(post)
    post.bring(told(mail.location, flagged=True))  # our own doing comes back
    assert history(post)[-1] == "conversation.star"
    post.bring(told(mail.location, flagged=False))
    assert not post.only().starred


async def test_a_star_taken_off_elsewhere_before_ours_came_back_is_off(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    star(post)
    await replay(post)
    post.bring(told(mail.location, flagged=False))
    assert not post.only().starred


async def test_taking_a_star_off_here_takes_every_flag_off_there(post: Post) -> None:
    ours = post.mail("b@x", sender=SHOP, to="Ayşe <ayse@example.org>", minute=1)
    post.bring(post.mail("a@x"), replace(ours, flagged=True))
    (starred,) = (row.id for row in post.room.conversations() if row.starred)
    post.room.write(lambda tx: actions.star(tx, [starred], on=False))
    assert ("flagged", "off") in waiting(post)
    await replay(post)
    post.bring(told(ours.location, flagged=False))
    assert not any(row.starred for row in post.room.conversations())


def test_a_star_of_many_is_undone_in_one_go(post: Post) -> None:
    post.bring(*(post.mail(f"{i}@x", subject=f"No {i}", minute=i) for i in range(5)))
    keys = [row.id for row in post.room.conversations()]
    group = post.room.write(lambda tx: actions.star(tx, keys))
    assert group is not None
    post.room.write(lambda tx: undoing.undo(tx, group))
    assert not any(row.starred for row in post.room.conversations())
    assert {target for _, target in waiting(post)} == {"off"}
