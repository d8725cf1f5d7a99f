"""Bytes of a mail into a message that is safe to store, index and show.

Pure: no files, no network, no clock; runs in the parse worker process. Nothing here raises for
any bytes: what cannot be understood is shown as it came, with a warning.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
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
    flowed,
    headers,
    names,
    reports,
    structure,
    tnef,
)
from desktop_inbox.mime.html.hosts import deceptive_host
from desktop_inbox.mime.html.pieces import content_ids, from_text, inline_image
from desktop_inbox.mime.html.safe import count_remote, inert
from desktop_inbox.mime.html.text import to_text
from desktop_inbox.mime.structure import DEFAULT_LIMITS, Limits, Part

SNIPPET_CHARS = 200
MAX_REFERENCES = 1_000
MAX_SUBJECT_CHARS = 2_000
_INDEXED_CHARS = 200_000
_INLINE_MEDIA = ("image/", "audio/", "video/")
_ALTERNATES = frozenset({"text/x-amp-html", "text/watch-html"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff]")

SEVERAL_FROM = "several-from"
SENDER_UNREADABLE = "sender-unreadable"
NAME_LOOKS_LIKE_ADDRESS = "name-looks-like-address"
MIXED_SCRIPTS = "sender-mixes-scripts"
UNKNOWN_CHARSET = "unknown-charset"
TOO_LARGE = "too-large"
TEXT_CUT = "text-cut"
SHOWN_RAW = "shown-raw"


@dataclass(slots=True, kw_only=True)
class _Bodies:
    """Which leaves are the text, which the HTML, and which are attachments (RFC 8621 4.1.4)."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    packed_text: str = ""  # of a package of Outlook's, for where there is no other


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """The HTML of a message, safe to show, and about how much it would load from the web."""

    html: str
    remote: int
    forms: bool = False  # it had a form, which is taken out


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
        return _assemble(root, _Bodies(), warnings | _codes(found), limits)
    root, found = structure.read(raw, limits=limits)
    return _assemble(root, bodies(root), warnings | _codes(found), limits)


def part_tree(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, object]:
    """Return the tree of parts as plain values, each with its size and digest, for inspection."""
    root, _ = structure.read(raw, limits=limits)
    return _described(root)


