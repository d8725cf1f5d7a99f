"""An export holds what was written here as well, and brings it back: drafts, layout, files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path

import pytest

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import bodies, conversations, export, imports, replies
from desktop_inbox.services.drafts import DraftContent, save
from desktop_inbox.store import drafts
from desktop_inbox.store.rows import DraftRow, MessageRow
from tests.support.engine_room import Room
from tests.support.post import Post

RICH = "<p>Yes, <b>two</b> are left.</p>"
LOCAL = {"id", "conversation_id", "account_id", "answers_id"}  # keys of one database


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(post.mail("a@x"), post.mail("b@x", subject="Another", minute=1))
    return post


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Room]:
    """An empty workspace on another computer."""
    opened = Room.open(tmp_path / "other")
    yield opened
    opened.workspace.close()


def attached(room: Room) -> dict[str, object]:
    data = b"Mug 12 EUR"
    digest = room.workspace.files.put_stream(BytesIO(data))
    return {
        "name": "price list.txt", "media_type": "text/plain", "size": len(data), "sha256": digest,
        "content_id": "p1@x",
    }  # fmt: skip


def draft(post: Post, **content: object) -> int:
    return post.room.write(lambda tx: save(tx, DraftContent(**content)))  # type: ignore[arg-type]


def all_drafts(room: Room) -> list[DraftRow]:
    return room.read(drafts.list_all)


def plain(row: DraftRow) -> dict[str, object]:
    """Return what a draft says, without the keys of its database and how often it was saved."""
    return {name: value for name, value in asdict(row).items() if name not in {*LOCAL, "revision"}}


def sent(room: Room) -> MessageRow:
    (row,) = (
        one
        for shown in room.conversations()
        for one in room.messages(shown.id)
        if one.direction is Direction.OUT
    )
    return row


async def moved(post: Post, other: Room, out: Path) -> None:
    export.write(post.room.workspace, out)
    await imports.bring_in(other.workspace, out)


async def test_drafts_come_back_as_they_were_left(post: Post, other: Room, tmp_path: Path) -> None:
    row = post.only_named("A question")
    (asked,) = post.room.messages(row.id)
    draft(
        post,
        conversation_id=row.id, account_id=post.mailbox.id, answers_id=asked.id,
        to=(Address(name="Ayşe", address="ayse@example.org"),), cc=(Address(address="bo@x.org"),),
        subject="Re: A question", body="Yes, two are left.", rich=RICH, caret=4, quote=False,
        attachments=[attached(post.room)],
    )  # fmt: skip
    draft(post, mode="new", to=(Address(address="new@example.org"),), body="Hello")

    await moved(post, other, tmp_path / "out")

    before, after = all_drafts(post.room), all_drafts(other)
    assert [plain(one) for one in after] == [plain(one) for one in before]
    reply = next(one for one in after if one.mode == "reply")
    (shown,) = [one for one in other.conversations() if one.id == reply.conversation_id]
    assert shown.subject == "A question"
    assert [one.id for one in other.messages(shown.id)] == [reply.answers_id]
    digest = str(reply.attachments[0]["sha256"])
    assert other.workspace.files.path(digest).read_text("utf-8") == "Mug 12 EUR"

    await imports.bring_in(other.workspace, tmp_path / "out")
    assert all_drafts(other) == after


async def test_a_draft_stands_beside_what_is_being_written_here(
    post: Post, other: Room, tmp_path: Path
) -> None:
    row = post.only_named("A question")
    draft(post, conversation_id=row.id, account_id=post.mailbox.id, body="From the shop")
    await moved(post, other, tmp_path / "out")
    (here,) = all_drafts(other)
    other.write(lambda tx: drafts.remove(tx, here.id))
    content = DraftContent(conversation_id=here.conversation_id, body="From home")
    other.write(lambda tx: save(tx, content))

    for _ in range(2):
        await imports.bring_in(other.workspace, tmp_path / "out")
        found = {one.body: one for one in all_drafts(other)}
        assert found.keys() == {"From home", "From the shop"}
        assert found["From home"].conversation_id == here.conversation_id
        assert (found["From the shop"].conversation_id, found["From the shop"].mode) == (
            None,
            "new",
        )


async def test_our_replies_keep_their_layout_and_their_files(
    post: Post, other: Room, tmp_path: Path
) -> None:
    row = post.only_named("A question")
    content = DraftContent(
        conversation_id=row.id,
        account_id=post.mailbox.id,
        to=(Address(address="ayse@example.org"),),
        subject="Re: A question",
        body="Yes, two are left.",
        attachments=[attached(post.room)],
    )
    post.room.write(
        lambda tx: replies.queue_reply(tx, post.room.workspace.files, draft=content, html=RICH)
    )
    await moved(post, other, tmp_path / "out")
    before, after = sent(post.room), sent(other)
    assert (after.text, after.html, after.client_ref) == (
        before.text,
        before.html,
        before.client_ref,
    )
    assert "<b>two</b>" in bodies.safe_html(other.workspace.files, after)
    assert [replace(one, id=0, message_id=0) for one in after.attachments] == [
        replace(one, id=0, message_id=0) for one in before.attachments
    ]


async def test_a_star_and_what_the_server_says_of_it_come_back(
    post: Post, other: Room, tmp_path: Path
) -> None:
    post.bring(post.mail("c@x", subject="Starred there", flagged=True))
    here = post.only_named("Another").id
    post.room.write(lambda tx: conversations.star(tx, [here]))
    await moved(post, other, tmp_path / "out")
    starred = {row.subject for row in other.conversations() if row.starred}
    assert starred == {"Another", "Starred there"}


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "shout"},
        {"recipients": {"to": [3]}},
        {"body": None},
        {"attachments": [{"name": "x"}]},
        {"updated_at": "today"},
        {"form": {"pieces": "x"}},
    ],
)
async def test_a_draft_that_makes_no_sense_is_refused_in_words(
    post: Post, other: Room, tmp_path: Path, change: dict[str, object]
) -> None:
    draft(post, mode="new", body="Hello")
    export.write(post.room.workspace, tmp_path / "out")
    path = tmp_path / "out" / "drafts.jsonl"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), "utf-8")
    with pytest.raises(UserError) as caught:
        await imports.bring_in(other.workspace, tmp_path / "out")
    assert caught.value.code == "import-unreadable"
    assert all_drafts(other) == []
