"""mailto: links fill in a letter, and nothing else (RFC 6068)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop_inbox.domain.mailto import MOST_CHARACTERS, Letter, is_link, parse
from desktop_inbox.domain.sendable import sendable


def to(letter: Letter) -> list[str]:
    return [person.address for person in letter.to]


@pytest.mark.parametrize(
    ("link", "people"),
    [
        ("mailto:chris@example.com", ["chris@example.com"]),
        ("MAILTO:chris@example.com", ["chris@example.com"]),
        ("mailto:addr1@an.example,addr2@an.example", ["addr1@an.example", "addr2@an.example"]),
        ("mailto:?to=addr1@an.example,addr2@an.example", ["addr1@an.example", "addr2@an.example"]),
        ("mailto:addr1@an.example?to=addr2@an.example", ["addr1@an.example", "addr2@an.example"]),
        ("mailto:gorby%25kremvax@example.com", ["gorby%kremvax@example.com"]),
        ("mailto:unlikely%3Faddress@example.com", ["unlikely?address@example.com"]),
        ("mailto:Mike%26family@example.org", ["Mike&family@example.org"]),
        ("mailto:%22not%40me%22@example.org", ['"not@me"@example.org']),
        ("mailto:user+tag@example.org", ["user+tag@example.org"]),
        ("mailto:user@%E7%B4%8D%E8%B1%86.example.org", ["user@納豆.example.org"]),
        ("mailto:a@an.example,,%20,a@an.example,", ["a@an.example"]),
        ("mailto:nobody,%0d%0aBcc:x@an.example", []),
    ],
)
def test_recipients_are_read_as_the_standard_says(link: str, people: list[str]) -> None:
    assert to(parse(link)) == people


def test_every_field_that_may_be_filled_in_is() -> None:
    letter = parse(
        "mailto:joe@example.com?cc=bob@example.com&BCC=eve@example.com"
        "&subject=caf%C3%A9%20%26%20g%C3%BCne%C5%9F&body=line1%0D%0Aline2&body=1%2B1=2"
    )
    assert [one.address for one in letter.cc] == ["bob@example.com"]
    assert [one.address for one in letter.bcc] == ["eve@example.com"]
    assert letter.subject == "café & güneş"
    assert letter.body == "line1\nline2\n1+1=2"


def test_a_plus_stays_a_plus_and_the_fragment_is_not_for_us() -> None:
    letter = parse("mailto:a@an.example?subject=1+1#body=no")
    assert letter.subject == "1+1"
    assert letter.body == ""


@pytest.mark.parametrize("name", ["attach", "Attachment", "%61ttach"])
def test_no_link_attaches_a_file(name: str) -> None:
    letter = parse(f"mailto:a@an.example?{name}=/etc/passwd&subject=hello")
    assert letter.wanted_files
    assert letter == Letter(to=letter.to, subject="hello", wanted_files=True)


@pytest.mark.parametrize("name", ["from", "reply-to", "in-reply-to", "x-any", "", "date", "sender"])
def test_no_link_sets_another_header(name: str) -> None:
    assert parse(f"mailto:a@an.example?{name}=b@an.example") == parse("mailto:a@an.example")


def test_a_subject_breaks_no_line_and_hides_nothing() -> None:
    letter = parse("mailto:?subject=one%0D%0ABcc:%20eve@an.example%00%E2%80%AEtxt.exe")
    assert letter.subject == "one Bcc: eve@an.exampletxt.exe"


def test_a_body_keeps_its_lines_and_hides_nothing() -> None:
    letter = parse("mailto:?body=a%0Db%0D%0Ac%09d%00%1B%E2%80%AEe")
    assert letter.body == "a\nb\nc\tde"


def test_a_flood_is_not_taken() -> None:
    flood = ",".join(f"a{number}@an.example" for number in range(3000))
    assert len(parse(f"mailto:{flood}").to) == 100
    assert parse("mailto:" + "a" * MOST_CHARACTERS) == Letter()
    many = "&".join(["cc=a@an.example"] * 3000)
    assert len(parse(f"mailto:?{many}").cc) == 1


@pytest.mark.parametrize(
    "text", ["", "mailto", "http://mailto:a@an.example", " mailto:a@b.example"]
)
def test_what_is_no_link_fills_in_nothing(text: str) -> None:
    assert not is_link(text)
    assert parse(text) == Letter()


@given(st.text(max_size=300))
@example("mailto:%")
@example("mailto:%FF%FE?subject=%FF&body=%ud800")
@example("mailto:?&&=&==&subject")
def test_whatever_a_link_holds_the_letter_is_fit_to_show_and_send(text: str) -> None:
    for link in (f"mailto:{text}", f"mailto:?subject={text}&body={text}&to={text}"):
        letter = parse(link)
        assert all(sendable(one.address).ok for one in (*letter.to, *letter.cc, *letter.bcc))
        assert "\n" not in letter.subject
        letter.body.encode()


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100))
def test_what_was_encoded_comes_back(text: str) -> None:
    assert parse(f"mailto:?body={quote(text, safe='')}").body == text
