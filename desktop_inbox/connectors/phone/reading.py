"""Reads what somebody wrote down of a call or a visit into what it brings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop_inbox.connectors.chat import Chat, Incoming, Person
from desktop_inbox.domain.phones import normalise_phone
from desktop_inbox.domain.pieces import Call, CallOutcome

VISITOR = "visitor"  # the kind of identity of somebody who left no number


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNote:
    """A call or a visit as a person writes it down."""

    name: str  # a new one for each; the same one twice is one note
    at: datetime
    outcome: CallOutcome
    number: str = ""  # as written; '' where they left none
    caller: str = ""  # what they call themselves
    seconds: int = 0
    text: str = ""  # what was said
    from_us: bool = False  # we called
    visitor: str = ""  # whom it is with where there is no number; '' for somebody new
    apart: bool = False  # a line of talk of its own: it was added to a conversation by hand


def read_note(note: CallNote, *, region: str = "") -> Incoming:
    """Return the message that a note is; `region` is where numbers without a code are dialled."""
    number = normalise_phone(note.number, region=region) or note.number.strip()
    person = Person(
        kind="phone" if number else VISITOR,
        address=number or note.visitor or note.name,
        name=note.caller,
        label=note.number.strip() or note.caller,
        scoped=not number,
        proven=False,
    )
    return Incoming(
        external_id=note.name,
        chat=Chat(external_id=note.name if note.apart else person.address),
        author=person,
        at=note.at,
        text=note.text,
        from_me=note.from_us,
        pieces=(Call(outcome=note.outcome, seconds=max(note.seconds, 0)),),
        seen=True,
    )
