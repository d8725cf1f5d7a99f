"""One XMPP account: the archive is what happened, the stream tells when to look. Engine loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from uuid import uuid4
from xml.etree import ElementTree as ET

from desktop_inbox.connectors.chat import ChatItem, Incoming
from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    BeforeBody,
    Connector,
    Cursor,
    SendResult,
)
from desktop_inbox.connectors.errors import (
    ConnectorError,
    NotConnected,
    PermanentError,
    RateLimited,
    UncertainDelivery,
)
from desktop_inbox.connectors.payload import EPOCH, words, written_date
from desktop_inbox.connectors.xmpp import names, writing
from desktop_inbox.connectors.xmpp.archive import Archive, Forgotten, Page, keep_all
from desktop_inbox.connectors.xmpp.files import UploadService, fetch, find_service, upload
from desktop_inbox.connectors.xmpp.info import INFO
from desktop_inbox.connectors.xmpp.link import Link, Refused
from desktop_inbox.connectors.xmpp.names import element
from desktop_inbox.connectors.xmpp.reading import (
    FURTHER,
    Archived,
    Reader,
    message_name,
    stanza_id_of,
)
from desktop_inbox.connectors.xmpp.refusals import reason_of, refusal_of
from desktop_inbox.connectors.xmpp.settings import person, settings_of
from desktop_inbox.domain.messages import Outgoing

FIRST_LOOK = timedelta(days=30)
_MOST_LOOSE = 500
_MOST_PAGES_BACK = 10
_CLOCKS_DIFFER = timedelta(days=1)


class XmppConnector(Connector):
    """The link. What the archive holds is read from where the cursor ends."""

    info: ClassVar = INFO

    def __init__(
        self, config: AccountConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(config)
        self._now = now
        self._reader = Reader(address="", resource="")
        self._archive = Archive("")
        self._link: Link | None = None
        self._uploads: UploadService | None = None
        self._news = asyncio.Event()
        # What no archive keeps for us, such as a refusal: by number, until it is stored.
        self._loose: dict[int, ChatItem] = {}
        self._next = 1
        self._visit = ""  # this connection; numbers mean nothing in another
        self._bounces: dict[str, asyncio.Future[ET.Element]] = {}
        # Who wants to know that a message has come, and the last one of their batch.
        self._owed: tuple[str, list[ET.Element]] = ("", [])

    @property
    def limits(self) -> Mapping[str, int]:
        most = self._uploads.most_bytes if self._uploads is not None else 0
        return {"max_file_bytes": most} if most else {}

    async def open(self) -> None:
        if self._link is not None and await self._link.is_good():
            return
        await self.close()
        settings = settings_of(self.config)
        self._reader = Reader(address=settings.address, resource=settings.resource)
        self._archive = Archive(settings.address)
        self._visit, self._next, self._owed = uuid4().hex, 1, ("", [])
        self._loose.clear()
        link = Link(settings, self._hear)
        await link.connect()
        try:
            await begin(link)
            self._uploads = await find_service(link)
        except BaseException:
            await link.close()
            raise
        self._link = link

    async def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def pull(self, cursor: Cursor | None) -> Batch:
        link = self._ready
        link.check()
        self._news.clear()
        self._forget_stored(cursor)
        after = words(cursor, "after")
        self._confirm(link, after)
        since = written_date(cursor, "at") or await self._first_look(link)
        gap = False
        try:
            page = await self._archive.page(link, after=after, since=None if after else since)
        except Forgotten:
            page, gap = await self._archive.page(link, since=since), True
        if cursor is not None:  # what was there before us is confirmed by nobody
            self._owed = page.last, writing.confirmations(page.found, self._reader.address)
        loose = dict(self._loose)
        at = max((one.at for one in page.found), default=since)
        return Batch(
            items=(*self._items(page), *loose.values()),
            cursor={
                "after": page.last or ("" if gap else after),
                "at": at.isoformat(),
                "visit": self._visit,
                "loose": max(loose, default=0),
            },
            more=not page.complete,
            gap=gap,
        )

    async def _first_look(self, link: Link) -> datetime:
        """Return from when on the archive is read: by its own clock, as ours may be wrong."""
        latest = await self._archive.page(link, before="", most=1)
        return max((one.at - FIRST_LOOK for one in latest.found), default=EPOCH)

    async def wait(self) -> None:
        link = self._ready
        waits = [asyncio.create_task(self._news.wait()), asyncio.create_task(link.lost.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        link.check()

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        link = self._ready
        to = person(message.chat or (message.to[0].address if message.to else ""))
        urls = [await upload(link, self._uploads, file) for file in message.attachments]
        stanzas = writing.stanzas(message, to, urls)
        if not stanzas:
            raise PermanentError("nothing to send", step="body")
        await link.ping()  # a line that is dead is found now, while nothing has left
        await before_body()
        await self._deliver(link, message.client_ref, stanzas)
        return SendResult(external_id=message_name(to, message.client_ref, from_me=True))

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        to = person(message.chat or (message.to[0].address if message.to else ""))
        name = message_name(to, message.client_ref, from_me=True)
        before = ""
        for _ in range(_MOST_PAGES_BACK):
            page = await self._archive.page(self._ready, with_=to, before=before)
            for item in self._items(page):
                if isinstance(item, Incoming) and name == item.external_id:
                    return SendResult(external_id=name)
            oldest = min((one.at for one in page.found), default=EPOCH)
            if page.complete or oldest < message.at - _CLOCKS_DIFFER:
                return None
            before = page.found[0].archive_id
        return None

    async def fetch_file(self, reference: str, target: Path) -> None:
        await fetch(reference, target, local=self._ready.settings.local)

    async def edit(self, chat: str, external_id: str, text: str) -> None:
        await self._note(writing.correction(person(chat), _ours(external_id), _new_id(), text))

    async def withdraw(self, chat: str, external_id: str) -> None:
        await self._note(writing.retraction(person(chat), _ours(external_id), _new_id()))

    async def react(self, chat: str, external_id: str, emojis: Sequence[str]) -> None:
        await self._note(writing.reaction(person(chat), _target(external_id), _new_id(), emojis))

    async def read(self, chat: str, external_id: str) -> None:
        await self._note(writing.displayed(person(chat), _target(external_id), _new_id()))

    @property
    def _ready(self) -> Link:
        if self._link is None:
            raise NotConnected
        return self._link

    def _items(self, page: Page) -> list[ChatItem]:
        return [item for one in page.found for item in self._reader.read(one)]

    def _forget_stored(self, cursor: Cursor | None) -> None:
        if words(cursor, "visit") != self._visit:
            return
        stored = int(words(cursor, "loose") or 0)
        self._loose = {number: one for number, one in self._loose.items() if number > stored}

    def _confirm(self, link: Link, stored: str) -> None:
        """Tell the authors of a batch that it has come, now that it is stored (XEP-0184)."""
        last, confirmations = self._owed
        if not last or last != stored:
            return
        self._owed = "", []
        for one in confirmations:
            link.say(one)

    def _hear(self, message: ET.Element) -> None:
        """Take a message from the stream: it only tells to look, where the archive has it too."""
        if self._archive.take(message):
            return
        if message.get("type") == "error":
            waiting = self._bounces.get(message.get("id", "").partition(FURTHER)[0])
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
                if isinstance(_refused(message), RateLimited):
                    return  # it is said again: to tell that it failed would be wrong
        elif self._is_kept(message):
            self._news.set()
            return
        heard = Archived(archive_id=uuid4().hex, at=self._now(), message=message)
        for item in self._reader.read(heard):
            if len(self._loose) < _MOST_LOOSE:
                self._loose[self._next], self._next = item, self._next + 1
                self._news.set()

    def _is_kept(self, message: ET.Element) -> bool:
        """Whether the archive has it: the server says so, or it tells of another program's."""
        if any(
            message.find(f"{{{names.CARBONS}}}{way}") is not None for way in ("sent", "received")
        ):
            return True
        return any(
            one.get("by", "").lower() == self._reader.address
            for one in message.findall(f"{{{names.STANZA_ID}}}stanza-id")
        )

    async def _deliver(self, link: Link, ref: str, stanzas: Sequence[ET.Element]) -> None:
        """Say it, and return once the server has dealt with it."""
        bounced: asyncio.Future[ET.Element] = asyncio.get_running_loop().create_future()
        self._bounces[ref] = bounced
        link.check()
        try:
            for stanza in stanzas:
                link.say(stanza)
            await link.ping()
        except ConnectorError as error:
            raise UncertainDelivery(error.detail, step="body") from error
        finally:
            del self._bounces[ref]
        if bounced.done():
            raise _refused(bounced.result())

    async def _note(self, stanza: ET.Element) -> None:
        """Say something that does no harm twice."""
        self._ready.say(stanza)
        await self._ready.ping()


