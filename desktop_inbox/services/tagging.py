"""Tags themselves: made, renamed, coloured and taken away. Functions of a transaction."""

from __future__ import annotations

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.services.changing import Group
from desktop_inbox.services.conversations import new_tag
from desktop_inbox.store import tags
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.database import Tx


def create(tx: Tx, name: str, *, hue: int | None = None) -> str | None:
    """Make a tag, in a colour of its name where none is given; return the group to undo it by.

    Raises:
        UserError: "tag-empty"; "tag-exists" (name).
    """
    wanted = _free(tx, name)
    group = Group(tx)
    uid = new_tag(tx, group, wanted)
    made = tags.by_name(tx.conn, wanted)
    if hue is not None and made is not None:
        group.record("tag.colour", [FieldChange("tag", uid, "hue", made.hue, hue % 360)])
    return group.uid


def rename(tx: Tx, tag_id: int, name: str) -> str | None:
    """Give a tag another name; whatever bears it shows that one.

    Raises:
        UserError: "tag-missing"; "tag-empty"; "tag-exists" (name).
    """
    row = _known(tx, tag_id)
    wanted = _free(tx, name, but=row.id)
    group = Group(tx)
    group.record("tag.name", [FieldChange("tag", row.uid, "name", row.name, wanted)])
    return group.uid


def colour(tx: Tx, tag_id: int, hue: int) -> str | None:
    """Give a tag another colour, as a hue from 0 to 359.

    Raises:
        UserError: "tag-missing".
    """
    row = _known(tx, tag_id)
    group = Group(tx)
    group.record("tag.colour", [FieldChange("tag", row.uid, "hue", row.hue, hue % 360)])
    return group.uid


def remove(tx: Tx, tag_id: int) -> str | None:
    """Take a tag away; what bore it bears it again when this is undone.

    Raises:
        UserError: "tag-missing".
    """
    row = _known(tx, tag_id)
    group = Group(tx)
    group.record("tag.remove", [FieldChange("tag", row.uid, "deleted", False, True)])
    return group.uid


def _known(tx: Tx, tag_id: int) -> TagRow:
    for row in tags.list_all(tx.conn):
        if row.id == tag_id:
            return row
    raise UserError("tag-missing", name=tag_id)


def _free(tx: Tx, name: str, *, but: int | None = None) -> str:
    """Return a name without needless spaces that no other tag has."""
    wanted = " ".join(name.split())
    if not wanted:
        raise UserError("tag-empty")
    known = tags.by_name(tx.conn, wanted)
    if known is not None and known.id != but:
        raise UserError("tag-exists", name=known.name)
    return wanted
