"""Answers, new messages, forwards and notes: written, queued, and what is done while they wait.

Functions of a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_inbox.connectors.kinds import EMAIL, is_chat
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.macros import Step
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Status
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import editor, macros, queueing
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.services.editor import SendLater
from desktop_inbox.services.notes import add as add_note
from desktop_inbox.services.waiting import cancel, check, let_go, resolve, retry, send_now
from desktop_inbox.store import conversations, drafts, outbox
from desktop_inbox.store.database import Tx
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.marking import marks

__all__ = [
    "CLOSE", "NO_HOLD", "After", "QueuedReply", "SendLater", "add_note", "cancel", "check",
    "compose_new", "forward", "let_go", "queue_reply", "resolve", "retry", "send_now",
]  # fmt: skip

NO_HOLD = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What happens to the conversation once the answer is on its way."""

    close: bool = False
    snooze_until: datetime | None = None
    snooze_until_reply: bool = False
    snooze_stays: bool = False
    follow_up_at: datetime | None = None  # it comes back then if nobody answers (rule H3)
    steps: tuple[Step, ...] = ()  # of the macro that wrote it

    @property
    def snoozes(self) -> bool:
        """Whether it is snoozed rather than closed."""
        return self.snooze_until is not None or self.snooze_until_reply


CLOSE = After(close=True)
NOW_OR_AS_PLANNED = SendLater()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedReply:
    """A message that waits to be sent."""

    message_id: int
    conversation_id: int
    client_ref: str  # its Message-ID
    state: Delivery
    not_before: datetime  # end of undo send, or the time it was scheduled for


