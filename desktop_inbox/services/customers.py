"""What a person can change about a customer. Functions of a transaction.

Those that change a customer return the group to undo it by, None where nothing changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desktop_inbox.domain.customer_fields import FieldKind, checked
from desktop_inbox.domain.customer_merge import together
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group
from desktop_inbox.services.conversations import new_tag
from desktop_inbox.store import customer_fields, customer_merging, customers, tags
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import CustomerRow

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_WORDS = ("name", "company", "notes", "language", "time_zone")


def shown(tx: Tx, customer_id: int) -> CustomerRow:
    """Return the customer meant: where they were merged into another, the other.

    Raises:
        UserError: "customer-missing".
    """
    known = customers.row(tx.conn, customer_id)
    if known is None:
        raise UserError("customer-missing", id=customer_id)
    root = customer_merging.roots(tx.conn, [customer_id])[customer_id]
    row = known if root == customer_id else customers.row(tx.conn, root)
    assert row is not None
    return row


def edit(
    tx: Tx,
    customer_id: int,
    *,
    name: str | None = None,
    company: str | None = None,
    notes: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    vip: bool | None = None,
    blocked: bool | None = None,
    fields: Mapping[str, str] | None = None,
    group_uid: str | None = None,
) -> str | None:
    """Change what is given; `fields` has values by the uid of their field, '' for none.

    Raises:
        UserError: "customer-missing"; "language-unknown", "time-zone-unknown"; "field-missing" and
            what `domain.customer_fields.checked` refuses.
    """
    row = shown(tx, customer_id)
    if notes is not None and row.id != customer_id:
        # Written about the one who was merged away meanwhile, without a look at the other's.
        notes = together(notes.strip(), row.notes)
    given = {
        "name": name,
        "company": company,
        "notes": notes,
        "language": _language(language),
        "time_zone": _time_zone(time_zone),
    }
    changes = [
        FieldChange("customer", row.uid, field, getattr(row, field), value.strip())
        for field, value in given.items()
        if value is not None
    ]
    for field, flag in (("vip", vip), ("blocked", blocked)):
        if flag is not None:
            changes.append(FieldChange("customer", row.uid, field, getattr(row, field), flag))
    changes += _values(tx, row, fields or {})
    group = Group(tx, uid=group_uid)
    group.record("customer.edit", changes)
    return group.uid


def _values(tx: Tx, row: CustomerRow, given: Mapping[str, str]) -> list[FieldChange]:
    if not given:
        return []
    known = {one.uid: one for one in customer_fields.list_all(tx.conn)}
    before = customer_fields.values(tx.conn, [row.id]).get(row.id, {})
    changes = []
    for uid, written in given.items():
        field = known.get(uid)
        if field is None:
            raise UserError("field-missing", name=uid)
        value = checked(field.kind, written, name=field.name, choices=field.choices) or None
        changes.append(FieldChange("customer", row.uid, f"field:{uid}", before.get(uid), value))
    return changes


def _language(written: str | None) -> str | None:
    if written and not _LANGUAGE.match(written.strip()):
        raise UserError("language-unknown", value=written)
    return written


def _time_zone(written: str | None) -> str | None:
    name = written.strip() if written else ""
    if name:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UserError("time-zone-unknown", value=name) from error
    return written


def block(tx: Tx, customer_id: int, *, on: bool = True) -> str | None:
    """Let mail from a customer go to spam quietly from now on, or no more.

    Raises:
        UserError: "customer-missing".
    """
    return edit(tx, customer_id, blocked=on)


# Tags


def tag(tx: Tx, customer_id: int, name: str) -> str | None:
    """Tag a customer; a tag nobody has used yet is made.

    Raises:
        UserError: "tag-empty"; "customer-missing".
    """
    row = shown(tx, customer_id)
    group = Group(tx)
    wanted = " ".join(name.split())
    if not wanted:
        raise UserError("tag-empty")
    known = tags.by_name(tx.conn, wanted)
    uid = known.uid if known else new_tag(tx, group, wanted)
    borne = _bears(tx, row, uid)
    change = FieldChange("customer", row.uid, f"tag:{uid}", borne or None, True)
    group.record("customer.tag", [change])
    return group.uid


def untag(tx: Tx, customer_id: int, name: str) -> str | None:
    """Take a tag off a customer.

    Raises:
        UserError: "tag-missing"; "customer-missing".
    """
    row = shown(tx, customer_id)
    known = tags.by_name(tx.conn, name)
    if known is None:
        raise UserError("tag-missing", name=name)
    borne = _bears(tx, row, known.uid)
    group = Group(tx)
    change = FieldChange("customer", row.uid, f"tag:{known.uid}", borne or None, None)
    group.record("customer.tag", [change])
    return group.uid


def _bears(tx: Tx, row: CustomerRow, tag_uid: str) -> bool:
    borne = customer_fields.tags_of(tx.conn, [row.id]).get(row.id, ())
    return any(one.uid == tag_uid for one in borne)


# Fields of one's own


def add_field(
    tx: Tx, name: str, *, kind: FieldKind = FieldKind.TEXT, choices: Sequence[str] = ()
) -> str:
    """Make a field that every customer has; return its uid.

    Raises:
        UserError: "field-name-empty"; "field-exists" (name); "field-needs-choices".
    """
    wanted = " ".join(name.split())
    if not wanted:
        raise UserError("field-name-empty")
    known = customer_fields.by_name(tx.conn, wanted)
    if known is not None:
        raise UserError("field-exists", name=known.name)
    offered = list(dict.fromkeys(one.strip() for one in choices if one.strip()))
    if kind is FieldKind.CHOICE and not offered:
        raise UserError("field-needs-choices", name=wanted)
    uid = new_uid(tx.now)
    changes = [
        FieldChange("customer_field", uid, "name", None, wanted),
        FieldChange("customer_field", uid, "kind", None, kind.value),
        FieldChange("customer_field", uid, "choices", None, offered or None),
        FieldChange("customer_field", uid, "deleted", True, False),
    ]
    Group(tx).record("customer_field.new", changes)
    return uid


def rename_field(tx: Tx, uid: str, name: str) -> str | None:
    """Call a field something else; return the group to undo it by.

    Raises:
        UserError: "field-missing" (name); "field-name-empty"; "field-exists" (name).
    """
    row = _field(tx, uid)
    wanted = " ".join(name.split())
    if not wanted:
        raise UserError("field-name-empty")
    known = customer_fields.by_name(tx.conn, wanted)
    if known is not None and known.uid != uid:
        raise UserError("field-exists", name=known.name)
    group = Group(tx)
    group.record(
        "customer_field.edit", [FieldChange("customer_field", uid, "name", row.name, wanted)]
    )
    return group.uid


def remove_field(tx: Tx, uid: str) -> str | None:
    """Take a field away; what customers have in it comes back with an undo.

    Raises:
        UserError: "field-missing" (name).
    """
    _field(tx, uid)
    group = Group(tx)
    group.record(
        "customer_field.remove", [FieldChange("customer_field", uid, "deleted", False, True)]
    )
    return group.uid


def _field(tx: Tx, uid: str) -> customer_fields.FieldRow:
    found = next((one for one in customer_fields.list_all(tx.conn) if one.uid == uid), None)
    if found is None:
        raise UserError("field-missing", name=uid)
    return found
