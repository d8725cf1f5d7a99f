"""One account at Twilio: its lists of messages and calls in, messages out. Engine loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from desktop_inbox.connectors.chat import ChatItem, RemoteFile
from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    BeforeBody,
    Connector,
    Cursor,
    SendResult,
    Template,
)
from desktop_inbox.connectors.errors import (
    NotConnected,
    PermanentError,
    PermanentReason,
    TransientError,
    Unsupported,
)
from desktop_inbox.connectors.payload import Payload, each, whole, words
from desktop_inbox.connectors.twilio.api import TwilioApi
from desktop_inbox.connectors.twilio.calls import Calls
from desktop_inbox.connectors.twilio.cursor import (
    FIRST_LOOK,
    OVERLAP,
    Open,
    State,
    Sweep,
    read_state,
    written,
)
from desktop_inbox.connectors.twilio.info import INFO
from desktop_inbox.connectors.twilio.reading import (
    Line,
    is_ours,
    is_settled,
    moment,
    nth_media,
    read_line,
    read_media,
    read_message,
    read_receipt,
    read_template,
    sid,
)
from desktop_inbox.connectors.twilio.reading import name as name_of
from desktop_inbox.connectors.twilio.senders import senders_of
from desktop_inbox.connectors.ways import closed_on_failure
from desktop_inbox.domain.messages import Outgoing
from desktop_inbox.domain.pieces import Spot

_PAGE = {"in": 200, "out": 200, "calls-in": 20, "calls-out": 20}
_LOOK_SECONDS = 15.0
_MOST_ASKED_AFTER = 20  # in one pull
_MOST_TEMPLATE_PAGES = 10
_CLOCKS_APART = timedelta(minutes=2)  # between this computer's and Twilio's


class TwilioConnector(Connector):
    """The account's link: it asks again and again, since nothing is pushed to a laptop."""

    info: ClassVar = INFO

    def __init__(
        self, config: AccountConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(config)
        self.look_seconds = _LOOK_SECONDS
        self._now = now
        self._api: TwilioApi | None = None
        self._senders = senders_of(config.address, config.settings)
        self._sending = 0
        self._sent: dict[str, datetime] = {}  # what left from here: no echo is made of it
        self._looks: dict[str, tuple[Mapping[str, str], str]] = {}  # query, newest sid

    async def open(self) -> None:
        api = self._api or TwilioApi(self.config)  # something may be leaving through it
        async with closed_on_failure(api, unless=self._api):
            await api.renew()
            await api.sign_in()
        self._api = api

    async def close(self) -> None:
        api, self._api = self._api, None
        if api is not None:
            await api.close()

    async def pull(self, cursor: Cursor | None) -> Batch:
        now = self._now()
        state = read_state(cursor)
        items: list[ChatItem] = []
        sweeps = {name: state.sweeps.get(name) or _begun(now) for name in self._lists}
        # All lists begin anew together, so that one look tells whether to pull again.
        under_way = [name for name, sweep in sweeps.items() if sweep.page]
        waiting = dict(state.open)
        for name in under_way or self._lists:
            if name.startswith("out ") and self._sending:
                continue  # what is just leaving would come back as somebody else's
            sweeps[name] = await self._sweep(name, sweeps[name], items, waiting)
        for name, at in self._sent.items():
            waiting.setdefault(name, Open(sid=name, since=at, due=at))
        await self._ask_after(waiting, items, now)
        return Batch(
            items=tuple(items),
            cursor=written(State(sweeps=sweeps, open=waiting)),
            more=any(sweep.page for sweep in sweeps.values()),
        )

    async def wait(self) -> None:
        while True:
            await asyncio.sleep(self.look_seconds)
            for query, newest in list(self._looks.values()):
                page = await self._ready.get("Messages", query, step="look")
                if _newest(page) != newest:
                    return

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        talk = self._line(message)
        form = _form(message, talk)
        self._sending += 1
        try:
            taken = await self._ready.post(
                "Messages", form, before_body=before_body, step="message"
            )
            self._sent[sid(taken)] = self._now()
        finally:
            self._sending -= 1
        return SendResult(external_id=sid(taken), detail=words(taken, "status"))

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Look for the same words to the same number: Twilio keeps no name of ours."""
        if not message.text:
            raise Unsupported("only what says something can be found again", step="find")
        talk = self._line(message)
        query = {"To": talk.theirs, "From": talk.ours, "PageSize": "50"}
        page = await self._ready.get("Messages", query, step="find")
        for found in each(page, "messages"):
            said = words(found, "body").split() == message.text.split()
            late = moment(found) >= message.at - _CLOCKS_APART
            if said and late and is_ours(found) and sid(found) not in self._sent:
                self._sent[sid(found)] = self._now()
                return SendResult(external_id=sid(found), detail=words(found, "status"))
        return None

    async def fetch_file(self, reference: str, target: Path) -> None:
        resource, hash_sign, number = reference.partition("#")
        if hash_sign:
            listed = await self._media(resource.split("/")[1])
            if not number.isdigit() or int(number) >= len(listed):
                raise PermanentError("no such file", reason=PermanentReason.MEDIA, step="file")
            resource = listed[int(number)].reference
        await self._ready.download(resource, target)

    async def templates(self) -> Sequence[Template]:
        found: list[Template] = []
        for number in range(_MOST_TEMPLATE_PAGES):
            page = await self._ready.contents(page=number)
            for name, title, language, text in filter(
                None, map(read_template, each(page, "contents"))
            ):
                found.append(Template(name=name, title=title, language=language, text=text))
            if not words(page, "meta", "next_page_url"):
                break
        return found

    @property
    def _ready(self) -> TwilioApi:
        if self._api is None:
            raise NotConnected
        return self._api

    @property
    def _lists(self) -> list[str]:
        names = [f"{way} {sender}" for sender in self._senders for way in ("in", "out")]
        if self.config.settings.get("calls") != "no":
            numbers = [sender for sender in self._senders if sender.startswith("+")]
            names += [f"{way} {one}" for one in numbers for way in ("calls-in", "calls-out")]
        return names

    async def _sweep(
        self, name: str, sweep: Sweep, items: list[ChatItem], waiting: dict[str, Open]
    ) -> Sweep:
        """Take one page of a list; return how far that came."""
        way, _, sender = name.partition(" ")
        calls = way.startswith("calls")
        if sweep.page:
            try:
                page = await self._ready.page(sweep.page)
            except PermanentError:
                return sweep.anew()
        else:
            since = (sweep.since - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
            query = {
                "To" if way.endswith("in") else "From": sender,
                "StartTime>" if calls else "DateSent>": since,
                "PageSize": str(_PAGE[way]),
            }
            page = await self._ready.get("Calls" if calls else "Messages", query)
            if way == "in":
                self._looks[name] = ({**query, "PageSize": "1"}, _newest(page))
        if way == "out" and self._sending:
            return sweep
        found = each(page, "calls" if calls else "messages")
        for one in found:
            if name_of(one) in sweep.seen:
                continue
            if calls:
                items += await self._calls.listed(one, waiting)
            else:
                items += await self._message(one, waiting)
        return sweep.after(
            ((name_of(one), moment(one)) for one in found),
            page=words(page, "next_page_uri"),
            now=self._now(),
        )

    @property
    def _calls(self) -> Calls:
        return Calls(self._ready, now=self._now())

    async def _message(self, message: Payload, waiting: dict[str, Open]) -> Sequence[ChatItem]:
        if not is_ours(message):
            return read_message(message, files=await self._files(message))
        status, at = words(message, "status"), moment(message)
        one = Open(sid=sid(message), since=at, due=self._now(), told=status)
        if sid(message) and not is_settled(message) and not one.is_given_up(self._now()):
            waiting.setdefault(one.sid, one.later(self._now(), told=status))
        if sid(message) in self._sent:
            if is_settled(message):
                self._forget(waiting, sid(message))
            return read_receipt(message)
        return read_message(message, files=await self._files(message))

    async def _files(self, message: Payload) -> list[RemoteFile]:
        """List a message's files; where that fails they are found when they are fetched."""
        if not whole(message, "num_media") or not sid(message):
            return []
        try:
            return await self._media(sid(message))
        except (PermanentError, TransientError):
            return nth_media(message)

    async def _media(self, message_sid: str) -> list[RemoteFile]:
        page = await self._ready.get(f"Messages/{message_sid}/Media", step="file")
        return read_media(message_sid, each(page, "media_list"))

    async def _ask_after(
        self, waiting: dict[str, Open], items: list[ChatItem], now: datetime
    ) -> None:
        """Ask what became of what was on its way."""
        due = [one for one in waiting.values() if one.is_due(now)]
        for one in sorted(due, key=lambda one: one.due)[:_MOST_ASKED_AFTER]:
            if one.is_given_up(now):
                self._forget(waiting, one.sid)
            elif one.sid.startswith("CA"):
                items += await self._calls.waited(one, waiting)
            else:
                await self._ask_after_message(one, waiting, items, now)

    async def _ask_after_message(
        self, one: Open, waiting: dict[str, Open], items: list[ChatItem], now: datetime
    ) -> None:
        try:
            message = await self._ready.get(f"Messages/{one.sid}", step="receive")
        except PermanentError:  # deleted there
            self._forget(waiting, one.sid)
            return
        status = words(message, "status")
        if status != one.told:
            items += read_receipt(message)
        if is_settled(message):
            self._forget(waiting, one.sid)
        else:
            waiting[one.sid] = one.later(now, told=status)

    def _forget(self, waiting: dict[str, Open], name: str) -> None:
        waiting.pop(name, None)
        self._sent.pop(name, None)

    def _line(self, message: Outgoing) -> Line:
        if message.chat:
            talk = read_line(message.chat)
        else:  # we write first
            ours = message.from_.address
            ours = ours if ours in self._senders else self._senders[0]
            channel = ours.partition(":")[0] + ":" if ":" in ours else ""
            theirs = message.to[0].address if message.to else ""
            talk = read_line(f"{ours}|{channel}{theirs}") if theirs else None
        if talk is None:
            raise PermanentError("no recipient", reason=PermanentReason.RECIPIENT)
        return talk


def _begun(now: datetime) -> Sweep:
    start = now - FIRST_LOOK
    return Sweep(since=start, top=start)


def _newest(page: Payload) -> str:
    return next(map(sid, each(page, "messages")), "")


def _form(message: Outgoing, talk: Line) -> dict[str, str]:
    form = {"To": talk.theirs, "From": talk.ours}
    if message.attachments:
        raise PermanentError(
            "Twilio takes files from a public web address only",
            reason=PermanentReason.MEDIA,
            step="files",
        )
    if message.template is not None:
        values = {str(n): value for n, value in enumerate(message.template.values, start=1)}
        form["ContentSid"] = message.template.name
        if values:
            form["ContentVariables"] = json.dumps(values, ensure_ascii=False)
        return form
    form["Body"] = message.text
    for piece in message.pieces:
        if isinstance(piece, Spot) and talk.channel == "whatsapp":
            name = f"|{piece.title}" if piece.title else ""
            form["PersistentAction"] = f"geo:{piece.latitude},{piece.longitude}{name}"
    return form


create = TwilioConnector