def queue_reply(
    tx: Tx,
    files: Files,
    *,
    draft: DraftContent,
    hold: timedelta = NO_HOLD,
    at: datetime | None = None,
    then: After | None = None,
    text: str = "",
    html: str = "",
    draft_id: int | None = None,
    revision: int | None = None,
    later: SendLater = NOW_OR_AS_PLANNED,
) -> QueuedReply:
    """Queue what a draft says, as its mode has it: an answer, a forward or a new message.

    `text` is what leaves where that is more than the draft's body: with the signature and the
    quoted message below it. It leaves after `hold`, within which `cancel` takes it back, or at
    the time `at`, on the terms of `later` (rules H4, H5). `then` says what happens to the
    conversation. `draft_id` names the stored draft that this was, and `revision` the one its
    editor showed: of two windows with the same draft only one can send it. Commit durably.

    Through the account of a messaging channel it leaves as a message of a chat: plain, without
    signature and quotation, in several where the channel's users expect long text so.

    Raises:
        UserError: "no-recipient"; "recipient-invalid" (address, reason); "message-empty";
            "unresolved" (places); "attachment-missing" (name); "no-account";
            "send-in-the-past"; "conversation-missing"; "message-missing"; "draft-elsewhere";
            "draft-gone". Of messaging channels: "cannot-send-there"; "message-too-long" (limit,
            length); "too-many-files" (limit); "file-too-large" (name, limit); "buttons-need-text";
            "too-many-buttons" (limit); "button-too-long" (label, limit); "window-closed" (until);
            "no-address-there"; "cannot-write-first"; "one-recipient"; "unreachable" (address).
    """
    answered = queueing.answered_by(tx, draft)
    account = queueing.account_for(tx, draft, answered)
    if account.kind != EMAIL and is_chat(account.kind):
        chosen = _Wanted(hold=hold, at=at, then=then, later=later)
        queued = _queue_chat(tx, files, draft, account, chosen)
        _drop_draft(tx, draft_id, revision)
        return queued
    queueing.check(tx, files, draft, text=text, at=at)
    conversation = queueing.conversation_uid(tx, draft)
    marked = marks(tx, account, conversation=conversation, subject=draft.subject)
    ref = marked.message_id
    place = queueing.place_of(tx, draft, account, answered, conversation=conversation, ref=ref)
    not_before = at or tx.now + hold
    message_id = queueing.insert(
        tx,
        draft,
        account,
        place,
        marks=marked,
        at=at or tx.now,
        text=text or queueing.plain_text(draft),
        html=html,
    )
    group = _and_then(tx, place.conversation_id, then)
    outbox.add(
        tx,
        message_id,
        account_id=account.id,
        not_before=not_before,
        draft=editor.packed(draft, then_group=group, later=later if at is not None else None),
    )
    _drop_draft(tx, draft_id, revision)
    conversations.refresh(tx, [place.conversation_id])
    return QueuedReply(
        message_id=message_id,
        conversation_id=place.conversation_id,
        client_ref=ref,
        state=Delivery.QUEUED,
        not_before=not_before,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """When a message leaves, and what happens then."""

    hold: timedelta
    at: datetime | None
    then: After | None
    later: SendLater


def _queue_chat(
    tx: Tx, files: Files, draft: DraftContent, account: AccountRow, wanted: _Wanted
) -> QueuedReply:
    """Queue what a draft says in a chat."""
    from desktop_inbox.services import chat_placing, chat_queueing  # what such channels alone need

    info = chat_queueing.info_for(account)
    text = queueing.plain_text(draft)
    chat_queueing.check(tx, files, draft, info, text=text)
    if wanted.at is not None and wanted.at <= tx.now:
        raise UserError("send-in-the-past", at=wanted.at)
    ref = new_uid(tx.now)
    place = chat_placing.place_of(tx, draft, account, info, ref=ref)
    leaves_at = wanted.at or tx.now + wanted.hold
    window = chat_queueing.window(info, place.chat)
    chat_queueing.check_window(draft, window, at=leaves_at)
    ids = chat_queueing.insert(
        tx, draft, account, info, place, text=text, at=wanted.at or tx.now, ref=ref
    )
    group = _and_then(tx, place.conversation_id, wanted.then)
    later = wanted.later if wanted.at is not None else None
    packed = editor.packed(draft, then_group=group, later=later)
    for message_id in ids:
        outbox.add(
            tx,
            message_id,
            account_id=account.id,
            not_before=leaves_at,
            draft=packed if len(ids) == 1 else packed | {"parts": ids},
        )
    conversations.refresh(tx, [place.conversation_id])
    return QueuedReply(
        message_id=ids[0],
        conversation_id=place.conversation_id,
        client_ref=ref,
        state=Delivery.QUEUED,
        not_before=leaves_at,
    )


def compose_new(
    tx: Tx,
    files: Files,
    *,
    draft: DraftContent,
    hold: timedelta = NO_HOLD,
    at: datetime | None = None,
    then: After | None = None,
    html: str = "",
    draft_id: int | None = None,
) -> QueuedReply:
    """Queue a message that begins a conversation; see `queue_reply`."""
    if draft.conversation_id is not None or draft.mode != "new":
        raise ValueError("a new message answers nothing")
    return queue_reply(
        tx, files, draft=draft, hold=hold, at=at, then=then, html=html, draft_id=draft_id
    )


def forward(
    tx: Tx,
    files: Files,
    *,
    draft: DraftContent,
    hold: timedelta = NO_HOLD,
    at: datetime | None = None,
    then: After | None = None,
    html: str = "",
) -> QueuedReply:
    """Queue a forward: a thread of its own, whose answers come to the same conversation (C7)."""
    if draft.mode != "forward":
        raise ValueError("not a forward")
    return queue_reply(tx, files, draft=draft, hold=hold, at=at, then=then, html=html)


def _and_then(tx: Tx, conversation_id: int, then: After | None) -> str | None:
    """Do what is wanted with the answer, as one action; return its group, None for nothing."""
    if then is None:
        return None
    group, done = new_uid(tx.now), []
    if then.steps:
        done.append(macros.carry_out(tx, conversation_id, then.steps, group_uid=group))
    if then.snoozes:
        done.append(
            actions.snooze(
                tx,
                conversation_id,
                until=then.snooze_until,
                until_reply=then.snooze_until_reply,
                stays=then.snooze_stays,
                group_uid=group,
            )
        )
    elif then.close:
        done.append(actions.set_status(tx, conversation_id, Status.CLOSED, group_uid=group))
    if then.follow_up_at is not None:
        done.append(actions.follow_up(tx, conversation_id, then.follow_up_at, group_uid=group))
    return group if any(done) else None


def _drop_draft(tx: Tx, draft_id: int | None, revision: int | None) -> None:
    """Take away the draft that was sent; refuse where it is no longer what its editor showed."""
    if draft_id is None:
        return
    known = drafts.get(tx.conn, draft_id)
    if revision is not None and (known is None or known.revision != revision):
        raise UserError("draft-elsewhere" if known else "draft-gone", id=draft_id)
    drafts.remove(tx, draft_id)
