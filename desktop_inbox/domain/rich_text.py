"""What is written here, with its layout: lines of runs, as lists and quotes have them. Pure.

Nothing else can be said in it, so text that came from anywhere is safe as soon as it is here: no
script, no colour, no style, no address that could run. It is kept and sent as a small HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from itertools import groupby

PICTURE = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands for a picture where text is counted
MAX_LEVEL = 7  # of lists in lists
MAX_QUOTE = 9
_LINK = re.compile(
    r"(?:https?://|mailto:|tel:)[^\s\"<>\\^`{|}\x00-\x20\x7f]{1,1900}\Z", re.IGNORECASE
)
_NOISE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u2028\u2029\ufdd0\ufdd1]")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,300}\Z")


class Kind(StrEnum):
    """What a line is."""

    TEXT = "text"
    BULLET = "bullet"
    NUMBER = "number"


class Feature(StrEnum):
    """What plain text does not have, in the order in which one speaks of it."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    LINK = "link"
    LIST = "list"
    QUOTE = "quote"
    PICTURE = "picture"


# What a channel that takes plain text only keeps all the same: ">" says it as well.
NOTHING: frozenset[Feature] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Text in one look, "\\n" where a line breaks without ending; or one picture."""

    text: str = ""  # of a picture: the words that stand for it
    bold: bool = False
    italic: bool = False
    underline: bool = False
    link: str = ""
    picture: str = ""  # its content id


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What stands between one press of Enter and the next."""

    runs: tuple[Run, ...] = ()
    kind: Kind = Kind.TEXT
    level: int = 0  # of a list: 0 for the outermost
    quote: int = 0  # how many quotes it stands in


RichText = tuple[Line, ...]


def from_plain(text: str) -> RichText:
    """Return text without layout, a line for each of its lines."""
    return tuple(Line(runs=_joined([Run(text=line)])) for line in text.split("\n"))


def safe_link(url: str) -> str:
    """Return a link that may be followed, '' for any other: web, mail and telephone only."""
    url = url.strip()
    return url if _LINK.match(url) else ""


def is_content_id(text: str) -> bool:
    """Tell whether a picture may be called so."""
    return bool(_CONTENT_ID.match(text))


def normalised(lines: Iterable[Line]) -> RichText:
    """Return the one form that text of this look has: runs joined, everything within bounds."""
    return tuple(_normalised(line) for line in lines) or (Line(),)


def _normalised(line: Line) -> Line:
    listed = line.kind is not Kind.TEXT
    return Line(
        runs=_joined(line.runs),
        kind=line.kind,
        level=min(max(line.level, 0), MAX_LEVEL) if listed else 0,
        quote=min(max(line.quote, 0), MAX_QUOTE),
    )


def _joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    joined: list[Run] = []
    for run in map(_clean, runs):
        if run.picture:
            joined.append(run)
        elif run.text and joined and replace(joined[-1], text=run.text) == run:
            joined[-1] = replace(run, text=joined[-1].text + run.text)
        elif run.text:
            joined.append(run)
    return tuple(joined)


def _clean(run: Run) -> Run:
    text = _NOISE.sub("", run.text).replace("\r", "").replace("\N{NO-BREAK SPACE}", " ")
    link = safe_link(run.link)
    if run.picture and is_content_id(run.picture):
        return Run(text=" ".join(text.split()), link=link, picture=run.picture)
    return replace(run, text=text.replace(PICTURE, ""), link=link, picture="")


def quotable(lines: Iterable[Line]) -> RichText:
    """Return what somebody wrote as it is quoted: no pictures, and no links that say themselves."""
    kept = []
    for line in lines:
        runs = [
            replace(run, link="") if _shown(run.text) == _shown(_bare(run.link)) else run
            for run in line.runs
            if not run.picture
        ]
        kept.append(replace(line, runs=tuple(runs)))
    return normalised(kept)


# What is in it


