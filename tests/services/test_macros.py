"""What a canned response does besides its words: with the answer, all of it or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.macros import MOST, Deed, Step, known, read
from desktop_inbox.domain.messages import Address
from desktop_inbox.services import canned, macros, replies, undoing
from desktop_inbox.services.canned import Content
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import canned as stored
from desktop_inbox.store import messages
from tests.support.engine_room import Room
from tests.support.post import Post


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(post.mail("a@x"))
    return post


def steps(*pairs: tuple[str, str]) -> tuple[Step, ...]:
    return read({"do": deed, "value": value} for deed, value in pairs)


EVERY = steps(
    ("priority", "high"),
    ("assign", "me"),
    ("tag", "refund"),
    ("untag", "nobody has this"),
    ("star", "on"),
    ("note", "Goods are\non their way back"),
    ("snooze", "3"),
)


def test_all_steps_are_one_action_that_is_undone_as_one(post: Post) -> None:
    before = post.only()
    group = post.room.write(lambda tx: macros.carry_out(tx, before.id, EVERY))
    row = post.only()
    assert (row.priority, row.status, row.starred) == (Priority.HIGH, Status.SNOOZED, True)
    assert [tag.name for tag in row.tags] == ["refund"]
    assert row.assignee_id is not None
    said = post.room.read(lambda conn: messages.of_conversation(conn, row.id))
    assert said[-1].snippet.startswith("Goods are")

    post.room.write(lambda tx: undoing.undo(tx, group))
    row = post.only()
    assert (row.priority, row.status, row.starred, row.tags) == (
        before.priority,
        before.status,
        False,
        (),
    )
    assert row.assignee_id is None


def test_where_one_step_fails_none_is_done(post: Post) -> None:
    wanted = [Step(deed=Deed.PRIORITY, value="high"), Step(deed=Deed.TAG, value=" ")]
    with pytest.raises(UserError, match="tag-empty"):
        post.room.write(lambda tx: macros.carry_out(tx, post.only().id, wanted))
    assert post.only().priority is Priority.NORMAL


def test_steps_go_with_the_answer_and_come_back_with_it(post: Post) -> None:
    key = post.only().id
    draft = DraftContent(
        conversation_id=key,
        mode="reply",
        to=(Address(address="ayse@example.org"),),
        subject="Re: A question",
        body="Yes",
    )
    then = replies.After(steps=steps(("priority", "urgent")), close=True)
    files = post.room.workspace.files
    queued = post.room.write(
        lambda tx: replies.queue_reply(
            tx, files, draft=draft, hold=timedelta(seconds=10), then=then
        )
    )
    assert (post.only().priority, post.only().status) == (Priority.URGENT, Status.CLOSED)
    post.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    assert (post.only().priority, post.only().status) == (Priority.NORMAL, Status.OPEN)


def test_a_response_keeps_its_steps_and_needs_no_text_then(post: Post) -> None:
    content = Content(shortcut="done", body="", steps=EVERY)
    key = post.room.write(lambda tx: canned.create(tx, content))
    row = post.room.read(lambda conn: stored.row(conn, key))
    assert row is not None
    assert row.steps == EVERY
    assert canned.content_of(row).steps == EVERY
    with pytest.raises(UserError, match="canned-empty"):
        post.room.write(lambda tx: canned.create(tx, Content(shortcut="nothing", body=" ")))


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ([{"do": "priority", "value": "huge"}], "macro-step"),
        ([{"do": "explode", "value": "on"}], "macro-step"),
        ([{"do": "note", "value": " "}], "macro-step"),
        (["star"], "macro-step"),
        ([{"do": "star", "value": "on"}] * (MOST + 1), "macro-long"),
    ],
)
def test_what_no_step_can_be_is_refused(record: list[object], code: str) -> None:
    with pytest.raises(UserError, match=code):
        read(record)


def test_steps_of_a_newer_version_are_left_out_of_what_is_here() -> None:
    assert known([{"do": "fly", "value": "on"}, {"do": "star", "value": "on"}]) == steps(
        ("star", "on")
    )
