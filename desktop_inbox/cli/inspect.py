"""Looking inside mail without account or store. Reads hostile input, opens no network."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from desktop_inbox.cli.output import iso, one_line, safe_text
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address, AttachmentPart, ParsedMessage
from desktop_inbox.domain.quoting import split_reply
from desktop_inbox.domain.sendable import sendable

_MOST_LINE_CHARS = 4096  # an address line longer than this is no address


def message(session: Session, options: Namespace) -> None:
    """Take raw messages apart."""
    from desktop_inbox.mime.parse import parse_message
    from desktop_inbox.mime.parts import part_tree
    from desktop_inbox.mime.readable import readable_html

    for file in options.files:
        raw = _read(file)
        parsed = parse_message(raw)
        html = readable_html(raw).html if parsed.has_html else ""
        value = {"file": str(file), **described(parsed), "html": html, "parts": part_tree(raw)}
        session.output.item(value, _for_person(parsed))


def html(session: Session, options: Namespace) -> None:
    """Make HTML safe and say what was taken out."""
    from desktop_inbox.mime.charset import decode
    from desktop_inbox.mime.html.safe import sanitise

    for file in options.files:
        safe = sanitise(decode(_read(file), ""))
        value = {
            "file": str(file),
            "html": safe.html,
            "blocked": [{"kind": found.kind, "url": found.url} for found in safe.blocked],
            "links": [
                {"text": link.text, "url": link.url, "warnings": list(link.warnings)}
                for link in safe.links
            ],
        }
        session.output.item(value, safe_text(safe.html))


def reply(session: Session, options: Namespace) -> None:
    """Say what is new in a plain text reply."""
    from desktop_inbox.mime.charset import decode

    for file in options.files:
        parts = split_reply(decode(_read(file), "utf-8"))
        value = {
            "file": str(file),
            "visible": parts.visible,
            "quoted": parts.quoted,
            "signature": parts.signature,
        }
        session.output.item(value, safe_text(parts.visible))


def addresses(session: Session, options: Namespace) -> None:
    """Say of each line of standard input whether mail can be sent to it."""
    for line in sys.stdin.buffer:
        text = line.rstrip(b"\r\n")[:_MOST_LINE_CHARS].decode("utf-8", "replace")
        found = sendable(text)
        value = {
            "address": text,
            "sendable": found.ok,
            "normalised": found.normalised,
            "reason": found.reason,
        }
        session.output.item(
            value, f"{'yes' if found.ok else 'no ':3} {one_line(text)} {found.reason}"
        )


def described(parsed: ParsedMessage) -> dict[str, object]:
    """Return a parsed message in its documented shape, without file and parts."""
    return {
        "message_id": parsed.message_id,
        "in_reply_to": list(parsed.in_reply_to),
        "references": list(parsed.references),
        "date": iso(parsed.date),
        "subject": parsed.subject,
        "from": _people(parsed.from_),
        "sender": _people(parsed.sender),
        "reply_to": _people(parsed.reply_to),
        "to": _people(parsed.to),
        "cc": _people(parsed.cc),
        "bcc": _people(parsed.bcc),
        "class": parsed.kind.value,
        "text": parsed.text,
        "visible_text": parsed.visible_text,
        "quoted_text": parsed.quoted_text,
        "attachments": [_attachment(part) for part in parsed.attachments],
        "warnings": list(parsed.warnings),
    }


def _people(addresses: tuple[Address, ...]) -> list[dict[str, str]]:
    return [{"name": person.name, "address": person.address} for person in addresses]


def _attachment(part: AttachmentPart) -> dict[str, object]:
    return {
        "name": part.name,
        "safe_name": part.safe_name,
        "type": part.media_type,
        "size": part.size,
        "sha256": part.sha256,
        "content_id": part.content_id,
        "inline": part.inline,
    }


def _for_person(parsed: ParsedMessage) -> str:
    return "\n".join(_person_lines(parsed))


def _person_lines(parsed: ParsedMessage) -> Iterator[str]:
    yield f"From:    {one_line(', '.join(map(str, parsed.from_)), most=200)}"
    yield f"To:      {one_line(', '.join(map(str, parsed.to)), most=200)}"
    yield f"Date:    {iso(parsed.date) or '-'}"
    yield f"Subject: {one_line(parsed.subject, most=200)}"
    yield f"Class:   {parsed.kind.value}"
    for part in parsed.attachments:
        yield f"File:    {one_line(part.name)} ({part.media_type}, {part.size} bytes)"
    if parsed.warnings:
        yield f"Odd:     {', '.join(parsed.warnings)}"
    yield ""
    yield safe_text(parsed.visible_text)


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or error) from error
