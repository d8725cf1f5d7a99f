"""The sample shop's mails: read from resources/demo and put together as real messages.

Pure but for reading those files. Ages count back from a given moment, so the newest mail is
always minutes old.
"""

from __future__ import annotations

import html
import re
import tomllib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from desktop_inbox.demo.files import attachment
from desktop_inbox.paths import resources

LANGUAGES = ("en", "tr", "de")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_IDS = uuid.UUID("6f1c4b0e-7b1e-5a57-9d2c-2c1a6f0d9b10")  # names the shop's Message-IDs
_READ_AFTER = timedelta(hours=5)  # somebody has looked at what is older
_HTML_STYLE = "font-family:Calibri,Arial,sans-serif;font-size:11pt;color:#1f2328"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What the shop set up for itself."""

    name: str
    address: str
    agent: str
    tags: dict[str, int]  # name and hue
    canned: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message of the shop, ready to lie in a mailbox."""

    message_id: str  # without angle brackets
    folder: str  # INBOX or Sent
    at: datetime
    seen: bool
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One conversation of the shop: its letters, and what its people did to it."""

    subject: str
    customer: str  # "Name <address>"
    language: str
    letters: tuple[Letter, ...]
    answers: tuple[str, ...] = ()  # what the customer says to our next replies, in order
    tags: tuple[str, ...] = ()
    note: str = ""
    draft: str = ""
    status: str = "open"
    snooze: timedelta | None = None
    mine: bool = False
    priority: str = "normal"
    personal: bool = True  # a person wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterMail:
    """A mail that arrives while somebody watches."""

    after: timedelta
    sender: str
    subject: str
    text: str
    language: str
    joins: str = ""  # the subject of the conversation that it continues
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Everything that the sample shop starts with."""

    seed: Seed
    talks: tuple[Talk, ...]
    later: tuple[LaterMail, ...]
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by language
    wrote: dict[str, str] = field(default_factory=dict)  # how a mail program introduces a quote

    def letters(self) -> list[Letter]:
        """Return all letters, oldest first."""
        return sorted((letter for talk in self.talks for letter in talk.letters), key=_moment)


def load(now: datetime) -> Shop:
    """Return the shop as it is at `now`, an aware time."""
    documents = {name: read(name) for name in (*LANGUAGES, "other", "seed")}
    seed = _seed(documents["seed"])
    talks = [
        _talk(thread, documents[language], language, now, seed)
        for language in LANGUAGES
        for thread in documents[language]["thread"]
    ]
    by_subject = {talk.subject: talk for talk in talks}
    talks += [_automatic(mail, now, seed, by_subject) for mail in documents["other"]["mail"]]
    later = [
        _later(entry, language)
        for language in LANGUAGES
        for entry in documents[language].get("later", ())
    ]
    return Shop(
        seed=seed,
        talks=tuple(talks),
        later=tuple(sorted(later, key=lambda mail: mail.after)),
        answers={name: tuple(documents[name]["answers"]) for name in LANGUAGES},
        wrote={name: documents[name]["wrote"] for name in LANGUAGES},
    )


def duration(text: str) -> timedelta:
    """Return "2d3h15m" as a duration."""
    return sum(
        (timedelta(**{_UNITS[unit]: int(n)}) for n, unit in re.findall(r"(\d+)([dhms])", text)),
        timedelta(),
    )


def write(
    *,
    sender: str,
    to: str,
    subject: str,
    at: datetime,
    text: str,
    message_id: str = "",
    references: tuple[str, ...] = (),
    attachments: tuple[str, ...] = (),
    html_body: str = "",
    headers: dict[str, str] | None = None,
) -> bytes:
    """Return one message in its wire form. `references` are the ids it answers, oldest first."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id or new_message_id(sender)}>"
    if references:
        message["In-Reply-To"] = f"<{references[-1]}>"
        message["References"] = " ".join(f"<{reference}>" for reference in references)
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    if html_body:
        message.add_alternative(html_body, subtype="html")
    for spec in attachments:
        name, media_type, content = attachment(spec)
        main, _slash, sub = media_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def new_message_id(sender: str) -> str:
    """Return a fresh Message-ID, as the sender's own mail program would make it."""
    return f"{uuid.uuid4().hex}@{parseaddr(sender)[1].partition('@')[2]}"


def quote(text: str, *, wrote: str, at: datetime, name: str) -> str:
    """Return `text` as a mail program quotes it below an answer."""
    intro = wrote.format(date=f"{at:%d.%m.%Y %H:%M}", name=name)
    return f"\n\n{intro}\n" + "\n".join(f"> {line}" if line else ">" for line in text.splitlines())


