"""An outgoing message into the bytes that go over the wire.

Pure but for reading the attached files, which are streamed: a message never stands in memory
twice. The same message always gives the same bytes, so that a retry sends what was tried before.
No field of a message can add a header line: every value passes through `headers.clean`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from email import policy, utils
from email.header import Header
from email.message import MIMEPart
from typing import BinaryIO
from urllib.parse import quote

from desktop_inbox.domain.automatic import LOOP_HEADER
from desktop_inbox.domain.messages import Address, Outgoing, OutgoingFile
from desktop_inbox.mime import addresses, headers

MAX_REFERENCES = 100
LINE_CHARS = 76
_CHUNK_BYTES = 57 * 1_024  # whole base64 lines
_POLICY = policy.SMTP.clone(cte_type="7bit", max_line_length=LINE_CHARS)
_EOL = b"\r\n"

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\Z")
_ID_NOISE = re.compile(r"[^\x21-\x3b\x3d\x3f-\x7e]")  # what cannot stand between angle brackets
_TEXT_NOISE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MAX_WORD_CHARS = 900


def compose(message: Outgoing) -> bytes:
    """Return `message` in its wire form, lines ended by CRLF.

    Raises:
        OSError: an attached file cannot be read.
        ValueError: the message has no id, no author, or an author without an address.
    """
    target = io.BytesIO()
    write(message, target)
    return target.getvalue()


def write(message: Outgoing, target: BinaryIO) -> None:
    """Write `message` in its wire form to `target`, attached files streamed.

    Raises:
        OSError: an attached file cannot be read, or `target` not written.
        ValueError: the message has no id, no author, or an author without an address.
    """
    target.writelines(line + _EOL for line in _header_lines(message))
    attached = [file for file in message.attachments if not file.inline]
    if not attached:
        target.writelines(_body(message))
        return
    boundary = _boundary(message, "mixed")
    target.write(_content_type("multipart/mixed", boundary=boundary) + _EOL + _EOL)
    target.write(b"--" + boundary + _EOL)
    target.writelines(_body(message))
    for file in attached:
        target.write(_EOL + b"--" + boundary + _EOL)
        target.writelines(_file_part(file))
    target.write(_EOL + b"--" + boundary + b"--" + _EOL)


# --- header -----------------------------------------------------------------------------------


def _header_lines(message: Outgoing) -> Iterator[bytes]:
    message_id = _bare_id(message.client_ref)
    if not message_id:
        raise ValueError("an outgoing message needs its id")
    if not addresses.addr_spec(message.from_.address):
        raise ValueError("an outgoing message needs its author's address")
    yield _field("Message-ID", f"<{message_id}>")
    yield _field("Date", utils.format_datetime(message.at.astimezone(UTC)))
    yield _address_field("From", (message.from_,))
    for name, people in (("To", message.to), ("Cc", message.cc)):
        if people:
            yield _address_field(name, people)
    if not message.to and not message.cc:
        yield _field("To", "undisclosed-recipients:;")
    answers_to = [person for person in message.reply_to if addresses.addr_spec(person.address)]
    if answers_to:
        yield _address_field("Reply-To", answers_to)
    yield _text_field("Subject", message.subject)
    answered = _bare_id(message.in_reply_to)
    if answered:
        yield _field("In-Reply-To", f"<{answered}>")
    chain = references(message)
    if chain:
        yield _folded("References", (f"<{reference}>" for reference in chain))
    if message.automatic:
        yield from _automatic(message_id)
    yield _field("MIME-Version", "1.0")


def _automatic(message_id: str) -> Iterator[bytes]:
    """Say that no person wrote this, so that no program answers it (rule D4, RFC 3834).

    Our own mark is the Message-ID, whose keyed hash proves it: it stays where others rename what
    they pass on. No Precedence, which makes mail look like advertising.
    """
    yield _field("Auto-Submitted", "auto-replied")
    yield _field("X-Auto-Response-Suppress", "All")
    yield _field(LOOP_HEADER, f"<{message_id}>")


def references(message: Outgoing) -> tuple[str, ...]:
    """Return the ids for References, the answered one last; at most 100 of them (rule C6)."""
    bare = (_bare_id(reference) for reference in (*message.references, message.in_reply_to))
    chain = tuple(dict.fromkeys(reference for reference in bare if reference))
    if len(chain) <= MAX_REFERENCES:
        return chain
    return chain[: MAX_REFERENCES // 2] + chain[-MAX_REFERENCES // 2 :]


def _bare_id(text: str) -> str:
    return _ID_NOISE.sub("", text)[:_MAX_WORD_CHARS]


def _field(name: str, value: str) -> bytes:
    return f"{name}: {value}".encode()


def _folded(name: str, words: Iterable[str]) -> bytes:
    """Return a field whose words stand on as many lines as they need."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE_CHARS and lines[-1].strip() != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines).encode()


def _text_field(name: str, text: str) -> bytes:
    value = headers.clean(text)
    words = value.split(" ")
    if value.isascii() and "=?" not in value and all(len(word) < _MAX_WORD_CHARS for word in words):
        return _folded(name, words)
    return _field(name, _encoded_words(value, used=len(name) + 2))


def _encoded_words(text: str, *, used: int) -> str:
    sound = text.encode("utf-8", "replace").decode("utf-8")
    header = Header(sound, "utf-8", maxlinelen=LINE_CHARS, header_name="x" * max(0, used - 2))
    return header.encode(linesep="\r\n")


