"""Which company somebody works for, told by who else writes from there.

Reads. A domain that many people share, such as a provider's, says nothing.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from desktop_inbox.domain.same_person import company_domains
from desktop_inbox.store import customer_search
from desktop_inbox.store.rows import CustomerRow

_LOOKED_AT = 50  # customers of one domain


def likely(conn: Connection, row: CustomerRow) -> str:
    """Return the company that most others at a customer's domain have, '' for no guess."""
    if row.company:
        return ""
    counts: Counter[str] = Counter()
    for domain in _domains(row):
        for other in customer_search.find(conn, domain, limit=_LOOKED_AT):
            if other.company and other.id != row.id and domain in _domains(other):
                counts[other.company] += 1
    return counts.most_common(1)[0][0] if counts else ""


def _domains(row: CustomerRow) -> frozenset[str]:
    return company_domains(one.address for one in row.identities if one.kind == "email")