# --- reading the files


def read(name: str) -> dict[str, Any]:
    """Return what a file of the sample shop says."""
    return tomllib.loads((resources() / "demo" / f"{name}.toml").read_text(encoding="utf-8"))


def _seed(document: dict[str, Any]) -> Seed:
    shop = document["shop"]
    return Seed(
        name=shop["name"],
        address=shop["address"],
        agent=shop["agent"],
        tags=document["tags"],
        canned=tuple(document["canned"]),
    )


def _later(entry: dict[str, Any], language: str) -> LaterMail:
    return LaterMail(
        after=duration(entry["after"]),
        sender=entry["from"],
        subject=entry["subject"],
        text=entry["text"],
        language=language,
        joins=entry.get("joins", ""),
        attachments=tuple(entry.get("attach", ())),
    )


def _talk(
    thread: dict[str, Any], document: dict[str, Any], language: str, now: datetime, seed: Seed
) -> Talk:
    return Talk(
        subject=thread["subject"],
        customer=thread["from"],
        language=language,
        letters=tuple(_letters(thread, document, now, seed)),
        answers=(thread["answer"],) if "answer" in thread else (),
        tags=tuple(thread.get("tags", ())),
        note=thread.get("note", ""),
        draft=thread.get("draft", ""),
        status=thread.get("status", "open"),
        snooze=duration(thread["snooze"]) if "snooze" in thread else None,
        mine=thread.get("mine", False),
        priority=thread.get("priority", "normal"),
    )


def _letters(
    thread: dict[str, Any], document: dict[str, Any], now: datetime, seed: Seed
) -> Iterator[Letter]:
    customer, shop = thread["from"], f"{seed.name} <{seed.address}>"
    last_answer = max(
        (number for number, entry in enumerate(thread["messages"]) if entry[1] == ">"), default=-1
    )
    references: tuple[str, ...] = ()
    before: tuple[str, datetime, str] | None = None
    for number, (age, direction, text, *attachments) in enumerate(thread["messages"]):
        ours = direction == ">"
        sender, to = (shop, customer) if ours else (customer, shop)
        at = now - duration(age)
        own_text = f"{text}\n\n{document['signature']}" if ours else text
        quoted = ""
        if before is not None:
            quoted = quote(before[0], wrote=document["wrote"], at=before[1], name=before[2])
        message_id = _named_id(sender, thread["subject"], number)
        yield Letter(
            message_id=message_id,
            folder="Sent" if ours else "INBOX",
            at=at,
            seen=ours or number < last_answer or now - at > _READ_AFTER,
            raw=write(
                sender=sender,
                to=to,
                subject=_subject(thread["subject"], number),
                at=at,
                text=own_text + quoted,
                message_id=message_id,
                references=references,
                attachments=tuple(attachments),
                html_body=_as_html(own_text, quoted) if thread.get("html") and not ours else "",
            ),
        )
        references = (*references, message_id)
        before = (own_text, at, parseaddr(sender)[0])


def _subject(subject: str, number: int) -> str:
    return subject if number == 0 or subject.startswith("Re: ") else f"Re: {subject}"


def _named_id(sender: str, subject: str, number: int) -> str:
    domain = parseaddr(sender)[1].partition("@")[2]
    return f"{uuid.uuid5(_IDS, f'{sender} {subject} {number}').hex}@{domain}"


def _as_html(text: str, quoted: str) -> str:
    """Return a body as a common mail program writes it."""
    paragraphs = "".join(
        f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n")
    )
    history = html.escape(quoted.strip()).replace("\n", "<br>")
    blockquote = f"<blockquote type='cite'>{history}</blockquote>" if history else ""
    return f"<html><body style='{_HTML_STYLE}'>{paragraphs}{blockquote}</body></html>"


# --- what no person wrote


def _automatic(
    mail: dict[str, Any], now: datetime, seed: Seed, by_subject: dict[str, Talk]
) -> Talk:
    at = now - duration(mail["age"])
    message_id = _named_id(mail["from"], mail["subject"], 0)
    text, html_body, headers = _AUTOMATIC[mail["kind"]](mail, seed)
    joined = by_subject.get(mail.get("joins", ""))
    raw = write(
        sender=mail["from"],
        to=f"{seed.name} <{seed.address}>",
        subject=mail["subject"],
        at=at,
        text=text,
        message_id=message_id,
        references=tuple(
            letter.message_id for letter in (joined.letters if joined else ()) if letter.at < at
        ),
        html_body=html_body,
        headers=headers,
    )
    letter = Letter(
        message_id=message_id,
        folder="INBOX",
        at=at,
        seen=mail["kind"] != "spam" and now - at > timedelta(hours=1),
        raw=raw,
    )
    return Talk(
        subject=mail["subject"],
        customer=mail["from"],
        language="en",
        letters=(letter,),
        status=_AUTOMATIC_STATUS.get(mail["kind"], "closed"),
        personal=False,
        tags=("order",) if mail["kind"] == "order" else (),
    )


