"""Our own pages are read as blocks, and become HTML in which nothing is HTML of their own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.markdown import Kind, as_html, links, plain, read_blocks, slug

PAGE = """# Set *up*

A paragraph
of two lines, with `Ctrl ↵`.

- one
- two **bold**
  and more
1. first

> Mind this,
> please.

## Older mail
[Next](next.md#x) and [there](https://a.example/b).
"""


def test_a_page_falls_into_blocks() -> None:
    kinds = [(block.kind, len(block.lines)) for block in read_blocks(PAGE)]
    assert kinds == [
        (Kind.HEADING, 1), (Kind.PARAGRAPH, 1), (Kind.BULLETS, 2), (Kind.NUMBERS, 1),
        (Kind.NOTE, 1), (Kind.HEADING, 1), (Kind.PARAGRAPH, 1),
    ]  # fmt: skip
    bullets = read_blocks(PAGE)[2]
    assert bullets.lines == ("one", "two **bold** and more")
    assert read_blocks(PAGE)[4].lines == ("Mind this, please.",)


def test_the_layout_of_a_line_becomes_html() -> None:
    html = as_html(read_blocks(PAGE))
    assert '<a name="set-up"></a>Set <i>up</i></h1>' in html
    assert '<span class="key">&nbsp;Ctrl&nbsp;↵&nbsp;</span>' in html
    assert "<li>two <b>bold</b> and more</li>" in html
    assert '<a href="next.md#x">Next</a>' in html


def test_text_that_looks_like_html_stays_text() -> None:
    html = as_html(read_blocks('<script>x</script> [a](b"onclick=) `<b>` & {{contact.name|*x*}}'))
    assert "<script" not in html
    assert "<b>" not in html
    assert '"onclick' not in html


def test_links_are_listed_and_text_is_plain() -> None:
    assert list(links(read_blocks(PAGE))) == ["next.md#x", "https://a.example/b"]
    assert plain("**Send** (`R`), *now*, [there](x.md)") == "Send (R), now, there"
    assert plain("2 * 3 * 4") == "2 * 3 * 4"


def test_the_name_of_a_heading_has_ascii_letters_only() -> None:
    assert slug("Eski postalar ne olsun") == "eski-postalar-ne-olsun"
    assert slug("İlk dakikalar: ığüşöç!") == "ilk-dakikalar-igusoc"


@given(st.text(max_size=200))
def test_any_text_is_a_page(text: str) -> None:
    as_html(read_blocks(text))
