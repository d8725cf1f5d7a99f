"""What a receiving server found out about a mail: Authentication-Results (RFC 8601).

Pure, total, linear in the size. Whether the server that says so may be believed is asked where
the account is known (`sync.trust`): any sender can write such a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from desktop_inbox.domain.messages import Authentication
from desktop_inbox.mime import headers

_MAX_CHARS = 4_000
_MAX_RESULTS = 50
_METHODS = ("spf", "dkim", "dmarc")
_SPECIAL = ";=/"
_SPACE_OR_WORD = re.compile(r"""\s+|[^\s;=/("]+""")
UNNAMED = "-"  # of a server that does not say its name


def read(raw: bytes) -> Authentication | None:
    """Return what one field says, None where no server signed it with its name."""
    tokens = list(_tokens(headers.as_text(raw[:_MAX_CHARS])))
    if not tokens or tokens[0] in _SPECIAL:
        return None
    # Exchange leaves its name out and begins with the first result.
    unnamed = tokens[1:2] == ["="]
    found: dict[str, str] = {}
    domain = ""
    for clause in _clauses(tokens)[0 if unnamed else 1 :][:_MAX_RESULTS]:
        method, result, properties = _result(clause)
        if method not in _METHODS:
            continue
        if method not in found or result == "pass":  # one good signature of several is enough
            found[method] = result
        if method == "dmarc":
            domain = properties.get("header.from", domain)
    return Authentication(
        server=UNNAMED if unnamed else tokens[0].lower()[:255],
        spf=found.get("spf", ""),
        dkim=found.get("dkim", ""),
        dmarc=found.get("dmarc", ""),
        domain=domain.rpartition("@")[2].lower()[:255],
    )


def _tokens(text: str) -> Iterator[str]:
    """Yield words and special characters; comments are dropped, quoted strings are one word."""
    position, end = 0, len(text)
    while position < end:
        char = text[position]
        if char == "(":
            position = _after_comment(text, position)
        elif char == '"':
            word, position = _quoted(text, position)
            yield word
        elif char in _SPECIAL:
            yield char
            position += 1
        else:
            found = _SPACE_OR_WORD.match(text, position)
            assert found is not None  # whatever is nothing else is one of the two
            position = found.end()
            if word := found[0].strip():
                yield word


def _after_comment(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        char = text[position]
        position += 2 if char == "\\" else 1
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return position
    return len(text)


def _quoted(text: str, position: int) -> tuple[str, int]:
    kept: list[str] = []
    position += 1
    while position < len(text) and text[position] != '"':
        if text[position] == "\\":
            position += 1
        kept.append(text[position : position + 1])
        position += 1
    return "".join(kept), position + 1


def _clauses(tokens: list[str]) -> list[list[str]]:
    clauses: list[list[str]] = [[]]
    for word in tokens:
        if word == ";":
            clauses.append([])
        else:
            clauses[-1].append(word)
    return clauses


def _result(clause: list[str]) -> tuple[str, str, dict[str, str]]:
    """Return method, result and properties of "dmarc=fail reason=… header.from=example.org"."""
    pairs: dict[str, str] = {}
    for index, word in enumerate(clause):
        if word == "=" and index and index + 1 < len(clause):
            # "dkim/1=pass" names a version before the equals sign.
            named = index - 3 if index > 2 and clause[index - 2] == "/" else index - 1
            pairs.setdefault(clause[named].lower(), clause[index + 1].lower())
    method = next(iter(pairs), "")
    return method, pairs.get(method, ""), pairs
