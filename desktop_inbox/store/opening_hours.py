"""The hours in which an account's business is open, for mornings and ends of days (rule H2)."""

from __future__ import annotations

from sqlalchemy import Connection

from desktop_inbox.domain.business_hours import Calendar, calendar
from desktop_inbox.domain.policies import Subject
from desktop_inbox.store import accounts, policies
from desktop_inbox.store.zone import own_zone

_OFFICE = [[(540, 1020)]] * 5 + [[], []]


def of_account(conn: Connection, account_id: int | None) -> Calendar:
    """Return the calendar of the service level that mail of an account comes under.

    Where none does, the workspace's first one, and without any the usual office hours.
    """
    book = policies.book(conn)
    row = accounts.row(conn, account_id) if account_id is not None else None
    subject = Subject(channel=row.kind if row else "email", account=row.uid if row else "")
    for policy in book.at(None):
        if policy.terms.conditions.met_by(subject):
            return policy.calendar
    known = next((kept for kept in book.calendars if not kept.deleted), None)
    return known.current.calendar() if known else calendar(own_zone(), _OFFICE)
