"""What the log says of the fields that some events changed: the ground on which they are undone.

Any thread with a connection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.store import bulk, events, unmade
from desktop_inbox.store.schema import conversation, event, field_clock

Field = tuple[str, str, str]  # entity, uid, name

# These let messages and notes go to other conversations, and write fields of one conversation into
# the history of another.
_JOINING = ("conversation.merge", "conversation.split")
_MOVING = frozenset({"message", "note", "thread"})
# The fields "tag:UID" and "field:UID" name what lies on a conversation or a customer.
_LAID_ON = {"tag": "tag", "field": "customer_field"}
_FAMILIES = {
    "sla_calendar": "hours",
    "sla_policy": "policy",
}  # what begins the kinds of their events


def touching(conn: Connection, done: Sequence[Event]) -> list[Event]:
    """Return these events and all others that say what became of the same fields, in order."""
    named = _conversations(done)
    wanted: list[ColumnElement[bool]] = []
    if any(_moves(one) for one in done):
        named = _connected(conn, named)
        wanted.append(event.c.kind.in_(_JOINING))
    families = {one.kind.partition(".")[0] for one in done if one.conversation is None}
    # Between "tag." and "tag/" lies every kind of the family, in the order of the index.
    wanted += [
        (event.c.kind >= f"{family}.") & (event.c.kind < f"{family}/")
        for family in sorted(families)
    ]
    wanted.append(event.c.conversation.in_(bulk.values(sorted(named))) & _bears_upon(done))
    wanted.append(event.c.uid.in_(bulk.values([one.uid for one in done])))
    found = conn.execute(select(event).where(or_(*wanted)).order_by(event.c.hlc)).mappings()
    return [events.from_row(row) for row in found]


def _bears_upon(done: Iterable[Event]) -> ColumnElement[bool]:
    """Tell events that write a field of the same name, or take something back, from all others."""
    names = {change.field for one in done for change in one.changes}
    written = func.json_each(event.c.changes).table_valued("value")
    name = func.json_extract(written.c.value, "$[2]")
    same = select(written.c.value).where(name.in_(bulk.values(sorted(names))))
    return or_(event.c.undo_of.is_not(None), exists(same))


def _moves(one: Event) -> bool:
    """Tell whether an event is about what may have gone to another conversation."""
    return one.kind in _JOINING or any(change.entity in _MOVING for change in one.changes)


def _conversations(done: Iterable[Event]) -> set[str]:
    """Return the conversations whose history or fields are meant, by uid."""
    found = {one.conversation for one in done if one.conversation is not None}
    return found | {
        change.uid for one in done for change in one.changes if change.entity == "conversation"
    }


def _connected(conn: Connection, named: set[str]) -> set[str]:
    """Return these conversations and all that exchanged messages with them."""
    groups = [_conversations([one]) for one in events.of_kinds(conn, _JOINING)]
    reached = set(named)
    while True:
        more = {uid for group in groups if group & reached for uid in group} - reached
        if not more:
            return reached
        reached |= more


def conversations_here(conn: Connection, done: Iterable[Event]) -> set[str]:
    """Return which of the conversations that events name are still there."""
    named = {one.conversation for one in done if one.conversation is not None}
    return set(bulk.keys_of(conn, conversation, named))


def made_by(done: Iterable[Event]) -> dict[str, set[str]]:
    """Return what these events made, changed or laid on something else: uids, by entity."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in done:
        for change in one.changes:
            kind, _colon, uid = change.field.partition(":")
            if change.entity in unmade.TABLES:
                found[change.entity].add(change.uid)
            elif uid and kind in _LAID_ON:
                found[_LAID_ON[kind]].add(uid)
            elif change.field == "service_level":
                found["sla_policy"] |= {str(one) for one in (change.before, change.after) if one}
    return found


def in_force(conn: Connection, made: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Return those of these about which an event that is not undone says something."""
    found: dict[str, set[str]] = {}
    for entity, uids in made.items():
        family = _FAMILIES.get(entity, entity)
        about = (event.c.kind >= f"{family}.") & (event.c.kind < f"{family}/")
        rows = conn.execute(select(event).where(about).order_by(event.c.hlc)).mappings()
        log = [events.from_row(row) for row in rows]
        history = History(log)
        found[entity] = {
            change.uid
            for one in log
            if one.undo_of is None and history.stands(one, ())
            for change in one.changes
            if change.entity == entity and change.uid in uids
        }
    return found


class History:
    """Who wrote which field when, as one log tells. Lives as long as the undo that asks."""

    def __init__(
        self, log: Iterable[Event], *, partly: Callable[[Event], bool] = lambda _undo: False
    ) -> None:
        """`partly` tells an undo that takes back only the fields it names."""
        self._written: defaultdict[Field, list[tuple[Event, FieldChange]]] = defaultdict(list)
        self._undoers: defaultdict[str, list[Event]] = defaultdict(list)
        self._partly = partly
        for one in log:
            if one.undo_of is not None:
                self._undoers[one.undo_of].append(one)
            for change in one.changes:
                self._written[change[:3]].append((one, change))

    def now(self, field: Field) -> object:
        """Return what a field was written to last."""
        return self._written[field][-1][1].after

    def without(self, field: Field, struck: Collection[str]) -> object:
        """Return what a field would be without the struck events: as what stands has left it."""
        before = self.now(field)
        for one, change in reversed(self._written[field]):
            if one.undo_of is None and self.stands(one, struck, field):
                break
            before = change.before
        return before

    def covered(self, field: Field, struck: Collection[str]) -> bool:
        """Tell whether what stands wrote a field after all of the struck events."""
        for one, _change in reversed(self._written[field]):
            if one.uid in struck:
                return False
            if one.undo_of is None and self.stands(one, struck, field):
                return True
        return False

    def stands(self, one: Event, struck: Collection[str], field: Field | None = None) -> bool:
        """Tell whether an event is in force: not struck, and not undone by one that is."""
        return one.uid not in struck and not any(
            self._undoes(undoer, field) and self.stands(undoer, struck)
            for undoer in self._undoers[one.uid]
        )

    def _undoes(self, undoer: Event, field: Field | None) -> bool:
        if not self._partly(undoer):
            return True
        return field is not None and any(change[:3] == field for change in undoer.changes)


def last_writers(conn: Connection, entity: str, uids: Iterable[str], field: str) -> dict[str, str]:
    """Return who wrote a field last, by the uid of what it is of; left out where nobody did."""
    query = (
        select(field_clock.c.uid, event.c.actor)
        .join(event, event.c.hlc == field_clock.c.hlc)
        .where(
            field_clock.c.entity == entity,
            field_clock.c.uid.in_(bulk.values(uids)),
            field_clock.c.field == field,
        )
    )
    return {row.uid: row.actor for row in conn.execute(query)}
