"""What one committed transaction touched: the only notification between store and listeners."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The ids of touched rows, by kind. Listeners re-read those rows and nothing else."""

    conversations: frozenset[int] = frozenset()
    messages: frozenset[int] = frozenset()
    customers: frozenset[int] = frozenset()
    customer_fields: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    outbox: frozenset[int] = frozenset()  # message ids
    drafts: frozenset[int] = frozenset()
    tags: frozenset[int] = frozenset()
    canned: frozenset[int] = frozenset()
    views: frozenset[int] = frozenset()  # saved ones
    server_actions: frozenset[int] = frozenset()  # account ids
    service_levels: frozenset[int] = frozenset()  # of calendars or policies

    def __or__(self, other: Changes) -> Changes:
        """Return the union, so that a burst of commits becomes one refresh."""
        return Changes(
            **{f.name: getattr(self, f.name) | getattr(other, f.name) for f in fields(Changes)}
        )

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(Changes))
