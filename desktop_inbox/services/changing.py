"""Changing fields by events: one user action, on one or many entities, is one group.

Functions of a transaction; they run on the writer thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange, effective
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import conversations, event_batches, events
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.sync import server_actions

Ids = int | Iterable[int]


def rows(tx: Tx, ids: Ids) -> list[ConversationRow]:
    """Return the conversations meant by `ids`, in that order.

    Raises:
        UserError: "conversation-missing".
    """
    wanted = [ids] if isinstance(ids, int) else list(dict.fromkeys(ids))
    shown = conversations.roots(tx.conn, wanted) if wanted else {}
    found = conversations.rows(tx.conn, shown.values())
    for key in wanted:
        if shown.get(key, key) not in found:
            raise UserError("conversation-missing", id=key)
    return list({shown[key]: found[shown[key]] for key in wanted}.values())


_ONE: ContextVar[str | None] = ContextVar("one", default=None)


@contextmanager
def as_one(uid: str) -> Iterator[None]:
    """Let all that is recorded meanwhile belong to one action, also in several transactions."""
    token = _ONE.set(uid)
    try:
        yield
    finally:
        _ONE.reset(token)


class Group:
    """One user action in the making. Lives as long as its transaction."""

    def __init__(self, tx: Tx, *, uid: str | None = None, actor: str | None = None) -> None:
        self._tx = tx
        self._uid = uid or _ONE.get() or new_uid(tx.now)
        self._actor = actor
        self.changed = False

    @property
    def name(self) -> str:
        """The name that it has, or will have once something is changed."""
        return self._uid

    @property
    def uid(self) -> str | None:
        """The name to undo it by, None while nothing was changed."""
        return self._uid if self.changed else None

    def record(
        self, kind: str, changes: Sequence[FieldChange], *, conversation: str | None = None
    ) -> None:
        """Record what really changes something; see `store.events.record`."""
        real = effective(changes)
        if real:
            done = events.record(
                self._tx,
                kind,
                real,
                conversation=conversation,
                group_uid=self._uid,
                actor=self._actor,
            )
            server_actions.queue(self._tx, done)
            self.changed = True

    def record_each(self, kind: str, deeds: Mapping[str, Sequence[FieldChange]]) -> None:
        """Record, for each conversation by uid, what really changes something in it."""
        real = {uid: found for uid, changes in deeds.items() if (found := effective(changes))}
        together = {uid: changes for uid, changes in real.items() if event_batches.takes(changes)}
        done = event_batches.record_each(
            self._tx, kind, together, group_uid=self._uid, actor=self._actor
        )
        server_actions.queue_each(self._tx, done)
        self.changed = self.changed or bool(done)
        for uid, changes in real.items():
            if uid not in together:
                self.record(kind, changes, conversation=uid)
