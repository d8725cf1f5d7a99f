"""The guide for owners: its pages in each language, what stands on them, and what is found there.

The pages are Markdown files under `resources/help`; `index.md` links them in their order. Reading
is safe on any thread; a page is a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop_inbox.domain import folding, markdown
from desktop_inbox.domain.markdown import Block, Kind
from desktop_inbox.i18n import SOURCE_LANGUAGE
from desktop_inbox.paths import resources

INDEX = "index"
_EXCERPT = 140  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. Its name is the same in every language."""

    name: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def html(self) -> str:
        return markdown.as_html(self.blocks)

    def sections(self) -> Iterator[tuple[str, tuple[Block, ...]]]:
        """Yield each heading with what stands below it, the title first."""
        heading, below = self.title, list[Block]()
        for block in self.blocks:
            if block.kind is not Kind.HEADING:
                below.append(block)
            elif block.level > 1:
                yield heading, tuple(below)
                heading, below = markdown.plain(block.lines[0]), []
        yield heading, tuple(below)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A section in which everything was found that was looked for."""

    page: str
    title: str  # of the page
    section: str  # its heading
    excerpt: str

    @property
    def target(self) -> str:
        return f"{self.page}.md#{markdown.slug(self.section)}"


class Guide:
    """The pages in one language; each is read when it is first asked for."""

    def __init__(self, language: str) -> None:
        folder = resources() / "help"
        known = (folder / language / f"{INDEX}.md").is_file()
        self._folder: Path = folder / (language if known else SOURCE_LANGUAGE)
        self._pages: dict[str, Page] = {}

    def page(self, name: str) -> Page:
        """Return a page. *Raises:* KeyError."""
        if name not in self._pages:
            self._pages[name] = self._read(name)
        return self._pages[name]

    def contents(self) -> list[Page]:
        """Return every page in the order of the index."""
        targets = markdown.links(self.page(INDEX).blocks)
        names = [target.removesuffix(".md") for target in targets if target.endswith(".md")]
        return [self.page(name) for name in dict.fromkeys(names)]

    def search(self, text: str) -> list[Hit]:
        """Return the sections in which all words of `text` are found, headings before texts."""
        wanted = folding.words(text)
        if not wanted:
            return []
        hits: list[tuple[int, Hit]] = []
        for page in self.contents():
            for section, blocks in page.sections():
                lines = [markdown.plain(line) for block in blocks for line in block.lines]
                head = folding.fold(f"{page.title} {section}")
                words = f"{head} {folding.fold(' '.join(lines))}"
                if all(word in words for word in wanted):
                    missing = sum(word not in head for word in wanted)
                    excerpt = _excerpt(lines, wanted)
                    hit = Hit(page=page.name, title=page.title, section=section, excerpt=excerpt)
                    hits.append((missing, hit))
        return [hit for _missing, hit in sorted(hits, key=lambda one: one[0])]

    def _read(self, name: str) -> Page:
        path = self._folder / f"{name}.md"
        if path.parent != self._folder:  # a link never leads out of the guide
            raise KeyError(name)
        try:
            blocks = markdown.read_blocks(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise KeyError(name) from error
        title = next(markdown.plain(one.lines[0]) for one in blocks if one.kind is Kind.HEADING)
        return Page(name=name, title=title, blocks=blocks)


def _excerpt(lines: list[str], wanted: tuple[str, ...]) -> str:
    """Return the line in which most of the words stand, or the first."""
    if not lines:
        return ""
    line = max(lines, key=lambda one: sum(word in folding.fold(one) for word in wanted))
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT].rsplit(' ', 1)[0]} …"
