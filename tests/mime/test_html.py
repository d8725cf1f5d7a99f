"""HTML made inert, read as text, shown plainly; and never expensive."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from desktop_inbox.mime.html import safe
from desktop_inbox.mime.html.hosts import deceptive_host
from desktop_inbox.mime.html.links import link_warnings
from desktop_inbox.mime.html.safe import sanitise
from desktop_inbox.mime.html.text import to_text
from desktop_inbox.mime.quoted import split_quoted
from desktop_inbox.mime.reading import readable_colour, reading_view
from tests.support.corpora import corpus

LIMIT_SECONDS = 2.0
ALLOWED_TAGS = safe._TAGS | {"html", "head", "body", "-text", "tbody", "-undef"}
LOADING = {
    "src", "srcset", "background", "poster", "data", "action", "formaction", "lowsrc", "dynsrc",
    "ping", "manifest", "archive", "codebase", "xlink:href", "longdesc", "cite", "profile",
    "usemap", "imagesrcset", "http-equiv", "srcdoc",
}  # fmt: skip
OWN = re.compile(r"cid:|data:image/(?:png|jpe?g|gif|webp|bmp);base64,", re.IGNORECASE)
LINK = re.compile(r"(?:https?|mailto|tel|cid):", re.IGNORECASE)
LIVE_CSS = re.compile(r"url|expression|import|image|behavio|binding|\\|@|//", re.IGNORECASE)


def live(markup: str) -> list[tuple[str, str, str]]:
    """Return what of a document could run, load or leave, however it is put into a page."""
    found: list[tuple[str, str, str]] = []
    for page in ("{}", "<table><tr><td>{}</table>", "<p>{}", "<b><i>{}"):
        for node in LexborHTMLParser(page.replace("{}", markup)).css("*"):
            tag = node.tag or ""
            if tag not in ALLOWED_TAGS:
                found.append((tag, "", ""))
            for name, value in node.attributes.items():
                if is_live(tag, name.lower(), value or ""):
                    found.append((tag, name, value or ""))
    return found


def is_live(tag: str, name: str, value: str) -> bool:
    if name.startswith("on"):
        return True
    if name in LOADING:
        return not OWN.match(value)
    if name == "href":
        return tag != "a" or not LINK.match(value)
    return name == "style" and bool(LIVE_CSS.search(value))


# --- sanitising ---


@pytest.mark.parametrize("name", ["dompurify.jsonl", "remote_content.jsonl"])
def test_known_attacks_come_out_inert(name: str) -> None:
    for line in (corpus("html") / name).read_text().splitlines():
        vector = json.loads(line)
        clean = sanitise(vector["html"])
        assert live(clean.html) == [], vector["id"]
        assert live(reading_view(clean.html)) == [], vector["id"]
        assert "canary.test" not in re.sub(r'href="[^"]*"', "", strip_text(clean.html)), vector[
            "id"
        ]


def strip_text(markup: str) -> str:
    """Return the tags of a document alone: an address that is only read loads nothing."""
    tags = re.findall(r"<[^>]*>", markup)
    return "".join(re.sub(r'(?:alt|title)="[^"]*"', "", tag) for tag in tags)


def test_what_would_have_been_loaded_is_listed() -> None:
    found = sanitise(
        '<img src="http://x.test/1.png"><p style="background:url(http://x.test/2)">a</p>'
        '<link rel="stylesheet" href="http://x.test/3"><iframe src="http://x.test/4"></iframe>'
        "<form action=http://x.test/5></form><script>1</script>"
    )
    assert {blocked.kind for blocked in found.blocked} == {
        "image", "style", "link", "frame", "form", "script",
    }  # fmt: skip
    assert {blocked.url for blocked in found.blocked} == {
        "", "http://x.test/1.png", *(f"http://x.test/{number}" for number in range(2, 6)),
    }  # fmt: skip


def test_pictures_of_the_message_stay_and_remote_ones_only_when_allowed() -> None:
    markup = '<img src="cid:a@b"><img src="https://x.test/a.png">'
    assert sanitise(markup).html == '<img src="cid:a@b"><img>'
    allowed = sanitise(markup, allow_remote=True)
    assert 'src="https://x.test/a.png"' in allowed.html
    assert allowed.blocked == ()


def test_style_keeps_looks_and_loses_everything_that_loads() -> None:
    markup = '<p style="color:red;background:u\\72l(http://x.test);position:fixed">x</p>'
    assert sanitise(markup).html == '<p style="color:red">x</p>'
    assert sanitise('<p style="color:u&#114;l(//x.test)">x</p>').html == '<p style="">x</p>'


def test_marks_of_quoted_history_survive_and_other_classes_do_not() -> None:
    clean = sanitise('<div class="gmail_quote x" title="t">q</div><p class="x" id="y">y</p>').html
    assert clean.replace(' class=""', "") == '<div class="gmail_quote" title="t">q</div><p>y</p>'
    assert sanitise('<div id="divRplyFwdMsg">q</div>').html == '<div id="divRplyFwdMsg">q</div>'


@given(st.text(alphabet="<>/\"'= abdsprcimghtx:;&#()\\-!", max_size=200))
def test_no_markup_comes_out_live(markup: str) -> None:
    assert live(sanitise(markup).html) == []


# --- links ---


@pytest.mark.parametrize(
    ("text", "url", "warnings"),
    [
        ("our shop", "https://shop.test/", ()),
        ("www.shop.test", "https://shop.test/a", ()),
        ("https://shop.test/login", "https://evil.test/", ("text-names-other-host",)),
        ("here", "http://192.0.2.7/x", ("ip-host",)),
        ("here", "http://3221225985/x", ("ip-host",)),
        ("here", "https://xn--pple-43d.test", ("punycode", "mixed-scripts")),
        ("here", "https://shop.test@evil.test/", ("login-in-url",)),
        ("invoice.pdf", "https://files.test/1", ()),
        ("mail us", "mailto:a@b.test", ()),
    ],
)
def test_doubtful_links_are_pointed_out(text: str, url: str, warnings: tuple[str, ...]) -> None:
    assert link_warnings(text, url) == warnings


def test_hosts_that_imitate_others_are_told_from_honest_foreign_ones() -> None:
    assert deceptive_host("аpple.test")
    assert deceptive_host("раура.test")
    assert not deceptive_host("пример.test")
    assert not deceptive_host("ışık.test")


# --- text ---


def test_text_keeps_paragraphs_lists_links_tables_and_quotes() -> None:
    markup = """
        <style>p{}</style><h1>Title</h1><p>One <b>two</b>
        three<br>four</p><ul><li>a</li><li><p>b</p></li></ul><ol><li>x</li></ol>
        <table><tr><td>Mug</td><td>2</td></tr></table>
        <a href="https://shop.test/a">order</a> <span style="display:none">hidden</span>
        <blockquote><p>quoted</p></blockquote>"""
    assert to_text(markup) == (
        "Title\n\nOne two three\nfour\n\n- a\n- b\n\n1. x\n\nMug\t2\n\n"
        "order <https://shop.test/a>\n>\n> quoted"
    )


# --- the reading view ---


def test_layout_tables_are_unrolled_and_small_tables_of_data_stay() -> None:
    layout = "<table width=600><tr><td><table><tr><td><p>a</p></td></tr></table></td></tr></table>"
    assert reading_view(layout) == "<p>a</p>"
    data = "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Mug</td><td>5</td></tr></table>"
    assert reading_view(data).count("<td>") == 2


def test_nothing_is_wider_than_the_pane() -> None:
    shown = reading_view('<img src="cid:a" width="900" height="300"><p style="width:2000px">x</p>')
    assert 'width="640"' in shown
    assert "900" not in shown
    assert "2000" not in shown


def test_pictures_that_count_readers_are_left_out() -> None:
    assert "img" not in reading_view('<p>x<img src="cid:a" width="1" height="1"></p>')


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("colour", ["#ff0000", "navy", "rgb(0, 90, 200)", "#ffee00", "#036"])
def test_colours_can_be_read_on_the_pane(colour: str, dark: bool) -> None:
    shown = readable_colour(colour, dark=dark)
    red, green, blue = (int(shown[at : at + 2], 16) for at in (1, 3, 5))
    assert (max(red, green, blue) > 120) if dark else (min(red, green, blue) < 128)


@pytest.mark.parametrize("colour", ["black", "#333", "white", "gray", "inherit", "", "url(x)"])
def test_greys_and_nonsense_give_way_to_the_colour_of_the_pane(colour: str) -> None:
    assert readable_colour(colour, dark=True) == ""


@given(st.text(alphabet="<>/\"'= abdivptrlou:;&#", max_size=200))
def test_any_markup_has_a_reading_view(markup: str) -> None:
    clean = sanitise(markup).html
    assert live(reading_view(clean, dark=True)) == []
    visible, _ = split_quoted(clean)
    assert bool(to_text(visible).strip()) == bool(to_text(clean).strip())


# --- cost ---

BOMBS = {
    "nested blocks": "<div>" * 60_000,
    "nested quotes": "<blockquote>" * 25_000,
    "nested tables": "<table><tr><td>" * 20_000,
    "nested lists": "<ul><li>" * 30_000,
    "nested drawings": "<svg>" * 60_000,
    "unknown elements": "<x-a>" * 60_000,
    "open formatting": "".join(f"<b id={n}><i>" for n in range(12_000)) + "<p>x" * 3_000,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(30_000)) + ">",
    "declarations": '<p style="' + "color:red;" * 30_000 + '">x',
    "links": '<a href="http://x.test">' * 12_000,
    "comments": "<!--" * 75_000,
    "brackets": "<" * 300_000,
    "ends": "</b>" * 75_000,
    "references": "&amp" * 75_000,
}


@pytest.mark.parametrize("markup", BOMBS.values(), ids=BOMBS.keys())
@pytest.mark.parametrize(
    "work", [sanitise, to_text, split_quoted, reading_view], ids=lambda work: work.__name__
)
def test_absurd_documents_take_bounded_time(markup: str, work: Callable[[str], object]) -> None:
    began = time.process_time()
    work(markup)
    assert time.process_time() - began < LIMIT_SECONDS
