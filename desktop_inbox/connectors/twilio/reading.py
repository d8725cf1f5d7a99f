"""Reads what Twilio holds: messages, calls and what was recorded. Pure; hostile input."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from desktop_inbox.connectors.chat import (
    Chat,
    ChatItem,
    Incoming,
    Person,
    Receipt,
    RemoteFile,
    Unreadable,
)
from desktop_inbox.connectors.payload import (
    EPOCH,
    Payload,
    kept,
    line,
    part,
    whole,
    words,
    written_date,
)
from desktop_inbox.connectors.twilio.codes import reason_of, told
from desktop_inbox.connectors.twilio.info import limits_of
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.phones import normalise_phone
from desktop_inbox.domain.pieces import Call, CallOutcome, Piece, Unknown

_STATES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "partially_delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "failed": Delivery.FAILED,
    "undelivered": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}
_FINAL = frozenset({"delivered", "read", "failed", "undelivered", "canceled", "received"})
_CALL_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_NUMBER = re.compile(r"\+[0-9]{7,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One of our senders and whom it talks with, each with its channel: "whatsapp:+90…"."""

    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.ours}|{self.theirs}"

    @property
    def channel(self) -> str:
        """'' for SMS and calls, else such as "whatsapp"."""
        return _taken_apart(self.theirs)[0]


def read_line(chat: str) -> Line | None:
    """Read what `str` made of one."""
    ours, bar, theirs = chat.partition("|")
    return Line(ours=ours, theirs=theirs) if bar and ours and theirs else None


def sid(resource: Payload) -> str:
    """Return what a resource is known by, '' where it is none."""
    found = words(resource, "sid")
    return found if re.fullmatch(r"[A-Z]{2}[0-9a-fA-F]{32}", found) else ""


def name(resource: Payload) -> str:
    """Return what a resource is known by here, also one that makes no sense."""
    return sid(resource) or f"unreadable-{sha256(kept(resource)).hexdigest()[:16]}"


def moment(resource: Payload) -> datetime:
    """Return when a message was sent, or a call began."""
    dates = (written_date(resource, name) for name in ("date_sent", "start_time", "date_created"))
    return next((one for one in dates if one is not None), EPOCH)


def is_ours(message: Payload) -> bool:
    """Tell whether a message left from us."""
    return words(message, "direction").startswith("outbound")


def read_message(message: Payload, *, files: Iterable[RemoteFile] = ()) -> list[ChatItem]:
    """Return a message that came, or that somebody sent with another program."""
    ours = is_ours(message)
    talk = _line(message, ours=ours)
    if talk is None or not sid(message):
        return [unreadable(message)]
    text, at, own_files = words(message, "body"), moment(message), tuple(files)
    # A place, a contact and such: the list does not tell what they hold.
    empty: tuple[Piece, ...] = () if text or own_files else (Unknown(kind="message"),)
    hours = None if ours else limits_of(str(talk)).get("reply_window_hours")
    item = Incoming(
        external_id=sid(message),
        chat=Chat(external_id=str(talk)),
        author=person(talk.theirs),
        at=at,
        text=text,
        from_me=ours,
        pieces=empty,
        files=own_files,
        raw=kept(message),
        reply_until=at + timedelta(hours=hours) if hours else None,
    )
    return [item, *read_receipt(message)] if ours else [item]


def read_receipt(message: Payload) -> list[ChatItem]:
    """Return how far a message of ours has come, nothing while it is on its way."""
    state = _STATES.get(words(message, "status"))
    if state is None or not sid(message):
        return []
    code = whole(message, "error_code")
    failed = state is Delivery.FAILED
    return [
        Receipt(
            state=state,
            at=written_date(message, "date_updated") or moment(message),
            external_id=sid(message),
            code=reason_of(code).value if failed else "",
            detail=told(code, words(message, "error_message")) if failed else "",
        )
    ]


def is_settled(message: Payload) -> bool:
    """Tell whether nothing more will be known of a message; WhatsApp tells of reading too."""
    status = words(message, "status")
    if status == "delivered" and _taken_apart(words(message, "to"))[0]:
        return False
    return status in _FINAL


