"""The automatic answer: who gets it, how it looks, and what stops it (rules D3, D4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desktop_inbox.connectors.contract import FolderRole, RawMail
from desktop_inbox.domain.automation import TOGETHER, Refusal
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.mime import compose
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.services import automatic as setting
from desktop_inbox.store import accounts, events, outbox, suppression
from desktop_inbox.store.database import utc_now
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync import automatic
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.sync.outgoing import prepare
from tests.support.automatic import answer_by_itself
from tests.support.engine_room import Room
from tests.support.post import AYSE, SHOP, Post

TEXT = "Thank you. We answer within a day."


@pytest.fixture
def post(room: Room) -> Post:
    """An account that answers whoever begins a conversation."""
    post = Post(room)
    _set(post, "new")
    return post


def _set(post: Post, mode: str) -> None:
    post.room.write(lambda tx: answer_by_itself(tx, post.mailbox.id, mode=mode, text=TEXT))
    (row,) = post.room.read(accounts.list_all)
    post.mailbox = mailbox_of(row, [row])


def _fresh(post: Post, name: str, **more: object) -> RawMail:
    """Return a mail that arrived just now."""
    return replace(post.mail(name, **more), received_at=utc_now())  # type: ignore[arg-type]


def _answers(post: Post) -> list[MessageRow]:
    found = [one for row in post.room.conversations() for one in post.room.messages(row.id)]
    return [one for one in found if one.direction is Direction.OUT]


def test_who_begins_a_conversation_is_answered_at_once(post: Post) -> None:
    post.bring(_fresh(post, "a@x", subject="Mug?"))
    (answer,) = _answers(post)
    assert (answer.text, answer.subject) == (TEXT, "Re: Mug?")
    assert [one.address for one in answer.to] == ["ayse@example.org"]
    assert (answer.in_reply_to, answer.kind) == ("a@x", MessageClass.AUTO_REPLY)
    assert [row.message_id for row in post.room.outbox()] == [answer.id]


def test_it_says_on_the_wire_that_no_person_wrote_it_d4(post: Post) -> None:
    post.bring(_fresh(post, "a@x"))
    (answer,) = _answers(post)
    prepared = prepare(answer, post.room.workspace.files)
    assert prepared.message is not None
    raw = compose.compose(prepared.message)
    assert b"\r\nAuto-Submitted: auto-replied\r\n" in raw
    assert b"\r\nX-Auto-Response-Suppress: All\r\n" in raw
    assert b"Precedence" not in raw
    told = parse_message(raw)
    assert (told.kind, told.loop) == (MessageClass.AUTO_REPLY, answer.client_ref)


def test_the_customer_goes_on_waiting_for_a_person_b3(post: Post) -> None:
    post.bring(_fresh(post, "a@x"))
    (answer,) = _answers(post)
    post.room.write(lambda tx: outbox.sent(tx, answer.id))
    row = post.only()
    assert row.waiting_since is not None
    assert row.status is Status.OPEN


def test_an_answer_to_it_finds_the_conversation_and_gets_no_second(post: Post) -> None:
    post.bring(_fresh(post, "a@x"))
    (answer,) = _answers(post)
    post.bring(_fresh(post, "b@x", reply_to=answer.client_ref, minute=3))
    assert post.only().message_count == 3
    assert len(_answers(post)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"extra": "Auto-Submitted: auto-generated"},
        {"extra": "Auto-Submitted: auto-replied"},
        {"extra": "Precedence: bulk"},
        {"extra": "List-Id: <mugs.example>"},
        {"extra": "Return-Path: <>"},
        {"extra": "X-Desktop-Inbox-Loop: <x@y>"},
        {"sender": "no-reply@example.org"},
        {"sender": "MAILER-DAEMON@example.org"},
        {"sender": ""},
        {"to": "list@example.net"},  # we are not named: a list, or a blind copy
        {"sender": SHOP, "role": FolderRole.INBOX},
        {"sender": SHOP, "to": AYSE},
        {"role": FolderRole.ARCHIVE},
        {"role": FolderRole.OTHER},
        {"complete": False},
    ],
)
def test_nothing_but_a_person_who_writes_to_us_is_answered_d3(
    post: Post, more: dict[str, object]
) -> None:
    post.bring(_fresh(post, "a@x", **more))
    assert post.room.outbox() == []


def test_old_mail_is_not_answered_g4(post: Post) -> None:
    post.bring(post.mail("a@x"))
    post.bring(replace(post.mail("b@x"), received_at=utc_now() - timedelta(hours=25)))
    assert post.room.outbox() == []


def test_a_mail_is_answered_when_its_body_comes(post: Post) -> None:
    whole = _fresh(post, "a@x")
    head = replace(whole, raw=whole.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", complete=False)
    post.bring(head)
    assert post.room.outbox() == []
    post.bring(whole)
    post.bring(whole)
    assert len(_answers(post)) == 1


def test_somebody_mail_comes_back_from_is_not_answered_d6(post: Post) -> None:
    post.room.write(lambda tx: suppression.suppress(tx, "bo@example.net", words="no"))
    why = post.room.write(
        lambda tx: automatic.refusal(
            tx,
            kind=MessageClass.HUMAN,
            address="bo@example.net",
            conversation_id=1,
            own=frozenset(),
        )
    )
    assert why is Refusal.UNDELIVERABLE


def test_one_address_gets_two_a_day_d3(post: Post) -> None:
    for number in range(4):
        post.bring(_fresh(post, f"{number}@x", subject=f"Question {number}"))
    assert len(_answers(post)) == 2


def test_an_account_that_is_away_answers_later_mail_too(post: Post) -> None:
    post.bring(_fresh(post, "z@x", extra="Auto-Submitted: auto-generated"))  # no answer to this
    row = post.only()
    post.room.queue(conversation_id=row.id)
    post.bring(_fresh(post, "a@x", reply_to="z@x", minute=1))
    assert all(one.kind is MessageClass.HUMAN for one in _answers(post))
    _set(post, "away")
    post.bring(_fresh(post, "b@x", reply_to="z@x", minute=2))
    post.bring(_fresh(post, "c@x", reply_to="z@x", minute=3))
    automatic_ones = [one for one in _answers(post) if one.kind is MessageClass.AUTO_REPLY]
    assert [one.in_reply_to for one in automatic_ones] == ["b@x"]


def test_too_much_of_it_stops_until_a_person_lets_it_go_on_d3(post: Post) -> None:
    most = TOGETHER[1]
    mails = [
        _fresh(post, f"{n}@x", sender=f"p{n}@example.org", subject=f"Question {n}")
        for n in range(most + 2)
    ]
    post.bring(*mails)
    assert len(_answers(post)) == most
    assert post.room.read(suppression.stopped_at) is not None
    told = [
        event.kind
        for row in post.room.conversations()
        for event in post.room.read(lambda conn, row=row: events.of_conversation(conn, row.id))  # type: ignore[misc]
    ]
    assert told == ["automation.stopped"]
    post.room.write(setting.resume)
    assert post.room.read(suppression.stopped_at) is None


def test_it_is_off_unless_somebody_sets_it_up(room: Room) -> None:
    post = Post(room)
    post.bring(_fresh(post, "a@x"))
    assert room.outbox() == []


@pytest.mark.parametrize(
    ("mode", "text", "code"),
    [
        ("always", TEXT, "mode-unknown"),
        ("new", " ", "answer-empty"),
        ("new", "x" * 5_001, "text-too-long"),
    ],
)
def test_what_cannot_be_set_is_refused(mode: str, text: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        setting.check_answer({"auto_answer": mode, "auto_answer_text": text})
    assert caught.value.code == code


def test_an_absence_ends_by_itself(post: Post) -> None:
    today = utc_now().astimezone().date()
    for key, until in (("a@x", today - timedelta(days=1)), ("b@x", today)):
        settings = {"auto_answer_until": until.isoformat()}
        (row,) = post.room.read(accounts.list_all)
        row = replace(row, settings={**row.settings, **settings})
        post.mailbox = mailbox_of(row, [row])
        post.bring(_fresh(post, key, subject=f"Mug {key}?"))
        assert len(_answers(post)) == (until == today)


def test_leaving_it_off_is_remembered_until_it_stops_again(post: Post) -> None:
    room = post.room
    room.write(suppression.stop)
    assert room.read(suppression.waits_for_answer) is not None
    room.write(setting.leave_off)
    assert room.read(suppression.waits_for_answer) is None
    assert room.read(suppression.stopped_at) is not None
    room.write(setting.resume)
    assert room.read(suppression.stopped_at) is None
    room.write(suppression.stop)
    assert room.read(suppression.waits_for_answer) is not None
