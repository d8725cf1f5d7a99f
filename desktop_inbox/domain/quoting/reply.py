"""A plain-text message taken apart, line by line: its author's words, history, signature.

Pure and linear: one cheap look at every line finds the few with which history could begin, and
only those are compared with what mail programs write.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from desktop_inbox.domain.quoting import attribution, headers, signature
from desktop_inbox.domain.quoting.words import DASHES, MARKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text in three: `visible` is never empty where the text is not."""

    visible: str
    quoted: str = ""
    signature: str = ""


# What a line is.
_TEXT, _BLANK, _QUOTE, _ATTRIBUTION, _SIGNATURE, _HISTORY = range(6)
_NEVER_SHOWN = frozenset({_ATTRIBUTION, _SIGNATURE, _HISTORY})
_QUESTIONABLE = frozenset({_TEXT, _QUOTE})
_FLOWING = frozenset({_TEXT, _BLANK})

_MAX_ATTRIBUTIONS = 1_000  # of a text that are looked for
_MAX_ATTRIBUTION_LINES = 6
_LEADING = frozenset(DASHES + "*0123456789" + MARKS)
_BAR_MARK = re.compile(r"\|(?:\s|\Z)")
_INITIALS_MARK = re.compile(r"[A-Za-z]{1,10}>(?:\s|\Z)")