def pictures(lines: Iterable[Line]) -> tuple[str, ...]:
    """Return the content ids of the pictures shown, each once, in order."""
    named = (run.picture for line in lines for run in line.runs if run.picture)
    return tuple(dict.fromkeys(named))


def features(lines: Iterable[Line]) -> frozenset[Feature]:
    """Return what there is of layout."""
    return frozenset(found for line in lines for found in _features(line))


def _features(line: Line) -> Iterator[Feature]:
    if line.kind is not Kind.TEXT:
        yield Feature.LIST
    if line.quote:
        yield Feature.QUOTE
    for run in line.runs:
        present = (
            (Feature.BOLD, run.bold),
            (Feature.ITALIC, run.italic),
            (Feature.UNDERLINE, run.underline),
            (Feature.LINK, run.link),
            (Feature.PICTURE, run.picture),
        )
        yield from (feature for feature, there in present if there)


def is_bare(lines: Iterable[Line]) -> bool:
    """Tell whether it is text and nothing else, so that its text alone brings it back."""
    return all(map(_bare_line, lines))


def _bare_line(line: Line) -> bool:
    if line.kind is not Kind.TEXT or line.quote:
        return False
    return not any(
        run.bold or run.italic or run.underline or run.link or run.picture for run in line.runs
    )


def needs_html(lines: Iterable[Line]) -> bool:
    """Tell whether plain text would lose something; a quote it shows as well, by its marks."""
    return not features(lines) <= {Feature.QUOTE}


# As plain text


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """Text as it reaches a channel that takes no layout, and what is lost on the way (rule F4)."""

    text: str
    lost: tuple[Feature, ...]


def adapt(lines: Sequence[Line], *, keeps: frozenset[Feature] = NOTHING) -> Adapted:
    """Return what a channel that `keeps` only this of the layout would show."""
    there = features(lines) - keeps
    return Adapted(text=to_text(lines), lost=tuple(one for one in Feature if one in there))


def typed_text(lines: Iterable[Line]) -> str:
    """Return the characters as an editor counts them: no marks, one for each picture."""
    return "\n".join(
        "".join(PICTURE if run.picture else run.text for run in line.runs) for line in lines
    )


def to_text(lines: Sequence[Line]) -> str:
    """Return it as plain text: lists and quotes by their marks, links and pictures in words."""
    told: list[str] = []
    counting = Counting()
    for line in lines:
        number = counting.number(line)
        words = "".join(map(_words, line.runs))
        told += _marked(line, words, number=number)
    return "\n".join(told)


class Counting:
    """The numbers of numbered lists, while their lines pass by in order."""

    def __init__(self) -> None:
        self._quote = 0
        self._open: list[tuple[Kind, int]] = []  # the lists a line stands in, and how far they are

    def number(self, line: Line) -> int:
        """Return which of its list a line is, counted from 1; 0 for a line of no list."""
        if line.quote != self._quote or line.kind is Kind.TEXT:
            self._open.clear()
            self._quote = line.quote
        if line.kind is Kind.TEXT:
            return 0
        depth = line.level + 1
        del self._open[depth:]
        while len(self._open) < depth:
            self._open.append((line.kind, 0))
        kind, count = self._open[-1]
        count = count + 1 if kind is line.kind else 1
        self._open[-1] = (line.kind, count)
        return count


def _marked(line: Line, words: str, *, number: int) -> Iterator[str]:
    quote = ">" * line.quote
    bullet = {Kind.BULLET: "- ", Kind.NUMBER: f"{number}. "}.get(line.kind, "")
    indent = "  " * line.level
    for count, piece in enumerate(words.split("\n")):
        lead = indent + (bullet if count == 0 else " " * len(bullet))
        told = f"{lead}{piece}" if piece or count == 0 else ""
        yield f"{quote} {told}".rstrip() if quote else told


