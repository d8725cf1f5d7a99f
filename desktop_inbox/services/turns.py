"""What is done to many conversations, a few in each transaction, and yet one action to take back.

Functions of a transaction. A long transaction would keep arriving mail waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop_inbox.domain.errors import UserError
from desktop_inbox.services.changing import as_one
from desktop_inbox.store.database import Tx

TURN = 200  # conversations in one transaction

Change = Callable[[Tx, Sequence[int]], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A conversation that was left as it was, and why."""

    conversation_id: int
    error: UserError


def carry_out(
    tx: Tx, ids: Sequence[int], change: Change, *, group_uid: str
) -> tuple[str | None, list[Failure]]:
    """Change these conversations as part of an action; return its group, and what failed.

    Where one of them cannot be changed, the others are.
    """
    with as_one(group_uid):
        try:
            with tx.conn.begin_nested():
                return change(tx, ids), []
        except UserError as error:
            if len(ids) == 1:
                return None, [Failure(conversation_id=ids[0], error=error)]
    found = [carry_out(tx, [key], change, group_uid=group_uid) for key in ids]
    changed = any(group is not None for group, _failed in found)
    return group_uid if changed else None, [one for _group, failed in found for one in failed]
