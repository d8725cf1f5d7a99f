"""A mailbox of any size that never existed: seeded, in six languages, with threads and traps.

The same seed gives the same bytes on every machine. Pure but for `write_maildir`.
"""

from __future__ import annotations

import base64
import os
import quopri
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from pathlib import Path

from bench import nasty
from bench.words import LANGUAGES, PRODUCTS, SYLLABLES, WEIGHTS, Language

SEED = 20260117
SHOP = "hello@pottery.example"
EPOCH = datetime(2024, 1, 8, 7, 30, tzinfo=UTC)
INBOX, SENT = "INBOX", "Sent"

_NASTY = 0.02
_HTML = 0.52
_ATTACHMENT = 0.085
_LARGE_ATTACHMENT = 0.003
_DUPLICATE = 0.004
_OUTSIDER = 0.01  # knows the ids of a thread that is none of its business


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One generated message and what a program must make of it."""

    index: int
    folder: str  # INBOX or SENT
    raw: bytes  # CRLF line ends
    received_at: datetime
    message_id: str  # without angle brackets; '' where the message has none
    thread: int  # the conversation it belongs to: the index of that thread's first message
    customer: str  # the address of the person it is from, or to when we wrote it
    kind: str  # "plain", "html", "attachment", or "nasty:…"
    copy_of: int | None = None  # the index of the message that this is a second delivery of


@dataclass(slots=True)
class _Person:
    name: str
    address: str
    language: Language


@dataclass(slots=True)
class _Thread:
    first: int
    customer: _Person
    colleague: _Person | None
    subject: str
    ids: list[str] = field(default_factory=list)
    last_text: str = ""
    last_author: str = ""
    last_at: datetime = EPOCH


def generate(count: int, *, seed: int = SEED, shop: str = SHOP) -> Iterator[Sample]:
    """Yield `count` messages in the order in which they were received by `shop`."""
    return _Mailbox(count, seed, shop).samples()


def write_maildir(samples: Iterable[Sample], root: Path) -> int:
    """Lay the messages into a Maildir++ at `root` and return their size in bytes.

    Sent mail goes into `.Sent`. Line ends become LF, as in every Maildir; the time of receipt
    becomes the file's time, which servers give out as INTERNALDATE.
    """
    size = 0
    for folder in (root, root / ".Sent"):
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    for sample in samples:
        folder = root / ".Sent" if sample.folder == SENT else root
        at = sample.received_at.timestamp()
        flags = "S" if sample.folder == SENT else ""
        path = folder / "cur" / f"{int(at)}.M{sample.index:07d}.corpus:2,{flags}"
        path.write_bytes(sample.raw.replace(b"\r\n", b"\n"))
        os.utime(path, (at, at))
        size += len(sample.raw)
    return size


class _Mailbox:
    """Draws one message after the other; all chance comes from one generator."""

    def __init__(self, count: int, seed: int, shop: str) -> None:
        self._count = count
        self._shop = shop
        self._random = random.Random(seed)
        self._vocabulary = [self._word() for _ in range(6000)]
        self._people = [self._person(number) for number in range(max(8, count // 9))]
        self._open: list[_Thread] = []
        self._recent: list[Sample] = []
        self._at = EPOCH
        # What is quoted again and again by newsletters: built once, as shops do.
        self._styles = self._stylesheet()

    def samples(self) -> Iterator[Sample]:
        for index in range(self._count):
            self._at += timedelta(seconds=self._random.expovariate(1 / 2400))
            sample = self._next(index)
            self._recent = [*self._recent[-40:], sample]
            yield sample

    def _next(self, index: int) -> Sample:
        chance = self._random.random()
        if chance < _NASTY:
            return self._nasty(index)
        if chance < _NASTY + _DUPLICATE and self._recent:
            return self._second_delivery(index)
        if chance < _NASTY + _DUPLICATE + _OUTSIDER and self._open:
            return self._outsider(index)
        if self._open and self._random.random() < 0.58:
            return self._answer(index, self._random.choice(self._open[-60:]))
        return self._opening(index)

    # --- kinds of messages -------------------------------------------------------------------

    def _opening(self, index: int) -> Sample:
        person = self._someone()
        thread = _Thread(
            first=index,
            customer=person,
            colleague=self._someone() if self._random.random() < 0.1 else None,
            subject=self._fill(self._random.choice(person.language.subjects), person.language),
        )
        self._open.append(thread)
        return self._message(index, thread, person, parents=(), subject=thread.subject)

    def _answer(self, index: int, thread: _Thread) -> Sample:
        author: _Person | None = thread.customer
        if thread.last_author != self._shop and self._random.random() < 0.75:
            author = None
        elif thread.colleague and self._random.random() < 0.3:
            author = thread.colleague
        prefix = thread.customer.language.reply_prefix
        subject = f"{prefix}: {thread.subject}"
        return self._message(index, thread, author, parents=tuple(thread.ids), subject=subject)

    def _outsider(self, index: int) -> Sample:
        target = self._random.choice(self._open[-60:])
        person = self._stranger(index)
        own = _Thread(first=index, customer=person, colleague=None, subject=target.subject)
        subject = f"Re: {target.subject}"
        return self._message(index, own, person, parents=tuple(target.ids), subject=subject)

    def _second_delivery(self, index: int) -> Sample:
        choices = [s for s in self._recent if s.message_id and s.folder == INBOX]
        if not choices:
            return self._opening(index)
        first = self._random.choice(choices)
        return Sample(
            index=index,
            folder=first.folder,
            raw=b"Delivered-To: also@pottery.example\r\n" + first.raw,
            received_at=self._at,
            message_id=first.message_id,
            thread=first.thread,
            customer=first.customer,
            kind=first.kind,
            copy_of=first.index if first.copy_of is None else first.copy_of,
        )

    def _nasty(self, index: int) -> Sample:
        person = self._someone()
        trap = self._random.choice(nasty.TRAPS)
        has_id = trap.has_message_id
        message_id = f"nasty-{index}.{self._random.getrandbits(40):x}@{_host(person.address)}"
        lines = [
            f"From: {_mailbox(person)}",
            f"To: {self._shop}",
            f"Date: {format_datetime(self._at)}",
            *([f"Message-ID: <{message_id}>"] if has_id else []),
        ]
        head = "".join(f"{line}\r\n" for line in lines).encode()
        return Sample(
            index=index,
            folder=INBOX,
            raw=trap.make(head, self._text(person.language, 3), self._random),
            received_at=self._at,
            message_id=message_id if has_id else "",
            thread=index,
            customer=person.address,
            kind=f"nasty:{trap.name}",
        )

    def _message(
        self,
        index: int,
        thread: _Thread,
        author: _Person | None,
        *,
        parents: tuple[str, ...],
        subject: str,
    ) -> Sample:
        language = thread.customer.language
        host = _host(self._shop if author is None else author.address)
        message_id = f"{index}.{self._random.getrandbits(48):x}@{host}"
        headers = self._headers(thread, author, message_id=message_id, subject=subject)
        headers += self._ancestry(parents)
        text = self._text(language, self._random.randint(2, 9))
        if author is not None:
            text += f"\n\n{self._random.choice(language.closings)}\n{author.name}\n"
        kind, raw = self._body(headers, language, text, quote=self._quote(thread, language))
        thread.ids.append(message_id)
        thread.last_text, thread.last_at = text, self._at
        thread.last_author = self._shop if author is None else author.address
        return Sample(
            index=index,
            folder=SENT if author is None else INBOX,
            raw=raw,
            received_at=self._at,
            message_id=message_id,
            thread=thread.first,
            customer=thread.customer.address if author is None else author.address,
            kind=kind,
        )

    # --- headers -----------------------------------------------------------------------------

    def _headers(
        self, thread: _Thread, author: _Person | None, *, message_id: str, subject: str
    ) -> list[str]:
        customer = _mailbox(thread.customer)
        shop = f"Pottery <{self._shop}>"
        copies = [_mailbox(thread.colleague)] if thread.colleague else []
        if author is None:
            sender, to = shop, customer
        elif author is thread.colleague:
            sender, to, copies = _mailbox(author), shop, [customer]
        else:
            sender, to = customer, shop
        hops = [
            f"Received: from mx{hop}.{_host(thread.customer.address)} (mx{hop} [192.0.2.{hop}])\r\n"
            f"\tby mail.pottery.example with ESMTPS id {self._random.getrandbits(64):016x};\r\n"
            f"\t{format_datetime(self._at)}"
            for hop in range(1, self._random.randint(2, 4))
        ]
        return [
            *hops,
            f"From: {sender}",
            f"To: {to}",
            *([f"Cc: {', '.join(copies)}"] if copies else []),
            f"Subject: {_encoded(subject)}",
            f"Date: {format_datetime(self._at)}",
            f"Message-ID: <{message_id}>",
            f"X-Mailer: Example Mail {self._random.randint(9, 16)}.{self._random.randint(0, 9)}",
            "MIME-Version: 1.0",
        ]

    def _ancestry(self, parents: tuple[str, ...]) -> list[str]:
        if not parents:
            return []
        chance = self._random.random()
        references = "References: " + "\r\n ".join(f"<{name}>" for name in parents[-20:])
        if chance < 0.08:  # some programs name no parent …
            return [references]
        if chance < 0.16:  # … others no ancestors
            return [f"In-Reply-To: <{parents[-1]}>"]
        return [f"In-Reply-To: <{parents[-1]}>", references]

    # --- bodies ------------------------------------------------------------------------------

    def _body(
        self, headers: list[str], language: Language, text: str, *, quote: str
    ) -> tuple[str, bytes]:
        chance = self._random.random()
        if chance < _LARGE_ATTACHMENT:
            size = self._random.randint(280_000, 900_000)
            return "attachment", self._with_file(headers, language, text + quote, size)
        if chance < _ATTACHMENT:
            size = self._random.randint(8_000, 90_000)
            return "attachment", self._with_file(headers, language, text + quote, size)
        if chance < _ATTACHMENT + _HTML:
            parts = [self._plain_part(language, text + quote), self._html_part(text, quote)]
            return "html", self._multipart(headers, "alternative", parts)
        return "plain", _joined(headers, self._plain_part(language, text + quote))

    def _with_file(self, headers: list[str], language: Language, text: str, size: int) -> bytes:
        name, media_type = self._random.choice(
            (
                ("photo.jpg", "image/jpeg"),
                ("Rechnung Größe.pdf", "application/pdf"),
                ("sipariş listesi.xlsx", "application/vnd.ms-excel"),
                ("orders.csv", "text/csv"),
            )
        )
        data = base64.encodebytes(self._random.randbytes(size)).replace(b"\n", b"\r\n")
        head = (
            f"Content-Type: {media_type}; name*=UTF-8''{_percent(name)}\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            f"Content-Disposition: attachment; filename*=UTF-8''{_percent(name)}\r\n\r\n"
        )
        parts = [self._plain_part(language, text), head.encode() + data]
        return self._multipart(headers, "mixed", parts)

    def _multipart(self, headers: list[str], kind: str, parts: list[bytes]) -> bytes:
        boundary = f"=_{self._random.getrandbits(96):024x}"
        body = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
        body += f"--{boundary}--\r\n".encode()
        content_type = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
        return _joined(headers, content_type.encode() + body)

    def _plain_part(self, language: Language, text: str) -> bytes:
        text = text.replace("\n", "\r\n")
        charset = language.charset if self._random.random() < 0.3 else "utf-8"
        try:
            data = text.encode(charset)
        except UnicodeEncodeError:
            charset, data = "utf-8", text.encode()
        if charset == "iso-2022-jp":
            return _part("text/plain", charset, "7bit", data)
        if self._random.random() < 0.3:
            return _part("text/plain", charset, "base64", _base64(data))
        if self._random.random() < 0.5:
            return _part("text/plain", charset, "quoted-printable", _quoted(data))
        return _part("text/plain", charset, "8bit", data)

    def _html_part(self, text: str, quote: str) -> bytes:
        paragraphs = "".join(f"<p class=MsoNormal>{line}</p>\r\n" for line in text.split("\n"))
        quoted = quote.replace("\n> ", "<br>\r\n")
        html = (
            f"<html><head><style>{self._styles}</style></head><body>\r\n{paragraphs}"
            f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{quoted}</blockquote>\r\n'
        )
        if self._random.random() < 0.5:
            html += self._layout_tables(self._random.randint(10, 44))
        data = f"{html}</body></html>\r\n".encode()
        if self._random.random() < 0.6:
            return _part("text/html", "utf-8", "quoted-printable", _quoted(data))
        return _part("text/html", "utf-8", "base64", _base64(data))

    def _layout_tables(self, rows: int) -> str:
        row = (
            '<tr><td align="center" valign="top" style="padding:{pad}px;font-family:Arial,'
            'sans-serif;color:#3{pad}3a45"><table width="600" cellpadding="0" cellspacing="0" '
            'border="0"><tr><td style="padding:12px 24px"><a href="https://pottery.example/{word}">'
            '<img src="https://img.pottery.example/{word}.jpg" width="260" alt="{word}"></a></td>'
            '<td style="font-size:14px;line-height:21px">{words}</td></tr></table></td></tr>\r\n'
        )
        filled = "".join(
            row.format(
                pad=self._random.randint(1, 9),
                word=self._random.choice(self._vocabulary),
                words=" ".join(self._words(self._random.randint(15, 45))),
            )
            for _ in range(rows)
        )
        return f'<table width="100%" bgcolor="#f4f4f4" role="presentation">\r\n{filled}</table>\r\n'

    def _stylesheet(self) -> str:
        rules = (
            f".{self._random.choice(self._vocabulary)} {{ font: {size}px Arial; margin: 0 }}\r\n"
            for size in range(8, 40)
        )
        return "".join(rules)

    def _quote(self, thread: _Thread, language: Language) -> str:
        if not thread.last_text:
            return ""
        wrote = language.wrote.format(d=f"{thread.last_at:%d.%m.%Y %H:%M}", w=thread.last_author)
        return f"\n\n{wrote}\n> " + thread.last_text.strip().replace("\n", "\n> ") + "\n"

    # --- words -------------------------------------------------------------------------------

    def _text(self, language: Language, sentences: int) -> str:
        lines = [self._random.choice(language.greetings), ""]
        for _ in range(sentences):
            line = self._fill(self._random.choice(language.sentences), language)
            if self._random.random() < 0.5:
                line += " " + " ".join(self._words(self._random.randint(4, 18))) + "."
            lines.append(line)
        return "\n".join(lines)

    def _fill(self, template: str, language: Language) -> str:
        return template.format(
            o=f"#{self._random.randint(10_000, 99_999)}",
            n=self._random.randint(2, 80),
            p=self._random.choice(PRODUCTS[language.code]),
        )

    def _words(self, number: int) -> list[str]:
        # A few words are common and most are rare, as in any language.
        last = len(self._vocabulary) - 1
        return [
            self._vocabulary[min(last, int(self._random.paretovariate(0.55)))]
            for _ in range(number)
        ]

    def _word(self) -> str:
        return "".join(self._random.choices(SYLLABLES, k=self._random.randint(2, 5)))

    # --- people ------------------------------------------------------------------------------

    def _someone(self) -> _Person:
        return self._people[int(len(self._people) * self._random.random() ** 1.6)]

    def _person(self, number: int) -> _Person:
        language = self._random.choices(LANGUAGES, WEIGHTS)[0]
        name = " ".join(map(self._random.choice, (language.first_names, language.last_names)))
        company = self._random.choice(self._vocabulary[:400])
        return _Person(name, f"c{number}@{company}.example", language)

    def _stranger(self, index: int) -> _Person:
        return _Person("A stranger", f"stranger{index}@elsewhere.example", LANGUAGES[0])


def _part(media_type: str, charset: str, encoding: str, data: bytes) -> bytes:
    head = f"Content-Type: {media_type}; charset={charset}\r\n"
    return f"{head}Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + data + b"\r\n"


def _joined(headers: list[str], rest: bytes) -> bytes:
    return "".join(f"{line}\r\n" for line in headers).encode() + rest


def _mailbox(person: _Person) -> str:
    return f"{_encoded(person.name, quoted=True)} <{person.address}>"


def _encoded(text: str, *, quoted: bool = False) -> str:
    if text.isascii():
        return f'"{text}"' if quoted else text
    return Header(text, "utf-8", maxlinelen=70).encode(linesep="\r\n")


def _host(address: str) -> str:
    return address.partition("@")[2]


def _percent(name: str) -> str:
    return "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02X}" for b in name.encode())


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _quoted(data: bytes) -> bytes:
    return quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
