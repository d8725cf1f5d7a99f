"""Which conversation a mail belongs to, and what is said of it: rules C1 to C5 and C7."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from desktop_inbox.connectors.contract import FolderRole
from desktop_inbox.domain import tokens
from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.threading import Admission
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import joining, replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts, agents, events, known_messages
from desktop_inbox.store.rows import AccountRow, MessageRow
from desktop_inbox.sync.linking import LOOKS_LIKE_PARTICIPANT, NEW_PARTICIPANT, NEW_TOPIC
from desktop_inbox.sync.mailbox import Linking, mailbox_of
from tests.support.engine_room import ADDRESS
from tests.support.post import AYSE, BO, EVE, SHOP, Post

OTHER = "orders@example.com"


def _say(post: Post, conversation_id: int) -> list[tuple[str, str]]:
    """Return what the history of a conversation says, as (kind, the other's uid)."""
    rows = post.room.read(lambda conn: events.of_conversation(conn, conversation_id))
    return [(row.kind, row.changes[0][2].partition(":")[2]) for row in rows]


def _message(post: Post, name: str) -> MessageRow:
    known = post.room.read(
        lambda conn: known_messages.by_message_ids(conn, post.mailbox.id, [name])
    )
    return post.room.message(known[name].id)


def _set(post: Post, linking: Linking, **settings: object) -> None:
    """Set the account up as its owner would."""
    post.mailbox = replace(post.mailbox, linking=linking)
    post.room.write(
        lambda tx: accounts.change(tx, post.mailbox.id, settings={"name": "The shop", **settings})
    )


# Keyed marks, C1 a, b and e


def test_an_answer_to_a_marked_address_needs_no_ids_c1a(post: Post) -> None:
    _set(post, Linking(reply_token=True), reply_token="yes")
    post.bring(post.mail("a@x"))
    sent = post.room.queue(conversation_id=post.only().id)
    (reply_to,) = post.room.message(sent.message_id).reply_to
    assert tokens.without_token(reply_to.address) == ADDRESS
    post.bring(post.mail("b@x", to=f"Shop <{reply_to.address}>", subject="Yes please", minute=9))
    assert post.groups() == {frozenset({"a@x", sent.client_ref, "b@x"})}


def test_an_outsider_who_has_the_marked_address_does_not_join_c2(post: Post) -> None:
    _set(post, Linking(reply_token=True), reply_token="yes")
    post.bring(post.mail("a@x"))
    sent = post.room.queue(conversation_id=post.only().id)
    (reply_to,) = post.room.message(sent.message_id).reply_to
    post.bring(post.mail("e@x", sender=EVE, to=reply_to.address, reply_to=sent.client_ref))
    assert frozenset({"e@x"}) in post.groups()


def test_no_address_is_marked_unless_the_owner_wants_it(post: Post) -> None:
    post.bring(post.mail("a@x"))
    sent = post.room.queue(conversation_id=post.only().id)
    assert post.room.message(sent.message_id).reply_to == ()


def test_an_answer_to_a_message_of_ours_that_is_lost_finds_its_conversation_c1b(
    post: Post,
) -> None:
    """After a restore the store may lack what was sent last; its id still tells."""
    post.bring(post.mail("a@x"))
    row = post.only()
    key = post.room.read(agents.mail_key)
    lost = tokens.message_id(key, conversation=row.uid, attempt=row.uid, domain="example.com")
    post.bring(post.mail("b@x", reply_to=lost, minute=5))
    post.bring(post.mail("e@x", sender=EVE, reply_to=lost, minute=6))
    assert post.groups() == {frozenset({"a@x", "b@x"}), frozenset({"e@x"})}


def test_an_id_that_only_looks_like_ours_leads_nowhere_c1b(post: Post) -> None:
    post.bring(post.mail("a@x"))
    forged = tokens.message_id(
        b"guessed key", conversation=post.only().uid, attempt=post.only().uid, domain="example.com"
    )
    post.bring(post.mail("b@x", reply_to=forged, minute=5))
    assert len(post.groups()) == 2


def test_a_marked_address_follows_a_merge_p2(post: Post) -> None:
    post.bring(post.mail("a@x"), post.mail("z@x", sender=BO))
    ids = {row.customer_name: row for row in post.room.conversations()}
    key = post.room.read(agents.mail_key)
    marked = tokens.reply_address(key, ADDRESS, conversation=ids["Ayşe"].uid)
    post.room.write(lambda tx: joining.merge(tx, ids["Ayşe"].id, ids["Bo"].id))
    post.bring(post.mail("b@x", to=marked, minute=5))
    assert post.only().message_count == 3


def test_a_subject_token_leads_back_only_where_it_is_wanted_c1e(post: Post) -> None:
    for number, wanted in enumerate((False, True)):
        _set(post, Linking(subject_token=wanted), subject_token="yes" if wanted else "no")
        post.bring(post.mail(f"a{number}@x", subject=f"Mug {number}"))
        row = post.only_named(f"Mug {number}")
        key = post.room.read(agents.mail_key)
        mark = tokens.subject_token(key, conversation=row.uid)
        post.bring(post.mail(f"b{number}@x", subject=f"Mug {mark}", minute=5))
    assert post.groups() == {
        frozenset({"a0@x"}), frozenset({"b0@x"}), frozenset({"a1@x", "b1@x"})
    }  # fmt: skip


# What else may lead there, C1 f and g


def test_an_answer_without_ids_follows_its_subject_where_the_owner_wants_it_c1f(
    post: Post,
) -> None:
    post.bring(post.mail("a@x", subject="Mug"))
    post.bring(post.mail("b@x", subject="AW: Mug", minute=5))
    assert len(post.groups()) == 2
    _set(post, Linking(same_subject_days=14))
    post.bring(post.mail("c@x", subject="Re: Mug", minute=6))
    post.bring(post.mail("d@x", subject="Mug", minute=7))  # no answer: a new question
    post.bring(post.mail("e@x", sender=EVE, subject="Re: Mug", minute=8))
    joined = next(group for group in post.groups() if "c@x" in group)
    assert joined in ({"a@x", "c@x"}, {"b@x", "c@x"})
    assert len(post.groups()) == 4


def test_what_the_provider_calls_one_thread_is_one_among_those_who_take_part_c1g(
    post: Post,
) -> None:
    mails = [
        replace(post.mail(name, sender=sender, minute=minute), thread="17")
        for minute, (name, sender) in enumerate([("a@x", AYSE), ("b@x", AYSE), ("e@x", EVE)])
    ]
    post.bring(*mails)
    assert post.groups() == {frozenset({"a@x", "b@x"}), frozenset({"e@x"})}


# Who may join, C2


def test_a_stranger_branches_off_and_both_sides_say_so_c2(post: Post) -> None:
    post.bring(post.mail("a@x", subject="Mug"))
    post.bring(post.mail("e@x", sender=EVE, subject="Re: Mug!", reply_to="a@x", minute=5))
    mine, theirs = post.only_named("Mug"), post.only_named("Re: Mug!")
    assert _say(post, theirs.id) == [("conversation.branched", mine.uid)]
    assert _say(post, mine.id) == [("conversation.branched", theirs.uid)]


def test_a_stranger_who_came_first_is_told_of_all_the_same_c2(post: Post) -> None:
    post.bring(post.mail("e@x", sender=EVE, subject="Re: Mug!", reply_to="a@x", minute=5))
    post.bring(post.mail("a@x", subject="Mug"))
    mine, theirs = post.only_named("Mug"), post.only_named("Re: Mug!")
    assert _say(post, theirs.id) == [("conversation.branched", mine.uid)]


def test_a_branch_leaves_a_conversation_free_to_be_joined_c5(post: Post) -> None:
    """What the program notes by itself is nobody's work."""
    post.bring(post.mail("c@x", reply_to="b@x", minute=2))
    post.bring(post.mail("e@x", sender=EVE, reply_to="c@x", minute=3))
    post.bring(post.mail("a@x"))
    post.bring(post.mail("b@x", reply_to="a@x", minute=1))
    assert post.groups() == {frozenset({"a@x", "b@x", "c@x"}), frozenset({"e@x"})}


def test_members_of_a_list_branch_off_silently(post: Post) -> None:
    post.bring(post.mail("a@x", subject="Mug", extra="List-Id: <mugs.example>"))
    post.bring(
        post.mail("e@x", sender=EVE, subject="Re: Mug!", reply_to="a@x",
                  extra="List-Id: <mugs.example>")
    )  # fmt: skip
    assert [_say(post, row.id) for row in post.room.conversations()] == [[], []]


@pytest.mark.parametrize(
    ("admission", "sender", "joins"),
    [
        (Admission(), EVE, False),
        (Admission(lenient=True), EVE, True),
        (Admission(same_domain=True), "Colleague <ali@example.org>", True),
        (Admission(same_domain=True), EVE, False),
    ],
)
def test_the_owner_decides_who_else_may_join_c2(
    post: Post, admission: Admission, sender: str, joins: bool
) -> None:
    _set(post, Linking(admission=admission))
    post.bring(post.mail("a@x"), post.mail("e@x", sender=sender, reply_to="a@x", minute=2))
    assert (len(post.groups()) == 1) is joins
    assert (NEW_PARTICIPANT in _message(post, "e@x").warnings) is joins


def test_sharing_a_free_mail_provider_makes_nobody_a_colleague_c2(post: Post) -> None:
    _set(post, Linking(admission=Admission(same_domain=True)))
    post.bring(post.mail("a@x", sender="Ayşe <ayse@gmail.com>"))
    post.bring(post.mail("e@x", sender="Eve <eve@gmail.com>", reply_to="a@x", minute=2))
    assert len(post.groups()) == 2


def test_a_refused_sender_who_looks_like_a_participant_is_flagged(post: Post) -> None:
    post.bring(post.mail("a@x"))
    post.bring(post.mail("e@x", sender="Ayşe <ayse@examp1e.org>", reply_to="a@x", minute=2))
    assert len(post.groups()) == 2
    assert LOOKS_LIKE_PARTICIPANT in _message(post, "e@x").warnings


@pytest.mark.parametrize("complete", [True, False])
def test_a_new_subject_stays_in_the_conversation_and_is_told_c3(post: Post, complete: bool) -> None:
    post.bring(post.mail("a@x", subject="Blue mug"))
    changed = post.mail("b@x", subject="Invoice for May", reply_to="a@x", minute=5)
    if not complete:
        head = replace(changed, raw=changed.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        post.bring(replace(head, complete=False))
    post.bring(changed)
    post.bring(post.mail("c@x", subject="AW: [Shop] Invoice for May?", reply_to="b@x", minute=6))
    assert post.groups() == {frozenset({"a@x", "b@x", "c@x"})}
    assert NEW_TOPIC in _message(post, "b@x").warnings
    assert NEW_TOPIC not in _message(post, "c@x").warnings


# Two accounts, C4


def _second(post: Post) -> Post:
    """Return the way into another account of the same workspace."""
    key = post.room.add_account(OTHER)
    rows: dict[int, AccountRow] = {row.id: row for row in post.room.read(accounts.list_all)}
    other = object.__new__(Post)
    other.room, other.pulls, other.uids = post.room, post.pulls, post.uids
    other.mailbox = mailbox_of(rows[key], rows.values())
    post.mailbox = mailbox_of(rows[post.mailbox.id], rows.values())
    return other


def test_one_mail_in_two_accounts_is_one_message_c4(post: Post) -> None:
    other = _second(post)
    both = f"{SHOP}, {OTHER}"
    post.bring(post.mail("a@x", to=both))
    assert other.bring(post.mail("a@x", to=both)).duplicates == 1
    (message,) = post.room.messages(post.only().id)
    places = post.room.read(lambda conn: known_messages.places_of(conn, message.id))
    assert {place.account_id for place in places} == {post.mailbox.id, other.mailbox.id}
    assert message.delivered_to == (ADDRESS, OTHER)
    other.bring(post.mail("b@x", to=OTHER, reply_to="a@x", minute=3))
    assert post.groups() == {frozenset({"a@x", "b@x"})}


def test_another_mail_under_the_same_id_in_another_account_stays_itself_c4(post: Post) -> None:
    other = _second(post)
    post.bring(post.mail("a@x"))
    other.bring(post.mail("a@x", sender=EVE, to=OTHER, subject="Pay me", body="now"))
    assert len(post.room.conversations()) == 2


def test_what_one_account_sends_to_another_is_sent_and_received_c4(post: Post) -> None:
    other = _second(post)
    post.bring(post.mail("a@x", sender=SHOP, to=OTHER))
    other.bring(post.mail("a@x", sender=SHOP, to=OTHER, role=FolderRole.INBOX))
    found = [one for row in post.room.conversations() for one in post.room.messages(row.id)]
    assert {one.direction for one in found} == {Direction.OUT, Direction.IN}


def test_removing_one_account_leaves_what_the_other_received_c4(post: Post) -> None:
    other = _second(post)
    post.bring(post.mail("a@x"), post.mail("z@x", sender=BO))
    other.bring(post.mail("a@x"))
    post.room.write(lambda tx: accounts.remove(tx, post.mailbox.id, keep_messages=False))
    assert post.groups() == {frozenset({"a@x"})}


# What is not joined by itself, C5; forwards, C7


def test_what_is_not_joined_under_somebodys_hands_is_suggested_c5(post: Post) -> None:
    post.bring(post.mail("c@x", reply_to="b@x", minute=2, subject="Re: Mug"))
    late = post.only()
    post.room.write(lambda tx: actions.assign_to_me(tx, late.id))
    post.bring(post.mail("a@x", subject="Mug"))
    post.bring(post.mail("b@x", reply_to="a@x", minute=1, subject="Re: Mug"))
    early = post.only_named("Mug")
    assert ("conversation.belongs_with", early.uid) in _say(post, late.id)
    assert ("conversation.belongs_with", late.uid) in _say(post, early.id)


def test_answers_to_a_forward_come_into_its_side_thread_only_c7(post: Post) -> None:
    post.bring(post.mail("a@x"))
    row = post.only()
    (first,) = post.room.messages(row.id)
    draft = DraftContent(
        conversation_id=row.id,
        mode="forward",
        answers_id=first.id,
        to=(Address(address="bo@example.net"),),
        subject="Fwd: A question",
        body="What do you think?",
    )
    sent = post.room.write(
        lambda tx: replies.queue_reply(tx, post.room.workspace.files, draft=draft)
    )
    assert post.room.message(sent.message_id).references == ()
    post.bring(post.mail("b@x", sender=BO, reply_to=sent.client_ref, minute=5))
    assert post.only().message_count == 3
    # Whom it was forwarded to has not become part of the talk with the customer.
    post.bring(post.mail("c@x", sender=BO, reply_to="a@x", minute=6))
    assert frozenset({"c@x"}) in post.groups()


# Our own automatic mail, D4


def test_our_own_automatic_mail_that_comes_back_is_a_loop(post: Post) -> None:
    post.bring(post.mail("a@x"))
    sent = post.room.queue(conversation_id=post.only().id)
    loop: Callable[[str], str] = "X-Desktop-Inbox-Loop: <{}>".format
    post.bring(post.mail("b@x", minute=1, extra=loop(sent.client_ref)))
    post.bring(post.mail("c@x", minute=2, extra=loop("made-up@example.com")))
    assert _message(post, "b@x").kind is MessageClass.OWN_LOOP
    assert _message(post, "c@x").kind is MessageClass.AUTO_REPLY
