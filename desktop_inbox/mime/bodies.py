"""Which parts of a message are its text, its HTML, its attachments, and what those say. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from desktop_inbox.mime import charset, flowed, tnef
from desktop_inbox.mime.html.pieces import from_text, inline_image
from desktop_inbox.mime.html.text import to_text
from desktop_inbox.mime.structure import Limits, Part

UNKNOWN_CHARSET = "unknown-charset"
TEXT_CUT = "text-cut"
SHOWN_RAW = "shown-raw"
_INLINE_MEDIA = ("image/", "audio/", "video/")
_ALTERNATES = frozenset({"text/x-amp-html", "text/watch-html"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff]")


@dataclass(slots=True, kw_only=True)
class Bodies:
    """Which leaves are the text, which the HTML, and which are attachments (RFC 8621 4.1.4)."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    packed_text: str = ""  # of a package of Outlook's, for where there is no other


def bodies(root: Part) -> Bodies:
    """Sort the leaves of a message into text, HTML and attachments, as RFC 8621 4.1.4 does."""
    found = Bodies()
    _sort([root], "mixed", False, found.html, found.text, found.attachments)
    if any(tnef.is_packed(part) for part in found.attachments):
        _unpack(found)
    return found


def _unpack(found: Bodies) -> None:
    """Put the files of packages in the place of the packages."""
    attachments: list[Part] = []
    for part in found.attachments:
        inside = tnef.unpack(part) if tnef.is_packed(part) else tnef.Unpacked()
        attachments += inside.files or (part,)
        found.packed_text = found.packed_text or _tidy(inside.text)
    found.attachments = attachments


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
            if (text_body is None or html_body is None) and is_media(part):
                attachments.append(part)
    if kind == "alternative" and text_body is not None and html_body is not None:
        if len(text_body) == text_before and len(html_body) != html_before:
            text_body.extend(html_body[html_before:])
        elif len(html_body) == html_before and len(text_body) != text_before:
            html_body.extend(text_body[text_before:])


def _stands_alone(part: Part) -> bool:
    """Tell whether a multipart without parts has something to show all the same."""
    return not part.parts and bool(part.body.strip())


def is_media(part: Part) -> bool:
    """Tell whether a part is a picture, a sound or a video."""
    return part.media_type.startswith(_INLINE_MEDIA)


def _is_inline(part: Part, index: int, kind: str) -> bool:
    if part.is_multipart:
        return True
    if part.disposition == "attachment":
        return False
    if part.media_type not in {"text/plain", "text/html"} and not is_media(part):
        return False
    return index == 0 or (kind != "related" and (is_media(part) or not part.name))


def has_html(found: Bodies) -> bool:
    """Tell whether there is HTML to show."""
    return any(part.media_type == "text/html" for part in found.html)


def first_charset(found: Bodies) -> str:
    """Return the first character set that a body names, '' where none does."""
    for part in (*found.text, *found.html):
        label = part.parameters.get("charset", "")
        if label:
            return label
    return ""


def text_of(found: Bodies, warnings: dict[str, None], limits: Limits) -> str:
    """Return the plain text of a message, read from its HTML where it has no other."""
    pieces = [_plain(part, warnings, limits) for part in found.text if not is_media(part)]
    text = "\n\n".join(piece for piece in pieces if piece)
    if not text.strip() and has_html(found):
        text = to_text(joined_html(found, warnings, limits))
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


def joined_html(found: Bodies, warnings: dict[str, None], limits: Limits) -> str:
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
