"""Outgoing mail: what is written can be read back, and no field can write another."""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_inbox.domain.messages import Address, Outgoing, OutgoingFile
from desktop_inbox.mime import headers
from desktop_inbox.mime.compose import MAX_REFERENCES, compose, references, write
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.mime.parts import attachment_bytes

AT = datetime(2026, 1, 5, 7, 30, 15, tzinfo=UTC)
SHOP = Address(name="Çömlek Dükkânı", address="shop@shop.test")
CUSTOMER = Address(name="Ayşe Yılmaz", address="ayse@ornek.test")


def outgoing(
    *, text: str = "Merhaba", subject: str = "Sipariş", files: tuple[OutgoingFile, ...] = ()
) -> Outgoing:
    return Outgoing(
        client_ref="c1.m1@shop.test",
        at=AT,
        from_=SHOP,
        to=(CUSTOMER,),
        subject=subject,
        text=text,
        attachments=files,
    )


def file_of(path: Path, data: bytes, *, name: str, inline: bool = False) -> OutgoingFile:
    path.write_bytes(data)
    return OutgoingFile(
        name=name,
        media_type="image/png" if inline else "application/pdf",
        path=path,
        size=len(data),
        content_id="p1@shop.test" if inline else "",
        inline=inline,
    )


def test_a_reply_carries_what_it_answers() -> None:
    message = replace(
        outgoing(), in_reply_to="q@ornek.test", references=("r@ornek.test",), cc=(SHOP,)
    )
    found = parse_message(compose(message))
    assert found.message_id == "c1.m1@shop.test"
    assert found.date == AT
    assert found.in_reply_to == ("q@ornek.test",)
    assert found.references == ("r@ornek.test", "q@ornek.test")
    assert (found.from_, found.to, found.cc) == ((SHOP,), (CUSTOMER,), (SHOP,))
    assert found.text == "Merhaba\n"


def test_blind_copies_are_not_written() -> None:
    raw = compose(replace(outgoing(), bcc=(Address(address="boss@shop.test"),)))
    assert b"boss@shop.test" not in raw


def test_long_chains_keep_their_first_and_last_fifty_ids() -> None:  # C6
    chain = tuple(f"m{number}@shop.test" for number in range(300))
    message = replace(outgoing(), references=chain, in_reply_to="m299@shop.test")
    kept = references(message)
    assert len(kept) == MAX_REFERENCES
    assert kept == chain[:50] + chain[-50:]
    raw = compose(message)
    assert parse_message(raw).references == kept
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_files_arrive_byte_for_byte_under_their_names(tmp_path: Path) -> None:
    data = bytes(range(256)) * 700
    attached = file_of(tmp_path / "a", data, name="fatura № 5 – çok “uzun” bir ad, ki bölünsün.pdf")
    shown = file_of(tmp_path / "b", b"PNG", name="logo.png", inline=True)
    message = replace(
        outgoing(files=(attached, shown)), html='<p>x<img src="cid:p1@shop.test"></p>'
    )
    raw = compose(message)
    found = {part.name: part for part in parse_message(raw).attachments}
    assert found[attached.name].sha256 == hashlib.sha256(data).hexdigest()
    assert found["logo.png"].inline
    assert attachment_bytes(raw, found["logo.png"].section) == b"PNG"
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert {part.get_filename() for part in parsed.walk()} >= {attached.name, "logo.png"}


def test_the_same_message_is_always_the_same_bytes(tmp_path: Path) -> None:
    message = replace(outgoing(files=(file_of(tmp_path / "a", b"x", name="a"),)), html="<p>x</p>")
    assert compose(message) == compose(message)
    target = io.BytesIO()
    write(message, target)
    assert target.getvalue() == compose(message)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a", b"x", name="a")
    (tmp_path / "a").unlink()
    with pytest.raises(FileNotFoundError):
        compose(outgoing(files=(file,)))


