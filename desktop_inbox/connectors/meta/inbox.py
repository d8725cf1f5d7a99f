"""Reads an account's conversations: what is new in each since the last look. Engine loop.

Meta gives the details of the twenty newest messages of a conversation and no more: where more
came between two looks, that is told as a gap.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile

from desktop_inbox.connectors.chat import ChatItem, Incoming, Profile
from desktop_inbox.connectors.errors import AuthError, AuthReason, PermanentError
from desktop_inbox.connectors.meta.api import GraphApi
from desktop_inbox.connectors.meta.cursor import Brought, State, name_of
from desktop_inbox.connectors.meta.messaging import person_of, read_listed
from desktop_inbox.connectors.payload import Payload, at, each, line, words, written_date

log = logging.getLogger(__name__)

DETAILED = 20  # messages of a conversation
_CONVERSATIONS = 10  # in one pull: a batch is stored every few seconds
_LEAST_FIELDS = "id,created_time,from,to,message,attachments"
_MOST_SENT = 500
_SETTLED_AFTER = timedelta(seconds=10)


@dataclass
class Sent:
    """What leaves from here, so that it is not taken for what the owner wrote elsewhere."""

    going: Counter[str] = field(default_factory=Counter)  # by chat
    names: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_SENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one pull learnt."""

    items: tuple[ChatItem, ...]
    state: State
    gap: bool
    newest: tuple[str, str]  # the conversation on top of the list, and when it changed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one look at a conversation learnt."""

    items: tuple[ChatItem, ...]
    names: frozenset[str]  # of the messages that were brought, now or before
    gap: bool  # more came than Meta tells
    leaving: bool  # something of ours is on its way: it is looked at again when that has left


