"""Tables of customers (CSV) and address cards (vCard) as people, whoever wrote the file.

Pure reading: nothing is compared with what is here, nothing is stored.
"""

from __future__ import annotations

import csv
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from desktop_inbox.domain.errors import UserError

MAX_BYTES = 64 * 1024 * 1024  # of a file; more is no table of customers


@dataclass(slots=True, kw_only=True)
class Person:
    """One row or card."""

    line: int  # where it begins, from 1
    name: str = ""
    company: str = ""
    notes: str = ""
    language: str = ""
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)  # columns of other names, by name


def read(path: Path) -> list[Person]:
    """Return the people of a .csv or .vcf file.

    Raises:
        UserError: "no-file" (path, detail); "import-unreadable" (path, line).
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError("import-unreadable", path=path, line=1)
        raw = path.read_bytes()
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or "") from error
    text = _decoded(raw)
    if text.lstrip()[:11].upper() == "BEGIN:VCARD":
        return list(_cards(text))
    people = _table(text)
    if people is None:
        raise UserError("import-unreadable", path=path, line=1)
    return people


def _decoded(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1254", "replace")  # what Excel writes where no other is asked for


# CSV

_HEADS = {
    "name": "name", "full name": "name", "ad": "name", "ad soyad": "name", "isim": "name",
    "first name": "first", "given name": "first", "last name": "last", "family name": "last",
    "soyad": "last", "surname": "last",
    "email": "email", "e mail": "email", "e posta": "email", "eposta": "email", "mail": "email",
    "email address": "email", "e mail address": "email", "e mail 1 value": "email",
    "phone": "phone", "telephone": "phone", "mobile": "phone", "telefon": "phone", "gsm": "phone",
    "phone number": "phone", "phone 1 value": "phone", "cep": "phone", "cep telefonu": "phone",
    "company": "company", "organization": "company", "organisation": "company",
    "organization name": "company", "organization 1 name": "company", "şirket": "company",
    "firma": "company",
    "notes": "notes", "note": "notes", "not": "notes", "notlar": "notes",
    "tags": "tags", "tag": "tags", "labels": "tags", "etiketler": "tags",
    "language": "language", "dil": "language",
}  # fmt: skip
_SEPARATORS = re.compile(r"[\s_\-]+")


def _table(text: str) -> list[Person] | None:
    """Return the rows of a table, None where its head names nothing we know."""
    head, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=head.count)
    lines = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        titles = [title.strip() for title in next(lines, [])]
        heads = [_HEADS.get(_SEPARATORS.sub(" ", title.lower()).strip(), "") for title in titles]
        if not {"email", "phone", "name"} & set(heads):
            return None
        people = []
        begins = lines.line_num + 1
        for row in lines:
            if any(cell.strip() for cell in row):
                people.append(_row(row, heads, titles, line=begins))
            begins = lines.line_num + 1
    except csv.Error:
        return None
    return people


def _row(row: list[str], heads: list[str], titles: list[str], *, line: int) -> Person:
    person = Person(line=line)
    names = {"first": "", "last": ""}
    for head, title, cell in zip(heads, titles, row, strict=False):
        value = cell.strip()
        if head in names:
            names[head] = value
        elif value and head:
            _take(person, head, value)
        elif value and title:
            person.others[title] = value
    person.name = person.name or f"{names['first']} {names['last']}".strip()
    return person


def _take(person: Person, head: str, value: str) -> None:
    if head == "email":
        person.emails += [one.strip() for one in re.split(r"[;,\s]+|:::", value) if one.strip()]
    elif head == "phone":
        person.phones += [one.strip() for one in re.split(r"[;,]|:::", value) if one.strip()]
    elif head == "tags":
        person.tags += [one.strip() for one in re.split(r"[;,]|:::", value) if one.strip()]
    else:
        setattr(person, head, value)


# vCard (RFC 6350, and 2.1 and 3.0 as phones write them)


def _cards(text: str) -> Iterator[Person]:
    person: Person | None = None
    for number, line in _unfolded(text):
        name, _, value = line.partition(":")
        parameters = name.upper().split(";")
        kind = parameters[0].rpartition(".")[2]
        if kind == "BEGIN":
            person = Person(line=number)
        elif kind == "END" and person is not None:
            yield person
            person = None
        elif person is not None:
            if any("QUOTED-PRINTABLE" in one for one in parameters[1:]):
                value = _quoted(value)
            _property(person, kind, value)
    if person is not None:
        yield person


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield logical lines with the number of the first (RFC 6350 3.2; soft breaks of 2.1)."""
    parts: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), 1):
        soft = bool(parts) and parts[-1].endswith("=") and "QUOTED-PRINTABLE" in parts[0].upper()
        if soft:
            parts[-1] = parts[-1][:-1]
            parts.append(line)
        elif line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
        else:
            if parts:
                yield first, "".join(parts)
            parts, first = [line], number
    if parts:
        yield first, "".join(parts)


def _quoted(value: str) -> str:
    return quopri.decodestring(value.encode()).decode("utf-8", "replace")


def _property(person: Person, kind: str, value: str) -> None:
    text = _unescaped(value).strip()
    if not text:
        return
    if kind == "FN":
        person.name = text
    elif kind == "N" and not person.name:
        family, given = (*re.split(r"(?<!\\);", value), "")[:2]
        person.name = f"{_unescaped(given)} {_unescaped(family)}".strip()
    elif kind == "EMAIL":
        person.emails.append(text)
    elif kind == "TEL":
        person.phones.append(text.removeprefix("tel:"))
    elif kind == "ORG":
        person.company = _unescaped(re.split(r"(?<!\\);", value)[0]).strip()
    elif kind == "NOTE":
        person.notes = text
    elif kind == "LANG":
        person.language = text
    elif kind == "CATEGORIES":
        person.tags += [one.strip() for one in text.split(",") if one.strip()]


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
