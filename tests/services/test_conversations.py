"""What people do to conversations: each action one group, each group undone exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import joining
from desktop_inbox.store import conversations, events, tags
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx, utc_now
from tests.support.engine_room import Room
from tests.support.post import Post

TOMORROW = utc_now() + timedelta(days=1)


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(
        post.mail("a@x"),
        post.mail("b@x", reply_to="a@x", minute=1),
        post.mail("c@x", sender="Bo <bo@example.net>", minute=2),
    )
    return post


def _ids(post: Post) -> list[int]:
    return [row.id for row in post.room.conversations()]


ACTIONS: list[tuple[str, Callable[[Tx, list[int]], str | None]]] = [
    ("close", actions.close),
    ("spam", lambda tx, ids: actions.set_status(tx, ids, Status.SPAM)),
    ("snooze", lambda tx, ids: actions.snooze(tx, ids, until=TOMORROW, until_reply=True)),
    ("assign", actions.assign_to_me),
    ("priority", lambda tx, ids: actions.set_priority(tx, ids, Priority.URGENT)),
    ("tag", lambda tx, ids: actions.tag(tx, ids, "Refund")),
    ("read", actions.mark_read),
    ("rename", lambda tx, ids: actions.set_subject(tx, ids[0], "Something else")),
    ("merge", lambda tx, ids: joining.merge(tx, ids[0], ids[1])),
]


@pytest.mark.parametrize(("name", "action"), ACTIONS, ids=[name for name, _ in ACTIONS])
def test_every_action_changes_something_and_is_undone_exactly(
    post: Post, name: str, action: Callable[[Tx, list[int]], str | None]
) -> None:
    ids = _ids(post)
    before = _picture(post)
    group = post.room.write(lambda tx: action(tx, ids))
    assert group is not None
    assert _picture(post) != before
    post.room.write(lambda tx: actions.undo(tx, group))
    assert _picture(post) == before


def test_an_action_on_many_is_one_undo(post: Post) -> None:
    post.room.write(lambda tx: actions.close(tx, _ids(post)))
    assert post.room.conversations("inbox") == []
    post.room.write(actions.undo)
    assert len(post.room.conversations("inbox")) == 2


def test_undo_goes_back_one_action_at_a_time_and_then_says_so(post: Post) -> None:
    ids = _ids(post)
    post.room.write(lambda tx: actions.tag(tx, ids[0], "VIP"))
    post.room.write(lambda tx: actions.close(tx, ids[0]))
    post.room.write(actions.undo)
    row = _row(post, ids[0])
    assert (row.status, len(row.tags)) == (Status.OPEN, 1)
    post.room.write(actions.undo)
    assert _row(post, ids[0]).tags == ()
    with pytest.raises(UserError, match="nothing-to-undo"):
        post.room.write(actions.undo)


def test_what_changes_nothing_leaves_no_trace(post: Post) -> None:
    ids = _ids(post)
    assert post.room.write(lambda tx: actions.reopen(tx, ids)) is None
    assert post.room.read(lambda conn: events.of_conversation(conn, ids[0])) == []


def test_an_unknown_conversation_is_refused_and_nothing_is_changed(post: Post) -> None:
    ids = _ids(post)
    with pytest.raises(UserError, match="conversation-missing"):
        post.room.write(lambda tx: actions.close(tx, [*ids, 999]))
    assert len(post.room.conversations("inbox")) == 2


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (lambda tx, key: actions.snooze(tx, key), "snooze-needs-end"),
        (lambda tx, key: actions.snooze(tx, key, until=utc_now()), "snooze-in-the-past"),
        (lambda tx, key: actions.set_status(tx, key, Status.SNOOZED), "snooze-needs-end"),
        (lambda tx, key: actions.assign(tx, key, 77), "agent-missing"),
        (lambda tx, key: actions.tag(tx, key, "  "), "tag-empty"),
        (lambda tx, key: actions.untag(tx, key, "Nobody"), "tag-missing"),
        (lambda tx, key: joining.merge(tx, key, key), "merge-with-itself"),
        (lambda tx, key: joining.split(tx, key, 1), "message-missing"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_code(
    post: Post, action: Callable[[Tx, int], object], code: str
) -> None:
    key = _ids(post)[0]
    with pytest.raises(UserError, match=code):
        post.room.write(lambda tx: action(tx, key))


def test_closing_ends_a_snooze(post: Post) -> None:
    key = _ids(post)[0]
    post.room.write(lambda tx: actions.snooze(tx, key, until=TOMORROW))
    post.room.write(lambda tx: actions.close(tx, key))
    row = _row(post, key)
    assert (row.status, row.snoozed_until) == (Status.CLOSED, None)


def test_a_tag_is_the_same_however_it_is_written(post: Post) -> None:
    first, second = _ids(post)
    post.room.write(lambda tx: actions.tag(tx, first, "Refund"))
    post.room.write(lambda tx: actions.tag(tx, second, " refund "))
    assert [tag.name for tag in post.room.read(tags.list_all)] == ["Refund"]
    post.room.write(lambda tx: actions.untag(tx, [first, second], "REFUND"))
    assert _row(post, second).tags == ()


def test_marking_unread_marks_the_latest_message_of_the_customer(post: Post) -> None:
    key = next(row.id for row in post.room.conversations() if row.message_count == 2)
    post.room.write(lambda tx: actions.mark_read(tx, key))
    post.room.write(lambda tx: actions.mark_unread(tx, key))
    assert [one.seen for one in post.room.messages(key)] == [True, False]


def test_reading_is_not_what_undo_undoes(post: Post) -> None:
    ids = _ids(post)
    post.room.write(lambda tx: actions.close(tx, ids[0]))
    post.room.write(lambda tx: actions.mark_read(tx, ids[1]))
    post.room.write(actions.undo)
    assert _row(post, ids[0]).status is Status.OPEN
    assert _row(post, ids[1]).unread == 0


def _row(post: Post, key: int) -> ConversationRow:
    row = post.room.read(lambda conn: conversations.row(conn, key))
    assert row is not None
    return row


def _picture(post: Post) -> object:
    """Return everything a person sees of the conversations, wherever they are listed."""
    views = ("inbox", "closed", "snoozed", "spam")
    rows = [row for view in views for row in post.room.conversations(view)]
    return {row.id: (row, post.room.messages(row.id)) for row in rows}