def is_over(call: Payload) -> bool:
    """Tell whether a call has ended."""
    return words(call, "status") in _CALL_OVER


def read_call(call: Payload, recordings: Iterable[Payload], *, said: str = "") -> list[ChatItem]:
    """Return a call that is over, with what was recorded and `said`."""
    ours = is_ours(call)
    talk = _line(call, ours=ours)
    if talk is None or not sid(call):
        return [unreadable(call)]
    kept_ones = [one for one in recordings if sid(one)]
    return [
        Incoming(
            external_id=sid(call),
            chat=Chat(external_id=str(talk)),
            author=person(talk.theirs, calls_itself=line(call, "caller_name")),
            at=moment(call),
            text=said,
            from_me=ours,
            pieces=(call_piece(call, kept_ones),),
            files=tuple(map(_recorded, kept_ones)),
            raw=kept(call),
        )
    ]


def call_piece(call: Payload, recordings: Iterable[Payload]) -> Call:
    """Return what became of a call: a message that a caller left is none that was answered."""
    left = [one for one in recordings if words(one, "source") == "RecordVerb"]
    seconds = max(whole(call, "duration"), 0)
    if left and not is_ours(call):
        spoken = sum(max(whole(one, "duration"), 0) for one in left)
        return Call(outcome=CallOutcome.VOICEMAIL, seconds=spoken or seconds)
    answered = words(call, "status") == "completed" and seconds > 0
    return Call(outcome=CallOutcome.ANSWERED if answered else CallOutcome.MISSED, seconds=seconds)


def person(address: str, *, calls_itself: str = "") -> Person:
    """Return who is behind an address; not everybody has a telephone number."""
    channel, bare = _taken_apart(address)
    if _NUMBER.fullmatch(bare):
        return Person(kind="phone", address=normalise_phone(bare) or bare, name=calls_itself)
    # Short codes, names of senders, and whom WhatsApp gives no number of.
    return Person(kind=channel or "sender", address=bare or address, name=calls_itself, scoped=True)


def unreadable(resource: Payload) -> Unreadable:
    """Return what stands for a resource that makes no sense."""
    return Unreadable(
        external_id=name(resource),
        chat=Chat(external_id="unreadable"),
        at=moment(resource),
        why="a message or call without its parties",
        raw=kept(resource),
    )


def _line(resource: Payload, *, ours: bool) -> Line | None:
    sender, receiver = line(resource, "from"), line(resource, "to")
    if not sender or not receiver:
        return None
    return Line(ours=sender, theirs=receiver) if ours else Line(ours=receiver, theirs=sender)


def _taken_apart(address: str) -> tuple[str, str]:
    channel, colon, bare = address.partition(":")
    return (channel.lower(), bare) if colon else ("", address)


def read_media(message_sid: str, media: Iterable[Payload]) -> list[RemoteFile]:
    """Return the files of a message."""
    return [
        RemoteFile(
            reference=f"Messages/{message_sid}/Media/{sid(one)}",
            media_type=(line(one, "content_type") or "application/octet-stream").lower()[:127],
            inline=line(one, "content_type").lower().startswith(("image/", "audio/", "video/")),
        )
        for one in media
        if sid(one)
    ]


def nth_media(message: Payload) -> list[RemoteFile]:
    """Return the files of a message by their place, where they cannot be listed just now."""
    number = min(max(whole(message, "num_media"), 0), 10)
    return [RemoteFile(reference=f"Messages/{sid(message)}/Media#{n}") for n in range(number)]


def _recorded(recording: Payload) -> RemoteFile:
    return RemoteFile(
        reference=f"Recordings/{sid(recording)}.mp3", media_type="audio/mpeg", inline=True
    )


def read_template(content: Payload) -> tuple[str, str, str, str] | None:
    """Return name, title, language and text of an approved text, None where it is none."""
    approval = part(content, "approval_requests")
    if not sid(content) or words(approval, "status") != "approved":
        return None
    for kind in part(content, "types").values():
        if body := words(kind, "body"):
            title = line(content, "friendly_name") or line(approval, "name")
            return sid(content), title, line(content, "language"), body
    return None
