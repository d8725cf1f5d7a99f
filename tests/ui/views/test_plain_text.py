"""Plain text from strangers: escaped, linked, and linear in its length."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.ui.views.plain_text import links, longest_run, to_html, with_mentions


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("see https://shop.example/a?b=1&c=2.", "https://shop.example/a?b=1&c=2"),
        ("(https://shop.example/a_(b))", "https://shop.example/a_(b)"),
        ("www.shop.example, please", "https://www.shop.example"),
        ("<https://shop.example/x>", "https://shop.example/x"),
        ("write to ayşe@posta.com.tr.", "mailto:ayşe@posta.com.tr"),
    ],
)
def test_addresses_become_links_without_the_punctuation_around_them(text: str, target: str) -> None:
    assert links(text) == [target]


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "file:///etc/passwd", "ftp://x.example", "a@b"]
)
def test_nothing_else_becomes_a_link(text: str) -> None:
    assert links(text) == []


def test_markup_is_shown_not_read() -> None:
    html = to_html('<img src="/etc/passwd"> & "quotes"\nnext')
    assert "<img" not in html
    assert "&lt;img" in html
    assert "<br>" in html


@given(st.text(max_size=200))
def test_whatever_is_written_no_tag_but_ours_is_in_the_html(text: str) -> None:
    inside = to_html(text).partition(">")[2].removesuffix("</div>")
    for piece in inside.split("<")[1:]:
        assert piece.startswith(("br>", 'a href="', "/a>"))


def test_a_megabyte_without_a_space_takes_no_time() -> None:
    started = time.perf_counter()
    for hostile in ("a" * 1_000_000, "a@" * 400_000, "www." * 250_000, "http://" * 140_000):
        to_html(hostile)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("html", "run"),
    [
        ("<p>one two three</p>", 5),
        ("<b>one</b><i>two</i>", 6),
        ("one<br>two", 3),
        ("<p>one</p><p>three</p>", 5),
        (f"<a href='x'>{'a.' * 900}</a>", 1800),
        ("中" * 4000, 0),
        ("a\u00a0" * 1000, 2000),
    ],
)
def test_the_longest_run_is_what_cannot_be_broken_across_tags(html: str, run: int) -> None:
    assert longest_run(html) == run


def test_who_is_meant_stands_out_and_nothing_else_does() -> None:
    html = to_html("@selin, ask @Bob or @nobody. mail@selin.example <b>@Selin</b>")
    marked = with_mentions(html, {"@Selin", "@Bob"}, colour="#123456")
    shown = re.findall(r'color: #123456">([^<]*)</span>', marked)
    assert shown == ["@selin", "@Bob", "@Selin"]
    assert re.sub(r'<span style="font-weight[^>]*>|</span>', "", marked) == html
    assert with_mentions(html, (), colour="#123456") == html
