"""A plain-text message taken apart, line by line: its author's words, history, signature.

Pure and linear: one cheap look at every line finds the few with which history could begin, and
only those are compared with what mail programs write.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress

from desktop_inbox.domain.quoting import attribution, headers, signature
from desktop_inbox.domain.quoting.words import DASHES, MARKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text in three: `visible` is never empty where the text is not."""

    visible: str
    quoted: str = ""
    signature: str = ""


# What a line is, a byte each, so that runs of lines are found as quickly as runs of letters.
_TEXT, _BLANK, _QUOTE, _ATTRIBUTION, _SIGNATURE, _HISTORY = b"w >ash"
_FLOWING = re.compile(rb"[w ]+")
_QUOTATION = re.compile(rb">+")
_NOT_TEXT = b" >ash"
_NO_TALK = b" ash"  # what neither speaks nor quotes


def _only(kinds: bytes) -> bytes:
    """Return a table that makes these kinds true and all others false."""
    return bytes(kind in kinds for kind in range(256))


_ALL_SHOWN = b"w >"
_SHOWN, _FOLDED, _SIGNED = _only(_ALL_SHOWN), _only(b"ah"), _only(b"s")
_FOLD = bytes.maketrans(b"w >a", b"hhhh")

_MAX_ATTRIBUTIONS = 1_000  # of a text that are looked for
_MAX_ATTRIBUTION_LINES = 6
_LEADING = frozenset(DASHES + "*0123456789" + MARKS)
# Without any of these there is neither history nor a signature, but for the last line.
_SIGNS = (">", ":", "@", "_", "=", "--", "egards")
_SIGNS_ANYWHERE = (*_SIGNS, "：", "—", *(2 * dash for dash in DASHES if not dash.isascii()))
_BAR_MARK = re.compile(r"\|(?:\s|\Z)")
_INITIALS_MARK = re.compile(r"[A-Za-z]{1,10}>(?:\s|\Z)")


