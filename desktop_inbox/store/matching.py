"""What a search asks of conversations, and what messages and customers it finds.

Words next to each other are looked for in one message, or in one file; what is excluded beside
them may not stand in that one. Everything else is asked of the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, literal, not_, true, union, union_all

from desktop_inbox.domain.query import (
    Both,
    Either,
    Has,
    Node,
    Not,
    Number,
    Property,
    Query,
    TextField,
    Words,
)
from desktop_inbox.store import facts, match_properties, match_words
from desktop_inbox.store.asked import Asked, every, some
from desktop_inbox.store.beginnings import Begun, begun
from desktop_inbox.store.match_properties import Asking, has_phone
from desktop_inbox.store.schema import conversation


def asked_of(query: Query, asking: Asking | None = None) -> Asked:
    """Return what the whole of `query` asks of a conversation."""
    return Asked(true()) if query.root is None else _asked(query.root, asking or Asking())


def _asked(node: Node, asking: Asking) -> Asked:
    match node:
        case Has():
            return match_properties.asked_of(node, asking)
        case Number():
            return _has_number(node, asking)
        case Not(inner):
            return Asked(not_(func.ifnull(_asked(inner, asking).holds, literal(False))))
    if expression := match_words.in_messages(node):
        return _one_of(match_words.conversations_with(expression, match_words.in_files(node)))
    match node:
        case Both(nodes):
            told, rest = _parted(nodes)
            return every(_asked(one, asking) for one in (*rest, *([told] if told else [])))
        case Either(nodes):
            return some(_asked(one, asking) for one in nodes)
    return match_properties.NOTHING


def _one_of(found: Sequence[Select[tuple[int]]]) -> Asked:
    return Asked(conversation.c.id.in_(union(*found)), (union_all(*found),))


def _parted(nodes: Sequence[Node]) -> tuple[Node | None, list[Node]]:
    """Part what must stand together in one message from what is asked of the conversation."""
    words = [one for one in nodes if match_words.in_messages(one)]
    excluded = [one for one in nodes if isinstance(one, Not) and match_words.in_messages(one.node)]
    if not words:
        return None, list(nodes)
    together = [one for one in nodes if one in words or one in excluded]
    if len(together) == len(nodes):  # it would have had an expression
        return None, list(nodes)
    rest = [one for one in nodes if one not in together]
    return (together[0] if len(together) == 1 else Both(tuple(together))), rest


def _has_number(node: Number, asking: Asking) -> Asked:
    """A number is written in a message, in groups or not, or it is the customer's."""
    expression = number_expression(node)
    theirs = facts.ids(has_phone(node.digits, asking).holds)
    return _one_of([*match_words.conversations_with(expression, expression), theirs])


def number_expression(node: Number) -> str:
    """Return the expression for a number as it is grouped, or in one."""
    grouped = match_words.phrase(node.groups, prefix=node.prefix)
    return f"({grouped} OR {match_words.phrase([node.digits], prefix=node.prefix)})"


def day_of(query: Query, asking: Asking) -> str:
    """Return the day, and where, on which a search means what it means; '' for on every."""
    dated = (Property.CREATED, Property.BEFORE, Property.AFTER)
    leaves = (leaf for leaf, _wanted in query.leaves())
    if not any(isinstance(one, Has) and one.property in dated for one in leaves):
        return ""
    zone = asking.own_zone()
    return f"{zone} {asking.now.astimezone(zone).date()}"


def parted(query: Query, asking: Asking) -> tuple[Asked, tuple[Search, ...]]:
    """Return what is asked of a conversation, but for words that it may not have, and these."""
    root = query.root
    told, rest = _parted(root.nodes) if isinstance(root, Both) else (None, [root])
    missing = [
        one.node for one in rest if isinstance(one, Not) and match_words.in_messages(one.node)
    ]
    if root is None or not missing:
        return asked_of(query, asking), ()
    wanted = [one for one in rest if not (isinstance(one, Not) and one.node in missing)]
    asked = [_asked(one, asking) for one in (*wanted, told) if one is not None]
    searches = tuple(search_of(Query(root=one), asking) for one in missing)
    return every(asked) if asked else Asked(true()), searches


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is asked of messages and files, and what of the conversations they lie in."""

    messages: str = ""  # expressions, '' where no words are asked for
    files: str = ""
    rest: Asked | None = None
    begun: Begun | None = None  # what `messages` says, where it is the beginning of a word
    only_words: bool = False  # no conversation is found but by its messages and files


def search_of(query: Query, asking: Asking) -> Search:
    """Return how the messages that `query` means are found: by the index first."""
    root = query.root
    if root is None:
        return Search()
    if expression := match_words.in_messages(root):
        return Search(
            messages=expression,
            files=match_words.in_files(root),
            begun=begun(root),
            only_words=True,
        )
    told, rest = _parted(root.nodes) if isinstance(root, Both) else (None, [])
    if told is not None:
        return Search(
            messages=match_words.in_messages(told),
            files=match_words.in_files(told),
            rest=every(_asked(one, asking) for one in rest),
            begun=begun(told),
            only_words=True,
        )
    named = [
        match_words.in_messages(leaf) if isinstance(leaf, Words) else number_expression(leaf)
        for leaf, wanted in query.leaves()
        if wanted and isinstance(leaf, Words | Number)
    ]
    anywhere = " OR ".join(named)
    return Search(messages=anywhere, rest=_asked(root, asking))


def customer_expression(query: Query) -> str:
    """Return the FTS5 expression that looks for customers, '' where they are not asked for."""
    root = query.root
    nodes = root.nodes if isinstance(root, Both) else (() if root is None else (root,))
    found = [_customer(one) for one in nodes]
    return " AND ".join(found) if all(found) else ""


def _customer(node: Node) -> str:
    match node:
        case Words(where=TextField.ANY | TextField.FROM | TextField.TO | TextField.CC):
            return match_words.phrase(node.words, prefix=node.prefix)
        case Number():
            return f"({number_expression(node)} OR {match_words.customer_number(node.digits)})"
        case Has(property=Property.CONTACT | Property.EMAIL | Property.COMPANY):
            return match_words.customer_name(node.value)
        case Has(property=Property.PHONE):
            return match_words.customer_number(node.value)
    return ""
