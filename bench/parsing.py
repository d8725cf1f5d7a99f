"""Taking messages apart, beside Python's own parser: the same work, and all that we do of it."""

from __future__ import annotations

import email
import email.message
import time
from collections.abc import Callable
from email.header import decode_header, make_header

from bench.corpus import generate
from bench.figures import Figure, interleaved, median
from bench.options import Options
from desktop_inbox.mime import charset, headers, structure
from desktop_inbox.mime.parse import parse_message

SHOWN_HEADERS = ("Subject", "From", "To", "Cc", "Reply-To", "Message-ID", "References", "Date")


def measure(options: Options) -> list[Figure]:
    """Parse the same messages both ways, on one core."""
    raws = [sample.raw for sample in generate(min(options.messages, 2000), seed=options.seed)]
    times = interleaved(
        options.rounds,
        {
            "all": lambda: _cpu_seconds(parse_message, raws),
            "same": lambda: _cpu_seconds(_parse_as_far_as_python_does, raws),
            "email": lambda: _cpu_seconds(_parse_as_python_does, raws),
        },
    )
    per_message = 1e6 / len(raws)
    return [
        Figure(
            what=f"MIME parsing, a message, {kind}",
            value=median(times[name]) * per_message,
            unit="µs",
            anchor="Python’s email",
            anchor_value=median(times["email"]) * per_message,
            reach=reach,
        )
        for kind, name, reach in (
            ("headers and charsets decoded", "same", 0.35),
            ("also sanitised, folded, quotes split", "all", None),
        )
    ]


def _cpu_seconds(parse: Callable[[bytes], object], raws: list[bytes]) -> float:
    began = time.process_time()
    for raw in raws:
        parse(raw)
    return time.process_time() - began


def _parse_as_python_does(raw: bytes) -> None:
    message = email.message_from_bytes(raw)
    for name in SHOWN_HEADERS:
        _decoded(str(message.get(name, "")))
    for part in message.walk():
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and part.get_content_maintype() == "text":
            _text(data, part)


def _parse_as_far_as_python_does(raw: bytes) -> None:
    root, _warnings = structure.read(raw)
    for name in SHOWN_HEADERS:
        for value in root.fields.get(name.lower(), ())[:1]:
            headers.unstructured(value)
    for part in root.walk():
        if not part.parts and part.media_type.startswith("text/"):
            charset.decode(part.content, part.parameters.get("charset", ""))
        elif not part.parts:
            _ = part.content


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, UnicodeError, ValueError):
        return value


def _text(data: bytes, part: email.message.Message) -> str:
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return data.decode("latin-1")
