"""Text with layout: kept as HTML and brought back, and what is pasted made safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.rich_text import (
    MAX_LEVEL,
    Kind,
    Line,
    Run,
    normalised,
    pictures,
    to_html,
    to_text,
)
from desktop_inbox.mime.html.safe import inert
from desktop_inbox.mime.rich import read

_LINKS = st.sampled_from(["", "https://shop.example/?a=1&b=2", "mailto:ada@shop.example"])
_TEXT = st.text(alphabet="ab \n\t<>&\"'ğİ\N{SMILING FACE WITH HEART-SHAPED EYES}", max_size=8)
_RUNS = st.one_of(
    st.builds(
        Run,
        text=_TEXT,
        bold=st.booleans(),
        italic=st.booleans(),
        underline=st.booleans(),
        link=_LINKS,
    ),
    st.builds(Run, text=_TEXT, picture=st.just("1a2b@picture"), link=_LINKS),
)
LINE = st.builds(
    Line,
    runs=st.lists(_RUNS, max_size=4).map(tuple),
    kind=st.sampled_from(Kind),
    level=st.integers(0, 3),
    quote=st.integers(0, 2),
)
LINES = st.lists(LINE, max_size=6)


@given(LINES)
def test_what_was_written_comes_back_exactly(lines: list[Line]) -> None:
    written = normalised(lines)
    assert read(to_html(written)) == written


@given(LINES)
def test_what_is_kept_is_nothing_that_cleaning_would_take_away(lines: list[Line]) -> None:
    written = normalised(lines)
    assert read(inert(to_html(written))) == written


@given(st.text(max_size=60))
def test_anything_at_all_is_read_into_what_can_be_written_here(html: str) -> None:
    found = read(html)
    assert read(to_html(found)) == found


def _told(html: str) -> str:
    return to_text(read(html))


@pytest.mark.parametrize(
    "html",
    [
        "<script>steal()</script>Hello",
        "<img src=x onerror=steal()>Hello",
        "<img src='https://tracker.example/p.gif'>Hello",
        "<a href='javascript:steal()'>Hello</a>",
        "<a href='data:text/html,x'>Hello</a>",
        "<style>body{background:url(https://tracker.example)}</style>Hello",
        "<svg onload=steal()></svg><div style='background:url(https://tracker.example)'>Hello</div>",
        "<iframe src='https://tracker.example'></iframe>Hello",
        "<div style='display:none'>secret</div>Hello",
    ],
)
def test_nothing_that_runs_or_loads_comes_in(html: str) -> None:
    assert to_html(read(html)) == "<div>Hello</div>"


def test_colours_and_faces_of_the_page_stay_there() -> None:
    html = '<span style="color:#fff;background:#000;font-family:Comic Sans">White <b>on</b></span>'
    assert to_html(read(html)) == "<div>White <b>on</b></div>"


def test_paragraphs_of_the_web_keep_their_distance_and_lines_stay_together() -> None:
    assert _told("<p>One</p><p>Two<br>three</p><div>Four</div><div>Five</div>") == (
        "One\n\nTwo\nthree\n\nFour\nFive"
    )


def test_a_list_of_word_is_a_list() -> None:
    mark = "<![if !supportLists]><span style='mso-list:Ignore'>{0}<span>&nbsp;&nbsp;</span></span>"
    item = "<p class=MsoListParagraph style='mso-list:l0 level{1} lfo1'>" + mark + "{2}</p>"
    html = item.format("·", 1, "Mugs") + item.format("o", 2, "blue") + item.format("1.", 1, "Bowls")
    assert [(line.kind, line.level, line.runs[0].text) for line in read(html)] == [
        (Kind.BULLET, 0, "Mugs"),
        (Kind.BULLET, 1, "blue"),
        (Kind.NUMBER, 0, "Bowls"),
    ]


def test_cells_of_a_sheet_stand_beside_each_other() -> None:
    html = "<table><tr><td>Mug</td><td>12</td></tr><tr><td>Bowl</td><td>30</td></tr></table>"
    assert _told(html) == "Mug\t12\nBowl\t30"


def test_the_bold_wrapper_of_google_documents_is_not_bold() -> None:
    html = '<b style="font-weight:normal"><span style="font-weight:700">No</span> yes</b>'
    assert to_html(read(html)) == "<div><b>No</b> yes</div>"


def test_of_pasted_pictures_only_known_ones_stay() -> None:
    html = '<img src="cid:mine@picture"><img src="cid:theirs@picture">'
    assert pictures(read(html, pictures=frozenset({"mine@picture"}))) == ("mine@picture",)


def test_lists_that_end_nowhere_are_bounded() -> None:
    found = read("<ul><li>" * 5000 + "deep")
    assert max(line.level for line in found) <= MAX_LEVEL
    assert "deep" in to_text(found)


@pytest.mark.parametrize("tag", ["li", "p style='mso-list:l0 level1'", "blockquote", "td", "ul"])
def test_tags_out_of_their_place_do_no_harm(tag: str) -> None:
    assert "x" in _told(f"</{tag}><{tag}><{tag}>x</p></{tag}></li></ul></{tag}>")
