"""Making one conversation of several and several of one: whole, told on both sides, undone."""

from __future__ import annotations

import pytest

from desktop_inbox.domain.conversations import Status
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import joining, replies
from desktop_inbox.store import conversations, events
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import EventRow
from desktop_inbox.sync import linking
from tests.support.engine_room import Room
from tests.support.post import Post


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(
        post.mail("a@x"),
        post.mail("b@x", reply_to="a@x", minute=1),
        post.mail("c@x", sender="Bo <bo@example.net>", minute=2),
    )
    return post


def test_a_merge_unites_tags_and_stays_open_if_either_is(post: Post) -> None:
    first, second = _ids(post)
    post.room.write(lambda tx: actions.tag(tx, first, "VIP"))
    post.room.write(lambda tx: actions.close(tx, second))
    post.room.write(lambda tx: joining.merge(tx, first, second))
    (row,) = post.room.conversations()
    assert (row.id, row.status, row.message_count) == (second, Status.OPEN, 3)
    assert [tag.name for tag in row.tags] == ["VIP"]


def test_acting_on_what_was_merged_away_acts_on_where_it_went(post: Post) -> None:
    first, second = _ids(post)
    post.room.write(lambda tx: joining.merge(tx, first, second))
    post.room.write(lambda tx: actions.close(tx, first))
    assert _row(post, second).status is Status.CLOSED


def test_a_split_takes_notes_along_and_is_undone(post: Post) -> None:
    key = next(row.id for row in post.room.conversations() if row.message_count == 2)
    post.room.write(lambda tx: replies.add_note(tx, key, "She means the big one"))
    _, second, note = post.room.messages(key)
    new, group = post.room.write(lambda tx: joining.split(tx, key, second.id))
    assert [one.id for one in post.room.messages(new)] == [second.id, note.id]
    assert _row(post, new).customer_name == "Ayşe"
    post.room.write(lambda tx: actions.undo(tx, group))
    assert [one.id for one in post.room.messages(key)][1:] == [second.id, note.id]
    assert len(post.room.conversations()) == 2


def test_several_go_on_in_one_and_come_apart_at_once(post: Post) -> None:
    post.bring(post.mail("d@x", sender="Cem <cem@example.net>", minute=3))
    *sources, target = _ids(post)
    group = post.room.write(lambda tx: joining.merge(tx, sources, target))
    assert [row.message_count for row in post.room.conversations()] == [4]
    post.room.write(lambda tx: actions.undo(tx, group))
    assert sorted(row.message_count for row in post.room.conversations()) == [1, 1, 2]


def test_a_split_is_told_on_both_sides_and_taken_back_on_both(post: Post) -> None:
    key = next(row.id for row in post.room.conversations() if row.message_count == 2)
    second = post.room.messages(key)[1]
    new, group = post.room.write(lambda tx: joining.split(tx, key, second.id))
    old_uid, new_uid = _row(post, key).uid, _row(post, new).uid
    assert f"split:{new_uid}" in _fields(post, key)
    assert _fields(post, new) == [f"split_from:{old_uid}"]
    post.room.write(lambda tx: actions.undo(tx, group))
    assert all(event.undone for event in _told(post, key)[:1] + _told(post, new)[:1])


def test_what_somebody_said_does_not_belong_together_is_never_suggested_again(
    post: Post,
) -> None:
    one, other = _ids(post)
    links = linking.Links(belong_together=[(one, other)])
    post.room.write(lambda tx: linking.record_links(tx, links, lambda key: key))
    uids = {key: _row(post, key).uid for key in (one, other)}
    post.room.write(lambda tx: joining.keep_apart(tx, one, uids[other]))
    post.room.write(lambda tx: linking.record_links(tx, links, lambda key: key))
    for key, from_there in ((one, uids[other]), (other, uids[one])):
        field = f"belongs_with:{from_there}"
        values = [change[4] for e in _told(post, key) for change in e.changes if change[2] == field]
        assert values == [True, None]


def _ids(post: Post) -> list[int]:
    return [row.id for row in post.room.conversations()]


def _row(post: Post, key: int) -> ConversationRow:
    row = post.room.read(lambda conn: conversations.row(conn, key))
    assert row is not None
    return row


def _told(post: Post, key: int) -> list[EventRow]:
    return post.room.read(lambda conn: events.of_conversation(conn, key))


def _fields(post: Post, key: int) -> list[str]:
    return [change[2] for event in _told(post, key) for change in event.changes]
