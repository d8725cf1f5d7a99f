"""Bytes of a mail into a message that is safe to store, index and show.

Pure: no files, no network, no clock; runs in the parse worker process. Nothing here raises for
any bytes: what cannot be understood is shown as it came, with a warning.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime

from desktop_inbox.domain.absence import absent_until
from desktop_inbox.domain.automatic import LOOP_HEADER, classify
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import (
    Address,
    AttachmentPart,
    Authentication,
    Invitation,
    MessageClass,
    ParsedMessage,
)
from desktop_inbox.domain.quoting import split_reply
from desktop_inbox.mime import (
    addresses,
    authentication,
    calendar,
    charset,
    dates,
    headers,
    names,
    reports,
    structure,
)
from desktop_inbox.mime.bodies import (
    Bodies,
    bodies,
    first_charset,
    has_html,
    is_media,
    joined_html,
    text_of,
)
from desktop_inbox.mime.html.hosts import deceptive_host
from desktop_inbox.mime.html.pieces import content_ids
from desktop_inbox.mime.structure import DEFAULT_LIMITS, Limits, Part

SNIPPET_CHARS = 200
MAX_REFERENCES = 1_000
MAX_SUBJECT_CHARS = 2_000
_INDEXED_CHARS = 200_000

SEVERAL_FROM = "several-from"
SENDER_UNREADABLE = "sender-unreadable"
NAME_LOOKS_LIKE_ADDRESS = "name-looks-like-address"
MIXED_SCRIPTS = "sender-mixes-scripts"
TOO_LARGE = "too-large"


def parse_message(
    raw: bytes, *, complete: bool = True, limits: Limits = DEFAULT_LIMITS
) -> ParsedMessage:
    """Return the message that `raw` holds. Never raises, whatever the bytes.

    With `complete` false `raw` is a header block only: text, HTML and attachments stay empty.
    """
    warnings: dict[str, None] = {}
    if len(raw) > limits.max_bytes:
        warnings[TOO_LARGE] = None
        complete = False
    if not complete:
        root, found = structure.read(_header_block(raw, limits), limits=limits)
        return _assemble(root, Bodies(), warnings | _codes(found), limits)
    root, found = structure.read(raw, limits=limits)
    return _assemble(root, bodies(root), warnings | _codes(found), limits)


# --- putting together -------------------------------------------------------------------------


def _assemble(
    root: Part, found: Bodies, warnings: dict[str, None], limits: Limits
) -> ParsedMessage:
    fields = root.fields
    hint = root.parameters.get("charset", "") or first_charset(found)
    address_of = _address_reader(fields, hint)
    from_ = _from(fields, hint, warnings)
    subject = _first(fields, "subject", hint)[:MAX_SUBJECT_CHARS]
    text = text_of(found, warnings, limits)
    reply = split_reply(text)
    attachments = _attachments(found, warnings, limits)
    to, cc = address_of("to"), address_of("cc")
    sane = dates.sane(dates.parse(_raw_text(fields, "date")))
    if sane is None and "date" in fields:
        warnings["bad-date"] = None
    author = from_[0].address if from_ else ""
    report = reports.read(root, text=text, sender=author)
    kind = classify(
        headers.Texts(fields),
        sender=author,
        content_type=_raw_text(fields, "content-type"),
        subject=subject,
        report=report,
    )
    return ParsedMessage(
        message_id=next(iter(_ids(fields, "message-id")), ""),
        in_reply_to=_ids(fields, "in-reply-to"),
        references=_ids(fields, "references"),
        date=sane,
        subject=subject,
        from_=from_,
        sender=address_of("sender"),
        reply_to=address_of("reply-to"),
        to=to,
        cc=cc,
        bcc=address_of("bcc"),
        kind=kind,
        text=text,
        has_html=has_html(found),
        visible_text=reply.visible,
        quoted_text=reply.quoted,
        snippet=snippet(reply.visible),
        search_text=_search_text(reply.visible, attachments),
        attachments=attachments,
        invitation=_invitation(found),
        warnings=tuple(warnings),
        report=report,
        absent_until=_absence(kind, f"{subject}\n{reply.visible}", sane),
        loop=_loop(fields),
        returns_nowhere=reports.returns_nowhere(root),
        authentication=_topmost_results(fields),
    )


def _absence(kind: MessageClass, text: str, written: datetime | None) -> date | None:
    if kind is not MessageClass.AUTO_REPLY or written is None:
        return None
    return absent_until(text, written=written.date())


def snippet(text: str) -> str:
    """Return the beginning of `text` on one line, at most 200 characters."""
    line = headers.clean(" ".join(text[: SNIPPET_CHARS * 2].split()))
    if len(line) <= SNIPPET_CHARS:
        return line
    cut = line[: SNIPPET_CHARS - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space and len(head) > SNIPPET_CHARS // 2 else cut}…"


def _codes(found: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(found)


def _header_block(raw: bytes, limits: Limits) -> bytes:
    """Return the header block alone, closed by an empty line."""
    block = raw[: limits.max_header_bytes]
    ends = [at for at in (block.find(b"\r\n\r\n"), block.find(b"\n\n")) if at >= 0]
    return block[: min(ends)] + b"\r\n\r\n" if ends else block.rstrip(b"\r\n") + b"\r\n\r\n"


# --- headers ----------------------------------------------------------------------------------


def _first(fields: headers.Fields, name: str, hint: str) -> str:
    values = fields.get(name)
    return headers.unstructured(values[0], hint=hint) if values else ""


def _raw_text(fields: headers.Fields, name: str) -> str:
    values = fields.get(name)
    return headers.as_text(values[0]) if values else ""


def _ids(fields: headers.Fields, name: str) -> tuple[str, ...]:
    values = fields.get(name)
    if not values:
        return ()
    found = headers.message_ids(values[0])
    for value in values[1:8]:
        found = tuple(dict.fromkeys(found + headers.message_ids(value)))
    return found[-MAX_REFERENCES:]


def _address_reader(fields: headers.Fields, hint: str) -> Callable[[str], tuple[Address, ...]]:
    def read(name: str) -> tuple[Address, ...]:
        values = fields.get(name)
        if not values:
            return ()
        found = [entry for value in values[:8] for entry in addresses.read(value, hint=hint)]
        return tuple(found[: addresses.MAX_ADDRESSES])

    return read


def _from(fields: headers.Fields, hint: str, warnings: dict[str, None]) -> tuple[Address, ...]:
    """Return the authors, and warn of what makes an author doubtful.

    With several From fields nobody can say which of them the sender's server vouched for: all
    are shown, and none counts as an address.
    """
    values = fields.get("from", ())
    found = [entry for value in values[:8] for entry in addresses.read(value, hint=hint)]
    if len(values) > 1:
        warnings[SEVERAL_FROM] = None
        return tuple(Address(name=str(entry)) for entry in found)
    for entry in found:
        domain = entry.address.rpartition("@")[2]
        if not entry.address:
            warnings[SENDER_UNREADABLE] = None
        elif "@" in entry.name and entry.address.lower() not in entry.name.lower():
            warnings[NAME_LOOKS_LIKE_ADDRESS] = None
        if deceptive_host(domain):
            warnings[MIXED_SCRIPTS] = None
    if not found:
        warnings[SENDER_UNREADABLE] = None
    return tuple(found)


def _topmost_results(fields: headers.Fields) -> Authentication | None:
    """Return what the last server said; what stands below may be the sender's own (RFC 8601)."""
    values = fields.get("authentication-results")
    return authentication.read(values[0]) if values else None


