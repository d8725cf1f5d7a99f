"""A search written out, so that reading it again gives the same tree. Pure."""

from __future__ import annotations

from desktop_inbox.domain.query.parsing import reads_as_plain_word
from desktop_inbox.domain.query.tree import (
    Both,
    Either,
    Has,
    Node,
    Not,
    Number,
    Query,
    TextField,
    Words,
)


def format_query(query: Query) -> str:
    """Return `query` as one would type it, '' where nothing is asked for."""
    return "" if query.root is None else _written(query.root)


def _written(node: Node) -> str:
    match node:
        case Words():
            return _words(node)
        case Number():
            return node.written + "*" * node.prefix
        case Has():
            return f"{node.property}:{_value(node.value)}"
        case Not(inner):
            return f"-{_inside(inner)}"
        case Both(nodes):
            return " ".join(_inside(one) for one in nodes)
        case Either(nodes):
            return " OR ".join(_inside(one) for one in nodes)


def _inside(node: Node) -> str:
    # Numbers side by side would read as one.
    apart = isinstance(node, Both | Either | Number)
    return f"({_written(node)})" if apart else _written(node)


def _words(node: Words) -> str:
    text = " ".join(node.words)
    if len(node.words) > 1 or not reads_as_plain_word(text):
        text = f'"{text}"'
    field = f"{node.where}:" if node.where is not TextField.ANY else ""
    return field + text + "*" * node.prefix


def _value(value: str) -> str:
    bare = value and not any(char.isspace() or char in '"()' for char in value)
    return value if bare else f'"{value}"'
