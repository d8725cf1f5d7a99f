"""Whom to offer while a recipient is typed: customers by name, company and address."""

from __future__ import annotations

from typing import Any

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Address
from desktop_inbox.store import search

_OFFERED = 8


def complete(conn: Any, typed: str) -> list[Address]:
    """Return at most eight addresses of customers who match, best first. On a reader thread."""
    found = search.search(conn, typed, limit=_OFFERED).customers
    offers = [
        Address(name=visible(customer.name), address=identity.label or identity.address)
        for customer in found
        for identity in customer.identities
        if identity.kind == "email"
    ]
    return offers[:_OFFERED]
