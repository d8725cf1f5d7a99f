"""What is written with layout, and what of it plain text can say."""

from __future__ import annotations

import pytest

from desktop_inbox.domain.rich_text import (
    PICTURE,
    Feature,
    Kind,
    Line,
    Run,
    adapt,
    from_plain,
    is_bare,
    needs_html,
    normalised,
    safe_link,
    to_html,
    to_text,
    typed_text,
)

BOLD = Line(runs=(Run(text="Dear ", bold=True), Run(text="Mina")))


def item(text: str, *, kind: Kind = Kind.BULLET, level: int = 0, quote: int = 0) -> Line:
    return Line(runs=(Run(text=text),), kind=kind, level=level, quote=quote)


def test_text_without_layout_is_bare() -> None:
    lines = from_plain("Hello\n\nMina")
    assert is_bare(lines)
    assert not needs_html(lines)
    assert to_text(lines) == "Hello\n\nMina"


def test_a_quote_needs_no_html_because_its_marks_say_it() -> None:
    lines = (Line(runs=(Run(text="old"),), quote=1), Line(quote=2), *from_plain("new"))
    assert not is_bare(lines)
    assert not needs_html(lines)
    assert to_text(lines) == "> old\n>>\nnew"


def test_lists_are_counted_through_lists_inside_them() -> None:
    number = Kind.NUMBER
    lines = (
        item("one", kind=number),
        item("inner", level=1),
        item("two", kind=number),
        *from_plain("between"),
        item("again", kind=number),
    )
    assert to_text(lines) == "1. one\n  - inner\n2. two\nbetween\n1. again"


def test_a_line_broken_inside_an_item_stays_inside_it() -> None:
    assert to_text((item("one\nmore", kind=Kind.NUMBER),)) == "1. one\n   more"


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (Run(text="our shop", link="https://shop.example"), "our shop <https://shop.example>"),
        (Run(text="shop.example", link="https://shop.example/"), "shop.example"),
        (Run(text="Write us", link="mailto:a@shop.example"), "Write us <a@shop.example>"),
        (Run(text="a@shop.example", link="mailto:a@shop.example"), "a@shop.example"),
        (Run(text="A mug", picture="1@picture"), "[A mug]"),
        (Run(picture="1@picture"), ""),
    ],
)
def test_links_and_pictures_are_told_in_words(run: Run, told: str) -> None:
    assert to_text((Line(runs=(run,)),)) == told


def test_a_picture_counts_as_one_character() -> None:
    assert typed_text((Line(runs=(Run(text="a"), Run(text="alt", picture="1@x"))),)) == (
        f"a{PICTURE}"
    )


def test_what_is_lost_is_named_in_the_order_one_speaks_of_it() -> None:
    """Rule F4: rich text on a channel that takes plain text only."""
    lines = (item("x"), BOLD, Line(runs=(Run(picture="1@p"),), quote=1))
    adapted = adapt(lines)
    assert adapted.lost == (Feature.BOLD, Feature.LIST, Feature.QUOTE, Feature.PICTURE)
    assert adapted.text == "- x\nDear Mina\n>"


def test_what_a_channel_keeps_is_not_lost() -> None:
    assert adapt((BOLD,), keeps=frozenset({Feature.BOLD})).lost == ()


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://a b", " ", "//x"],
)
def test_a_link_that_could_run_or_reach_files_is_none(url: str) -> None:
    assert safe_link(url) == ""
    assert "href" not in to_html(normalised([Line(runs=(Run(text="x", link=url),))]))


def test_runs_of_the_same_look_are_one() -> None:
    runs = (Run(text="a"), Run(text=""), Run(text="b"), Run(text="c", bold=True))
    assert normalised([Line(runs=runs)]) == (Line(runs=(Run(text="ab"), Run(text="c", bold=True))),)


def test_letters_that_html_means_otherwise_are_safe() -> None:
    assert to_html(from_plain('<b> & "co"')) == "<div>&lt;b&gt; &amp; &quot;co&quot;</div>"


def test_nothing_of_the_look_of_the_screen_is_in_the_html() -> None:
    html = to_html((BOLD, item("x"), Line(runs=(Run(text="q"),), quote=1)))
    assert "color:" not in html.replace("border-left:2px solid #bbb", "")
    assert "background" not in html
