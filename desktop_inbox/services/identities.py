"""The identities that accounts write under: read, chosen, entered. Functions of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.identities import (
    SETTING,
    OwnIdentity,
    answering,
    by_uid,
    of_account,
    stored,
)
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow, MessageRow

__all__ = ["chosen", "identities", "make_default", "put", "remove", "save"]


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


def put(tx: Tx, account_id: int, identity: OwnIdentity) -> tuple[OwnIdentity, ...]:
    """Have an account write under this as well, or as it is now; return all its identities.

    Raises:
        UserError: see `save`.
    """
    known = identities(_account(tx, account_id))
    if by_uid(known, identity.uid) is None:
        return save(tx, account_id, [*known, identity])
    changed = [identity if one.uid == identity.uid else one for one in known]
    return save(tx, account_id, changed)


def make_default(tx: Tx, account_id: int, uid: str) -> tuple[OwnIdentity, ...]:
    """Have an account write under this unless another is chosen; return all its identities.

    Raises:
        UserError: see `save`.
    """
    known = identities(_account(tx, account_id))
    return save(tx, account_id, sorted(known, key=lambda one: one.uid != uid))


def remove(tx: Tx, account_id: int, uid: str) -> tuple[OwnIdentity, ...]:
    """Have an account write under this no more; drafts of it go out under another.

    Raises:
        UserError: see `save`.
    """
    known = identities(_account(tx, account_id))
    return save(tx, account_id, [one for one in known if one.uid != uid])


def save(tx: Tx, account_id: int, wanted: Sequence[OwnIdentity]) -> tuple[OwnIdentity, ...]:
    """Have an account write under these, the first one unless another is chosen; return them.

    Those that are new are given their uid.

    Raises:
        UserError: "account-missing"; "identity-needed" where none is left; "address-invalid"
            (address, reason).
    """
    row = _account(tx, account_id)
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


def _account(tx: Tx, account_id: int) -> AccountRow:
    row = accounts.row(tx.conn, account_id)
    if row is None:
        raise UserError("account-missing", id=account_id)
    return row
