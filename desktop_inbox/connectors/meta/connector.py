"""One page or one Instagram account: its conversations in, messages out. Engine loop.

Nothing is pushed to a laptop, so it asks again and again, twice a second at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    BeforeBody,
    Connector,
    Cursor,
    SendResult,
)
from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    NotConnected,
    PermanentError,
    PermanentReason,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.connectors.http_api import Upload
from desktop_inbox.connectors.meta.api import GraphApi, Service
from desktop_inbox.connectors.meta.cursor import read_state, written
from desktop_inbox.connectors.meta.inbox import Inbox, Sent
from desktop_inbox.connectors.meta.messaging import listed_files, read_listed, read_reference
from desktop_inbox.connectors.meta.pace import Pace
from desktop_inbox.connectors.meta.sending import Body, check, kind_of, plan, recipient_of, said
from desktop_inbox.connectors.meta.tokens import TokenKeeper
from desktop_inbox.connectors.payload import words
from desktop_inbox.connectors.ways import closed_on_failure
from desktop_inbox.domain.messages import Outgoing, OutgoingFile

_LOOK_SECONDS = 30.0  # Meta counts by the day, and few customers allow few calls
_CLOCKS_APART = timedelta(minutes=2)
_AGENT_HOURS = "human_agent_hours"


class MetaConnector(Connector):
    """The account's link. What sets the two services apart is in `service`."""

    service: ClassVar[Service]

    def __init__(
        self, config: AccountConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(config)
        self.look_seconds = _LOOK_SECONDS
        self.pace = Pace()
        self._now = now
        self._token = TokenKeeper(config, now=now)
        self._sent = Sent()
        self._api: GraphApi | None = None
        self._inbox: Inbox | None = None
        self._own_ids: frozenset[str] = frozenset()
        self._newest = ("", "")

    @property
    def limits(self) -> Mapping[str, int]:
        approved = self.config.settings.get("human_agent") == "yes"
        return {_AGENT_HOURS: self.info.limits[_AGENT_HOURS] if approved else 0}

    async def open(self) -> None:
        api = self._api or self._way(self._token.value)  # something may be leaving through it
        async with closed_on_failure(api, unless=self._api):
            await api.renew()
            me = await api.me()
        ids = (words(me, name) for name in ("id", "user_id"))
        self._own_ids = frozenset(filter(None, ids))
        self._use(api)

    async def close(self) -> None:
        api, self._api, self._inbox = self._api, None, None
        if api is not None:
            await api.close()

    async def pull(self, cursor: Cursor | None) -> Batch:
        await self._keep_token()
        state = read_state(cursor)
        inbox = self._open_inbox
        found = await inbox.pull(state, now=self._ready.theirs(self._now()))
        if not state.page:
            self._newest = found.newest
        return Batch(
            items=found.items,
            cursor=written(found.state),
            more=bool(found.state.page),
            gap=found.gap,
        )

    async def wait(self) -> None:
        while True:
            await asyncio.sleep(self.look_seconds)
            if await self._open_inbox.newest() != self._newest:
                return

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        check(message, self.info)
        with self._leaving(recipient_of(message)):
            uploads = [await self._left(file) for file in message.attachments]
            bodies = plan(message, self.service, uploads)
            try:
                name = await self._deliver(bodies[0], before_body)
            except AuthError as error:
                if not message.human_agent or error.reason is not AuthReason.PERMISSION:
                    raise
                # Meta did not approve the longer window; all else goes on.
                raise PermanentError(
                    error.detail, reason=PermanentReason.WINDOW_CLOSED, step="message"
                ) from error
            for number, body in enumerate(bodies[1:], start=1):
                name = await self._deliver_further(body, f"{number} of {len(bodies)}")
        return SendResult(external_id=name)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Look for the same words in the talk: its list tells no name of ours."""
        text = said(message).split()
        if not text:
            raise Unsupported("only what says something can be found again", step="find")
        found = await self._open_inbox.conversation_with(recipient_of(message))
        since = self._ready.theirs(message.at) - _CLOCKS_APART
        for listed in found:
            one = read_listed(listed, kind=self.service.kind, own_ids=self._own_ids)[0]
            if (
                isinstance(one, Incoming)
                and one.from_me
                and one.at >= since
                and one.text.split() == text
                and one.external_id not in self._sent.names
            ):
                self._sent.names.append(one.external_id)
                return SendResult(external_id=one.external_id)
        return None

    async def fetch_file(self, reference: str, target: Path) -> None:
        message, number, url = read_reference(reference)
        try:
            await self._ready.download(url, target)
        except PermanentError as error:  # addresses run out
            if not message or error.reason is not PermanentReason.MEDIA:
                raise
            await self._ready.download(await self._address_now(message, number), target)

    async def react(self, chat: str, external_id: str, emojis: Sequence[str]) -> None:
        payload = {"message_id": external_id}
        if emojis:
            names = self.service.reactions
            payload["reaction"] = names.get(emojis[0], emojis[0])  # there is room for one
        action = "react" if emojis else "unreact"
        await self._ready.post(
            {"recipient": {"id": chat}, "sender_action": action, "payload": payload}, step="react"
        )

    @property
    def _ready(self) -> GraphApi:
        if self._api is None:
            raise NotConnected
        return self._api

    @property
    def _open_inbox(self) -> Inbox:
        if self._inbox is None:
            raise NotConnected
        return self._inbox

    def _way(self, token: str) -> GraphApi:
        return GraphApi(self.config, self.service, token=token, now=self._now, pace=self.pace)

    def _use(self, api: GraphApi) -> None:
        self._api = api
        self._inbox = Inbox(api, own_ids=self._own_ids, sent=self._sent)

    async def _keep_token(self) -> None:
        """Exchange a token that runs out; what is leaving by the old one is let go first."""
        api = self._ready
        if not self.service.renews or self._sent.going.total() or not self._token.is_due:
            return
        if await self._token.exchange(api):
            self._use(self._way(self._token.value))
            await api.close()

    async def _left(self, file: OutgoingFile) -> tuple[str, str]:
        """Leave a file with Meta, and return its kind and what it is sent by."""
        upload = Upload(
            field="filedata", name=file.name, media_type=file.media_type, path=file.path
        )
        return kind_of(file), await self._ready.upload(kind_of(file), upload)

    async def _deliver(self, body: Body, before_body: BeforeBody) -> str:
        taken = await self._ready.deliver(body, before_body=before_body)
        name = words(taken, "message_id")
        self._sent.names.append(name)
        return name

    async def _deliver_further(self, body: Body, taken: str) -> str:
        """Deliver a part after others. *Raises:* UncertainDelivery: those are with the customer."""
        try:
            return await self._deliver(body, _nothing)
        except ConnectorError as error:
            told = f"{taken} parts were taken: {error.detail}"
            raise UncertainDelivery(told, step=error.step) from error

    @contextmanager
    def _leaving(self, chat: str) -> Iterator[None]:
        self._sent.going[chat] += 1
        try:
            yield
        finally:
            self._sent.going[chat] -= 1

    async def _address_now(self, message: str, number: int) -> str:
        """Return where a file lies by now. *Raises:* PermanentError(MEDIA)."""
        try:
            told = await self._ready.get(message, query={"fields": "attachments"}, step="file")
        except PermanentError as error:  # only the newest messages of a talk are told
            raise PermanentError(error.detail, reason=PermanentReason.MEDIA, step="file") from error
        files = list(listed_files({**told, "id": message}))
        if number >= len(files):
            raise PermanentError("no such file", reason=PermanentReason.MEDIA, step="file")
        return read_reference(files[number].reference)[2]


async def _nothing() -> None:
    """Stand for what was written down with the first part."""