@pytest.mark.parametrize(
    "message",
    [
        replace(outgoing(), client_ref=""),
        replace(outgoing(), from_=Address(name="nobody")),
        replace(outgoing(), from_=Address(address="a@b\r\nBcc: c@d")),
    ],
)
def test_a_message_without_id_or_author_is_refused(message: Outgoing) -> None:
    with pytest.raises(ValueError, match="needs its"):
        compose(message)


def test_a_text_that_reads_like_a_boundary_stays_text() -> None:
    text = "From me\n.\n--=_\n-- \nAyşe \t\n"
    assert parse_message(compose(outgoing(text=text))).text == text


FIELD_NAMES = {
    "message-id", "date", "from", "to", "cc", "subject", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip
anything = st.text(max_size=120)
nasty = st.lists(
    st.sampled_from(
        ["\r\n", "\n", "\r", "Bcc: evil@x.test", "ş", "İ", "😀", '"', "\\", "<", ">", ",",
         "=?utf-8?q?",
         "?=", "\x00", "\u2028", "\u0085", " ", "a" * 100, "--", ":", ";", "%", "'", "\ud800"]
    ),
    max_size=20,
).map("".join)  # fmt: skip
words = st.one_of(anything, nasty)


@settings(max_examples=200, deadline=None)
@given(name=words, subject=words, answered=words, chain=st.lists(words, max_size=4), text=words)
def test_no_field_writes_another_and_all_are_read_back(
    name: str, subject: str, answered: str, chain: list[str], text: str
) -> None:
    message = Outgoing(
        client_ref="c1@shop.test",
        at=AT,
        from_=Address(name=name, address="shop@shop.test"),
        to=(Address(name=subject, address="a@b.test"), Address(address="c@d.test")),
        subject=subject,
        text=text,
        in_reply_to=answered,
        references=tuple(chain),
    )
    raw = compose(message)
    fields, _, sound = headers.split(raw)
    assert sound
    assert set(fields) <= FIELD_NAMES
    assert all(len(values) == 1 for values in fields.values())
    found = parse_message(raw)
    assert [entry.address for entry in found.from_] == ["shop@shop.test"]
    assert [entry.address for entry in found.to] == ["a@b.test", "c@d.test"]
    assert found.from_[0].name == readable(name)
    assert found.subject == readable(subject)[:2000]
    assert found.references == references(message)
    assert "evil@x.test" not in str(found.bcc)


def readable(text: str) -> str:
    return headers.clean(headers.clean(text).encode("utf-8", "replace").decode())


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_text_is_read_back(text: str) -> None:
    kept = parse_message(compose(outgoing(text=text))).text
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    wanted = "".join(
        char for char in plain if char in "\n\t" or (char >= " " and char not in "\x7f\ufeff")
    )
    assert kept.rstrip("\n") == wanted.rstrip("\n")
    assert all(len(line) <= 998 for line in compose(outgoing(text=text)).split(b"\r\n"))


@settings(max_examples=100, deadline=None)
@given(name=words)
def test_file_names_are_read_back(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("out") / "f"
    file = file_of(path, b"data", name=name)
    raw = compose(outgoing(files=(file,)))
    found = parse_message(raw).attachments
    assert len(found) == 1
    assert found[0].sha256 == hashlib.sha256(b"data").hexdigest()
    assert b"\nBcc" not in raw


@settings(deadline=None)
@given(name=st.text(max_size=80), address=st.text(max_size=80))
def test_an_address_for_answers_adds_no_field_of_its_own(name: str, address: str) -> None:
    marked = replace(outgoing(), reply_to=(Address(name=name, address=address),))
    fields = set(email.message_from_bytes(compose(marked)).keys())
    assert fields - {"Reply-To"} == set(email.message_from_bytes(compose(outgoing())).keys())


def test_an_automatic_mail_says_so_and_proves_whose_it_is_d4() -> None:
    found = email.message_from_bytes(compose(replace(outgoing(), automatic=True)))
    assert found["Auto-Submitted"] == "auto-replied"
    assert found["X-Auto-Response-Suppress"] == "All"
    assert found["X-Desktop-Inbox-Loop"] == found["Message-ID"]
    assert found["Precedence"] is None
