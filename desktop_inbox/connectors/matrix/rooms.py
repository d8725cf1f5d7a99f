"""What is known of each room: whom we talk to there, what it is called, is it encrypted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from desktop_inbox.connectors.chat import Chat, Person
from desktop_inbox.connectors.payload import Payload, line, part, words

_LONGEST_NAME = 200


@dataclass(slots=True)
class Room:
    """One room, as its state tells."""

    id: str
    me: str
    name: str = ""
    encrypted: bool = False
    known: bool = False  # its state was read whole, not only what changed
    here: set[str] = field(default_factory=set)  # who has joined or is invited
    names: dict[str, str] = field(default_factory=dict)  # what people call themselves
    meant_for: str = ""  # whom we opened it to talk with (m.direct)

    @property
    def others(self) -> list[str]:
        return sorted(self.here - {self.me})

    @property
    def group(self) -> bool:
        return len(self.others) > 1

    @property
    def chat(self) -> Chat:
        return Chat(external_id=self.id, title=self.name if self.group else "", group=self.group)

    def person(self, user_id: str) -> Person:
        """Return somebody as they are known here."""
        return Person(kind="matrix", address=user_id, name=self.names.get(user_id, ""))

    def partner(self) -> Person:
        """Return whom something goes to that we say here."""
        others = self.others
        if self.meant_for or len(others) == 1:
            return self.person(self.meant_for or others[0])
        # To everybody, or to somebody who has left: the room itself stands for them.
        return Person(kind="matrix", address=self.id, name=self.name, scoped=True)

    def learn(self, event: Payload) -> bool:
        """Take account of an event of state; tell whether who is here has changed."""
        content = part(event, "content")
        match words(event, "type"):
            case "m.room.name":
                self.name = line(content, "name")[:_LONGEST_NAME]
            case "m.room.encryption":  # there is no way back (client-server API, m.room.encryption)
                self.encrypted = True
            case "m.room.member":
                return self._learn_of(words(event, "state_key"), content)
        return False

    def learn_name(self, event: Payload) -> None:
        """Take account of what somebody called themselves once, unless it is known already."""
        user_id = words(event, "state_key")
        if words(event, "type") == "m.room.member" and user_id not in self.names:
            self._learn_name(user_id, part(event, "content"))

    def _learn_name(self, user_id: str, content: Payload) -> None:
        if name := line(content, "displayname")[:_LONGEST_NAME]:
            self.names[user_id] = name

    def _learn_of(self, user_id: str, content: Payload) -> bool:
        if not user_id:
            return False
        self._learn_name(user_id, content)
        before = user_id in self.here
        now = words(content, "membership") in {"join", "invite"}
        (self.here.add if now else self.here.discard)(user_id)
        return before != now


def is_state(event: Payload) -> bool:
    """Tell whether an event says what a room is, not something in it."""
    return isinstance(event.get("state_key"), str)


def joined_just_now(events: Iterable[Payload], me: str) -> bool:
    """Tell whether we came into a room with these: what was said before is news too."""
    for event in events:
        if words(event, "type") == "m.room.member" and words(event, "state_key") == me:
            before = words(event, "unsigned", "prev_content", "membership")
            return words(event, "content", "membership") == "join" and before != "join"
    return False


def direct_rooms(content: Payload) -> dict[str, str]:
    """Return whom we opened rooms to talk with, by room (m.direct)."""
    return {
        room: user_id
        for user_id, rooms in content.items()
        if isinstance(rooms, list)
        for room in rooms
        if isinstance(room, str)
    }


def is_direct_invitation(events: Iterable[Payload], me: str) -> bool:
    """Tell whether somebody asks us to talk with them alone."""
    return any(
        part(event, "content").get("is_direct") is True
        for event in events
        if words(event, "type") == "m.room.member" and words(event, "state_key") == me
    )


def with_direct(content: Payload, user_id: str, room: str) -> Mapping[str, object]:
    """Return m.direct with one more room in it."""
    known = content.get(user_id)
    rooms = [one for one in known if isinstance(one, str)] if isinstance(known, list) else []
    return {**content, user_id: [*rooms, room]}
