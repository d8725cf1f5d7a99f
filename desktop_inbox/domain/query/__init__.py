"""What somebody searches for (rule K): `parsing` reads it, `writing` writes it out again."""

from desktop_inbox.domain.query.parsing import MAX_TERMS, parse_query
from desktop_inbox.domain.query.tree import (
    Both,
    Either,
    Has,
    Node,
    Not,
    Number,
    Problem,
    Property,
    Query,
    TextField,
    Words,
    view_asked_for,
)
from desktop_inbox.domain.query.writing import format_query

__all__ = [
    "MAX_TERMS",
    "Both",
    "Either",
    "Has",
    "Node",
    "Not",
    "Number",
    "Problem",
    "Property",
    "Query",
    "TextField",
    "Words",
    "format_query",
    "parse_query",
    "view_asked_for",
]