def _words(run: Run) -> str:
    if run.picture:
        return f"[{run.text}]" if run.text else ""
    if not run.link or _shown(run.text) == _shown(_bare(run.link)):
        return run.text
    return f"{run.text} <{_bare(run.link)}>"


def _bare(url: str) -> str:
    return url.removeprefix("mailto:").removeprefix("tel:")


def _shown(url: str) -> str:
    return re.sub(r"\Ahttps?://|/\Z", "", url.strip(), flags=re.IGNORECASE).casefold()


# As HTML

_QUOTE = '<blockquote style="margin:0 0 0 2px;padding-left:10px;border-left:2px solid #bbb">'
_LIST_TAG = {Kind.BULLET: "ul", Kind.NUMBER: "ol"}


def to_html(lines: Sequence[Line]) -> str:
    """Return it as HTML, which `mime.rich.read` brings back exactly; no colours of the screen."""
    return "".join(_quoted(lines, 0))


def _quoted(lines: Sequence[Line], depth: int) -> Iterator[str]:
    for deeper, group in groupby(lines, key=lambda line: line.quote > depth):
        found = tuple(group)
        if deeper:
            yield _QUOTE
            yield from _quoted(found, depth + 1)
            yield "</blockquote>"
        else:
            yield from _lists(found)


def _lists(lines: Sequence[Line]) -> Iterator[str]:
    """Yield lines of one quote; a list in a list stands inside the item before it."""
    opened: list[str] = []
    for line in lines:
        if line.kind is Kind.TEXT:
            yield from _closing(opened, 0)
            yield f"<div>{_content(line)}</div>"
            continue
        yield from _closing(opened, line.level + 1)
        tag = _LIST_TAG[line.kind]
        if len(opened) == line.level + 1 and opened[-1] != tag:
            yield from _closing(opened, line.level)
        if len(opened) == line.level + 1:
            yield "</li><li>"
        while len(opened) < line.level + 1:
            # Where a level is skipped, an item without marker holds the next list.
            skipped = len(opened) < line.level
            yield f'<{tag}><li style="list-style:none">' if skipped else f"<{tag}><li>"
            opened.append(tag)
        yield _content(line)
    yield from _closing(opened, 0)


def _closing(opened: list[str], depth: int) -> Iterator[str]:
    while len(opened) > depth:
        yield f"</li></{opened.pop()}>"


def _content(line: Line) -> str:
    return "".join(_spaced(line.runs)) or "<br>"


def _spaced(runs: Sequence[Run]) -> Iterator[str]:
    """Yield runs in their tags; spaces that HTML would swallow become unbreakable ones."""
    before = " "
    for count, run in enumerate(runs):
        if run.picture:
            yield _tagged(run, _image(run))
            before = "x"
            continue
        following = runs[count + 1] if count + 1 < len(runs) else None
        after = "" if following is None else "x" if following.picture else following.text[:1]
        yield _tagged(run, _escaped(run.text, before=before, after=after))
        before = run.text[-1]


def _escaped(text: str, *, before: str, after: str) -> str:
    told: list[str] = []
    for position, character in enumerate(text):
        following = text[position + 1 : position + 2] or after
        if character == " ":
            lost = before in " \n\t" or following in ("", "\n")
            told.append("&nbsp;" if lost else " ")
        elif character == "\n":
            # At the end of a line, a break shows only where another follows.
            told.append("<br>" if following else "<br><wbr>")
        elif character == "\t":
            told.append('<span style="white-space:pre">\t</span>')
        else:
            told.append(escape(character))
        before = character
    return "".join(told)


def _image(run: Run) -> str:
    source = escape(f"cid:{run.picture}")
    return f'<img src="{source}" alt="{escape(run.text)}" style="max-width:100%">'


def _tagged(run: Run, told: str) -> str:
    for tag, wanted in (("u", run.underline), ("i", run.italic), ("b", run.bold)):
        if wanted:
            told = f"<{tag}>{told}</{tag}>"
    return f'<a href="{escape(run.link)}">{told}</a>' if run.link else told