class Inbox:
    """The conversations of one account."""

    def __init__(self, api: GraphApi, *, own_ids: frozenset[str], sent: Sent) -> None:
        self._api = api
        self._own_ids = own_ids
        self._sent = sent
        self._fields = api.service.message_fields

    async def newest(self) -> tuple[str, str]:
        """Return what lies on top. *Raises:* ConnectorError."""
        return _top(await self._listed(limit=1, step="look"))

    async def pull(self, state: State, *, now: datetime) -> Found:
        """Take one page of conversations; `now` is by Meta's clock. *Raises:* ConnectorError."""
        try:
            page = await self._listed(limit=_CONVERSATIONS, after=state.page)
        except PermanentError:
            if not state.page:
                raise
            # That page is not known any more: from the top again, by what was brought.
            page = await self._listed(limit=_CONVERSATIONS)
        listed = each(page, "data")
        newest = ("", "") if state.page else _top(page)
        if not state.page:
            moments = (written_date(one, "updated_time") for one in listed)
            state = state.begun([one for one in moments if one is not None], now=now)
        horizon = state.horizon
        changed = list(takewhile(lambda one: _changed_since(one, horizon), listed))
        items: list[ChatItem] = []
        gap = False
        for conversation in changed:
            chat, updated = words(conversation, "id"), words(conversation, "updated_time")
            if not chat or state.is_unchanged(chat, updated):
                continue
            try:
                look = await self._look(chat, state)
            except PermanentError as error:  # this one cannot be read; the others can
                log.info("a conversation cannot be read: %s", error.reason)
                continue
            items += look.items
            gap |= look.gap
            settled = _has_settled(updated, now=now) and not look.leaving
            state = state.looked(
                chat, Brought(names=look.names, changed=updated if settled else "")
            )
            if look.leaving:
                state = state.held_at(written_date(updated))
        after = _after(page) if len(changed) == len(listed) else ""
        return Found(items=tuple(items), state=state.after(after), gap=gap, newest=newest)

    async def conversation_with(self, person: str) -> Sequence[Payload]:
        """Return the newest messages of the talk with somebody. *Raises:* ConnectorError."""
        query = {"platform": self._api.service.kind, "user_id": person, "fields": "id"}
        found = await self._api.get("me", "conversations", query=query, step="find")
        chat = next((words(one, "id") for one in each(found, "data")), "")
        return each(await self._messages(chat, step="find"), "data") if chat else ()

    async def _listed(self, *, limit: int, after: str = "", step: str = "receive") -> Payload:
        query = {
            "platform": self._api.service.kind,
            "fields": "id,updated_time",
            "limit": str(limit),
        }
        if after:
            query["after"] = after
        return await self._api.get("me", "conversations", query=query, step=step)

    async def _messages(self, chat: str, *, step: str = "receive") -> Payload:
        """Return the newest messages; with fewer fields where Meta knows some no more."""
        query = {"limit": str(DETAILED), "fields": self._fields}
        try:
            return await self._api.get(chat, "messages", query=query, step=step)
        except PermanentError:
            if self._fields == _LEAST_FIELDS:
                raise
        least = {**query, "fields": _LEAST_FIELDS}
        page = await self._api.get(chat, "messages", query=least, step=step)
        self._fields = _LEAST_FIELDS
        return page

    async def _look(self, chat: str, state: State) -> _Look:
        """Return what is new in a conversation."""
        page = await self._messages(chat)
        known = state.brought.get(chat)
        before = known.names if known else frozenset()
        items: list[ChatItem] = []
        names: set[str] = set()
        leaving = False
        for message in reversed(each(page, "data")):
            name = name_of(message)
            if name not in before:
                read = read_listed(message, kind=self._api.service.kind, own_ids=self._own_ids)
                if self._is_leaving(read):
                    leaving = True
                    continue
                items += self._told(read)
            names.add(name)
        gap = before.isdisjoint(names) and await self._more_came(chat, page, state)
        if known is None:
            items += await self._profiles(items)
        return _Look(items=tuple(items), names=frozenset(names), gap=gap, leaving=leaving)

    def _is_leaving(self, read: Sequence[ChatItem]) -> bool:
        first = read[0]
        return (
            isinstance(first, Incoming)
            and first.from_me
            and first.external_id not in self._sent.names
            and self._sent.going[first.chat.external_id] > 0
        )

    def _told(self, read: Sequence[ChatItem]) -> Sequence[ChatItem]:
        """Return what is news: of what left from here, only what others think of it."""
        first = read[0]
        ours = isinstance(first, Incoming) and first.external_id in self._sent.names
        return read[1:] if ours else read

    async def _more_came(self, chat: str, page: Payload, state: State) -> bool:
        """Tell whether messages came since the last look that are not among the newest."""
        after = _after(page)
        if state.since is None or not after:
            return False
        query = {"limit": "1", "fields": "id,created_time", "after": after}
        try:
            older = await self._api.get(chat, "messages", query=query)
        except PermanentError:
            return True  # there is one, and it is not told when it came
        moments = (written_date(one, "created_time") for one in each(older, "data"))
        return any(moment is None or moment > state.since for moment in moments)

    async def _profiles(self, items: Sequence[ChatItem]) -> list[ChatItem]:
        """Return who wrote for the first time, where messages do not tell their names."""
        service = self._api.service
        people = {
            one.author.address: one.author
            for one in items
            if isinstance(one, Incoming) and not one.from_me and not one.author.name
        }
        profiles: list[ChatItem] = []
        for address in people if service.profile_fields else ():
            try:
                told = await self._api.get(
                    address, query={"fields": service.profile_fields}, step="profile"
                )
            except PermanentError:  # they are gone
                continue
            except AuthError as error:
                if error.reason is not AuthReason.PERMISSION:
                    raise
                continue  # Meta tells names only of those who agree
            if line(told, "name"):
                profiles.append(Profile(person=person_of(service.kind, address, told)))
        return profiles


def _top(page: Payload) -> tuple[str, str]:
    first = next(iter(each(page, "data")), {})
    return words(first, "id"), words(first, "updated_time")


def _changed_since(conversation: Payload, horizon: datetime | None) -> bool:
    moment = written_date(conversation, "updated_time")
    return horizon is None or moment is None or moment >= horizon


def _has_settled(updated: str, *, now: datetime) -> bool:
    """Tell whether nothing can come any more that bears this moment: Meta tells whole seconds."""
    moment = written_date(updated)
    return moment is not None and now - moment > _SETTLED_AFTER


def _after(page: Payload) -> str:
    """Return where a list goes on; the address of its next page bears the token, so not that."""
    return words(page, "paging", "cursors", "after") if at(page, "paging", "next") else ""
