"""What a person does with messages that wait to leave: take back, try again, settle, look for.

Functions of a transaction (rules H5, N).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import drafts as drafting
from desktop_inbox.services import editor
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.services.undoing import undo
from desktop_inbox.store import arrivals, conversations, drafts, messages, outbox
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import MessageRow, OutboxRow
from desktop_inbox.sync.send_later import SENT_ANYWAY


def cancel(tx: Tx, message_id: int) -> int:
    """Take a message back before it leaves and return its draft's id, exactly as it was (H5).

    What was done to the conversation with it is undone as well. Another draft that was begun
    there meanwhile is kept apart. A long text that leaves as several messages comes back as one,
    without what has left of it already.

    Raises:
        UserError: "too-late": it is being sent, or has been to some; "message-missing".
    """
    packed = outbox.draft_of(tx.conn, message_id)
    row = messages.row(tx.conn, message_id)
    if row is None:
        raise UserError("message-missing", id=message_id)
    if packed is None or not outbox.take_back(tx, message_id):
        raise UserError("too-late", id=message_id)
    content = _with_its_parts(tx, editor.unpacked(packed), row, packed.get("parts"))
    messages.remove(tx, message_id)
    if isinstance(group := packed.get("then_group"), str):
        with suppress(UserError):  # somebody may have taken it back, or changed it, already
            undo(tx, group)
    if content.conversation_id is None:
        arrivals.remove_if_empty(tx, row.conversation_id)
    else:
        content = _with_its_place(tx, content, content.conversation_id)
    conversations.refresh(tx, _existing(tx, row.conversation_id))
    return drafts.save(tx, content)


def _with_its_parts(tx: Tx, content: DraftContent, row: MessageRow, parts: object) -> DraftContent:
    """Take back the other messages that a text became, and return it without those that left."""
    others = [key for key in parts if key != row.id] if isinstance(parts, list) else []
    texts = {row.id: row.text}
    for key in others:
        other = messages.row(tx.conn, key)
        if other is not None and outbox.take_back(tx, key):
            texts[key] = other.text
            messages.remove(tx, key)
    if len(texts) == len(others) + 1:
        return content
    return replace(content, body="\n".join(texts[key] for key in sorted(texts)), rich="")


def take_back_all(tx: Tx, account_id: int) -> list[int]:
    """Make drafts of everything that waits to leave through an account, and return their ids."""
    return [
        cancel(tx, row.message_id)
        for row in outbox.list_all(tx.conn)
        if row.account_id == account_id
        and row.state in ("queued", "failed")
        and row.recipients is None
        and outbox.row(tx.conn, row.message_id) is not None  # not gone with another part of it
    ]


def retry(tx: Tx, message_id: int) -> None:
    """Send a message now that failed, is held back, or waits for its next attempt.

    Of one that some recipients have, only the others are tried.

    Raises:
        UserError: "not-waiting".
    """
    row = outbox.row(tx.conn, message_id)
    if row is None or row.state not in ("queued", "failed"):
        raise UserError("not-waiting", id=message_id)
    outbox.afresh(tx, message_id, code=SENT_ANYWAY)


def send_now(tx: Tx) -> list[int]:
    """End every undo hold, as when the program quits; return the messages that leave now."""
    held = [row.message_id for row in outbox.held(outbox.list_all(tx.conn), now=tx.now)]
    for message_id in held:
        outbox.hasten(tx, message_id)
    return held


def check(tx: Tx, message_id: int) -> None:
    """Have the engine look now for a message that may have been delivered.

    What comes of it lies in the outbox: it is sent, or `looked_at` says when it was not found.

    Raises:
        UserError: "not-uncertain".
    """
    _uncertain(tx, message_id)
    outbox.look_at(tx, message_id, tx.now)


def resolve(tx: Tx, message_id: int, outcome: str) -> None:
    """Say what became of a message that may have been delivered: "sent", or send it "again".

    Sent again it keeps its Message-ID: servers that have it already drop the second copy, answers
    to either find the conversation, and a look-up still finds whichever arrived.

    Raises:
        UserError: "not-uncertain"; "outcome-unknown".
    """
    _uncertain(tx, message_id)
    match outcome:
        case "sent":
            outbox.sent(tx, message_id)
        case "again":
            outbox.afresh(tx, message_id, code=SENT_ANYWAY)
        case _:
            raise UserError("outcome-unknown", outcome=outcome)


def let_go(tx: Tx, message_id: int) -> None:
    """Try those no more who did not get a message that others have.

    Raises:
        UserError: "not-waiting".
    """
    row = outbox.row(tx.conn, message_id)
    if row is None or row.recipients is None or row.state == "sending":
        raise UserError("not-waiting", id=message_id)
    outbox.sent(tx, message_id)


def _uncertain(tx: Tx, message_id: int) -> OutboxRow:
    row = outbox.row(tx.conn, message_id)
    if row is None or row.state != "uncertain":
        raise UserError("not-uncertain", id=message_id)
    return row


def _with_its_place(tx: Tx, content: DraftContent, conversation_id: int) -> DraftContent:
    """Give a draft that comes back its place, as far as that is still there (E5)."""
    if conversations.row(tx.conn, conversation_id) is None:
        return drafting.without_conversation(content)
    if content.answers_id is not None and messages.row(tx.conn, content.answers_id) is None:
        content = replace(content, answers_id=None)
    _set_aside(tx, conversation_id)
    return content


def _set_aside(tx: Tx, conversation_id: int) -> None:
    """Keep a draft that was begun since apart, so that the one that comes back has its place."""
    mine = drafts.of_conversation(tx.conn, conversation_id, author_id=tx.agent.id)
    if mine is None or not (mine.body.strip() or mine.attachments):
        return
    drafts.remove(tx, mine.id)
    drafts.save(tx, drafting.without_conversation(drafting.content_of(mine)))


def _existing(tx: Tx, conversation_id: int) -> list[int]:
    return [conversation_id] if conversations.row(tx.conn, conversation_id) else []
