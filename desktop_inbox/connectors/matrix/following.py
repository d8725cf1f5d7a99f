"""Turns what the server tells of rooms into items, asking it for what that speaks of. Engine loop.

What is known of rooms and events is kept while the account is followed, and asked for again after.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from desktop_inbox.connectors.chat import ChatItem
from desktop_inbox.connectors.errors import PermanentError, RateLimited, TransientError
from desktop_inbox.connectors.matrix import reading
from desktop_inbox.connectors.matrix.cursor import Debts, Gap
from desktop_inbox.connectors.matrix.keys import Keys
from desktop_inbox.connectors.matrix.link import Link
from desktop_inbox.connectors.matrix.reading import Known, event_id, moment
from desktop_inbox.connectors.matrix.rooms import (
    Room,
    direct_rooms,
    is_direct_invitation,
    is_state,
    joined_just_now,
)
from desktop_inbox.connectors.matrix.settings import Invitations
from desktop_inbox.connectors.payload import Payload, each, part, words

FIRST_LOOK = timedelta(days=30)
PAGE = 100
_MOST_KNOWN = 5000
_MOST_REACTIONS = 500
_LAZY = json.dumps({"lazy_load_members": True})

log = logging.getLogger(__name__)


class Follower:
    """An account's rooms, as far as they were heard of."""

    def __init__(self, link: Link, keys: Keys | None, *, now: Callable[[], datetime]) -> None:
        self.direct: Payload = {}  # m.direct
        self._link = link
        self._keys = keys
        self._now = now
        self._me = link.settings.user_id
        self._rooms: dict[str, Room] = {}
        self._known: dict[str, Known] = {}

    async def room(self, name: str) -> Room:
        """Return what is known of a room, read whole. *Raises:* ConnectorError."""
        room = self._room(name)
        if not room.known:
            await self._load(room)
        return room

    async def take(self, synced: Payload, debts: Debts) -> tuple[ChatItem, ...]:
        """Return what a sync says, and note in `debts` how far that came.

        *Raises:* ConnectorError.
        """
        if self._keys is not None:
            await self._keys.take(self._link, synced)
        for event in each(synced, "account_data", "events"):
            if words(event, "type") == "m.direct":
                self.learn_direct(part(event, "content"))
        items: list[ChatItem] = []
        rooms = part(synced, "rooms")
        for name, told in [*part(rooms, "join").items(), *part(rooms, "leave").items()]:
            items += await self._happened(self._room(name), part({"it": told}, "it"), debts)
        for name, told in part(rooms, "invite").items():
            self._consider(name, each(told, "invite_state", "events"), debts)
        for session, (name, events) in list(debts.sealed.items()):
            if self._keys is not None and await self._keys.have(name, session):
                del debts.sealed[session]
                items += await self._mend(name, events)
        await self._accept(debts)
        debts.since = words(synced, "next_batch")
        return tuple(items)

    async def fill(self, debts: Debts) -> tuple[ChatItem, ...]:
        """Return a page of what is owed of a room, newest page first. *Raises:* ConnectorError."""
        gap = debts.gaps.pop(0)
        query = {"dir": "b", "limit": str(PAGE), "from": gap.start, "filter": _LAZY}
        if gap.stop:
            query["to"] = gap.stop
        try:
            said = await self._link.ask("GET", "rooms", gap.room, "messages", query=query)
        except PermanentError:  # we are not there any more, or the server forgot
            log.info("a part of a room is not to be had any more")
            return ()
        room = await self.room(gap.room)
        for event in each(said, "state"):
            room.learn_name(event)
        events, end = each(said, "chunk"), words(said, "end")
        too_old = gap.until is not None and any(moment(one) < gap.until for one in events)
        if end and end != gap.start and not too_old:
            debts.gaps.insert(0, Gap(room=gap.room, start=end, stop=gap.stop, until=gap.until))
        return tuple(await self._read(room, _since(events[::-1], gap.until), debts))

    def learn_direct(self, content: Payload) -> None:
        """Take note of whom rooms were opened for (m.direct)."""
        self.direct = content
        for name, user_id in direct_rooms(content).items():
            self._room(name).meant_for = user_id

    def _room(self, name: str) -> Room:
        return self._rooms.setdefault(name, Room(id=name, me=self._me))

    async def _load(self, room: Room) -> None:
        try:
            for event in await self._link.state(room.id):
                room.learn(event)
        except PermanentError:  # we have left it
            log.info("a room tells no more of itself")
        room.known = True

    async def _happened(self, room: Room, told: Payload, debts: Debts) -> list[ChatItem]:
        state, timeline = each(told, "state", "events"), each(told, "timeline", "events")
        came = not debts.since or joined_just_now([*state, *timeline], self._me)
        changes = [room.learn(one) for one in (*state, *filter(is_state, timeline))]
        if any(changes) and self._keys is not None:
            await self._keys.renew(room.id)
        if came or not room.known:
            await self._load(room)
        until = self._now() - FIRST_LOOK if came else None
        if part(told, "timeline").get("limited") is True:
            start = words(told, "timeline", "prev_batch")
            stop = "" if came else debts.since
            debts.gaps.append(Gap(room=room.id, start=start, stop=stop, until=until))
        self._move_on(room, timeline, debts)
        items = await self._read(room, _since(timeline, until), debts)
        for one in each(told, "ephemeral", "events"):
            if words(one, "type") == "m.receipt":
                content = part(one, "content")
                targets = (target for target, _, _ in reading.readers(content))
                await self._get_to_know(room, targets)
                items += reading.receipts(content, room=room, beside=self._known)
        return items

    def _move_on(self, room: Room, timeline: Iterable[Payload], debts: Debts) -> None:
        for event in timeline:
            onward = words(event, "content", "replacement_room")
            if words(event, "type") == "m.room.tombstone" and is_state(event) and onward:
                debts.invited[onward] = words(event, "sender").partition(":")[2]

    async def _read(self, room: Room, events: Sequence[Payload], debts: Debts) -> list[ChatItem]:
        opened = [await self._opened(room, event, debts) for event in events]
        for event in opened:
            self._remember(event)
        await self._get_to_know(room, map(reading.replaces, opened))
        felt = set(filter(all, map(reading.reacts_to, opened)))
        feelings = await self._feelings(room, felt)
        return [
            item
            for event in opened
            for item in reading.read(event, room=room, beside=self._known, feelings=feelings)
        ]

    async def _opened(self, room: Room, event: Payload, debts: Debts) -> Payload:
        """Return an event as it reads; where its key is not here, note that it is owed."""
        if words(event, "type") != "m.room.encrypted" or is_state(event):
            return event
        found = await self._keys.unseal(event, room.id) if self._keys is not None else None
        session = words(event, "content", "session_id")
        if found is None and session:
            debts.owe(session, room.id, event_id(event))
        return found or event

    def _remember(self, event: Payload) -> None:
        self._known[event_id(event)] = reading.known_of(event)
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]

    async def _get_to_know(self, room: Room, targets: Iterable[str]) -> None:
        """Ask for events that others speak of."""
        for target in targets:
            if target and target not in self._known:
                event = await self._event(room.id, target)
                if event is not None:
                    self._remember(event)

    async def _event(self, room: str, name: str) -> Payload | None:
        try:
            return await self._link.ask("GET", "rooms", room, "event", name)
        except PermanentError:  # it lies before our time there, or nowhere
            return None

    async def _feelings(
        self, room: Room, felt: set[tuple[str, str]]
    ) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
        """Ask what people think of messages now: events tell of one emoji each."""
        found: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
        for target in {target for target, _ in felt}:
            reactions = await self.reactions(room.id, target)
            for one, user_id in felt:
                if one == target:
                    found[one, user_id] = reading.feeling(reactions, user_id)
        return found

    async def reactions(self, room: str, target: str) -> list[Payload]:
        """Return the reactions to a message. *Raises:* ConnectorError."""
        try:
            said = await self._link.ask(
                "GET", "rooms", room, "relations", target, "m.annotation", "m.reaction",
                version="v1", query={"limit": str(_MOST_REACTIONS)},
            )  # fmt: skip
        except PermanentError:
            return []
        return each(said, "chunk")

    async def _mend(self, name: str, events: Iterable[str]) -> list[ChatItem]:
        """Return what messages say whose key has come: they take the place of what came sealed."""
        room = await self.room(name)
        found = [one for event in events if (one := await self._event(name, event)) is not None]
        return await self._read(room, found, Debts())

    def _consider(self, name: str, events: list[Payload], debts: Debts) -> None:
        accepted = self._link.settings.invitations
        if accepted is Invitations.ALL or (
            accepted is Invitations.DIRECT and is_direct_invitation(events, self._me)
        ):
            inviters = (
                words(one, "sender") for one in events if words(one, "state_key") == self._me
            )
            debts.invited[name] = next(inviters, "").partition(":")[2]

    async def _accept(self, debts: Debts) -> None:
        """Come into the rooms we were asked into; one that cannot be had now is tried again."""
        for name, via in list(debts.invited.items()):
            query = {"server_name": via, "via": via} if via else None
            try:
                await self._link.ask("POST", "join", name, query=query, content={}, step="join")
            except (TransientError, RateLimited):
                log.info("a room cannot be joined now")
                continue
            except PermanentError:
                log.info("an invitation is void")
            del debts.invited[name]


def _since(events: Iterable[Payload], until: datetime | None) -> list[Payload]:
    return [one for one in events if until is None or moment(one) >= until]
