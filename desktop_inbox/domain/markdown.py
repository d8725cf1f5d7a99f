"""The little Markdown that our own pages are written in, as blocks and as HTML. Pure.

Headings, paragraphs, lists, notes that begin with `>`, and in a line **bold**, *emphasis*,
`keys`, and [links](page.md#section). Everything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from desktop_inbox.domain.folding import fold

_HEADING = re.compile(r"(#{1,3}) +(.+?)\s*")
_BULLET = re.compile(r"[-*] +(.+)")
_NUMBER = re.compile(r"\d{1,3}[.)] +(.+)")
_NOTE = '<table class="note" width="100%" cellspacing="0" cellpadding="10">'
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|\*(?P<soft>[^*\s](?:[^*]*[^*\s])?)\*"
    r"|\[(?P<words>[^\]]+)\]\((?P<target>[^)\s]+)\)"
)


class Kind(StrEnum):
    """What a block is."""

    HEADING = "h"
    PARAGRAPH = "p"
    BULLETS = "ul"
    NUMBERS = "ol"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block. A list has a line for each of its points, everything else a single one."""

    kind: Kind
    lines: tuple[str, ...]
    level: int = 0  # of a heading, 1 to 3


def read_blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a text in their order."""
    blocks: list[Block] = []
    kind, lines = Kind.PARAGRAPH, list[str]()

    def close() -> None:
        nonlocal kind
        if lines:
            joined = lines if kind in (Kind.BULLETS, Kind.NUMBERS) else [" ".join(lines)]
            blocks.append(Block(kind=kind, lines=tuple(joined)))
        kind = Kind.PARAGRAPH
        lines.clear()

    for line in text.splitlines():
        if heading := _HEADING.fullmatch(line):
            close()
            level = len(heading[1])
            blocks.append(Block(kind=Kind.HEADING, lines=(heading[2],), level=level))
            continue
        if not line.strip():
            close()
            continue
        wanted, words = _line(line)
        if wanted is Kind.PARAGRAPH and lines and kind is not Kind.NOTE:
            lines[-1] += f" {words}"  # what goes on from the line before
            continue
        if wanted is not kind:
            close()
            kind = wanted
        lines.append(words)
    close()
    return tuple(blocks)


def _line(line: str) -> tuple[Kind, str]:
    if line.startswith(">"):
        return Kind.NOTE, line[1:].strip()
    if point := _BULLET.fullmatch(line):
        return Kind.BULLETS, point[1].strip()
    if point := _NUMBER.fullmatch(line):
        return Kind.NUMBERS, point[1].strip()
    return Kind.PARAGRAPH, line.strip()


def as_html(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML; nothing in them is read as HTML of its own."""
    return "\n".join(_block_html(block) for block in blocks)


def _block_html(block: Block) -> str:
    inner = [_inline_html(line) for line in block.lines]
    match block.kind:
        case Kind.HEADING:
            anchor = f'<a name="{slug(block.lines[0])}"></a>{inner[0]}'
            if block.level > 2:  # smaller than what is called h3 ever is
                return f'<p class="small-heading">{anchor}</p>'
            return f"<h{block.level}>{anchor}</h{block.level}>"
        case Kind.BULLETS | Kind.NUMBERS:
            points = "".join(f"<li>{line}</li>" for line in inner)
            return f"<{block.kind}>{points}</{block.kind}>"
        case Kind.NOTE:
            return f"{_NOTE}<tr><td>{inner[0]}</td></tr></table>"
        case _:
            return f"<p>{inner[0]}</p>"


def _inline_html(line: str) -> str:
    pieces, end = [], 0
    for found in _INLINE.finditer(line):
        pieces.append(escape(line[end : found.start()]))
        end = found.end()
        if found["code"] is not None:
            # Between two spaces that never break, the ground behind a key is wider than its letter.
            key = escape(found["code"]).replace(" ", "&nbsp;")
            pieces.append(f'<span class="key">&nbsp;{key}&nbsp;</span>')
        elif found["target"] is not None:
            words = _inline_html(found["words"])
            pieces.append(f'<a href="{escape(found["target"])}">{words}</a>')
        elif found["bold"] is not None:
            pieces.append(f"<b>{_inline_html(found['bold'])}</b>")
        else:
            pieces.append(f"<i>{_inline_html(found['soft'])}</i>")
    pieces.append(escape(line[end:]))
    return "".join(pieces)


def plain(line: str) -> str:
    """Return a line without the signs of its layout."""
    return _INLINE.sub(
        lambda found: plain(next(filter(None, found.group("code", "bold", "soft", "words")))), line
    )


def links(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield where the links lead."""
    for block in blocks:
        for line in block.lines:
            yield from (found["target"] for found in _INLINE.finditer(line) if found["target"])


def slug(heading: str) -> str:
    """Return the name by which a link leads to a heading."""
    return re.sub(r"[^a-z0-9]+", "-", fold(plain(heading))).strip("-")