def _address_field(name: str, people: Iterable[Address]) -> bytes:
    mailboxes = [_mailbox(person, used=len(name) + 2) for person in people]
    shown = [mailbox for mailbox in mailboxes if mailbox]
    return _field(name, ",\r\n ".join(shown))


def _mailbox(person: Address, *, used: int) -> str:
    address = addresses.addr_spec(headers.clean(person.address))
    if not address:
        return ""
    name = headers.clean(person.name)
    if not name:
        return address
    if name.isascii() and "=?" not in name and len(name) < _MAX_WORD_CHARS:
        phrase = name if _ATOMS.match(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    else:
        phrase = _encoded_words(name, used=used)
    gap = "\r\n " if len(phrase.rpartition("\n")[2]) + len(address) > LINE_CHARS else " "
    return f"{phrase}{gap}<{address}>"


# --- body -------------------------------------------------------------------------------------


def _body(message: Outgoing) -> Iterator[bytes]:
    """Yield the entity that holds the text: plain, or plain and HTML, with inline pictures."""
    plain = _text_part(message.text, "plain")
    if not message.html:
        yield plain
        return
    boundary = _boundary(message, "alternative")
    yield _content_type("multipart/alternative", boundary=boundary) + _EOL + _EOL
    yield b"--" + boundary + _EOL + plain + _EOL + b"--" + boundary + _EOL
    yield from _html_entity(message)
    yield _EOL + b"--" + boundary + b"--" + _EOL


def _html_entity(message: Outgoing) -> Iterator[bytes]:
    inline = [file for file in message.attachments if file.inline]
    markup = _text_part(message.html, "html")
    if not inline:
        yield markup
        return
    boundary = _boundary(message, "related")
    yield _content_type("multipart/related", boundary=boundary, type="text/html") + _EOL + _EOL
    yield b"--" + boundary + _EOL + markup
    for file in inline:
        yield _EOL + b"--" + boundary + _EOL
        yield from _file_part(file)
    yield _EOL + b"--" + boundary + b"--" + _EOL


def _text_part(text: str, subtype: str) -> bytes:
    part = MIMEPart(_POLICY)
    sound = _TEXT_NOISE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not sound.endswith("\n"):
        sound += "\n"
    part.set_content(sound, subtype=subtype, charset="utf-8", cte=_encoding_for(sound))
    return part.as_bytes()


def _encoding_for(text: str) -> str:
    """Return the transfer encoding that keeps the text shortest, or as it is where it may be."""
    if text.isascii():
        longest = max((len(line) for line in text.split("\n")), default=0)
        plain = longest <= LINE_CHARS and not re.search(r"^(?:From |\.)|[ \t]$", text, re.MULTILINE)
        return "7bit" if plain else "quoted-printable"
    size = len(text.encode())
    return "base64" if (size - sum(map(str.isascii, text))) * 2 > size / 1.5 else "quoted-printable"


# --- files ------------------------------------------------------------------------------------


def _file_part(file: OutgoingFile) -> Iterator[bytes]:
    media_type = file.media_type.lower()
    # Entities that hold entities may not be in base64 (RFC 2046 5.2.1); as plain bytes they may.
    if not _MEDIA_TYPE.match(media_type) or media_type.startswith(("message/", "multipart/")):
        media_type = "application/octet-stream"
    name = headers.clean(file.name)
    yield _content_type(media_type) + _EOL
    kind = "inline" if file.inline else "attachment"
    yield f"Content-Disposition: {kind}{_file_name(name)}".encode() + _EOL
    content_id = _bare_id(file.content_id)
    if content_id:
        yield f"Content-ID: <{content_id}>".encode() + _EOL
    yield b"Content-Transfer-Encoding: base64" + _EOL + _EOL
    with file.path.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield base64.encodebytes(chunk).replace(b"\n", _EOL)


def _content_type(media_type: str, *, boundary: bytes = b"", **parameters: str) -> bytes:
    text = f"Content-Type: {media_type}"
    for name, value in parameters.items():
        text += f'; {name}="{value}"'
    if boundary:
        text += f';\r\n boundary="{boundary.decode()}"'
    return text.encode()


def _file_name(name: str) -> str:
    """Return the filename parameter of RFC 2183, in the form of RFC 2231 where it must be."""
    if not name:
        return ""
    if name.isascii() and len(name) < LINE_CHARS - 12 and not re.search(r'["\\]|=\?', name):
        return f';\r\n filename="{name}"'
    encoded = quote(name.encode("utf-8", "replace"), safe="")
    lines: list[str] = []
    rest = "UTF-8''" + encoded
    while rest:
        cut = min(60, len(rest))
        # An escape stays in one piece.
        while cut < len(rest) and "%" in rest[cut - 2 : cut]:
            cut -= 1
        lines.append(f";\r\n filename*{len(lines)}*={rest[:cut]}")
        rest = rest[cut:]
    if len(lines) == 1:
        return lines[0].replace("filename*0*=", "filename*=", 1)
    return "".join(lines)


def _boundary(message: Outgoing, kind: str) -> bytes:
    """Return a boundary that the message decides, so that its bytes are always the same."""
    digest = hashlib.sha256(f"{message.client_ref}\n{kind}".encode("utf-8", "replace"))
    return b"=_" + digest.hexdigest()[:32].encode()
