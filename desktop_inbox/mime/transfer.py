"""Content-Transfer-Encoding undone, as forgiving as mail needs it. Pure, total, linear."""

from __future__ import annotations

import binascii
import re
import string

_BASE64 = f"{string.ascii_letters}{string.digits}+/=".encode()
_BASE64_NOISE = bytes(set(range(256)) - set(_BASE64))
_BLANKS_BEFORE_BREAK = re.compile(rb"[ \t]++(?=\r?\n|\Z)")
_UU_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]+[^\r\n]*\r?\n", re.MULTILINE)
TRUNCATED_BASE64 = "truncated-base64"


def undo(data: bytes, encoding: str) -> tuple[bytes, str]:
    """Return the decoded bytes and a warning code, '' when all was well.

    `encoding` is the bare, lower-case token; what is unknown stands for itself.
    """
    if encoding == "base64":
        return _base64(data)
    if encoding == "quoted-printable":
        return quoted_printable(data), ""
    if encoding in {"x-uuencode", "uuencode", "x-uue"}:
        return _uuencoded(data)
    return data, ""


def quoted_printable(data: bytes) -> bytes:
    """Return quoted-printable text decoded; what is not an escape stands for itself."""
    if b" \r" in data or b" \n" in data or b"\t\r" in data or b"\t\n" in data:
        data = _BLANKS_BEFORE_BREAK.sub(b"", data)
    return binascii.a2b_qp(data)


def _base64(data: bytes) -> tuple[bytes, str]:
    try:
        return binascii.a2b_base64(data), ""
    except binascii.Error:
        pass
    bare = data.translate(None, _BASE64_NOISE).split(b"=", 1)[0]
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4)), TRUNCATED_BASE64


def _uuencoded(data: bytes) -> tuple[bytes, str]:
    start = _UU_BEGIN.search(data)
    if start is None:
        return data, "broken-uuencode"
    lines: list[bytes] = []
    for line in data[start.end() :].splitlines():
        if line.strip() in {b"end", b"`", b""}:
            break
        lines.append(line)
    try:
        return b"".join(_uu_line(line) for line in lines), ""
    except binascii.Error:
        return data, "broken-uuencode"


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some writers pad the last group with rubbish; the length byte says what counts.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        return binascii.a2b_uu(line[:length])
