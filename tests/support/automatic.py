"""Accounts that answer by themselves."""

from __future__ import annotations

from desktop_inbox.services.automatic import check_answer
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx


def answer_by_itself(tx: Tx, account_id: int, *, mode: str, text: str) -> None:
    """Let an account answer by itself from now on, as its settings page does."""
    row = accounts.row(tx.conn, account_id)
    assert row is not None
    settings = {**row.settings, "auto_answer": mode, "auto_answer_text": text}
    check_answer(settings)
    accounts.change(tx, account_id, settings=settings)
