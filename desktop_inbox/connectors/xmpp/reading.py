"""What the archive and the stream hold becomes chat items, whatever strangers wrote. Pure.

Ids are chosen by whoever writes, so a message is known here by the talk it stands in, by who wrote
it, and by its id: a customer can then neither change nor hide what is not theirs.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from desktop_inbox.connectors.chat import (
    Chat,
    ChatItem,
    Edited,
    Incoming,
    Person,
    Reacted,
    Receipt,
    RemoteFile,
    Withdrawn,
)
from desktop_inbox.connectors.payload import EPOCH, line, words, written_date
from desktop_inbox.connectors.xmpp import names
from desktop_inbox.connectors.xmpp.names import bare
from desktop_inbox.connectors.xmpp.refusals import reason_of, refusal_of
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import Unknown

FURTHER = "#part"  # after our message's id: a further stanza of the same message
_MOST_ID = 500
_MOST_FILES = 20
_MOST_EMOJIS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A message as the archive, or the stream, holds it."""

    archive_id: str
    at: datetime
    message: ET.Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose messages are read."""

    address: str  # ours, bare
    resource: str  # what ours begins with when it was this program that wrote

    def read(self, archived: Archived) -> tuple[ChatItem, ...]:
        """Return what a message means, nothing for what means nothing to a shop."""
        message = archived.message
        kind = message.get("type", "normal")
        if message.tag != names.MESSAGE or kind in {"groupchat", "headline"}:
            return ()
        sender, to = bare(message.get("from", "") or self.address), bare(message.get("to", ""))
        from_me = sender == self.address
        other = to if from_me else sender
        if not other or other == self.address:
            return ()
        resource = message.get("from", "").partition("/")[2]
        stanza = _Stanza(
            archived=archived,
            chat=Chat(external_id=other[:_MOST_ID]),
            from_me=from_me,
            from_here=from_me and resource.startswith(self.resource),
        )
        return tuple(stanza.bounce() if kind == "error" else stanza.items())


def message_name(chat: str, stanza_id: str, *, from_me: bool) -> str:
    """Return the name under which a message is known here."""
    return f"{chat}{'>' if from_me else '<'}{stanza_id[:_MOST_ID]}"


def stanza_id_of(name: str) -> tuple[str, bool]:
    """Return the id within a name, and whether the message is ours."""
    cuts = [place for place in (name.find(">"), name.find("<")) if place >= 0]
    if not cuts:  # no address holds either of them (RFC 7622 3.3.1)
        return "", False
    return name[min(cuts) + 1 :], name[min(cuts)] == ">"


def moment(text: str) -> datetime | None:
    """Read a date as XMPP writes it (XEP-0082)."""
    return written_date({"it": text}, "it")


def archived_of(result: ET.Element) -> Archived | None:
    """Read what the archive answers with, None where it is no message."""
    forwarded = result.find(f"{{{names.FORWARD}}}forwarded")
    message = None if forwarded is None else forwarded.find(names.MESSAGE)
    if forwarded is None or message is None:
        return None
    delay = forwarded.find(f"{{{names.DELAY}}}delay")
    at = moment(delay.get("stamp", "")) if delay is not None else None
    return Archived(archive_id=result.get("id", ""), at=at or EPOCH, message=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stanza:
    """One message of a talk with one person."""

    archived: Archived
    chat: Chat
    from_me: bool
    from_here: bool

    def items(self) -> Iterator[ChatItem]:
        """Yield what it says: something new, or something of what was said before."""
        news = None if self.from_here else next(self._news(), None)
        if news is not None:
            yield news
            yield from self._reacted_to_the_other(news)
        elif not self._is_news:
            yield from self._said()

    def bounce(self) -> Iterator[ChatItem]:
        """Yield that something of ours did not reach anybody."""
        message = self.archived.message
        stanza_id = message.get("id", "")
        if self.from_me or not stanza_id:
            return
        refusal = refusal_of(message)
        yield Receipt(
            state=Delivery.FAILED,
            at=self._at,
            external_id=self._name(stanza_id.partition(FURTHER)[0], from_me=True),
            code=reason_of(refusal.condition).value,
            detail=words({"it": refusal.words}, "it"),
        )

    @property
    def _at(self) -> datetime:
        return self.archived.at.astimezone(UTC)

    def _name(self, stanza_id: str, *, from_me: bool) -> str:
        return message_name(self.chat.external_id, stanza_id, from_me=from_me)

    def _find(self, space: str, name: str) -> ET.Element | None:
        return self.archived.message.find(f"{{{space}}}{name}")

    def _target(self, space: str, name: str) -> str:
        found = self._find(space, name)
        return "" if found is None else words({"it": found.get("id", "")}, "it")

    @property
    def _is_news(self) -> bool:
        """Whether it only says something of a message that was said before."""
        return any(
            self._target(space, name)
            for space, name in (
                (names.RETRACT, "retract"),
                (names.REACTIONS, "reactions"),
                (names.CORRECT, "replace"),
            )
        )

    def _news(self) -> Iterator[ChatItem]:
        if target := self._target(names.RETRACT, "retract"):
            yield Withdrawn(external_id=self._mine(target), chat=self.chat, at=self._at)
        if target := self._target(names.REACTIONS, "reactions"):
            yield self._reacted(target, to_ours=not self.from_me)
        if target := self._target(names.CORRECT, "replace"):
            text, _ = self._text()
            yield Edited(
                external_id=self._mine(target),
                chat=self.chat,
                at=self._at,
                text=text,
                raw=self._raw(),
            )
        if self.from_me:
            return
        for space, name, state in (
            (names.MARKERS, "displayed", Delivery.READ),
            (names.RECEIPTS, "received", Delivery.DELIVERED),
            (names.MARKERS, "received", Delivery.DELIVERED),
        ):
            if target := self._target(space, name):
                name_of_ours = self._name(target, from_me=True)
                yield Receipt(state=state, at=self._at, external_id=name_of_ours)

    def _mine(self, target: str) -> str:
        """Name a message of the same author: nobody changes what another wrote."""
        return self._name(target, from_me=self.from_me)

    def _reacted(self, target: str, *, to_ours: bool) -> Reacted:
        found = self._find(names.REACTIONS, "reactions")
        told = [] if found is None else found.findall(f"{{{names.REACTIONS}}}reaction")
        emojis = (line({"it": one.text or ""}, "it")[:40] for one in told[:_MOST_EMOJIS])
        return Reacted(
            external_id=self._name(target, from_me=to_ours),
            chat=self.chat,
            author=None if self.from_me else self._person(),
            emojis=tuple(dict.fromkeys(filter(None, emojis))),
            at=self._at,
        )

    def _reacted_to_the_other(self, news: ChatItem) -> Iterator[ChatItem]:
        """Yield a reaction again, to the message of that id by the other one: it may be either."""
        if isinstance(news, Reacted):
            target = self._target(names.REACTIONS, "reactions")
            yield self._reacted(target, to_ours=self.from_me)

    def _said(self) -> Iterator[ChatItem]:
        text, answers = self._text()
        files = tuple(self._files())
        if len(files) == 1 and text == files[0].reference:
            text = ""
        encryption = self._find(names.ENCRYPTION, "encryption")
        pieces = () if encryption is None else (Unknown(kind=_encryption(encryption)),)
        if not text and not files and not pieces:
            return
        stanza_id = words({"it": self.archived.message.get("id", "")}, "it")
        if self.from_here and FURTHER in stanza_id:
            return  # it was kept with its first part
        yield Incoming(
            external_id=self._name(
                stanza_id or f"~{self.archived.archive_id}", from_me=self.from_me
            ),
            chat=self.chat,
            author=self._person(),
            at=self._at,
            text=text,
            subject=line({"it": self._inner(names.CLIENT, "subject")}, "it"),
            from_me=self.from_me,
            client_ref=(self._target(names.STANZA_ID, "origin-id") if self.from_me else ""),
            answers=answers,
            pieces=pieces,
            files=files,
            raw=self._raw(),
        )

    def _person(self) -> Person:
        name = "" if self.from_me else line({"it": self._inner(names.NICK, "nick")}, "it")[:200]
        return Person(kind="xmpp", address=self.chat.external_id, name=name)

    def _inner(self, space: str, name: str) -> str:
        found = self._find(space, name)
        return "" if found is None else found.text or ""

    def _raw(self) -> bytes:
        return bytes(ET.tostring(self.archived.message, encoding="utf-8"))

    def _text(self) -> tuple[str, str]:
        """Return the words without those that quote, and the name of what is answered."""
        body = self._inner(names.CLIENT, "body")
        reply = self._find(names.REPLY, "reply")
        answers = ""
        if reply is not None and (target := words({"it": reply.get("id", "")}, "it")):
            author = bare(reply.get("to", ""))
            to_ours = author != self.chat.external_id if author else not self.from_me
            answers = self._name(target, from_me=to_ours)
            body = _without_quote(body, self.archived.message)
        return words({"it": body}, "it").strip(), answers

    def _files(self) -> Iterator[RemoteFile]:
        found = self.archived.message.findall(f"{{{names.OUT_OF_BAND}}}x")
        for one in found[:_MOST_FILES]:
            url = words({"it": one.findtext(f"{{{names.OUT_OF_BAND}}}url") or ""}, "it").strip()
            if not url.startswith(("https://", "http://")):
                continue
            name = _file_name(url)
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            yield RemoteFile(
                reference=url,
                name=name,
                media_type=media_type,
                inline=media_type.partition("/")[0] in {"image", "audio", "video"},
            )


def _file_name(url: str) -> str:
    try:
        return line({"it": unquote(urlsplit(url).path.rpartition("/")[2])}, "it")[:200]
    except ValueError:
        return ""


def _encryption(found: ET.Element) -> str:
    return line({"it": found.get("name", "")}, "it")[:40] or "OMEMO"


def _without_quote(body: str, message: ET.Element) -> str:
    """Cut out what is there for programs that know no answers (XEP-0428, in code points)."""
    for fallback in message.findall(f"{{{names.FALLBACK}}}fallback"):
        part = fallback.find(f"{{{names.FALLBACK}}}body")
        if fallback.get("for") != names.REPLY or part is None:
            continue
        start, end = part.get("start", ""), part.get("end", "")
        if all(one.isascii() and one.isdigit() and len(one) < 9 for one in (start, end)):
            first, last = int(start), int(end)
            return body[:first] + body[max(first, last) :]
    return body
