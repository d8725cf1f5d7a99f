"""Answers: refused before they are queued, fixed when they are, taken back exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import drafts, replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts, outbox, search
from desktop_inbox.store import drafts as stored_drafts
from desktop_inbox.store.database import utc_now
from tests.support.engine_room import ADDRESS, Room
from tests.support.lookups import customer_known_as
from tests.support.post import Post

AYSE = Address(name="Ayşe", address="ayse@example.org")
HOLD = timedelta(seconds=10)


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(post.mail("a@x"), post.mail("b@x", reply_to="a@x", references=["a@x"], minute=1))
    return post


def _draft(post: Post, **more: Any) -> DraftContent:
    values: dict[str, Any] = {
        "conversation_id": post.only().id,
        "mode": "reply",
        "to": (AYSE,),
        "subject": "Re: A question",
        "body": "Yes, two are left.",
    }
    return DraftContent(**{**values, **more})


def _queue(post: Post, draft: DraftContent | None = None, **more: Any) -> replies.QueuedReply:
    wanted = draft or _draft(post)
    files = post.room.workspace.files
    return post.room.write(lambda tx: replies.queue_reply(tx, files, draft=wanted, **more))


# What goes on the wire is fixed when it is queued (C6)


def test_an_answer_continues_the_chain_of_what_it_answers(post: Post) -> None:
    queued = _queue(post)
    row = post.room.message(queued.message_id)
    assert (row.in_reply_to, row.references) == ("b@x", ("a@x", "b@x"))
    assert row.external_id == row.client_ref == queued.client_ref
    assert queued.client_ref.endswith("@example.com")
    assert row.from_ == (Address(name="The shop", address=ADDRESS),)
    assert (row.direction, row.delivery) == (Direction.OUT, Delivery.QUEUED)


def test_an_answer_to_an_earlier_message_names_that_one(post: Post) -> None:
    first = post.room.messages(post.only().id)[0]
    queued = _queue(post, _draft(post, answers_id=first.id))
    assert post.room.message(queued.message_id).in_reply_to == "a@x"


def test_a_forward_begins_a_thread_whose_answers_come_back_here(post: Post) -> None:
    supplier = Address(address="potter@example.net")
    queued = _queue(post, _draft(post, mode="forward", to=(supplier,), subject="Fwd: A question"))
    row = post.room.message(queued.message_id)
    assert (row.in_reply_to, row.references) == ("", ())
    answer = post.mail("p@x", sender="potter@example.net", reply_to=queued.client_ref, minute=9)
    post.bring(answer)
    assert post.only().message_count == 4


def test_a_new_message_begins_a_conversation_with_its_recipient(post: Post) -> None:
    bo = Address(name="Bo", address="bo@example.net")
    queued = _queue(
        post, DraftContent(mode="new", to=(bo,), subject="Your order", body="It is ready.")
    )
    assert queued.conversation_id != post.only_named("A question").id
    row = post.only_named("Your order")
    assert (row.customer_name, row.status) == ("Bo", Status.OPEN)
    found = post.room.read(lambda conn: customer_known_as(conn, "email", "bo@example.net"))
    assert found is not None


def test_what_is_queued_can_be_searched_and_is_no_answer_yet(post: Post) -> None:
    waiting = post.only().waiting_since
    _queue(post)
    assert post.room.read(lambda conn: search.search(conn, "two left", limit=5)).total == 1
    assert post.only().waiting_since == waiting, "nobody has been answered until it is sent"


def test_attachments_go_along(post: Post) -> None:
    sha256 = post.room.workspace.files.put(b"%PDF-1.7")
    file = {"name": "offer.pdf", "media_type": "application/pdf", "size": 8, "sha256": sha256}
    queued = _queue(post, _draft(post, attachments=(file,), body=""))
    (kept,) = post.room.message(queued.message_id).attachments
    assert (kept.name, kept.state, kept.sha256) == ("offer.pdf", "file", sha256)


# Refusals


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": ()}, "no-recipient"),
        ({"to": (Address(address="ayse@"),)}, "recipient-invalid"),
        ({"cc": (Address(address="a@b\r\nBcc: c@d.org"),)}, "recipient-invalid"),
        ({"body": " \n"}, "message-empty"),
        ({"body": "Hello {{contact.first_name}}"}, "unresolved"),
        ({"answers_id": 12345}, "message-missing"),
        ({"conversation_id": 999}, "conversation-missing"),
        (
            {"attachments": ({"name": "x", "media_type": "a/b", "size": 1, "sha256": "0" * 64},)},
            "attachment-missing",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_before_it_is_queued(
    post: Post, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(UserError) as refusal:
        _queue(post, _draft(post, **change))
    assert refusal.value.code == code
    assert post.room.outbox() == []
    assert post.only().message_count == 2


def test_an_account_that_was_removed_cannot_send(post: Post) -> None:
    post.room.write(lambda tx: accounts.remove(tx, post.mailbox.id, keep_messages=True))
    with pytest.raises(UserError, match="no-account"):
        _queue(post)


def test_nothing_is_sent_into_the_past(post: Post) -> None:
    with pytest.raises(UserError, match="send-in-the-past"):
        _queue(post, at=utc_now() - timedelta(minutes=1))


# Drafts and undo send (H5)


def test_queueing_takes_the_draft_and_undo_brings_it_back_exactly(post: Post) -> None:
    content = _draft(
        post,
        mode="reply_all",
        cc=(Address(name="Bo", address="bo@example.net"),),
        bcc=(Address(address="boss@example.com"),),
        caret=7,
        quote=False,
        attachments=(_file(post, b"one"),),
    )
    draft_id = post.room.write(lambda tx: drafts.save(tx, content))
    before = _drafts(post)
    queued = _queue(post, content, hold=HOLD, draft_id=draft_id, revision=1)
    assert _drafts(post) == []
    restored = post.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    (after,) = _drafts(post)
    assert after.id == restored
    assert _content(after) == _content(before[0])
    assert post.room.outbox() == []
    assert post.only().message_count == 2


def test_undoing_a_new_message_leaves_no_empty_conversation(post: Post) -> None:
    content = DraftContent(mode="new", to=(AYSE,), subject="Hello", body="There")
    queued = _queue(post, content, hold=HOLD)
    post.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    assert post.only().subject == "A question"
    assert [draft.subject for draft in _drafts(post)] == ["Hello"]


def test_a_draft_begun_meanwhile_is_kept_apart(post: Post) -> None:
    queued = _queue(post, hold=HOLD)
    second = _draft(post, body="One more thing")
    post.room.write(lambda tx: drafts.save(tx, second))
    post.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    assert {draft.body for draft in _drafts(post)} == {"Yes, two are left.", "One more thing"}


def test_a_draft_that_another_window_changed_or_sent_is_not_sent_from_here(post: Post) -> None:
    content = _draft(post)
    draft_id = post.room.write(lambda tx: drafts.save(tx, content))
    post.room.write(lambda tx: drafts.save(tx, replace(content, body="New"), draft_id=draft_id))
    with pytest.raises(UserError, match="draft-elsewhere"):
        _queue(post, content, draft_id=draft_id, revision=1)
    _queue(post, content, draft_id=draft_id, revision=2)
    with pytest.raises(UserError, match="draft-gone"):
        _queue(post, content, draft_id=draft_id, revision=2)
    assert len(post.room.outbox()) == 1


def test_an_answer_from_elsewhere_leaves_the_draft_alone(post: Post) -> None:
    post.room.write(lambda tx: drafts.save(tx, _draft(post, body="Half a sentence")))
    _queue(post)
    assert [draft.body for draft in _drafts(post)] == ["Half a sentence"]


def test_answer_and_close_is_undone_together(post: Post) -> None:
    queued = _queue(post, hold=HOLD, then=replies.CLOSE)
    assert post.only().status is Status.CLOSED
    post.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    assert post.only().status is Status.OPEN


def test_answer_and_snooze(post: Post) -> None:
    _queue(post, then=replies.After(snooze_until_reply=True))
    assert post.only().status is Status.SNOOZED


def test_a_failed_message_becomes_a_draft_again(post: Post) -> None:
    queued = _queue(post)
    post.room.write(lambda tx: outbox.fail(tx, queued.message_id, code="recipient", detail="550"))
    assert post.only().failed
    post.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    assert not post.only().failed
    assert [draft.body for draft in _drafts(post)] == ["Yes, two are left."]


def test_what_has_left_cannot_be_taken_back(post: Post) -> None:
    queued = _queue(post)
    post.room.write(lambda tx: outbox.sent(tx, queued.message_id))
    with pytest.raises(UserError, match="too-late"):
        post.room.write(lambda tx: replies.cancel(tx, queued.message_id))


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (lambda tx, key: replies.resolve(tx, key, "sent"), "not-uncertain"),
        (lambda tx, key: replies.retry(tx, key + 1), "not-waiting"),
        (lambda tx, key: replies.cancel(tx, key + 1), "message-missing"),
    ],
)
def test_what_makes_no_sense_is_refused(post: Post, deed: Callable[..., object], code: str) -> None:
    queued = _queue(post)
    with pytest.raises(UserError, match=code):
        post.room.write(lambda tx: deed(tx, queued.message_id))


# Notes


def test_a_note_stays_inside_and_moves_nothing(post: Post) -> None:
    before = post.only()
    post.room.write(lambda tx: replies.add_note(tx, before.id, "A regular"))
    after = post.only()
    assert (after.last_at, after.waiting_since) == (before.last_at, before.waiting_since)
    note = post.room.messages(after.id)[-1]
    assert (note.direction, note.text) == (Direction.NOTE, "A regular")
    assert post.room.outbox() == []
    post.room.write(actions.undo)
    assert len(post.room.messages(after.id)) == 2


def test_a_note_takes_its_draft(post: Post) -> None:
    key = post.only().id
    post.room.write(lambda tx: drafts.save(tx, _draft(post, mode="note", body="A reg")))
    post.room.write(lambda tx: replies.add_note(tx, key, "A regular"))
    assert _drafts(post) == []


def test_an_empty_note_is_refused(post: Post) -> None:
    with pytest.raises(UserError, match="message-empty"):
        post.room.write(lambda tx: replies.add_note(tx, post.only().id, " "))


def test_a_discarded_draft_can_be_saved_again(post: Post) -> None:
    key = post.room.write(lambda tx: drafts.save(tx, _draft(post)))
    content = post.room.write(lambda tx: drafts.discard(tx, key))
    assert _drafts(post) == []
    post.room.write(lambda tx: drafts.save(tx, content))
    assert [draft.body for draft in _drafts(post)] == ["Yes, two are left."]


def _file(post: Post, data: bytes) -> dict[str, object]:
    sha256 = post.room.workspace.files.put(data)
    return {"name": "a.bin", "media_type": "application/octet-stream", "size": 3, "sha256": sha256}


def _drafts(post: Post) -> list[Any]:
    return post.room.read(stored_drafts.list_all)


def _content(draft: Any) -> tuple[object, ...]:
    fields = [
        "conversation_id",
        "mode",
        "answers_id",
        "to",
        "cc",
        "bcc",
        "subject",
        "body",
        "caret",
        "attachments",
    ]
    return tuple(getattr(draft, field) for field in fields)
