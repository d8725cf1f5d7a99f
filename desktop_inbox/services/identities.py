"""The identities that accounts write under: read, chosen, entered. Functions of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from desktop_inbox.domain.customers import sendable
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.identities import (
    SETTING,
    OwnIdentity,
    answering,
    by_uid,
    of_account,
    stored,
)
from desktop_inbox.domain.messages import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow, MessageRow

__all__ = ["chosen", "identities", "save"]


def identities(account: AccountRow) -> tuple[OwnIdentity, ...]:
    """Return an account's identities, the default one first."""
    return of_account(account.settings, address=account.address)


def chosen(account: AccountRow, sender: str, answered: MessageRow | None) -> OwnIdentity:
    """Return who a message goes out as: the one named, else whom the answered one was written to.

    `sender` is the uid a draft names; where that identity is gone, the rule holds again.
    """
    known = identities(account)
    named = by_uid(known, sender) if sender else None
    if named is not None:
        return named
    if answered is None:
        return known[0]
    return answering(
        known,
        from_=answered.from_,
        to=answered.to,
        cc=answered.cc,
        from_me=answered.direction is Direction.OUT,
    )


def save(tx: Tx, account_id: int, wanted: Sequence[OwnIdentity]) -> tuple[OwnIdentity, ...]:
    """Have an account write under these, the first one unless another is chosen; return them.

    Those that are new are given their uid.

    Raises:
        UserError: "account-missing"; "identity-needed" where none is left; "address-invalid"
            (address, reason).
    """
    row = accounts.row(tx.conn, account_id)
    if row is None:
        raise UserError("account-missing", id=account_id)
    if not wanted:
        raise UserError("identity-needed")
    for one in wanted:
        verdict = sendable(one.address.strip())
        if not verdict.ok:
            raise UserError("address-invalid", address=one.address, reason=verdict.reason)
    kept = tuple(
        replace(
            one,
            uid=one.uid or new_uid(tx.now),
            address=one.address.strip(),
            name=" ".join(one.name.split()),
        )
        for one in wanted
    )
    accounts.change(tx, account_id, settings={**row.settings, SETTING: stored(kept)})
    return kept
