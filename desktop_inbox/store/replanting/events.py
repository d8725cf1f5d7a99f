"""The log of an export: what was done happens again."""

from __future__ import annotations

from collections.abc import Iterable

from desktop_inbox.domain.clock import Hlc
from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.store import events
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.records import Record
from desktop_inbox.store.replanting.uids import Uids, text_of


def replay(tx: Tx, records: Iterable[Record], uids: Uids) -> None:
    """Let events happen that have not happened here: notes, tags, merges, edits."""
    for one in records:
        events.apply(
            tx,
            Event(
                uid=text_of(one, "uid"),
                hlc=Hlc.parse(text_of(one, "hlc")),
                actor=text_of(one, "actor"),
                at=from_milliseconds(int(one["at"])),
                kind=text_of(one, "kind"),
                group_uid=text_of(one, "group_uid"),
                changes=tuple(FieldChange(*uids.within(change)) for change in one["changes"]),
                conversation=None if one["conversation"] is None else uids.of(one["conversation"]),
                undo_of=one["undo_of"],
            ),
        )
