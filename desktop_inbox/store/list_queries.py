"""How a list is asked for in SQL: which conversations a view holds, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    type_coerce,
)

from desktop_inbox.domain.conditions import Group, Viewer
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.query import parse_query
from desktop_inbox.store import agents, matching, saved_views, view_conditions
from desktop_inbox.store.lists import SAVED, SORT_KEYS, ListQuery, sort_of
from desktop_inbox.store.schema import conversation, conversation_tag, draft, message, outbox

NOT_MERGED = conversation.c.merged_into_id.is_(None)
_DUE_IN = (Status.OPEN, Status.SNOOZED)  # to snooze somebody who waits stops no clock (rule B6)


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: some columns, the id last, all of them in one direction."""

    columns: tuple[ColumnElement[Any], ...]
    downwards: bool = True

    @property
    def id(self) -> ColumnElement[Any]:
        return self.columns[-1]

    @property
    def clauses(self) -> tuple[ColumnElement[Any], ...]:
        return tuple(column.desc() if self.downwards else column.asc() for column in self.columns)

    def key_of(self, values: tuple[int, ...]) -> str:
        """Return the page key of a row with these values in the columns."""
        return ".".join(map(str, values))

    def beyond(self, statement: Select[Any], key: str) -> list[Select[Any]]:
        """Return the statements that read on after the row with this key, one after the other.

        The first column may be an expression, whose index SQLite reads by no row value: first
        come those that are equal in it, then the rest.

        Raises:
            ValueError: it is no key of this order.
        """
        values = [int(part) for part in key.split(".")]
        if len(values) != len(self.columns):
            raise ValueError(f"no key of this list: {key}")
        here = tuple_(*(type_coerce(column, Integer) for column in self.columns[-2:]))
        there = tuple_(*(literal(value) for value in values[-2:]))
        further = here < there if self.downwards else here > there
        if len(values) == 2:
            return [statement.where(further)]
        first, value = self.columns[0], literal(values[0])
        equal = statement.where(first == value, further).order_by(None)
        return [equal.order_by(*self.clauses[1:]), statement.where(first < value)]


def order_of(query: ListQuery) -> Order:
    """Return the order of a list."""
    sort = sort_of(query.view, query.sort)
    if query.view == "due" and sort == "due":
        return Order((conversation.c.next_due_at, conversation.c.id), downwards=False)
    if query.view == "due" and sort == "newest":
        return Order((_found_first("conversation.last_at"), conversation.c.id))
    if query.view == "due":
        return Order((_found_first(SORT_KEYS[sort]), conversation.c.last_at, conversation.c.id))
    if sort != "newest":
        key: ColumnElement[Any] = literal_column(SORT_KEYS[sort], Integer)
        return Order((key, conversation.c.last_at, conversation.c.id))
    if query.tag_id is not None:
        return Order((conversation_tag.c.last_at, conversation_tag.c.conversation_id))
    return Order((conversation.c.last_at, conversation.c.id))


def _found_first(key: str) -> ColumnElement[Any]:
    """A sort key that no index gives, so that the few rows are found first and then sorted."""
    return literal_column(f"+({key})", Integer)


def listed(
    conn: Connection,
    query: ListQuery,
    order: Order,
    *columns: ColumnElement[Any],
    now: datetime,
) -> Select[Any]:
    """Return the statement that reads `columns` of a list in its order.

    Raises:
        ValueError: there is no such view.
    """
    statement = (
        select(*columns).where(NOT_MERGED, *_in_view(conn, query, now=now)).order_by(*order.clauses)
    )
    if query.tag_id is not None:
        statement = statement.join_from(
            conversation_tag, conversation, conversation_tag.c.conversation_id == conversation.c.id
        ).where(conversation_tag.c.tag_id == query.tag_id)
    if query.account_id is not None:
        statement = statement.where(conversation.c.account_id == query.account_id)
    if query.unread:
        statement = statement.where(conversation.c.unread > literal_column("0"))
    if query.unassigned:
        statement = statement.where(_unassigned(query))
    if query.text.strip():
        statement = statement.where(matching.conversation_matches(parse_query(query.text)))
    return statement


def due_soon(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what holds where a clock ran out, or most of its time is over (rules B11, B13)."""
    return (
        conversation.c.next_due_at.is_not(None),
        # Without an index: the one on the due time is the one to read.
        literal_column("+conversation.status", Text).in_(_DUE_IN),
        func.coalesce(conversation.c.warn_at, conversation.c.next_due_at) <= now,
    )


def _in_view(
    conn: Connection, query: ListQuery, *, now: datetime
) -> tuple[ColumnElement[bool], ...]:
    opened = conversation.c.status == Status.OPEN
    match query.view:
        case "inbox":
            return (opened,)
        case "mine":
            return opened, conversation.c.assignee_id == query.agent_id
        case "unassigned":
            return opened, conversation.c.assignee_id.is_(None)
        case "due":
            return due_soon(now)
        case "snoozed" | "closed" | "spam" | "trash":
            return (conversation.c.status == query.view,)
        case "drafts":
            return (conversation.c.id.in_(select(_DRAFTED.c.id)),)
        case "outbox":
            unsent = (
                select(message.c.conversation_id)
                .join(outbox, outbox.c.message_id == message.c.id)
                .where(outbox.c.state != "filing")
            )
            return (conversation.c.id.in_(unsent),)
        case "all":
            return (conversation.c.status.not_in((Status.SPAM, Status.TRASH)),)
        case view if view == SAVED:
            return _saved(conn, query, now=now)
    raise ValueError(f"no such view: {query.view}")


def _saved(conn: Connection, query: ListQuery, *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what a saved view asks for; one that is gone or cannot be read holds nothing."""
    row = None if query.saved_id is None else saved_views.row(conn, query.saved_id)
    if row is None or row.condition is None:
        return (conversation.c.id == literal_column("0"),)
    return shown_by(conn, row.condition, agent_id=query.agent_id, now=now)


def shown_by(
    conn: Connection, condition: Group, *, agent_id: int, now: datetime
) -> tuple[ColumnElement[bool], ...]:
    """Return what a view with this condition asks for, seen by somebody at a time."""
    viewer = Viewer(now=saved_views.local(now), agent=agents.row(conn, agent_id).uid)
    return view_conditions.shown_by(condition, viewer)


def _unassigned(query: ListQuery) -> ColumnElement[bool]:
    if query.view == "all":
        # Wrapped, so that the planner keeps to the index in the order of the list.
        return func.ifnull(conversation.c.assignee_id, 0) == 0
    return conversation.c.assignee_id.is_(None)


# Conversations with a draft, and those they were merged into, where the draft is shown (P4).
_DRAFTED = (
    select(conversation.c.id, conversation.c.merged_into_id)
    .join(draft, draft.c.conversation_id == conversation.c.id)
    .cte("drafted", recursive=True)
)
_DRAFTED = _DRAFTED.union(
    select(conversation.c.id, conversation.c.merged_into_id).where(
        conversation.c.id == _DRAFTED.c.merged_into_id
    )
)
