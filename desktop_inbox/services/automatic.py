"""What a person decides about mail that leaves by itself.

Functions of a transaction. How it is doing is read from `store.suppression`.
"""

from __future__ import annotations

from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import accounts, suppression
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.mailbox import AUTO_ANSWER_MODES

MAX_TEXT = 5_000


def resume(tx: Tx) -> None:
    """Let automatic mail leave again, after it stopped because there was too much of it (D3)."""
    suppression.resume(tx)


def set_automatic_answer(tx: Tx, account_id: int, *, mode: str, text: str) -> None:
    """Set what an account answers by itself.

    `mode` is "off", "new" for who begins a conversation, or "away" for everybody, once a
    conversation.

    Raises:
        UserError: "no-account"; "mode-unknown" (mode); "message-empty"; "text-too-long" (most).
    """
    row = accounts.row(tx.conn, account_id)
    if row is None:
        raise UserError("no-account", id=account_id)
    if mode not in AUTO_ANSWER_MODES:
        raise UserError("mode-unknown", mode=mode)
    if mode != "off" and not text.strip():
        raise UserError("message-empty")
    if len(text) > MAX_TEXT:
        raise UserError("text-too-long", most=MAX_TEXT)
    settings = {**row.settings, "auto_answer": mode, "auto_answer_text": text.strip()}
    accounts.change(tx, account_id, settings=settings)
