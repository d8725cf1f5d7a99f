"""Tables and cards become customers: tried first, matched by address, refused with reasons (E7)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_inbox.domain.customer_fields import FieldKind
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import customer_import as service
from desktop_inbox.services import customer_tables
from desktop_inbox.services import customers as editing
from desktop_inbox.services.customer_import import Line, Outcome
from desktop_inbox.store import customer_fields, customers
from tests.support.engine_room import Room
from tests.support.lookups import customer_known_as
from tests.support.post import Post

TABLE = """Name;E-posta;Telefon;Company;Size;Tags
Ayşe Yılmaz;AYSE@example.org;0532 123 45 67;Kaya;38;VIP, Wholesale
Cem;cem@example.com;;;;
Both;ayse@example.org;;;;
Two;bo@example.net, ayse@example.org;;;;
Nobody;;;;;
Bad;not an address;;;;
Worse;worse@example.com;;;large;
"""
CARDS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Arslan;Elif;;;\r\nFN:Elif Arslan\r\n"
    "EMAIL;TYPE=work:elif@kaya.exam\r\n ple\r\nTEL:tel:+90 532 765 43 21\r\n"
    "ORG:Arslan\\, Mimarlık;Design\r\nNOTE:Line one\\nline two\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Ay=C5=9F=\ne\n"
    "item1.EMAIL:x@y.example\nEND:VCARD\n"
)


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(post.mail("a@x"), post.mail("b@x", sender="Bo <bo@example.net>", minute=1))
    room.write(lambda tx: editing.add_field(tx, "Size", kind=FieldKind.NUMBER))
    return post


def _plan(room: Room, path: Path) -> list[Line]:
    people = customer_tables.read(path)
    return room.read(lambda conn: service.plan(conn, people, region="TR"))


def _outcomes(lines: list[Line]) -> list[tuple[str, str]]:
    return [(one.outcome.value, one.reason) for one in lines]


def _table(tmp_path: Path, text: str = TABLE, name: str = "people.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_a_dry_run_says_what_becomes_of_each_row_and_changes_nothing(
    post: Post, tmp_path: Path
) -> None:
    before = post.room.read(customers.list_all)
    lines = _plan(post.room, _table(tmp_path))
    assert _outcomes(lines) == [
        ("update", ""),
        ("create", ""),
        ("reject", "same-as-line"),
        ("reject", "same-as-line"),
        ("reject", "no-address"),
        ("reject", "address-invalid"),
        ("create", ""),
    ]
    assert post.room.read(customers.list_all) == before


def test_what_is_here_is_filled_up_and_never_overwritten(post: Post, tmp_path: Path) -> None:
    lines = _plan(post.room, _table(tmp_path))
    done = post.room.write(lambda tx: service.carry_out(tx, lines))
    assert _outcomes(done)[-1] == ("reject", "field-not-a-number")
    ayse = post.room.read(lambda conn: customer_known_as(conn, "phone", "+905321234567"))
    assert ayse is not None
    assert (ayse.name, ayse.company) == ("Ayşe", "Kaya")
    values = post.room.read(lambda conn: customer_fields.values(conn, [ayse.id]))
    assert list(values[ayse.id].values()) == ["38"]
    tags = post.room.read(lambda conn: customer_fields.tags_of(conn, [ayse.id]))[ayse.id]
    assert [one.name for one in tags] == ["VIP", "Wholesale"]


def test_bringing_the_same_in_twice_changes_nothing(post: Post, tmp_path: Path) -> None:
    path = _table(tmp_path, "name,email\nCem,cem@example.com\n")
    lines = _plan(post.room, path)
    post.room.write(lambda tx: service.carry_out(tx, lines))
    assert _outcomes(_plan(post.room, path)) == [("same", "")]


def test_a_row_with_the_addresses_of_two_customers_is_a_conflict(
    post: Post, tmp_path: Path
) -> None:
    path = _table(tmp_path, 'email\n"bo@example.net, ayse@example.org"\n')
    (line,) = _plan(post.room, path)
    assert (line.outcome, line.reason, line.detail) == (
        Outcome.CONFLICT,
        "several-customers",
        "Ayşe, Bo",
    )


def test_refused_rows_are_written_as_a_table_without_formulas(post: Post, tmp_path: Path) -> None:
    lines = _plan(post.room, _table(tmp_path, "name,email\n=1+1,nothing\n"))
    path = tmp_path / "errors.csv"
    assert service.write_errors(path, lines) == 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["line"], row["reason"], row["name"]) == ("2", "address-invalid", "'=1+1")


def test_cards_are_read_folded_escaped_and_in_the_old_encoding(tmp_path: Path) -> None:
    one, other = customer_tables.read(_table(tmp_path, CARDS, "cards.vcf"))
    assert (one.name, one.emails, one.phones) == (
        "Elif Arslan",
        ["elif@kaya.example"],
        ["+90 532 765 43 21"],
    )
    assert (one.company, one.notes) == ("Arslan, Mimarlık", "Line one\nline two")
    assert (other.name, other.emails, other.line) == ("Ayşe", ["x@y.example"], 11)


def test_what_excel_writes_in_turkish_is_read(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes("Ad Soyad;E-posta\r\nŞule Güneş;sule@example.com\r\n".encode("cp1254"))
    (person,) = customer_tables.read(path)
    assert person.name == "Şule Güneş"


@pytest.mark.parametrize("text", ["", "one,two\n1,2\n"])
def test_a_file_without_names_or_addresses_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="import-unreadable"):
        customer_tables.read(_table(tmp_path, text))
    with pytest.raises(UserError, match="no-file"):
        customer_tables.read(tmp_path / "nowhere.csv")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from([b"", b"name,email\n", b"BEGIN:VCARD\n"]))
def test_no_file_makes_it_stumble(tmp_path: Path, raw: bytes, head: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(head + raw)
    try:
        people = customer_tables.read(path)
    except UserError as refused:
        code = refused.code
    else:
        code = ""
        assert all(person.line > 0 for person in people)
    assert code in ("", "import-unreadable")
