"""One bot of Telegram's as an account: long polls in, calls out. Engine loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

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
    RateLimited,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.connectors.payload import Payload, part, whole, words, written_date
from desktop_inbox.connectors.telegram.api import BotApi, ChatMoved
from desktop_inbox.connectors.telegram.info import INFO
from desktop_inbox.connectors.telegram.places import read_number, read_place
from desktop_inbox.connectors.telegram.reading import UPDATES, Bot, Groups, read_update
from desktop_inbox.connectors.telegram.sending import Call, place_of, plan
from desktop_inbox.connectors.ways import closed_on_failure
from desktop_inbox.domain.messages import Outgoing

KEPT_FOR = timedelta(hours=24)  # how long Telegram holds what nobody fetched
# After a week without updates their numbers begin anew, anywhere: an offset from before could
# have new ones forgotten.
OFFSET_HOLDS = timedelta(days=6)
POLL_SECONDS = 50
_MOST_UPDATES = 100
_CONFLICT_PAUSE_SECONDS = 3.0
_LONGEST_PAUSE_SECONDS = 60.0  # between the parts of one message


class TelegramConnector(Connector):
    """The bot's link. The offset it confirms is the cursor it was handed back, never more."""

    info: ClassVar = INFO

    def __init__(
        self, config: AccountConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(config)
        self._now = now
        self._api: BotApi | None = None
        self._bot = Bot()
        self._offset = 0  # from the cursor of the last pull
        self._pulling = asyncio.Event()  # ends a long poll: Telegram wants one at a time
        self.conflict_pause_seconds = _CONFLICT_PAUSE_SECONDS

    async def open(self) -> None:
        api = self._api or BotApi(self.config)  # something may be leaving through it
        async with closed_on_failure(api, unless=self._api):
            await api.renew()
            me = part(await api.call("getMe", step="sign-in"))
            if self.config.settings.get("take_over") == "yes":
                await api.call("deleteWebhook", step="webhook")
        self._bot = Bot(id=whole(me, "id"), username=words(me, "username"))
        self._api = api

    async def close(self) -> None:
        api, self._api = self._api, None
        if api is not None:
            await api.close()

    async def pull(self, cursor: Cursor | None) -> Batch:
        now = self._now()
        known = cursor or {}
        last = written_date(known, "last")
        fresh = last is not None and timedelta(0) <= now - last < OFFSET_HOLDS
        self._offset = whole(known, "offset") if fresh else 0
        self._pulling.set()
        try:
            updates = await self._updates_in_turn()
        finally:
            self._pulling.clear()
        looked = written_date(known, "at")
        for update in updates:
            await self._acknowledge(part(update, "callback_query"))
        return Batch(
            items=tuple(
                item
                for update in updates
                for item in read_update(update, bot=self._bot, groups=self._groups, now=now)
            ),
            cursor=self._after(known, updates, now),
            more=len(updates) == _MOST_UPDATES,
            gap=looked is not None and now - looked > KEPT_FOR,
        )

    async def wait(self) -> None:
        pulling = asyncio.create_task(self._pulling.wait())
        look = asyncio.create_task(self._look())
        try:
            await asyncio.wait({pulling, look}, return_when=asyncio.FIRST_COMPLETED)
            if look.done():
                look.result()
        finally:
            pulling.cancel()
            look.cancel()
            await asyncio.gather(pulling, look, return_exceptions=True)

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        place = place_of(message)
        calls = plan(message)
        first = await self._deliver(calls[0], before_body)
        for number, call in enumerate(calls[1:], start=1):
            try:
                await self._deliver_patiently(call)
            except ConnectorError as error:
                raise UncertainDelivery(
                    f"{number} of {len(calls)} parts were taken: {error.detail}", step=error.step
                ) from error
        sent_to = whole(first, "chat", "id") or place.chat
        number = whole(first, "message_id")
        return SendResult(external_id=read_place(_renamed(place.business, sent_to)).message(number))

    async def fetch_file(self, reference: str, target: Path) -> None:
        await self._ready.download(reference, target)

    async def edit(self, chat: str, external_id: str, text: str) -> None:
        place = read_place(chat)
        content: dict[str, object] = {
            "chat_id": place.chat,
            "message_id": _number(external_id),
            "text": text,
        }
        if place.business:
            content["business_connection_id"] = place.business
        await self._ready.call("editMessageText", content, step="edit")

    async def withdraw(self, chat: str, external_id: str) -> None:
        place = read_place(chat)
        content: dict[str, object] = {"message_ids": [_number(external_id)]}
        if place.business:
            content["business_connection_id"] = place.business
            await self._ready.call("deleteBusinessMessages", content, step="withdraw")
            return
        content["chat_id"] = place.chat
        # The plural passes over what is there no more.
        await self._ready.call("deleteMessages", content, step="withdraw")

    async def react(self, chat: str, external_id: str, emojis: Sequence[str]) -> None:
        place = read_place(chat)
        if place.business:
            raise Unsupported("a bot cannot react for a business account", step="react")
        reaction = [{"type": "emoji", "emoji": emoji} for emoji in emojis[:1]]  # a bot has one
        content = {
            "chat_id": place.chat,
            "message_id": _number(external_id),
            "reaction": reaction,
        }
        await self._ready.call("setMessageReaction", content, step="react")

    async def read(self, chat: str, external_id: str) -> None:
        place = read_place(chat)
        if not place.business:
            return  # nobody sees what a bot has read
        content = {
            "business_connection_id": place.business,
            "chat_id": place.chat,
            "message_id": _number(external_id),
        }
        await self._ready.call("readBusinessMessage", content, step="read")

    @property
    def _ready(self) -> BotApi:
        if self._api is None:
            raise NotConnected
        return self._api

    @property
    def _groups(self) -> Groups:
        said = self.config.settings.get("groups") or Groups.MENTIONED
        return Groups(str(said)) if said in set(Groups) else Groups.MENTIONED

    async def _look(self) -> None:
        """Return when there is an update. It is not taken: the next pull brings it."""
        while not await self._updates(seconds=POLL_SECONDS, most=1):
            pass

    async def _updates_in_turn(self) -> list[object]:
        """Ask what there is; a long poll of ours that was just ended may still be in the way."""
        try:
            return await self._updates(seconds=0, most=_MOST_UPDATES)
        except AuthError as error:
            if error.reason is not AuthReason.CONFLICT:
                raise
        await asyncio.sleep(self.conflict_pause_seconds)
        return await self._updates(seconds=0, most=_MOST_UPDATES)

    async def _updates(self, *, seconds: int, most: int) -> list[object]:
        content: dict[str, object] = {
            "limit": most,
            "timeout": seconds,
            "allowed_updates": list(UPDATES),
        }
        if self._offset:
            content["offset"] = self._offset
        found = await self._ready.call("getUpdates", content, seconds=seconds + 15, step="receive")
        return found if isinstance(found, list) else []

    def _after(self, known: Cursor, updates: Sequence[object], now: datetime) -> Cursor:
        numbers = [number for update in updates if (number := whole(update, "update_id"))]
        last = now.isoformat() if numbers else words(known, "last")
        offset = max(numbers) + 1 if numbers else self._offset
        return {"offset": offset, "last": last, "at": now.isoformat()}

    async def _acknowledge(self, pressed: Payload) -> None:
        """End the waiting that a button shows its customer."""
        if name := words(pressed, "id"):
            # Too late, or done before: it brings the customer nothing then, and us no harm.
            with contextlib.suppress(PermanentError):
                await self._ready.call("answerCallbackQuery", {"callback_query_id": name})

    async def _deliver(self, call: Call, before_body: BeforeBody) -> Payload:
        try:
            found = await self._call(call, before_body)
        except ChatMoved as moved:
            found = await self._call(call.to(moved.to), before_body)
        return part(found[0]) if isinstance(found, list) and found else part(found)

    async def _call(self, call: Call, before_body: BeforeBody) -> object:
        return await self._ready.call(
            call.method, call.whole, files=call.files, before_body=before_body
        )

    async def _deliver_patiently(self, call: Call) -> None:
        """Deliver a further part; Telegram takes about one message a second in a chat."""
        try:
            await self._deliver(call, _nothing)
        except RateLimited as limited:
            if limited.retry_after_seconds > _LONGEST_PAUSE_SECONDS:
                raise
            await asyncio.sleep(limited.retry_after_seconds)
            await self._deliver(call, _nothing)


async def _nothing() -> None:
    """Stand for what was written down with the first part."""


def _number(external_id: str) -> int:
    number = read_number(external_id)
    if not number:
        raise PermanentError(f"{external_id!r} is no message")
    return number


def _renamed(business: str, chat: int) -> str:
    return f"{business}:{chat}" if business else str(chat)


create = TelegramConnector
