"""Tables and address cards become customers (rule E7): looked at first, then done.

The same matcher as everywhere: a person is who has one of their addresses already. What is here
is never overwritten; a row that names two customers is a conflict, and shown, not guessed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.phones import normalise_phone
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.domain.uid import found_uid, new_uid
from desktop_inbox.services import customers as service
from desktop_inbox.services.customer_tables import Person
from desktop_inbox.store import customer_fields, customer_merging, customers
from desktop_inbox.store.customers import IdentityKey, NewCustomer, NewIdentity
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import CustomerRow

_AT_ONCE = 100
_EMPTY_ONLY = ("name", "company", "language", "notes")


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    UPDATE = "update"
    SAME = "same"  # everything is here already
    CONFLICT = "conflict"  # its addresses belong to several customers
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a file, and what becomes of it."""

    person: Person
    outcome: Outcome
    reason: str = ""  # kebab-case, of a conflict or a rejection
    detail: str = ""  # what it is about, such as the address
    keys: tuple[tuple[IdentityKey, str], ...] = ()  # with the address as written
    customer_id: int | None = None  # who it is
    changes: dict[str, Any] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)  # of fields, by uid


def plan(conn: Any, people: Iterable[Person], *, region: str = "") -> list[Line]:
    """Return what importing would do, row by row, without doing it.

    `region` is the country (ISO 3166) whose numbers come without a calling code.
    """
    read = [(person, *_keys(person, region)) for person in people]
    wanted = {key for _, keys, _ in read for key, _ in keys}
    owners = customers.owners(conn, wanted)
    roots = customer_merging.roots(conn, {owner.customer_id for owner in owners.values()})
    rows = customers.rows(conn, roots.values())
    fields = {one.name.casefold(): one for one in customer_fields.list_all(conn)}
    known = customer_fields.values(conn, rows)
    claimed: dict[IdentityKey, int] = {}  # by an earlier row of the file
    lines = []
    for person, keys, bad in read:
        whose = {roots[owners[key].customer_id] for key, _ in keys if key in owners}
        line = _rejected(person, keys, bad, claimed)
        if line is None and len(whose) > 1:
            names = ", ".join(rows[key].name for key in sorted(whose))
            line = Line(
                person=person, outcome=Outcome.CONFLICT, reason="several-customers", detail=names
            )
        if line is None:
            row = rows[whose.pop()] if whose else None
            fresh = tuple(pair for pair in keys if pair[0] not in owners)
            values = {
                fields[name.casefold()].uid: value
                for name, value in person.others.items()
                if name.casefold() in fields
            }
            line = _accepted(person, row, fresh, values, known.get(row.id, {}) if row else {})
            claimed |= {key: person.line for key, _ in keys}
        lines.append(line)
    return lines


def _keys(person: Person, region: str) -> tuple[list[tuple[IdentityKey, str]], str]:
    """Return the identities of a row, and the first address that is none."""
    found: dict[IdentityKey, str] = {}
    bad = ""
    for address in person.emails:
        if sendable(address).ok:
            found.setdefault(IdentityKey("email", "", normalise_email(address)), address)
        else:
            bad = bad or address
    for written in person.phones:
        number = normalise_phone(written, region=region)
        if number:
            found.setdefault(IdentityKey("phone", "", number), written)
        else:
            bad = bad or written
    return list(found.items()), bad


def _rejected(
    person: Person,
    keys: Sequence[tuple[IdentityKey, str]],
    bad: str,
    claimed: dict[IdentityKey, int],
) -> Line | None:
    if bad:
        return Line(person=person, outcome=Outcome.REJECT, reason="address-invalid", detail=bad)
    if not keys:
        return Line(person=person, outcome=Outcome.REJECT, reason="no-address")
    earlier = next((claimed[key] for key, _ in keys if key in claimed), None)
    if earlier is not None:
        return Line(
            person=person, outcome=Outcome.REJECT, reason="same-as-line", detail=str(earlier)
        )
    return None


def _accepted(
    person: Person,
    row: CustomerRow | None,
    fresh: tuple[tuple[IdentityKey, str], ...],
    values: dict[str, str],
    known: dict[str, str],
) -> Line:
    if row is None:
        return Line(person=person, outcome=Outcome.CREATE, keys=fresh, values=values)
    changes = {
        name: value
        for name in _EMPTY_ONLY
        if (value := getattr(person, name)) and not getattr(row, name)
    }
    missing = {uid: value for uid, value in values.items() if uid not in known}
    news = fresh or changes or missing
    return Line(
        person=person,
        outcome=Outcome.UPDATE if news else Outcome.SAME,
        keys=fresh,
        customer_id=row.id,
        changes=changes,
        values=missing,
    )


def batches(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Return the lines in portions of one transaction each, so that mail can come in between."""
    for start in range(0, len(lines), _AT_ONCE):
        yield lines[start : start + _AT_ONCE]


def carry_out(tx: Tx, lines: Iterable[Line], *, group_uid: str | None = None) -> list[Line]:
    """Do what `plan` said; return the lines as they went. What a field refuses is a rejection.

    Edits are one group of events, so that one undo takes them back; new customers stay. Long
    files go in several transactions, under one `group_uid`.
    """
    group = group_uid or new_uid(tx.now)
    return [_carried_out(tx, line, group) for line in lines]


def _carried_out(tx: Tx, line: Line, group: str) -> Line:
    if line.outcome not in (Outcome.CREATE, Outcome.UPDATE):
        return line
    with tx.conn.begin_nested() as saved:
        key = line.customer_id if line.customer_id is not None else _create(tx, line)
        try:
            _fill(tx, key, line, group)
        except UserError as refused:
            saved.rollback()
            return Line(
                person=line.person,
                outcome=Outcome.REJECT,
                reason=refused.code,
                detail=str(refused.values.get("value", "")),
            )
    customers.index(tx, [key])
    return line


def _create(tx: Tx, line: Line) -> int:
    first = line.keys[0][0]
    uid = found_uid(tx.workspace_uid, "customer", *first)
    new = NewCustomer(uid=uid, name=line.person.name, first_seen_at=tx.now)
    return customers.create(tx, [new])[uid]


def _fill(tx: Tx, key: int, line: Line, group: str) -> None:
    customers.add_identities(
        tx,
        [
            NewIdentity(
                uid=found_uid(tx.workspace_uid, "identity", *identity),
                customer_id=key,
                key=identity,
                label=label,
            )
            for identity, label in line.keys
        ],
    )
    changes = line.changes
    if line.outcome is Outcome.CREATE:
        person = line.person
        changes = {name: value for name in _EMPTY_ONLY[1:] if (value := getattr(person, name))}
    service.edit(tx, key, **changes, fields=line.values, group_uid=group)
    for name in line.person.tags:
        service.tag(tx, key, name)


def write_errors(path: Path, lines: Iterable[Line]) -> int:
    """Write the rows that were not taken, with the reason, as a table; return how many.

    Raises:
        UserError: "no-file" (path, detail).
    """
    refused = [one for one in lines if one.outcome in (Outcome.CONFLICT, Outcome.REJECT)]
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow(("line", "outcome", "reason", "detail", "name", "email", "phone"))
            for one in refused:
                person = one.person
                cells = (
                    one.detail,
                    person.name,
                    "; ".join(person.emails),
                    "; ".join(person.phones),
                )
                table.writerow((person.line, one.outcome.value, one.reason, *map(_harmless, cells)))
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or "") from error
    return len(refused)


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell
