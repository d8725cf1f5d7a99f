"""How each field that an event names is written into the tables.

Whoever speaks first of an entity creates it; kinds and fields we do not know have no setter.
"""

from __future__ import annotations

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.store.fields import of_conversations, of_customers, of_messages, of_settings
from desktop_inbox.store.fields.rows import Effects, Setter

__all__ = ["Effects", "setter_of"]

_SETTERS: dict[tuple[str, str], Setter] = {
    **of_conversations.SETTERS,
    **of_messages.SETTERS,
    **of_customers.SETTERS,
    **of_settings.SETTERS,
}


def setter_of(change: FieldChange) -> Setter | None:
    """Return what writes a field, None for one that this version does not know."""
    if change.entity == "conversation" and change.field.startswith("tag:"):
        return of_conversations.set_tag
    if change.entity in of_settings.VERSIONED and change.field.startswith("version:"):
        return of_settings.set_version
    if change.entity == "canned" and change.field.startswith("body:"):
        return of_settings.set_canned_body
    if change.entity == "customer" and ":" in change.field:
        return of_customers.MEMBERS.get(change.field.partition(":")[0])
    return _SETTERS.get((change.entity, change.field))