_Body = tuple[str, str, dict[str, str]]  # text, HTML, further headers


def _order(mail: dict[str, Any], seed: Seed) -> _Body:
    rows = [(str(count), piece, price) for piece, count, price in mail["lines"]]
    total = sum(int(count) * float(price) for count, _piece, price in rows)
    text = "\n".join(
        [
            f"{mail['subject']}: {mail['customer']}",
            "",
            *(f"{count} x {piece}: {price} EUR" for count, piece, price in rows),
            "",
            f"Total: {total:.2f} EUR",
        ]
    )
    cells = "".join(
        f"<tr><td>{count} ×</td><td>{html.escape(piece)}</td><td align='right'>€ {price}</td></tr>"
        for count, piece, price in rows
    )
    body = (
        f"<h2 style='color:#8a4b2a'>{html.escape(mail['subject'])}</h2>"
        f"<p>{html.escape(mail['customer'])}</p>"
        f"<table width='100%' cellpadding='6' style='border-collapse:collapse'>{cells}"
        f"<tr><td></td><td><b>Total</b></td><td align='right'><b>€ {total:.2f}</b></td></tr>"
        f"</table><p><a href='https://shop.kayaceramics.example/orders'>Open in the shop</a></p>"
    )
    return text, _page(body), {"Auto-Submitted": "auto-generated"}


def _newsletter(mail: dict[str, Any], seed: Seed) -> _Body:
    host = parseaddr(mail["from"])[1].partition("@")[2]
    text = "\n".join(
        [
            mail["title"],
            "",
            mail["intro"],
            "",
            *(f"{what}: {price}" for what, price in mail["lines"]),
        ]
    )
    cells = "".join(
        "<tr><td style='border-bottom:1px solid #ddd'>"
        f"{html.escape(what)}</td><td align='right' style='border-bottom:1px solid #ddd'>"
        f"<b>{html.escape(price)}</b></td></tr>"
        for what, price in mail["lines"]
    )
    body = (
        f"<table width='600' align='center' bgcolor='#ffffff' cellpadding='16'><tr><td>"
        f"<img src='https://img.{host}/header.png' width='568' height='120' alt=''>"
        f"<h1 style='color:#30506a'>{html.escape(mail['title'])}</h1>"
        f"<p>{html.escape(mail['intro'])}</p>"
        f"<table width='100%' cellpadding='8'>{cells}</table>"
        f"<p style='color:#888;font-size:9pt'><a href='https://{host}/unsubscribe'>Unsubscribe</a></p>"
        f"<img src='https://track.{host}/open.gif' width='1' height='1' alt=''></td></tr></table>"
    )
    headers = {
        "List-Id": f"<news.{host}>",
        "List-Unsubscribe": f"<https://{host}/unsubscribe>",
        "Precedence": "bulk",
    }
    return text, _page(body), headers


def _away(mail: dict[str, Any], seed: Seed) -> _Body:
    return mail["text"], "", {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}


def _bounce(mail: dict[str, Any], seed: Seed) -> _Body:
    text = (
        "I'm sorry to have to inform you that your message could not be delivered to one or more "
        f"recipients.\n\n<{mail['recipient']}>: {mail['said']}"
    )
    return text, "", {"Auto-Submitted": "auto-replied", "Return-Path": "<>"}


def _plain(mail: dict[str, Any], seed: Seed) -> _Body:
    headers = {"Auto-Submitted": "auto-generated"} if mail["kind"] == "notice" else {}
    return mail["text"], "", headers


def _page(body: str) -> str:
    return f"<html><body style='{_HTML_STYLE}'>{body}</body></html>"


_AUTOMATIC: dict[str, Callable[[dict[str, Any], Seed], _Body]] = {
    "order": _order,
    "newsletter": _newsletter,
    "away": _away,
    "bounce": _bounce,
    "spam": _plain,
    "notice": _plain,
}
_AUTOMATIC_STATUS = {"spam": "spam"}


def _moment(letter: Letter) -> datetime:
    return letter.at
