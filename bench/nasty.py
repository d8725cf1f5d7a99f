"""Messages as broken or hostile senders write them: one named trap each. Pure."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass

Make = Callable[[bytes, str, random.Random], bytes]  # headers so far, a text, chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """One way to be difficult. `has_message_id` false: the sender gave none."""

    name: str
    make: Make
    has_message_id: bool = True


def _wrong_charset(head: bytes, text: str, _chance: random.Random) -> bytes:
    return _simple(head, "wrong charset", "text/plain; charset=us-ascii", text.encode())


def _unknown_charset(head: bytes, text: str, _chance: random.Random) -> bytes:
    return _simple(head, "unknown charset", "text/plain; charset=x-klingon", text.encode())


def _no_charset(head: bytes, text: str, _chance: random.Random) -> bytes:
    return _simple(head, "no charset", "text/plain", text.encode("cp1254", "replace"))


def _truncated_base64(head: bytes, text: str, _chance: random.Random) -> bytes:
    data = base64.b64encode(text.encode())[:-3] + b"!"
    content = b"Content-Transfer-Encoding: base64\r\n"
    return _simple(head + content, "truncated", "text/plain; charset=utf-8", data)


def _unterminated(head: bytes, text: str, _chance: random.Random) -> bytes:
    body = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode()
    return _simple(head, "unterminated", 'multipart/mixed; boundary="b"', body)


def _no_boundary(head: bytes, text: str, _chance: random.Random) -> bytes:
    return _simple(head, "no boundary", "multipart/alternative", text.encode())


def _deep(head: bytes, text: str, chance: random.Random) -> bytes:
    body = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode() + b"\r\n"
    for level in range(chance.randint(20, 120)):
        name = b"l%d" % level
        content = b'Content-Type: multipart/mixed; boundary="%b"\r\n\r\n' % name
        body = content + b"--%b\r\n%b--%b--\r\n" % (name, body, name)
    return head + b"Subject: deep\r\nMIME-Version: 1.0\r\n" + body


def _huge_header(head: bytes, text: str, chance: random.Random) -> bytes:
    filler = b"X-Filler: " + bytes(chance.choices(b"abcdef ", k=60_000)) + b"\r\n"
    return _simple(head + filler, "a huge header", "text/plain; charset=utf-8", text.encode())


def _many_recipients(head: bytes, text: str, _chance: random.Random) -> bytes:
    people = b",\r\n ".join(b"Person %d <p%d@crowd.example>" % (n, n) for n in range(400))
    copies = b"Cc: " + people + b"\r\n"
    return _simple(head + copies, "many", "text/plain; charset=utf-8", text.encode())


def _broken_words(head: bytes, text: str, _chance: random.Random) -> bytes:
    subject = "=?utf-8?B?4pyT?= =?iso-8859-9?Q?=DEi=FEe?= =?utf-8?Q?=C3?= =?nope?X?abc?="
    return _simple(head, subject, "text/plain; charset=utf-8", text.encode())


def _path_in_name(head: bytes, text: str, _chance: random.Random) -> bytes:
    body = (
        b"--p\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode() + b"\r\n"
        b"--p\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment;"
        b' filename="../../.ssh/authorized_keys"\r\n\r\nkey\r\n--p--\r\n'
    )
    return _simple(head, "a path", 'multipart/mixed; boundary="p"', body)


def _active_html(head: bytes, text: str, _chance: random.Random) -> bytes:
    html = f"<p onclick=alert(1)>{text}</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    return _simple(head, "active", "text/html; charset=utf-8", html.encode())


def _unbalanced_html(head: bytes, text: str, _chance: random.Random) -> bytes:
    html = "<div><table><tr>" * 400 + text
    return _simple(head, "unbalanced", "text/html; charset=utf-8", html.encode())


def _bare_line_ends(head: bytes, text: str, _chance: random.Random) -> bytes:
    return _simple(head, "line ends", "text/plain; charset=utf-8", text.encode()).replace(
        b"\r\n\r\n", b"\n\n", 1
    )


def _no_body(head: bytes, _text: str, _chance: random.Random) -> bytes:
    return head + b"Subject: nothing else\r\n\r\n"


def _no_blank_line(head: bytes, _text: str, _chance: random.Random) -> bytes:
    return head + b"Subject: only headers\r\n"


def _no_message_id(head: bytes, text: str, _chance: random.Random) -> bytes:
    return _simple(head, "no id", "text/plain; charset=utf-8", text.encode())


def _absurd_date(head: bytes, text: str, _chance: random.Random) -> bytes:
    kept = b"".join(
        line + b"\r\n" for line in head.split(b"\r\n") if line and not line.startswith(b"Date:")
    )
    dated = kept + b"Date: Thu, 99 Foo 20260 25:61:61 +9999\r\n"
    return _simple(dated, "when", "text/plain; charset=utf-8", text.encode())


def _control_characters(head: bytes, text: str, _chance: random.Random) -> bytes:
    body = text.encode() + b"\x01\x07\x1b[31m\xff\xfe"
    return _simple(head, "bell \x07 \u202etxt.exe", "text/plain; charset=utf-8", body)


def _long_line(head: bytes, text: str, _chance: random.Random) -> bytes:
    body = (text.replace("\n", " ") * 60).encode()
    return _simple(head, "one long line", "text/plain; charset=utf-8", body)


def _simple(head: bytes, subject: str, content_type: str, body: bytes) -> bytes:
    lines = f"Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n"
    return head + lines.encode() + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"


TRAPS = (
    Trap(name="wrong-charset", make=_wrong_charset),
    Trap(name="unknown-charset", make=_unknown_charset),
    Trap(name="no-charset", make=_no_charset),
    Trap(name="truncated-base64", make=_truncated_base64),
    Trap(name="unterminated-multipart", make=_unterminated),
    Trap(name="no-boundary", make=_no_boundary),
    Trap(name="deep-nesting", make=_deep),
    Trap(name="huge-header", make=_huge_header),
    Trap(name="many-recipients", make=_many_recipients),
    Trap(name="broken-encoded-words", make=_broken_words),
    Trap(name="path-in-name", make=_path_in_name),
    Trap(name="active-html", make=_active_html),
    Trap(name="unbalanced-html", make=_unbalanced_html),
    Trap(name="bare-line-ends", make=_bare_line_ends),
    Trap(name="no-body", make=_no_body),
    Trap(name="no-blank-line", make=_no_blank_line),
    Trap(name="no-message-id", make=_no_message_id, has_message_id=False),
    Trap(name="absurd-date", make=_absurd_date),
    Trap(name="control-characters", make=_control_characters),
    Trap(name="long-line", make=_long_line),
)
