"""Conversations: listing, showing, and changing what they are."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence

from desktop_inbox.cli import shapes
from desktop_inbox.cli.output import iso, listing, one_line, safe_text, table
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import conversations, events, messages
from desktop_inbox.store.channels_used import channels_used
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import EventRow, MessageRow


def list_all(session: Session, options: Namespace) -> None:
    """List the conversations of a view a page at a time."""
    query = conversations.ListQuery(view=options.view, text=options.query)
    try:
        rows, next_key = session.read(
            lambda conn: conversations.page(conn, query, limit=options.limit, after=options.after)
        )
    except ValueError as error:
        raise UserError("page-key", key=options.after) from error
    session.output.document(
        listing(described(session, rows), next_key),
        [*rows_for_person(rows), *([f"(more: --after {next_key})"] if next_key else [])],
    )


def show(session: Session, options: Namespace) -> None:
    """Show one conversation with its messages and its history."""
    from desktop_inbox.services.bodies import safe_html  # with the parser, which lists do not need

    row = find(session, options.id)
    said = session.read(lambda conn: messages.of_conversation(conn, row.id))
    done = session.read(lambda conn: events.of_conversation(conn, row.id))
    files = session.workspace.files
    value = {
        **described(session, [row])[0],
        "messages": [
            shapes.message(one, html=safe_html(files, one) if session.output.as_json else "")
            for one in said
        ],
        "events": [shapes.event(one) for one in done],
    }
    session.output.document(value, _page(row, said, done))


def described(session: Session, rows: Sequence[ConversationRow]) -> list[shapes.Shape]:
    """Return conversations as every command tells them."""
    used = session.read(lambda conn: channels_used(conn, [row.id for row in rows]))
    return [shapes.conversation(row, used.get(row.id, ())) for row in rows]


def find(session: Session, conversation_id: int) -> ConversationRow:
    """Return a conversation. *Raises:* UserError("conversation-missing")."""
    row = session.read(lambda conn: conversations.row(conn, conversation_id))
    if row is None:
        raise UserError("conversation-missing", id=conversation_id)
    return row


def rows_for_person(rows: Iterable[ConversationRow]) -> Iterable[str]:
    """Return the columns in which a person sees conversations."""
    return table(
        ("ID", "CUSTOMER", "SUBJECT", "STATUS", "UNREAD", "LAST"),
        (
            (row.id, row.customer_name, row.subject, _status(row), row.unread or "", row.last_at)
            for row in rows
        ),
    )


def _status(row: ConversationRow) -> str:
    if row.snoozed_until is not None:
        return f"snoozed until {iso(row.snoozed_until)}"
    return "snoozed until a reply" if row.snoozed_until_reply else row.status.value


def _page(
    row: ConversationRow, said: Iterable[MessageRow], done: Iterable[EventRow]
) -> Iterator[str]:
    yield f"{one_line(row.subject, most=200)}  [{_status(row)}]"
    tags = " ".join(f"#{tag.name}" for tag in row.tags)
    yield f"{one_line(row.customer_name)}  {row.priority.value}  {one_line(tags)}".rstrip()
    for message in said:
        yield ""
        sent = f" ({message.delivery.value})" if message.delivery else ""
        author = one_line(message.author_name)
        yield f"-- {message.direction.value} {iso(message.at)} {author}{sent}"
        yield safe_text(message.visible_text)
        for file in message.attachments:
            yield f"   [{one_line(file.safe_name)}, {file.size} bytes]"
    for event in done:
        yield f"   * {iso(event.at)} {event.kind}{' (taken back)' if event.undone else ''}"
