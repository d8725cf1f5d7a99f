"""What a person decides about mail that leaves by itself.

Functions of a transaction. How it is doing is read from `store.suppression`.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop_inbox.connectors.email.fields import LONGEST_ANSWER
from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import suppression
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.mailbox import AUTO_ANSWER_MODES


def resume(tx: Tx) -> None:
    """Let automatic mail leave again, after it stopped because there was too much of it (D3)."""
    suppression.resume(tx)


def leave_off(tx: Tx) -> None:
    """Let automatic mail stay where it stopped; nobody is asked about it again."""
    suppression.leave_off(tx)


def check_answer(settings: Mapping[str, object]) -> None:
    """See that an account's settings make an automatic answer, or none.

    Raises:
        UserError: "mode-unknown" (mode); "answer-empty"; "text-too-long" (most).
    """
    mode = str(settings.get("auto_answer") or "off")
    text = str(settings.get("auto_answer_text") or "").strip()
    if mode not in AUTO_ANSWER_MODES:
        raise UserError("mode-unknown", mode=mode)
    if mode != "off" and not text:
        raise UserError("answer-empty")
    if len(text) > LONGEST_ANSWER:
        raise UserError("text-too-long", most=LONGEST_ANSWER)
