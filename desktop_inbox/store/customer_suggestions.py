"""Who may be the same person as somebody else (rules E2, E3), found in sets. Reads.

By variants of addresses, which are stored beside them, and by name and company. Pairs that
somebody has said are not one are left out for good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import Connection, select, text

from desktop_inbox.domain.folding import words
from desktop_inbox.domain.same_person import Reason, Sign, company_domains, name_key, score
from desktop_inbox.store import bulk, customers
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.store.schema import customer, customer_apart

_MOST_ALIKE = 50  # of one name; more say that it is no name but a word such as "Info Desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Two customers who may be one."""

    one: CustomerRow  # the older
    other: CustomerRow
    score: float
    signs: tuple[Sign, ...]


_Found = dict[tuple[int, int], set[Sign]]  # by the customers' ids, the smaller first


def of_customer(conn: Connection, customer_id: int, *, limit: int = 3) -> list[Suggestion]:
    """Return who may be the same person as one customer, the likeliest first."""
    found: _Found = defaultdict(set)
    for one, other, kind, address in conn.execute(_VARIANTS_OF, {"id": customer_id}):
        _note(found, one, other, kind, address)
    for one, other, address in conn.execute(_CLAIMS_OF, {"id": customer_id}):
        _note_claim(found, one, other, address)
    row = customers.row(conn, customer_id)
    if row is not None:
        _same_name(found, customers.rows(conn, {row.id, *_named_like(conn, row.name)}))
    mine = {pair: signs for pair, signs in found.items() if customer_id in pair}
    return _suggestions(conn, mine, limit)


def list_all(conn: Connection, *, limit: int = 200) -> list[Suggestion]:
    """Return everybody who may be the same person as somebody else, the likeliest first.

    Looks at every customer once; not for a thread that somebody waits for.
    """
    found: _Found = defaultdict(set)
    for one, other, kind, address in conn.execute(_VARIANTS):
        _note(found, one, other, kind, address)
    for one, other, address in conn.execute(_CLAIMS):
        _note_claim(found, one, other, address)
    by_name: dict[str, list[int]] = defaultdict(list)
    for key, name in conn.execute(_NAMES):
        if folded := name_key(name):
            by_name[folded].append(key)
    alike = [keys for keys in by_name.values() if 1 < len(keys) <= _MOST_ALIKE]
    _same_name(found, customers.rows(conn, {key for keys in alike for key in keys}))
    return _suggestions(conn, found, limit)


def _note(found: _Found, one: int, other: int, kind: str, address: str) -> None:
    reason = Reason.EMAIL if kind == "email" else Reason.PHONE
    found[min(one, other), max(one, other)].add(Sign(reason=reason, value=address))


def _note_claim(found: _Found, one: int, other: int, address: str) -> None:
    found[min(one, other), max(one, other)].add(Sign(reason=Reason.VOUCHED, value=address))


def _named_like(conn: Connection, name: str) -> list[int]:
    folded = name_key(name)
    if not folded:
        return []
    phrase = '"' + " ".join(words(name)) + '"'
    found = conn.execute(_FOUND_BY_WORDS, {"match": phrase, "limit": _MOST_ALIKE + 1}).all()
    keys = [key for key, known in found if name_key(known) == folded]
    return keys if len(keys) <= _MOST_ALIKE else []


def _same_name(found: _Found, rows: Mapping[int, CustomerRow]) -> None:
    """Add those of one name who write from one company (E3: 0.6)."""
    companies: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in rows.values():
        mail = [one.address for one in row.identities if one.kind == "email"]
        for domain in company_domains(mail):
            companies[name_key(row.name), domain].add(row.id)
    for (name, domain), keys in companies.items():
        for pair in combinations(sorted(keys), 2) if name else ():
            found[pair].add(Sign(reason=Reason.NAME, value=domain))