def split_reply(text: str) -> Reply:
    """Part a plain-text message into what its author wrote, the history, and the signature.

    Quotations between which the author answered stay visible, as does everything of a text that
    is nothing but history. Hidden lines are in `quoted` or `signature`: none is lost.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if not _may_fold(text):
        return Reply(visible=text.strip("\n").rstrip())
    lines = text.split("\n")
    kinds, leads = _first_look(lines)
    _mark_history(lines, kinds, leads)
    _mark_initials(lines, kinds, leads)
    has_mark = any(map(signature.is_mark, map(lines.__getitem__, leads)))
    _mark_signatures(lines, kinds, has_mark=has_mark, has_closing="egards" in text)
    _fold(lines, kinds)
    visible = _joined(lines, kinds, _SHOWN)
    if not visible.strip():
        return Reply(visible=text.strip("\r\n") or text)
    if not kinds.translate(None, _ALL_SHOWN):
        return Reply(visible=visible)
    return Reply(
        visible=visible,
        quoted=_joined(lines, kinds, _FOLDED),
        signature=_joined(lines, kinds, _SIGNED),
    )


def _may_fold(text: str) -> bool:
    """Tell, by a few searches in the whole text, whether a walk over its lines could find much."""
    if any(map(text.__contains__, _SIGNS if text.isascii() else _SIGNS_ANYWHERE)):
        return True
    bare = text.rstrip()
    last = bare[bare.rfind("\n") + 1 :]
    return signature.is_ruler(last) or signature.is_added(last)


def history_lines(lines: list[str]) -> list[bool]:
    """Tell of each line whether it is history to fold; signatures are none.

    For texts whose quotations are known by other means: their lines begin with ">".
    """
    kinds, leads = _first_look(lines)
    _mark_history(lines, kinds, leads)
    _fold(lines, kinds)
    return list(map(bool, kinds.translate(_FOLDED)))


def _first_look(lines: list[str]) -> tuple[bytearray, list[int]]:
    """Return what each line seems to be, and the few lines that deserve a second look."""
    kinds = bytearray()
    leads: list[int] = []
    near_address = 0  # the lines before this one have an address close enough for an attribution
    opened = 0  # and these the bracket of one that a later line closes, which looks like a quote
    for index, line in enumerate(lines):
        if line[:1] == ">" and index >= opened:
            kinds.append(_QUOTE)
            continue
        bare = line.strip()
        if not bare:
            kinds.append(_BLANK)
            continue
        if bare[0] == ">" and ">" in line[:4]:
            kinds.append(_QUOTE)
            if index < opened and bare[-1] == ":":
                leads.append(index)
            continue
        kinds.append(_TEXT)
        if "<" in line and line.rfind("<") > line.rfind(">"):
            opened = index + _MAX_ATTRIBUTION_LINES
        if "@" in line:
            near_address = index + _MAX_ATTRIBUTION_LINES
        if (
            ":" in line
            or bare[0] in _LEADING
            or index < near_address
            or "：" in line
            or (">" in line and _INITIALS_MARK.match(line))
        ):
            leads.append(index)
    return kinds, leads


def _joined(lines: list[str], kinds: bytearray, wanted: bytes) -> str:
    chosen = kinds.translate(wanted)
    return "\n".join(compress(lines, chosen)).strip("\n").rstrip() if 1 in chosen else ""


def _mark(kinds: bytearray, start: int, end: int, kind: int) -> None:
    kinds[start:end] = bytes((kind,)) * (end - start)


# --- history ----------------------------------------------------------------------------------


def _mark_history(lines: list[str], kinds: bytearray, leads: list[int]) -> None:
    """Mark attributions, and everything from the first unmarked history on."""
    words = 0  # where the author's own words begin, as far as was looked
    attempts = 0
    for index in leads:
        if kinds[index] != _TEXT and kinds[index] != _QUOTE:
            continue
        words = _first_words(lines, kinds, words, index)
        said = words < index and kinds[index] == _TEXT
        start, end = _head(lines, index) if said else (0, 0)
        if not end and attempts < _MAX_ATTRIBUTIONS:
            if not attribution.may_end_attribution(lines[index]):
                continue
            attempts += 1
            start, end = _attribution(lines, kinds, index)
        if not end:
            continue
        follows = _next_kind(lines, kinds, end)
        if follows == _TEXT and words < start:
            _mark(kinds, start, len(lines), _HISTORY)
            return
        if follows == _QUOTE:
            _mark_bars(lines, kinds, end)
        _mark(kinds, start, end, _ATTRIBUTION)


def _first_words(lines: list[str], kinds: bytearray, start: int, end: int) -> int:
    while start < end and (kinds[start] != _TEXT or signature.is_ruler(lines[start])):
        start += 1
    return start


def _head(lines: list[str], index: int) -> tuple[int, int]:
    """Return where the separator or header block at a line starts and ends; (0, 0) for none."""
    if headers.is_separator(lines[index]):
        below = index + 1
        while below < len(lines) and not lines[below].strip():
            below += 1
        return index, headers.header_block_end(lines, below) or index + 1
    end = headers.header_block_end(lines, index)
    return (_with_title(lines, index), end) if end else (0, 0)


def _with_title(lines: list[str], index: int) -> int:
    """Return the line above a header block if that says "Original Message", without dashes."""
    above = index - 1
    while above > 0 and not lines[above].strip():
        above -= 1
    return above if headers.names_original(lines[above]) else index


def _attribution(lines: list[str], kinds: bytearray, last: int) -> tuple[int, int]:
    """Return where the attribution that ends with a line starts and ends; (0, 0) if none does."""
    quoted = _next_kind(lines, kinds, last + 1) == _QUOTE
    is_whole = attribution.introduces_quotation if quoted else attribution.is_attribution
    start = _attribution_start(lines, kinds, last, is_whole)
    return (0, 0) if start < 0 else (start, last + 1)


def _attribution_start(
    lines: list[str], kinds: bytearray, last: int, is_whole: Callable[[str], bool]
) -> int:
    found = -1
    joined = ""
    blanks = 0
    for index in range(last, max(-1, last - _MAX_ATTRIBUTION_LINES), -1):
        line = lines[index].strip()
        if kinds[index] == _BLANK:
            # An address set off by an empty line is the only gap an attribution has.
            blanks += 1
            if blanks > 1 or joined[:1] != "<":
                break
            continue
        if (kinds[index] != _TEXT and index != last) or len(line) > attribution.MAX_CHARS:
            break
        if found >= 0 and not attribution.begins_above(line, joined, gap=blanks > 0):
            break
        joined = f"{line} {joined}".rstrip()
        if found >= 0 or is_whole(joined):
            found = index
    return found


def _next_kind(lines: list[str], kinds: bytearray, index: int) -> int:
    """Return the kind of the next line that says something; one after a bar is a quotation."""
    while index < len(lines):
        if kinds[index] != _BLANK:
            return _QUOTE if _BAR_MARK.match(lines[index]) else kinds[index]
        index += 1
    return _BLANK


def _mark_bars(lines: list[str], kinds: bytearray, index: int) -> None:
    while index < len(lines) and (_BAR_MARK.match(lines[index]) or kinds[index] == _BLANK):
        if kinds[index] != _BLANK:
            kinds[index] = _QUOTE
        index += 1


def _mark_initials(lines: list[str], kinds: bytearray, leads: list[int]) -> None:
    """Mark quotations with initials before the mark ("JD> …"), two lines of them at least."""
    before = -2
    for index in leads:
        if kinds[index] == _TEXT and _INITIALS_MARK.match(lines[index]):
            if before == index - 1:
                _mark(kinds, before, index + 1, _QUOTE)
            before = index


# --- signatures -------------------------------------------------------------------------------


def _mark_signatures(
    lines: list[str], kinds: bytearray, *, has_mark: bool, has_closing: bool
) -> None:
    """Mark signatures: at the end of the text and right above history."""
    words = _first_words(lines, kinds, 0, len(lines)) if has_mark else 0
    for run in _FLOWING.finditer(bytes(kinds)):
        start, end = run.span()
        if has_mark:
            end = _mark_below_mark(lines, kinds, max(start, words), end)
        below = -1
        while below != end:
            below, end = end, _mark_added(lines, kinds, start, end)
            if has_closing:
                end = _mark_closing(lines, kinds, start, end)


def _mark_below_mark(lines: list[str], kinds: bytearray, start: int, end: int) -> int:
    """Mark what stands below "--", from `start` on; returns where the text ends above it."""
    found: list[int] = []
    below = 0
    for index in range(end - 1, start - 1, -1):
        if kinds[index] != _TEXT:
            continue
        # A ruler with nothing below it belongs to the history that it is drawn above.
        if signature.is_mark(lines[index]):
            if below:
                found.append(index)
            continue
        below += 1
        if below > signature.MAX_LINES:
            break
    # Several of them are rulers that part a text, unless one is the true mark.
    if len(found) > 1 and not any(signature.is_true_mark(lines[index]) for index in found):
        return end
    if not found:
        return end
    _mark(kinds, found[-1], end, _SIGNATURE)
    return found[-1]


def _mark_added(lines: list[str], kinds: bytearray, start: int, end: int) -> int:
    """Mark what telephones add at the end; returns where the text ends above it."""
    for index in range(end - 1, start - 1, -1):
        if kinds[index] == _TEXT and not signature.is_ruler(lines[index]):
            if not signature.is_added(lines[index]):
                break
            _mark(kinds, index, end, _SIGNATURE)
            end = index
    return end


def _mark_closing(lines: list[str], kinds: bytearray, start: int, end: int) -> int:
    """Mark "Regards," and the name below it; returns where the text ends above it."""
    below = 0
    for index in range(end - 1, start, -1):
        if kinds[index] != _TEXT:
            continue
        if signature.is_closing(lines[index]):
            _mark(kinds, index, end, _SIGNATURE)
            return index
        below += 1
        if below >= signature.MAX_CLOSING_LINES or not signature.may_be_name(lines[index]):
            break
    return end


# --- what is folded ---------------------------------------------------------------------------


def _fold(lines: list[str], kinds: bytearray) -> None:
    """Make history of the quotations that no words of the author follow, or only follow."""
    end = len(kinds.rstrip(_NOT_TEXT))
    while end and (kinds[end - 1] != _TEXT or signature.is_ruler(lines[end - 1])):
        end -= 1
    kinds[end:] = kinds[end:].translate(_FOLD)
    if kinds.find(_QUOTE, 0, end) < 0:
        return
    quotations = _QUOTATION.findall(kinds[:end].translate(None, _NO_TALK))
    if len(quotations) == 1:
        words = kinds.index(_TEXT)
        kinds[:words] = kinds[:words].translate(_FOLD)
