"""Whom to offer while a recipient is typed: customers by name, company and address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Address
from desktop_inbox.services import channels
from desktop_inbox.services.channels import Way
from desktop_inbox.store import search
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.views import channel_choice, channel_words
from desktop_inbox.ui.views.recipient_kinds import Offered

_OFFERED = 8
_NOBODY = frozenset({channels.NO_ACCOUNT, channels.CANNOT_SEND, channels.CANNOT_WRITE_FIRST})


def complete(conn: Any, typed: str) -> list[Offered]:
    """Return at most eight addresses of customers who match, best first. On a reader thread."""
    found = search.search(conn, typed, limit=_OFFERED).customers
    offers = [
        Offered(address=Address(name=visible(customer.name), address=one.label or one.address))
        for customer in found
        for one in customer.identities
        if one.kind == "email"
    ]
    return offers[:_OFFERED]


def begin_with(
    conn: Any, typed: str, *, through: Way | None, region: str, now: datetime
) -> list[Offered]:
    """Return whom a new message may be to, by every channel; on a reader thread.

    Those first whom the one that is chosen reaches: `through`, or mail for None. A number may be a
    stranger's; one without a calling code is of `region`.
    """
    people = search.search(conn, typed, limit=_OFFERED).customers
    found = [one for person in people for one in _ways(conn, person, now=now)]
    if not any(way.kind != "email" for _name, way in found):
        found += [("", way) for way in _of_stranger(conn, typed, region=region, now=now)]
    wanted = [one for one in found if _is_through(one[1], through)]
    others = [one for one in found if one not in wanted and one[1].why_not(now) not in _NOBODY]
    return [_offered(name, way, through, now) for name, way in (*wanted, *others)][:_OFFERED]


def _ways(conn: Any, person: CustomerRow, *, now: datetime) -> Iterator[tuple[str, Way]]:
    ways = channels.ways(conn, person.id, now=now)
    for way in channel_choice.offered(ways, mail_account=None):
        if way.account_id is not None:
            yield visible(person.name), way


def _of_stranger(conn: Any, typed: str, *, region: str, now: datetime) -> list[Way]:
    from desktop_inbox.services.writing_first import named_by, ways_to

    number = named_by("phone", typed, region=region)
    return ways_to(conn, number, kind="phone", now=now) if number else []


def _is_through(way: Way, through: Way | None) -> bool:
    if through is None:
        return way.kind == "email"
    return (way.account_id, way.service) == (through.account_id, through.service)


def _offered(name: str, way: Way, through: Way | None, now: datetime) -> Offered:
    person = Address(name=name, address=way.label if way.kind == "email" else way.address)
    if way.kind == "email" and through is None:
        return Offered(address=person)
    told, hint = channel_words.title(way), channel_words.hint(way, now)
    words = " · ".join(part for part in (name, told) if part)
    return Offered(address=person, words=f"{words} ({hint})" if hint else words, way=way)