def attachment_bytes(raw: bytes, section: str, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the decoded bytes of the part that IMAP calls `section`.

    Raises:
        KeyError: the message has no such part.
    """
    root, _ = structure.read(raw, limits=limits)
    for part in _everything(root):
        if part.section == section and not (part.is_multipart and part.parts):
            return part.content
    raise KeyError(section)


def leaf(raw: bytes, content_id: str, *, limits: Limits = DEFAULT_LIMITS) -> bytes | None:
    """Return the decoded bytes of the part with this Content-ID; None where there is none."""
    wanted = content_id.strip("<>")
    root, _ = structure.read(raw, limits=limits)
    for part in _everything(root):
        if not part.parts and part.content_id == wanted:
            return part.content
    return None


def _everything(root: Part) -> Iterator[Part]:
    """Yield every part, and what lies in packages after the package itself."""
    for part in root.walk():
        yield part
        if tnef.is_packed(part):
            yield from tnef.unpack(part).files


def source_html(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the HTML body as the sender wrote it, unsafe; '' where the message has none."""
    root, _ = structure.read(raw, limits=limits)
    found = bodies(root)
    return _joined_html(found, {}, limits) if _has_html(found) else ""


def readable_html(
    raw: bytes, *, allow_remote: bool = False, limits: Limits = DEFAULT_LIMITS
) -> Readable:
    """Return the HTML body made inert; an empty one where the message has none.

    Mail is made safe when it is looked at, not when it arrives: most of it is never opened, and
    this is the larger half of what taking a message apart would cost.
    """
    source = source_html(raw, limits=limits)
    return Readable(
        html=inert(source, allow_remote=allow_remote),
        remote=count_remote(source),
        forms="<form" in source.lower(),
    )


def bodies(root: Part) -> _Bodies:
    """Sort the leaves of a message into text, HTML and attachments, as RFC 8621 4.1.4 does."""
    found = _Bodies()
    _sort([root], "mixed", False, found.html, found.text, found.attachments)
    if any(tnef.is_packed(part) for part in found.attachments):
        _unpack(found)
    return found


def _unpack(found: _Bodies) -> None:
    """Put the files of packages in the place of the packages."""
    attachments: list[Part] = []
    for part in found.attachments:
        inside = tnef.unpack(part) if tnef.is_packed(part) else tnef.Unpacked()
        attachments += inside.files or (part,)
        found.packed_text = found.packed_text or _tidy(inside.text)
    found.attachments = attachments


# --- putting together -------------------------------------------------------------------------


def _assemble(
    root: Part, found: _Bodies, warnings: dict[str, None], limits: Limits
) -> ParsedMessage:
    fields = root.fields
    hint = root.parameters.get("charset", "") or _first_charset(found)
    address_of = _address_reader(fields, hint)
    from_ = _from(fields, hint, warnings)
    subject = _first(fields, "subject", hint)[:MAX_SUBJECT_CHARS]
    text = _text(found, warnings, limits)
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
        has_html=_has_html(found),
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


# --- bodies -----------------------------------------------------------------------------------


def _sort(
    parts: list[Part],
    kind: str,
    in_alternative: bool,
    html_body: list[Part] | None,
    text_body: list[Part] | None,
    attachments: list[Part],
) -> None:
    """Sort `parts` of a multipart `kind`; a body list of None takes nothing any more."""
    text_before = len(text_body) if text_body is not None else -1
    html_before = len(html_body) if html_body is not None else -1
    for index, part in enumerate(parts):
        if part.is_multipart and (part.parts or not _stands_alone(part)):
            subtype = part.media_type.partition("/")[2]
            _sort(
                part.parts,
                subtype,
                in_alternative or subtype == "alternative",
                html_body,
                text_body,
                attachments,
            )
        elif not _is_inline(part, index, kind):
            if not (kind == "alternative" and part.media_type in _ALTERNATES):
                attachments.append(part)
        elif kind == "alternative":
            if part.media_type == "text/plain" and text_body is not None:
                text_body.append(part)
            elif part.media_type == "text/html" and html_body is not None:
                html_body.append(part)
            else:
                attachments.append(part)
        else:
            if in_alternative:
                if part.media_type == "text/plain":
                    html_body = None
                elif part.media_type == "text/html":
                    text_body = None
            if text_body is not None:
                text_body.append(part)
            if html_body is not None:
                html_body.append(part)
            if (text_body is None or html_body is None) and _is_media(part):
                attachments.append(part)
    if kind == "alternative" and text_body is not None and html_body is not None:
        if len(text_body) == text_before and len(html_body) != html_before:
            text_body.extend(html_body[html_before:])
        elif len(html_body) == html_before and len(text_body) != text_before:
            html_body.extend(text_body[text_before:])


def _stands_alone(part: Part) -> bool:
    """Tell whether a multipart without parts has something to show all the same."""
    return not part.parts and bool(part.body.strip())


def _is_media(part: Part) -> bool:
    return part.media_type.startswith(_INLINE_MEDIA)


def _is_inline(part: Part, index: int, kind: str) -> bool:
    if part.is_multipart:
        return True
    if part.disposition == "attachment":
        return False
    if part.media_type not in {"text/plain", "text/html"} and not _is_media(part):
        return False
    return index == 0 or (kind != "related" and (_is_media(part) or not part.name))


def _has_html(found: _Bodies) -> bool:
    return any(part.media_type == "text/html" for part in found.html)


def _first_charset(found: _Bodies) -> str:
    for part in (*found.text, *found.html):
        label = part.parameters.get("charset", "")
        if label:
            return label
    return ""


def _text(found: _Bodies, warnings: dict[str, None], limits: Limits) -> str:
    """Return the plain text of a message, read from its HTML where it has no other."""
    pieces = [_plain(part, warnings, limits) for part in found.text if not _is_media(part)]
    text = "\n\n".join(piece for piece in pieces if piece)
    if not text.strip() and _has_html(found):
        text = to_text(_joined_html(found, warnings, limits))
    if not text.strip():
        text = found.packed_text or text
    if len(text) > limits.max_text_chars:
        warnings[TEXT_CUT] = None
        text = text[: limits.max_text_chars]
    return text


def _plain(part: Part, warnings: dict[str, None], limits: Limits) -> str:
    if part.media_type == "text/html":
        return to_text(_decoded(part, warnings, limits))
    if part.is_multipart:
        warnings[SHOWN_RAW] = None
        return _tidy(charset.decode(part.body[: limits.max_text_chars]))
    text = _tidy(_decoded(part, warnings, limits))
    if part.parameters.get("format", "").lower() == "flowed":
        text = flowed.unwrap(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _decoded(part: Part, warnings: dict[str, None], limits: Limits) -> str:
    label = part.parameters.get("charset", "")
    if not charset.is_known(label):
        warnings[UNKNOWN_CHARSET] = None
    content = part.content
    if part.warning:
        warnings[part.warning] = None
    if len(content) > 4 * limits.max_text_chars:
        warnings[TEXT_CUT] = None
        content = content[: 4 * limits.max_text_chars]
    return charset.decode(content, label)


def _tidy(text: str) -> str:
    """Return text with plain line ends and without control characters, which nothing shows."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text)


def _joined_html(found: _Bodies, warnings: dict[str, None], limits: Limits) -> str:
    """Return the HTML parts, with text parts that stand between them, as one document."""
    pieces: list[str] = []
    for part in found.html:
        if part.media_type == "text/html":
            pieces.append(_tidy(_decoded(part, warnings, limits)))
        elif part.media_type == "text/plain":
            pieces.append(from_text(_plain(part, warnings, limits)))
        elif part.media_type.startswith("image/") and part.content_id:
            pieces.append(inline_image(part.content_id))
    document = "\n".join(pieces)
    if len(document) > limits.max_html_chars:
        warnings[TEXT_CUT] = None
        document = document[: limits.max_html_chars]
    return document


def _invitation(found: _Bodies) -> Invitation | None:
    for part in found.attachments:
        if part.media_type == "text/calendar":
            content = part.content[: 4 * calendar.MAX_CHARS]
            return calendar.invitation(charset.decode(content, part.parameters.get("charset", "")))
    return None


# --- attachments ------------------------------------------------------------------------------


def _attachments(
    found: _Bodies, warnings: dict[str, None], limits: Limits
) -> tuple[AttachmentPart, ...]:
    media = [part for part in (*found.text, *found.html) if _is_media(part)]
    parts = {id(part): part for part in (*media, *found.attachments)}.values()
    shown = _shown_inside(found, limits) if any(part.content_id for part in parts) else frozenset()
    taken: set[str] = set()
    return tuple(_attachment(part, shown, warnings, taken) for part in parts)


def _shown_inside(found: _Bodies, limits: Limits) -> frozenset[str]:
    """Return the Content-IDs of the parts that the HTML shows within itself."""
    if not _has_html(found):
        return frozenset()
    return content_ids(_joined_html(found, {}, limits))


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


def _described(part: Part) -> dict[str, object]:
    empty = part.is_multipart and not part.parts
    content = b"" if empty else part.content
    return {
        "type": headers.clean(part.media_type),
        "charset": headers.clean(part.parameters.get("charset", "")).lower(),
        "name": names.shown(part.name),
        "disposition": headers.clean(part.disposition),
        "content_id": headers.clean(part.content_id),
        "section": part.section,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "parts": [_described(child) for child in part.parts],
    }
