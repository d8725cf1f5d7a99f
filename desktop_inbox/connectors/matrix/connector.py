"""One Matrix account: /sync tells what is new, /messages what it left out. Engine loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from desktop_inbox.connectors.chat import ChatItem
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
    TransientCause,
    TransientError,
    UncertainDelivery,
)
from desktop_inbox.connectors.matrix import files, key_files, writing
from desktop_inbox.connectors.matrix.cursor import Debts, debts_of
from desktop_inbox.connectors.matrix.following import Follower
from desktop_inbox.connectors.matrix.info import INFO
from desktop_inbox.connectors.matrix.keys import Keys, KeysLost
from desktop_inbox.connectors.matrix.link import Link, NotThere, Session, SignedOut, sign_in
from desktop_inbox.connectors.matrix.reading import REF, event_id, moment
from desktop_inbox.connectors.matrix.rooms import Room, direct_rooms, with_direct
from desktop_inbox.connectors.matrix.settings import person
from desktop_inbox.connectors.payload import Payload, each, part, whole, words
from desktop_inbox.domain.messages import Outgoing

POLL_SECONDS = 30
_LEAST_POLL_SECONDS = 1.0
_MOST_PAGES_BACK = 10
_CLOCKS_DIFFER = timedelta(days=1)
_LONGEST_PAUSE_SECONDS = 60.0  # between the parts of one message
_STATE = ("m.room.name", "m.room.member", "m.room.encryption")
_FILTER = json.dumps(
    {
        "presence": {"types": []},
        "account_data": {"types": ["m.direct"]},
        "room": {
            "account_data": {"types": []},
            "ephemeral": {"types": ["m.receipt"]},
            "state": {
                "types": list(_STATE),
                "lazy_load_members": True,
                "include_redundant_members": True,
            },
            "timeline": {"limit": 20, "lazy_load_members": True},
        },
    },
    separators=(",", ":"),
)


class MatrixConnector(Connector):
    """The link. A sync goes on from the cursor that was handed back, never from a later one."""

    info: ClassVar = INFO

    def __init__(
        self, config: AccountConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(config)
        self._now = now
        self._link: Link | None = None
        self._session: Session | None = None  # outlives the link
        self._keys: Keys | None = None
        self._follower: Follower | None = None
        self._most_bytes = 0
        self._since = ""
        self._heard: tuple[str, Payload] = ("", {})  # by a long poll, from where it began

    @property
    def limits(self) -> Mapping[str, int]:
        return {"max_file_bytes": self._most_bytes} if self._most_bytes else {}

    async def open(self) -> None:
        if self._link is not None and await self._is_known_still(self._link):
            return
        await self._let_go()
        try:
            await self._begin()
        except KeysLost:
            if not self.config.secrets.get("password"):
                raise
            await self._begin()  # as a new device

    async def close(self) -> None:
        await self._let_go()

    async def pull(self, cursor: Cursor | None) -> Batch:
        follower, debts = self._following, debts_of(cursor)
        gap = False
        if debts.gaps:
            items = await follower.fill(debts)
        else:
            synced, gap = await self._news(debts)
            items = await self._taken(follower, synced, debts)
        self._since = debts.since
        return Batch(items=items, cursor=debts.written(), more=bool(debts.gaps), gap=gap)

    async def wait(self) -> None:
        since = told_from = self._since
        clock = asyncio.get_running_loop()
        while True:
            asked = clock.time()
            synced = await self._sync(told_from, seconds=POLL_SECONDS)
            if _tells(synced):
                self._heard = since, synced
                return
            told_from = words(synced, "next_batch")
            # Some servers answer at once that there is nothing, again and again.
            await asyncio.sleep(max(0.0, _LEAST_POLL_SECONDS - (clock.time() - asked)))

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        link = self._ready
        room = await self._room_of(message)
        stored = [await files.put(link, one, seal=room.encrypted) for one in message.attachments]
        contents = writing.contents(message, stored)
        if not contents:
            raise PermanentError("nothing to send", step="body")
        refs = [writing.part_ref(message.client_ref, n + 1) for n in range(len(contents))]
        name = await self._put(room, contents[0], refs[0], before_body=before_body)
        for number, (content, ref) in enumerate(zip(contents[1:], refs[1:], strict=True), start=1):
            try:
                await self._put_patiently(room, content, ref)
            except ConnectorError as error:
                raise UncertainDelivery(
                    f"{number} of {len(contents)} parts were taken: {error.detail}", step=error.step
                ) from error
        return SendResult(external_id=name)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        room = message.chat or await self._known_room(_recipient(message))
        query = {"dir": "b", "limit": "100"}
        for _ in range(_MOST_PAGES_BACK if room else 0):
            said = await self._ready.ask("GET", "rooms", room, "messages", query=query)
            events = each(said, "chunk")
            for event in events:
                if await self._is_of(event, room, message.client_ref):
                    return SendResult(external_id=event_id(event))
            query["from"] = words(said, "end")
            if not query["from"] or any(
                moment(one) < message.at - _CLOCKS_DIFFER for one in events
            ):
                break
        return None

    async def fetch_file(self, reference: str, target: Path) -> None:
        await files.fetch(self._ready, reference, target)

    async def edit(self, chat: str, external_id: str, text: str) -> None:
        ref = uuid4().hex
        room = await self._following.room(chat)
        await self._put(room, writing.edit(external_id, text, ref=ref), ref)

    async def withdraw(self, chat: str, external_id: str) -> None:
        await self._ready.ask(
            "PUT", "rooms", chat, "redact", external_id, uuid4().hex, content={}, step="withdraw"
        )

    async def react(self, chat: str, external_id: str, emojis: Sequence[str]) -> None:
        link = self._ready
        found = await self._following.reactions(chat, external_id)
        ours = {
            words(one, "content", "m.relates_to", "key"): event_id(one)
            for one in found
            if words(one, "sender") == link.settings.user_id
        }
        for emoji, name in ours.items():
            if emoji not in emojis:
                await self.withdraw(chat, name)
        for emoji in dict.fromkeys(emojis):
            if emoji not in ours:
                content = writing.reaction(external_id, emoji)
                await link.ask(
                    "PUT", "rooms", chat, "send", "m.reaction", uuid4().hex,
                    content=content, step="react",
                )  # fmt: skip

    async def read(self, chat: str, external_id: str) -> None:
        await self._ready.ask(
            "POST", "rooms", chat, "receipt", "m.read", external_id, content={}, step="read"
        )

    # The link

    @property
    def _ready(self) -> Link:
        if self._link is None:
            raise NotConnected
        return self._link

    @property
    def _following(self) -> Follower:
        if self._follower is None:
            raise NotConnected
        return self._follower

    def _has_keys(self, device_id: str) -> bool:
        folder = self.config.folder
        return folder is None or key_files.file_of(folder, device_id).exists()

    async def _is_known_still(self, link: Link) -> bool:
        """Look whether the link is good; what is being sent has a connection of its own."""
        await link.http.renew()
        try:
            await link.ask("GET", "account", "whoami", step="sign-in")
        except SignedOut:
            return False
        return True

    async def _begin(self) -> None:
        link = await sign_in(self.config, has_keys=self._has_keys, known=self._session)
        self._session = link.session
        try:
            await self._get_ready(link)
        except BaseException:
            await self._let_go()
            await link.close()
            raise
        self._link = link

    async def _get_ready(self, link: Link) -> None:
        if self.config.folder is not None and link.session.device_id:
            self._keys = Keys(self.config.folder)
            await self._keys.open(link)
        self._follower = Follower(link, self._keys, now=self._now)
        self._follower.learn_direct(await self._direct(link))
        try:
            said = await link.ask("GET", "media", "config", version="v1")
        except PermanentError:  # older servers name it otherwise; too large is told then anyway
            said = {}
        self._most_bytes = max(whole(said, "m.upload.size"), 0)

    async def _direct(self, link: Link) -> Payload:
        try:
            return await link.ask("GET", "user", link.settings.user_id, "account_data", "m.direct")
        except NotThere:
            return {}

    async def _let_go(self) -> None:
        link, self._link = self._link, None
        keys, self._keys = self._keys, None
        self._follower, self._heard = None, ("", {})
        if link is not None:
            await link.close()
        if keys is not None:
            await keys.close()

    # Receiving

    async def _news(self, debts: Debts) -> tuple[Payload, bool]:
        """Return what is new, and whether the server forgot how far we had come."""
        (since, heard), self._heard = self._heard, ("", {})
        if heard and since == debts.since:
            return heard, False
        try:
            return await self._sync(debts.since), False
        except PermanentError:
            if not debts.since:
                raise
            debts.since = ""
            return await self._sync(""), True

    async def _taken(
        self, follower: Follower, synced: Payload, debts: Debts
    ) -> tuple[ChatItem, ...]:
        """Return what a sync says. *Raises:* ConnectorError."""
        try:
            return await follower.take(synced, debts)
        except KeysLost as lost:  # there may be a password to begin as a new device with
            await self._let_go()
            raise TransientError(lost.detail, cause=TransientCause.SERVER, step="keys") from lost

    async def _sync(self, since: str, *, seconds: int = 0) -> Payload:
        query = {"filter": _FILTER, "timeout": str(seconds * 1000)}
        if since:
            query["since"] = since
        synced = await self._ready.ask(
            "GET", "sync", query=query, seconds=seconds + 30, step="receive"
        )
        if not words(synced, "next_batch"):
            raise TransientError("no sync", cause=TransientCause.SERVER, step="receive")
        return synced

    # Sending

    async def _room_of(self, message: Outgoing) -> Room:
        """Return where a message goes; a room is opened for whom we have none with."""
        name = message.chat
        if not name:
            user_id = _recipient(message)
            name = await self._known_room(user_id) or await self._opened_room(user_id)
        return await self._following.room(name)

    async def _known_room(self, user_id: str) -> str:
        rooms = direct_rooms(self._following.direct)
        if user_id not in rooms.values():
            return ""
        joined = (await self._ready.ask("GET", "joined_rooms")).get("joined_rooms")
        here = joined if isinstance(joined, list) else []
        return next((room for room, whom in rooms.items() if whom == user_id and room in here), "")

    async def _opened_room(self, user_id: str) -> str:
        link, follower = self._ready, self._following
        content = writing.room_for(user_id, encrypted=self._keys is not None)
        name = words(await link.ask("POST", "createRoom", content=content, step="room"), "room_id")
        direct = with_direct(await self._direct(link), user_id, name)
        await link.ask(
            "PUT", "user", link.settings.user_id, "account_data", "m.direct",
            content=direct, step="room",
        )  # fmt: skip
        follower.learn_direct(direct)
        return name

    async def _put(
        self,
        room: Room,
        content: writing.Content,
        ref: str,
        *,
        before_body: BeforeBody | None = None,
    ) -> str:
        """Say something in a room, once under one `ref`; return what the server calls it."""
        link, kind = self._ready, "m.room.message"
        if room.encrypted:
            if self._keys is None:
                raise PermanentError("this device has no keys", step="keys")
            content = await self._keys.seal(link, room.id, kind, content)
            kind = "m.room.encrypted"
        said = await link.ask(
            "PUT", "rooms", room.id, "send", kind, ref,
            content=content, step="send", before_body=before_body,
        )  # fmt: skip
        return event_id(said)

    async def _put_patiently(self, room: Room, content: writing.Content, ref: str) -> None:
        try:
            await self._put(room, content, ref)
        except RateLimited as limited:
            if limited.retry_after_seconds > _LONGEST_PAUSE_SECONDS:
                raise
            await asyncio.sleep(limited.retry_after_seconds)
            await self._put(room, content, ref)

    async def _is_of(self, event: Payload, room: str, ref: str) -> bool:
        """Tell whether an event is what we sent under a `ref`."""
        if words(event, "sender") != self._ready.settings.user_id:
            return False
        if words(event, "type") == "m.room.encrypted" and self._keys is not None:
            event = await self._keys.unseal(event, room) or event
        return words(event, "content", REF) == ref


def _recipient(message: Outgoing) -> str:
    return person(message.to[0].address if message.to else "")


def _tells(synced: Payload) -> bool:
    """Tell whether a sync says anything, so that a batch is worth its while."""
    return any(
        (
            *(part(synced, "rooms", kind) for kind in ("join", "invite", "leave")),
            each(synced, "to_device", "events"),
            each(synced, "account_data", "events"),
            part(synced, "device_lists").get("changed"),
        )
    )


create = MatrixConnector
