"""Drafts: one editor each, and what becomes of them when the world around them changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import accounts as account_service
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import drafts, joining, replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import drafts as stored
from desktop_inbox.store.rows import DraftRow
from tests.support.engine_room import Room
from tests.support.post import Post

BO = Address(name="Bo", address="bo@example.org")


@pytest.fixture
def post(room: Room) -> Post:
    return Post(room)


@pytest.fixture
def conversation_id(post: Post) -> int:
    post.bring(post.mail("first@example.org"))
    return post.only().id


def _content(conversation_id: int | None, body: str = "Half a sentence") -> DraftContent:
    mode = "reply" if conversation_id else "new"
    return DraftContent(conversation_id=conversation_id, mode=mode, to=(BO,), body=body, caret=4)


def _all(room: Room) -> list[DraftRow]:
    return room.read(stored.list_all)


def _save(room: Room, content: DraftContent, **more: int | None) -> int:
    return room.write(lambda tx: drafts.save(tx, content, **more))


def test_a_second_editor_is_refused_and_may_take_over(post: Post, conversation_id: int) -> None:
    mine = _content(conversation_id)
    key = _save(post.room, mine, revision=0)
    with pytest.raises(UserError, match="draft-elsewhere"):
        _save(post.room, replace(mine, body="Other words"), revision=0)
    with pytest.raises(UserError, match="draft-elsewhere"):
        _save(post.room, replace(mine, body="Other words"), draft_id=key, revision=7)
    assert _save(post.room, replace(mine, body="Other words"), draft_id=key) == key
    assert [row.body for row in _all(post.room)] == ["Other words"]


def test_a_draft_thrown_away_elsewhere_does_not_rise_again(
    post: Post, conversation_id: int
) -> None:
    key = _save(post.room, _content(conversation_id), revision=0)
    post.room.write(lambda tx: drafts.discard(tx, key))
    with pytest.raises(UserError, match="draft-gone"):
        _save(post.room, _content(conversation_id), draft_id=key, revision=1)


def test_merging_keeps_both_drafts_and_undoing_parts_them(post: Post, conversation_id: int) -> None:
    post.bring(post.mail("second@example.org", subject="Another"))
    (other,) = [row.id for row in post.room.conversations() if row.id != conversation_id]
    kept = _save(post.room, _content(conversation_id, "Kept"))
    moved = _save(post.room, _content(other, "Moved"))
    group = post.room.write(lambda tx: joining.merge(tx, other, conversation_id))
    found = post.room.read(lambda conn: stored.all_of_conversation(conn, conversation_id))
    assert {row.id for row in found} == {kept, moved}
    assert [row.id for row in post.room.conversations("drafts")] == [conversation_id]
    _save(post.room, _content(conversation_id, "Moved, and more"), draft_id=moved)
    post.room.write(lambda tx: actions.undo(tx, group))
    back = post.room.read(lambda conn: stored.of_conversation(conn, other))
    assert back is not None
    assert back.body == "Moved, and more"


def test_a_draft_alone_in_a_merged_conversation_is_shown_at_the_end_of_the_chain(
    post: Post, conversation_id: int
) -> None:
    post.bring(post.mail("second@example.org", subject="Another"))
    post.bring(post.mail("third@example.org", subject="A third"))
    others = [row.id for row in post.room.conversations() if row.id != conversation_id]
    _save(post.room, _content(others[0]))
    post.room.write(lambda tx: joining.merge(tx, others[0], others[1]))
    post.room.write(lambda tx: joining.merge(tx, others[1], conversation_id))
    found = post.room.read(lambda conn: stored.of_conversation(conn, conversation_id))
    assert found is not None
    assert [row.id for row in post.room.conversations("drafts")] == [conversation_id]


@pytest.mark.parametrize("keep_messages", [True, False])
async def test_removing_an_account_takes_no_words_away(
    post: Post, conversation_id: int, keep_messages: bool
) -> None:
    (account_id,) = post.room.services
    _save(post.room, replace(_content(conversation_id), account_id=account_id))
    waiting = _content(None, "This waits")
    post.room.write(
        lambda tx: replies.queue_reply(
            tx, post.room.workspace.files, draft=replace(waiting, account_id=account_id)
        )
    )
    await account_service.remove(
        post.room.workspace, MemorySecrets(), account_id, keep_messages=keep_messages
    )
    rows = {row.body: row for row in _all(post.room)}
    assert set(rows) == {"Half a sentence", "This waits"}
    assert all(row.account_id is None and row.to == (BO,) for row in rows.values())
    kept = rows["Half a sentence"]
    assert kept.conversation_id == (conversation_id if keep_messages else None)
    assert post.room.outbox() == []