def split_reply(text: str) -> Reply:
    """Part a plain-text message into what its author wrote, the history, and the signature.

    Quotations between which the author answered stay visible, as does everything of a text that
    is nothing but history. Hidden lines are in `quoted` or `signature`: none is lost.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    kinds, leads = _first_look(lines)
    _mark_history(lines, kinds, leads)
    if ">" in text:
        _mark_initials(lines, kinds)
    _mark_signatures(lines, kinds, [index for index in leads if signature.is_mark(lines[index])])
    hidden = _hidden(lines, kinds)
    visible = _joined(lines, [not hide for hide in hidden])
    if not visible.strip():
        return Reply(visible=text.strip("\r\n") or text)
    if not any(hidden):
        return Reply(visible=visible)
    signed = [kind == _SIGNATURE for kind in kinds]
    history = [hide and not sign for hide, sign in zip(hidden, signed, strict=True)]
    return Reply(visible=visible, quoted=_joined(lines, history), signature=_joined(lines, signed))


def history_start(lines: list[str]) -> int:
    """Return the first line from which on `lines` are history; their number where none is."""
    kinds, leads = _first_look(lines)
    _mark_history(lines, kinds, leads)
    return kinds.index(_HISTORY) if _HISTORY in kinds else len(lines)


def _first_look(lines: list[str]) -> tuple[list[int], list[int]]:
    """Return what each line seems to be, and the few lines that deserve a second look."""
    kinds: list[int] = []
    leads: list[int] = []
    near_address = 0  # the lines before this one have an address close enough for an attribution
    opened = 0  # and these the bracket of one that a later line closes, which looks like a quote
    for index, line in enumerate(lines):
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
        if index < near_address or ":" in line or bare[0] in _LEADING or "：" in line:
            leads.append(index)
    return kinds, leads


def _joined(lines: list[str], keep: list[bool]) -> str:
    kept = [line for line, wanted in zip(lines, keep, strict=True) if wanted]
    return "\n".join(kept).strip("\n").rstrip()


def _mark(kinds: list[int], start: int, end: int, kind: int) -> None:
    kinds[start:end] = [kind] * (end - start)


# --- history ----------------------------------------------------------------------------------


def _mark_history(lines: list[str], kinds: list[int], leads: list[int]) -> None:
    """Mark attributions, and everything from the first unmarked history on."""
    words = 0  # where the author's own words begin, as far as was looked
    attempts = 0
    for index in leads:
        if kinds[index] not in _QUESTIONABLE:
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


def _first_words(lines: list[str], kinds: list[int], start: int, end: int) -> int:
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


def _attribution(lines: list[str], kinds: list[int], last: int) -> tuple[int, int]:
    """Return where the attribution that ends with a line starts and ends; (0, 0) if none does."""
    quoted = _next_kind(lines, kinds, last + 1) == _QUOTE
    is_whole = attribution.introduces_quotation if quoted else attribution.is_attribution
    start = _attribution_start(lines, kinds, last, is_whole)
    return (0, 0) if start < 0 else (start, last + 1)


def _attribution_start(
    lines: list[str], kinds: list[int], last: int, is_whole: Callable[[str], bool]
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


def _next_kind(lines: list[str], kinds: list[int], index: int) -> int:
    """Return the kind of the next line that says something; one after a bar is a quotation."""
    while index < len(lines):
        if kinds[index] != _BLANK:
            return _QUOTE if _BAR_MARK.match(lines[index]) else kinds[index]
        index += 1
    return _BLANK


def _mark_bars(lines: list[str], kinds: list[int], index: int) -> None:
    while index < len(lines) and (_BAR_MARK.match(lines[index]) or kinds[index] == _BLANK):
        if kinds[index] != _BLANK:
            kinds[index] = _QUOTE
        index += 1


def _mark_initials(lines: list[str], kinds: list[int]) -> None:
    """Mark quotations with initials before the mark ("JD> …"), two lines of them at least."""
    before = -2
    for index, line in enumerate(lines):
        if kinds[index] == _TEXT and ">" in line[:11] and _INITIALS_MARK.match(line):
            if before == index - 1:
                _mark(kinds, before, index + 1, _QUOTE)
            before = index


# --- signatures -------------------------------------------------------------------------------


def _mark_signatures(lines: list[str], kinds: list[int], marks: list[int]) -> None:
    """Mark signatures: at the end of the text and right above history."""
    index = 0
    while index < len(lines):
        if kinds[index] not in _FLOWING:
            index += 1
            continue
        end = index
        while end < len(lines) and kinds[end] in _FLOWING:
            end += 1
        _mark_signature(lines, kinds, index, end, marks)
        index = end


def _mark_signature(
    lines: list[str], kinds: list[int], start: int, end: int, marks: list[int]
) -> None:
    if marks:
        end = _mark_below_mark(lines, kinds, start, end)
    end = _mark_added(lines, kinds, start, end)
    _mark_closing(lines, kinds, start, end)


def _mark_below_mark(lines: list[str], kinds: list[int], start: int, end: int) -> int:
    """Mark what stands below "--"; returns where the text ends above it."""
    found = end
    below = 0
    for index in range(end - 1, start - 1, -1):
        if kinds[index] != _TEXT:
            continue
        if signature.is_mark(lines[index]):
            found = index
        below += 1
        if below > signature.MAX_LINES:
            break
    _mark(kinds, found, end, _SIGNATURE)
    return found


def _mark_added(lines: list[str], kinds: list[int], start: int, end: int) -> int:
    """Mark what telephones add at the end; returns where the text ends above it."""
    for index in range(end - 1, start - 1, -1):
        if kinds[index] == _TEXT and not signature.is_ruler(lines[index]):
            if not signature.is_added(lines[index]):
                break
            _mark(kinds, index, end, _SIGNATURE)
            end = index
    return end


def _mark_closing(lines: list[str], kinds: list[int], start: int, end: int) -> None:
    """Mark "Regards," and the name below it."""
    below = 0
    for index in range(end - 1, start, -1):
        if kinds[index] != _TEXT:
            continue
        if signature.is_closing(lines[index]):
            _mark(kinds, index, end, _SIGNATURE)
            return
        below += 1
        if below >= signature.MAX_CLOSING_LINES or not signature.may_be_name(lines[index]):
            return


# --- what is hidden ---------------------------------------------------------------------------


def _hidden(lines: list[str], kinds: list[int]) -> list[bool]:
    hidden = [kind in _NEVER_SHOWN for kind in kinds]
    end = len(lines)
    while end and (kinds[end - 1] != _TEXT or signature.is_ruler(lines[end - 1])):
        end -= 1
        hidden[end] = True
    if _quotations(kinds[:end]) == 1:
        _hide_leading(kinds, hidden, end)
    return hidden


def _quotations(kinds: list[int]) -> int:
    """Return how many quotations there are that the author's own words part."""
    runs = 0
    inside = False
    for kind in kinds:
        if kind == _QUOTE:
            runs += not inside
            inside = True
        elif kind == _TEXT:
            inside = False
    return runs


def _hide_leading(kinds: list[int], hidden: list[bool], end: int) -> None:
    """Hide a quotation above the only answer."""
    for index in range(end):
        if kinds[index] == _TEXT:
            return
        hidden[index] = True
