"""What is on its way."""

from __future__ import annotations

from argparse import Namespace

from desktop_inbox import words
from desktop_inbox.cli import shapes
from desktop_inbox.cli.output import listing, table
from desktop_inbox.cli.session import Session
from desktop_inbox.services import replies
from desktop_inbox.store import outbox


def list_all(session: Session, options: Namespace) -> None:
    """List everything that has not left yet, and what may or may not have been delivered."""
    rows = session.read(outbox.list_all)
    session.output.document(
        listing([shapes.waiting(row) for row in rows]),
        table(
            ("MESSAGE", "CUSTOMER", "SUBJECT", "STATE", "NEXT", "WHY"),
            (
                (
                    row.message_id,
                    row.customer_name,
                    row.subject,
                    row.state,
                    row.next_at,
                    words.cause(row.error_code, row.error_text) if row.error_code else "",
                )
                for row in rows
            ),
        ),
    )


def retry(session: Session, options: Namespace) -> None:
    """Try a failed or waiting message again now."""
    session.write(lambda tx: replies.retry(tx, options.id))
    session.output.document({"message": options.id, "state": "queued"}, ["It is tried again."])


def cancel(session: Session, options: Namespace) -> None:
    """Take a message back before it leaves; it is a draft again."""
    draft_id = session.write(lambda tx: replies.cancel(tx, options.id))
    session.output.document(
        {"message": options.id, "draft": draft_id}, [f"Taken back; it is draft {draft_id}."]
    )


def check(session: Session, options: Namespace) -> None:
    """Have the next sync look on the server for a message whose delivery is unknown."""
    session.write(lambda tx: replies.check(tx, options.id))
    session.output.document(
        {"message": options.id, "state": "uncertain"}, ["It is looked for with the next sync."]
    )


def let_go(session: Session, options: Namespace) -> None:
    """Try those no more who did not get a message that others have."""
    session.write(lambda tx: replies.let_go(tx, options.id))
    session.output.document({"message": options.id, "state": "sent"}, ["The others are let go."])


def resolve(session: Session, options: Namespace) -> None:
    """Say what became of a message whose delivery is unknown: it was sent, or send it again."""
    session.write(lambda tx: replies.resolve(tx, options.id, options.outcome))
    session.output.document(
        {"message": options.id, "outcome": options.outcome},
        ["Marked as sent." if options.outcome == "sent" else "It is sent again."],
    )