def _suggestions(conn: Connection, found: _Found, limit: int) -> list[Suggestion]:
    rows = customers.rows(conn, {key for pair in found for key in pair})
    apart = _said_apart(conn, (row.uid for row in rows.values()))
    made = [
        Suggestion(
            one=rows[older],
            other=rows[newer],
            score=score(signs),
            signs=tuple(sorted(signs, key=lambda sign: (sign.reason, sign.value))),
        )
        for (older, newer), signs in found.items()
        if frozenset((rows[older].uid, rows[newer].uid)) not in apart
    ]
    made.sort(key=lambda one: (-one.score, one.one.id, one.other.id))
    return made[:limit]


def _said_apart(conn: Connection, uids: Iterable[str]) -> Set[frozenset[str]]:
    asked = select(customer_apart).where(customer_apart.c.one.in_(bulk.values(uids)))
    return {frozenset(pair) for pair in conn.execute(asked).all()}


# Two that share a secondary key, and one whose address is the key of another.
_VARIANTS = text(
    """
    SELECT a.customer_id, b.customer_id, a.kind, a.secondary FROM identity a
    JOIN identity b ON b.secondary = a.secondary AND b.kind = a.kind AND b.id > a.id
    WHERE a.secondary IS NOT NULL AND b.customer_id <> a.customer_id
    UNION
    SELECT a.customer_id, b.customer_id, a.kind, a.secondary FROM identity a
    JOIN identity b ON b.kind = a.kind AND b.scope = a.scope AND b.address = a.secondary
    WHERE a.secondary IS NOT NULL AND b.customer_id <> a.customer_id
    LIMIT 20000
    """
)
_VARIANTS_OF = text(
    """
    SELECT a.customer_id, b.customer_id, a.kind, a.secondary FROM identity a
    JOIN identity b ON b.secondary = a.secondary AND b.kind = a.kind
    WHERE a.customer_id = :id AND b.customer_id <> :id AND a.secondary IS NOT NULL
    UNION
    SELECT a.customer_id, b.customer_id, a.kind, a.secondary FROM identity a
    JOIN identity b ON b.kind = a.kind AND b.scope = a.scope AND b.address = a.secondary
    WHERE a.customer_id = :id AND b.customer_id <> :id AND a.secondary IS NOT NULL
    UNION
    SELECT a.customer_id, b.customer_id, a.kind, a.address FROM identity a
    JOIN identity b ON b.secondary = a.address AND b.kind = a.kind
    WHERE a.customer_id = :id AND b.customer_id <> :id AND b.secondary IS NOT NULL
    LIMIT 200
    """
)
# Whom a service says to be somebody else as well (rule E3).
_CLAIMS = text(
    """
    SELECT a.customer_id, b.customer_id, b.label FROM identity_claim c
    JOIN identity a ON a.id = c.identity_id JOIN identity b ON b.id = c.claimed_id
    WHERE a.customer_id <> b.customer_id
    LIMIT 20000
    """
)
_CLAIMS_OF = text(
    """
    SELECT a.customer_id, b.customer_id, b.label
    FROM identity a JOIN identity_claim c ON c.identity_id = a.id
    JOIN identity b ON b.id = c.claimed_id
    WHERE a.customer_id = :id AND b.customer_id <> :id
    UNION
    SELECT a.customer_id, b.customer_id, b.label
    FROM identity b JOIN identity_claim c ON c.claimed_id = b.id
    JOIN identity a ON a.id = c.identity_id
    WHERE b.customer_id = :id AND a.customer_id <> :id
    LIMIT 200
    """
)
_NAMES = select(customer.c.id, customer.c.name).where(
    customer.c.merged_into_id.is_(None), customer.c.name.contains(" ")
)
_FOUND_BY_WORDS = text(
    """
    SELECT c.id, c.name FROM customer_fts f JOIN customer c ON c.id = f.rowid
    WHERE customer_fts MATCH :match AND c.merged_into_id IS NULL LIMIT :limit
    """
)