async def begin(link: Link) -> None:
    """Have the archive keep everything, and the stream tell of everything.

    *Raises:* PermanentError where there is no archive; ConnectorError.
    """
    answer = await _asked(link, element(names.INFO, "query"), to=link.settings.address)
    features = {one.get("var") for one in answer.iter(f"{{{names.INFO}}}feature")}
    if names.ARCHIVE not in features:
        raise PermanentError("the server keeps no archive (XEP-0313)", step="archive")
    try:
        await keep_all(link)
    except Refused as refused:
        refusal = refused.refusal
        if refusal.is_for_now:
            raise refusal.limit("archive") from refused
        raise PermanentError(refusal.words, step="archive") from refused
    if not link.settings.trial:
        await _asked(link, element(names.CARBONS, "enable"), kind="set")
        link.say(element(names.CLIENT, "presence"))


async def _asked(link: Link, what: ET.Element, *, to: str = "", kind: str = "get") -> ET.Element:
    """Return an answer; that the server does not know of such things is one, and empty."""
    try:
        return await link.ask(what, to=to, kind=kind)
    except Refused:
        return element(names.CLIENT, "iq")


def _refused(bounce: ET.Element) -> ConnectorError:
    refusal = refusal_of(bounce)
    if FURTHER in bounce.get("id", ""):
        return UncertainDelivery(f"a part was refused: {refusal.words}", step="body")
    if refusal.is_for_now:
        return refusal.limit("recipient")
    return PermanentError(refusal.words, reason=reason_of(refusal.condition), step="recipient")


def _new_id() -> str:
    return uuid4().hex


def _target(external_id: str) -> str:
    target, _ = stanza_id_of(external_id)
    if not target or target.startswith("~"):  # it came without an id that others could know
        raise PermanentError(f"{external_id!r} is no message")
    return target


def _ours(external_id: str) -> str:
    target = _target(external_id)
    if not stanza_id_of(external_id)[1]:
        raise PermanentError("only what we wrote ourselves can be changed")
    return target


create = XmppConnector
