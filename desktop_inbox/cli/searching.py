"""Finding customers, conversations, messages and files; reading the words of attachments."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from desktop_inbox import words
from desktop_inbox.cli import shapes
from desktop_inbox.cli.conversations import described, rows_for_person
from desktop_inbox.cli.output import one_line
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services.doctor import attachments_line
from desktop_inbox.store import file_texts
from desktop_inbox.store import search as finder
from desktop_inbox.store.file_texts import Progress
from desktop_inbox.store.search import SearchResult
from desktop_inbox.store.search_beside import meant

Shape = dict[str, Any]


def search(session: Session, options: Namespace) -> None:
    """Find customers, conversations, messages and files; say what was not understood."""
    found = session.read(
        lambda conn: finder.search(conn, options.query, limit=options.limit, typing=False)
    )
    nothing = not (found.conversations or found.customers or found.files)
    suggestion = session.read(lambda conn: meant(conn, options.query)) if nothing else ""
    value: Shape = {
        "seconds": round(found.seconds, 6),
        "customers": [shapes.customer(row) for row in found.customers],
        "conversations": described(session, found.conversations),
        "messages": [
            {"id": hit.id, "conversation": hit.conversation_id, "snippet": hit.snippet}
            for hit in found.messages
        ],
        "files": [
            {
                "id": hit.attachment_id,
                "message": hit.message_id,
                "conversation": hit.conversation_id,
                "name": hit.name,
                "snippet": hit.snippet,
            }
            for hit in found.files
        ],
        "total": found.total,
        "problems": [
            {
                "code": one.code,
                "start": one.start,
                "end": one.end,
                "message": words.search(one.code, one.values),
            }
            for one in found.problems
        ],
        "meant": suggestion or None,
    }
    session.output.document(value, _lines(found, suggestion))


def _lines(found: SearchResult, suggestion: str) -> Iterator[str]:
    yield from (words.search(one.code, one.values) for one in found.problems)
    yield f"{found.total} found in {found.seconds * 1000:.0f} ms"
    if suggestion:
        yield f"Did you mean {one_line(suggestion)}?"
    yield from rows_for_person(found.conversations)
    for hit in found.messages:
        yield f"  {hit.conversation_id:>6}  {one_line(hit.snippet, most=100)}"
    for file in found.files:
        told = one_line(f"{file.name}: {file.snippet}", most=100)
        yield f"  {file.conversation_id:>6}  {told}"


def index(session: Session, options: Namespace) -> None:
    """Read the words of every attachment that is here, which a running engine does by itself."""
    from desktop_inbox.sync.attachment_words import AttachmentWords  # starts processes
    from desktop_inbox.sync.worker_process import ParserUnavailable

    try:
        asyncio.run(AttachmentWords(session.workspace).read_all())
    except ParserUnavailable as error:
        raise UserError("parser-unavailable", command=str(error)) from error
    progress = session.read(file_texts.progress)
    session.output.document(shape_of(progress), [attachments_line(progress)])


def shape_of(progress: Progress) -> Shape:
    """Return how far reading has come, as JSON says it."""
    return {**asdict(progress), "waiting": progress.waiting}
