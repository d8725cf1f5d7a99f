"""What a message of a chat holds besides text, in words: places, contacts, calls, buttons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.pieces import (
    SEALED,
    Button,
    Call,
    CallOutcome,
    Card,
    Piece,
    Pressed,
    Shared,
    Spot,
    Unknown,
)
from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store.rows import AttachmentRow, MessageRow

OPEN, COPY, ADD, SOURCE = "open", "copy", "add", "source"
_MAP = "https://www.openstreetmap.org/"
_ZOOM = 17
_LONGEST = 300  # characters of what somebody else named


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceLine:
    """One thing a message holds: an icon, what it is, more about it, and what can be done."""

    icon: str
    title: str
    detail: str = ""
    actions: tuple[tuple[str, str], ...] = ()  # action, words
    target: str = ""  # the address that `OPEN` leads to
    copied: str = ""  # what `COPY` copies
    card: Card | None = None  # whom `ADD` adds
    tone: str = "accent"


def lines(message: MessageRow) -> list[PieceLine]:
    """What stands between a message's text and its files, a line each."""
    told = [line for piece in message.pieces if (line := _line(piece, message)) is not None]
    offered = [visible(piece.text) for piece in _plain_buttons(message.pieces)]
    if offered:
        words = ngettext("Button: {names}", "Buttons: {names}", len(offered))
        told.append(
            PieceLine(icon="list", title=words.format(names=" · ".join(offered)), tone="muted")
        )
    return told


def _plain_buttons(pieces: Sequence[Piece]) -> list[Button]:
    return [one for one in pieces if isinstance(one, Button) and not one.url]


def _line(piece: Piece, message: MessageRow) -> PieceLine | None:
    match piece:
        case Spot():
            return _spot(piece)
        case Card():
            return _card(piece)
        case Call():
            return _call(piece, message)
        case Button(url=url) if url:
            return _link(visible(piece.text), url)
        case Pressed():
            words = _("Chose “{text}”").format(text=visible(piece.text)[:_LONGEST])
            return PieceLine(icon="circle-check", title=words)
        case Shared():
            return _link(visible(piece.title) or _shared(piece), piece.url)
        case Unknown():
            return _unknown(piece, message)
        case _:
            return None  # a sticker is its picture, a button without an address one of several


def _spot(spot: Spot) -> PieceLine:
    place = f"{spot.latitude:.5f}, {spot.longitude:.5f}"
    named = [visible(words)[:_LONGEST] for words in (spot.title, spot.address) if words]
    at = urlencode({"mlat": f"{spot.latitude:.6f}", "mlon": f"{spot.longitude:.6f}"})
    return PieceLine(
        icon="map-pin",
        title=named[0] if named else _("Location"),
        detail="\n".join([*named[1:], place]),
        actions=((OPEN, _("Show on the map")), (COPY, _("Copy"))),
        target=f"{_MAP}?{at}#map={_ZOOM}/{spot.latitude:.6f}/{spot.longitude:.6f}",
        copied=place,
    )


def _card(card: Card) -> PieceLine:
    ways = [visible(way)[:_LONGEST] for way in (*card.phones, *card.emails)]
    name = visible(card.name)[:_LONGEST]
    return PieceLine(
        icon="contact",
        title=name or _("Contact"),
        detail="\n".join(ways),
        actions=((COPY, _("Copy")), *(((ADD, _("Add to the customer…")),) if ways else ())),
        copied="\n".join(filter(None, (name, *ways))),
        card=card,
    )


def _call(call: Call, message: MessageRow) -> PieceLine:
    ours = message.direction is Direction.OUT
    length = play_length(call.seconds) if call.seconds else ""
    match call.outcome:
        case CallOutcome.WALK_IN:
            return PieceLine(icon="store", title=_("Visit"), detail=length)
        case CallOutcome.ANSWERED if ours:
            return PieceLine(icon="phone-outgoing", title=_("You called"), detail=length)
        case CallOutcome.ANSWERED:
            return PieceLine(icon="phone-incoming", title=_("Call, answered"), detail=length)
        case CallOutcome.VOICEMAIL if ours:
            return PieceLine(icon="voicemail", title=_("You left a voicemail"), detail=length)
        case CallOutcome.VOICEMAIL:
            return PieceLine(icon="voicemail", title=_("Voicemail"), detail=length, tone="warn")
        case _ if ours:
            return PieceLine(
                icon="phone-outgoing", title=_("You called, nobody answered"), tone="muted"
            )
        case _:
            return PieceLine(icon="phone-missed", title=_("Missed call"), tone="bad")


def _link(title: str, url: str) -> PieceLine:
    opens = ((OPEN, _("Open link")), (COPY, _("Copy"))) if url else ()
    return PieceLine(
        icon="link",
        title=title[:_LONGEST],
        detail=visible(url)[:_LONGEST],
        actions=opens,
        target=url,
        copied=url,
    )


def _shared(piece: Shared) -> str:
    match piece.kind:
        case "story":
            return _("A story")
        case "post":
            return _("A post")
        case "product":
            return _("A product")
        case _:
            return _("Shared")


def _unknown(piece: Unknown, message: MessageRow) -> PieceLine:
    if piece.kind == SEALED:
        return PieceLine(
            icon="lock",
            title=_("This message is encrypted"),
            detail=_("Its key has not come. Once it does, the message can be read here."),
            tone="muted",
        )
    return PieceLine(
        icon="circle-help",
        title=_("This cannot be shown here yet"),
        detail=_("The service calls it “{kind}”. What came is kept.").format(
            kind=visible(piece.kind)[:_LONGEST]
        ),
        actions=((SOURCE, _("View source")),) if message.raw_sha256 else (),
        tone="muted",
    )


# Files


def media_state(row: AttachmentRow) -> str:
    """Why the file of a chat is not here, in a few words; '' where it is."""
    if row.state != "server":
        return ""
    match row.problem:
        case "":
            return _("loading…")
        case "gone":
            return _("no longer available")
        case "too-large":
            return _("large: press to load")
        case _:
            return _("failed: try again")


def is_lost(row: AttachmentRow) -> bool:
    """Whether the service holds a file no more, so that to try again is no use."""
    return row.state == "server" and row.problem == "gone"


def play_length(seconds: float) -> str:
    """How long a recording is: 0:32, 1:02:05."""
    whole = max(round(seconds), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
