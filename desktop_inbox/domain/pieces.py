"""What a message of a messaging channel holds besides text and files, and how it is kept. Pure.

A piece is drawn where a channel knows it, and told in words everywhere else: in lists, in search,
in an export, and on a channel that cannot send it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place on the map."""

    latitude: float  # degrees, WGS 84
    longitude: float
    title: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Somebody's contact."""

    name: str
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sticker:
    """A picture that stands for a feeling; the picture itself is an attachment."""

    emoji: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to press under a message; `url` where it opens a page."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """The customer pressed a button, or chose from a list."""

    text: str


class CallOutcome(StrEnum):
    ANSWERED = "answered"
    MISSED = "missed"
    VOICEMAIL = "voicemail"
    WALK_IN = "walk_in"  # no call: somebody came in


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call, or a visit; a recording is an attachment, what was said is the text."""

    outcome: CallOutcome
    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A post, story, product or page that was shared or answered."""

    title: str = ""
    url: str = ""
    kind: str = ""  # "story", "post", "product", … as the service calls it


SEALED = "encrypted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something we cannot show yet; the raw event is kept."""

    kind: str  # as the service calls it; SEALED: nobody gave us the key to it


Piece = Spot | Card | Sticker | Button | Pressed | Call | Shared | Unknown

_TYPES: dict[str, type[Piece]] = {
    "spot": Spot,
    "card": Card,
    "sticker": Sticker,
    "button": Button,
    "pressed": Pressed,
    "call": Call,
    "shared": Shared,
    "unknown": Unknown,
}
_SNIPPET_CHARS = 200
_NAMES = {kind: name for name, kind in _TYPES.items()}


def in_words(pieces: Iterable[Piece]) -> str:
    """Return what pieces say where they cannot be drawn, in words of no language."""
    return "\n".join(filter(None, map(_in_words, pieces)))


def _in_words(piece: Piece) -> str:
    match piece:
        case Spot():
            place = ", ".join(filter(None, (piece.title, piece.address)))
            return f"📍 {place or f'{piece.latitude:.5f}, {piece.longitude:.5f}'}"
        case Card():
            return " ".join(("👤", piece.name, *piece.phones, *piece.emails))
        case Sticker():
            return piece.emoji
        case Button():
            return f"[{piece.text}] {piece.url}".rstrip()
        case Pressed():
            return f"[{piece.text}]"
        case Call():
            return f"📞 {piece.seconds // 60}:{piece.seconds % 60:02}" if piece.seconds else "📞"
        case Shared():
            return " ".join(filter(None, ("🔗", piece.title, piece.url)))
        case Unknown():
            return f"[{piece.kind}]"


PICTURE, VOICE, VIDEO = "📷", "🎤", "🎬"
_SHOWN_IN_PLACE = {"image": PICTURE, "audio": VOICE, "video": VIDEO}


def file_in_words(name: str, media_type: str, *, inline: bool) -> str:
    """Return what stands for a file where there is room for a word: its name, or what it is.

    A picture, voice note or video shown in its place has a name that nobody gave it.
    """
    return _SHOWN_IN_PLACE.get(media_type.partition("/")[0], name) if inline else name


def snippet_of(text: str, pieces: Iterable[Piece], files: Iterable[str]) -> str:
    """Return one line for lists: the text, else pieces in words, else files (`file_in_words`)."""
    words = text or in_words(pieces) or ", ".join(dict.fromkeys(filter(None, files)))
    return " ".join(words[: 4 * _SNIPPET_CHARS].split())[:_SNIPPET_CHARS]


def to_json(pieces: Iterable[Piece]) -> list[dict[str, object]]:
    """Return pieces as they are kept."""
    return [{"type": _NAMES[type(piece)], **asdict(piece)} for piece in pieces]


def from_json(kept: Iterable[Mapping[str, object]]) -> tuple[Piece, ...]:
    """Read what `to_json` made, also by a newer program: what it does not know is `Unknown`."""
    return tuple(_read(one) for one in kept)


def _read(kept: Mapping[str, object]) -> Piece:
    name = str(kept.get("type"))
    kind = _TYPES.get(name)
    if kind is None:
        return Unknown(kind=name)
    known = {field.name for field in fields(kind)}
    values = {key: _value(value) for key, value in kept.items() if key in known}
    try:
        if kind is Call:
            values["outcome"] = CallOutcome(str(values["outcome"]))
        return kind(**values)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        return Unknown(kind=name)


def _value(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
