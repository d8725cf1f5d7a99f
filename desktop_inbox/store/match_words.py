"""Words of a search as expressions of the full-text index, and what they find.

Words come folded from `domain.query`, so nothing in them means anything to FTS5.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, String, TableClause, column, select, table

from desktop_inbox.domain.folding import words as folded_words
from desktop_inbox.domain.phones import searched_token
from desktop_inbox.domain.query import Both, Either, Node, Not, TextField, Words
from desktop_inbox.store.schema import attachment, file_text, message

message_fts = table("message_fts", column("message_fts", String), column("rowid"))
file_fts = table("file_fts", column("file_fts", String), column("rowid"))
customer_fts = table("customer_fts", column("customer_fts", String), column("rowid"))

# How many messages a search looks at, newest first. Where more is asked than words, which few of
# them may meet, it looks at all.
NEWEST_HITS = 20_000

_COLUMNS = {
    TextField.SUBJECT: "subject",
    TextField.FROM: "sender",
    TextField.TO: "recipients",
    TextField.CC: "copied",
    TextField.BODY: "body",
    TextField.NOTE: "note",
}


def phrase(words: Iterable[str], *, prefix: bool = False) -> str:
    """Return the expression for folded words that stand next to each other."""
    return '"{}"'.format(" ".join(words)) + (" *" if prefix else "")


def in_messages(node: Node) -> str:
    """Return the expression for what one message holds, '' where `node` is none of its words.

    A node that only excludes has no expression of its own.
    """
    return _expression(node, files=False)


def in_files(node: Node) -> str:
    """Return the same for the words of one file: a file has no subject, nor people."""
    return _expression(node, files=True)


def _expression(node: Node, *, files: bool) -> str:
    match node:
        case Words():
            return _leaf(node, files=files)
        case Either(nodes):
            found = [_expression(one, files=files) for one in nodes]
            if not files and not all(found):
                return ""
            found = [one for one in found if one]
            return f"({' OR '.join(found)})" if found else ""
        case Both(nodes):
            return _group(nodes, files=files)
    return ""


def _leaf(node: Words, *, files: bool) -> str:
    found = phrase(node.words, prefix=node.prefix)
    if node.where is TextField.ANY:
        return found
    return "" if files else f"{_COLUMNS[node.where]} : {found}"


def _group(nodes: tuple[Node, ...], *, files: bool) -> str:
    wanted = [_expression(one, files=files) for one in nodes if not isinstance(one, Not)]
    if not wanted or not all(wanted):
        return ""
    unwanted = [_expression(one.node, files=files) for one in nodes if isinstance(one, Not)]
    if not files and not all(unwanted):
        return ""
    joined = f"({' AND '.join(wanted)})"
    return "({})".format(" NOT ".join([joined, *filter(None, unwanted)]))


def is_hit(expression: str) -> ColumnElement[bool]:
    """Return the condition that a row of the index of messages matches an expression."""
    return message_fts.c.message_fts.op("MATCH")(expression)


def conversations_with(
    expression: str, file_expression: str, *, most: int | None = NEWEST_HITS
) -> list[Select[tuple[int]]]:
    """Return what selects the conversations of the newest messages, and files, that match."""
    newest = _newest(message_fts, is_hit(expression), most)
    told = select(message.c.conversation_id).where(
        message.c.id.in_(newest), message.c.deleted_at.is_(None)
    )
    if not file_expression:
        return [told]
    files = _newest(file_fts, file_fts.c.file_fts.op("MATCH")(file_expression), most)
    attached = (
        select(message.c.conversation_id)
        .join(attachment, attachment.c.message_id == message.c.id)
        .join(file_text, file_text.c.attachment_id == attachment.c.id)
        .where(file_text.c.id.in_(files), message.c.deleted_at.is_(None))
    )
    return [told, attached]


def _newest(index: TableClause, hit: ColumnElement[bool], most: int | None) -> Select[tuple[int]]:
    found = select(index.c.rowid).where(hit)
    return found if most is None else found.order_by(index.c.rowid.desc()).limit(most)


def customer_name(value: str) -> str:
    """Return the expression for what is typed of a name or an address; a star ends a beginning."""
    folded = folded_words(value)
    return phrase(folded, prefix=value.endswith("*")) if folded else ""


def customer_number(written: str) -> str:
    """Return the expression for a telephone number, however it is written; '' for no digits."""
    token = searched_token(written)
    return phrase([token], prefix=True) if token else ""