def _loop(fields: headers.Fields) -> str:
    return next(iter(_ids(fields, LOOP_HEADER.lower())), "")


def _invitation(found: Bodies) -> Invitation | None:
    for part in found.attachments:
        if part.media_type == "text/calendar":
            content = part.content[: 4 * calendar.MAX_CHARS]
            return calendar.invitation(charset.decode(content, part.parameters.get("charset", "")))
    return None


# --- attachments ------------------------------------------------------------------------------


def _attachments(
    found: Bodies, warnings: dict[str, None], limits: Limits
) -> tuple[AttachmentPart, ...]:
    media = [part for part in (*found.text, *found.html) if is_media(part)]
    parts = {id(part): part for part in (*media, *found.attachments)}.values()
    shown = _shown_inside(found, limits) if any(part.content_id for part in parts) else frozenset()
    taken: set[str] = set()
    return tuple(_attachment(part, shown, warnings, taken) for part in parts)


def _shown_inside(found: Bodies, limits: Limits) -> frozenset[str]:
    """Return the Content-IDs of the parts that the HTML shows within itself."""
    if not has_html(found):
        return frozenset()
    return content_ids(joined_html(found, {}, limits))


def _attachment(
    part: Part, shown: frozenset[str], warnings: dict[str, None], taken: set[str]
) -> AttachmentPart:
    content = part.content
    if part.warning:
        warnings[part.warning] = None
    name = names.shown(part.name)
    if not name and part.is_message and part.parts:
        subject = _first(part.parts[0].fields, "subject", "")[:100]
        name = f"{subject}.eml" if subject else ""
    safe = names.distinct(names.safe(name, media_type=part.media_type), taken)
    content_id = headers.clean(part.content_id)
    return AttachmentPart(
        section=part.section,
        name=name or safe,
        safe_name=safe,
        media_type=headers.clean(part.media_type)[:100],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_id=content_id,
        inline=content_id in shown,
    )


def _search_text(visible: str, attachments: Iterable[AttachmentPart]) -> str:
    """Return what is found of a message besides its subject and its people, folded."""
    return fold("\n".join((*(part.name for part in attachments), visible[:_INDEXED_CHARS])))
