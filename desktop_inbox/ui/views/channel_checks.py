"""Whether a channel takes what is written: its length, its files, a template's gaps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.services.channels import Way
from desktop_inbox.ui.views import channel_words
from desktop_inbox.ui.views.composer_checks import MANY_MESSAGES, Concern, Finding
from desktop_inbox.ui.views.formats import file_size

_NEAR = 0.75  # of the limit, from which on it is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What stands beside the send button about the length."""

    text: str
    over: bool = False


def counts(info: ConnectorInfo) -> bool:
    """Tell whether it matters to a channel how long a text is."""
    return info.splits or "max_text" in info.limits or "max_text_bytes" in info.limits


def count(text: str, info: ConnectorInfo) -> Count | None:
    """Return how much room is left, None while there is plenty."""
    if info.splits:
        parts = _parts(text, info)
        if parts < 2:
            return None
        told = ngettext("leaves as {count} message", "leaves as {count} messages", parts)
        return Count(text=told.format(count=parts))
    room = _room(text, info)
    if room is None or room[0] > (1 - _NEAR) * room[1]:
        return None
    left, _limit = room
    if left < 0:
        told = ngettext("{count} character too many", "{count} characters too many", -left)
        return Count(text=told.format(count=-left), over=True)
    return Count(text=ngettext("{count} left", "{count} left", left).format(count=left))


def _parts(text: str, info: ConnectorInfo) -> int:
    from desktop_inbox.services.chat_queueing import parts_of  # only such channels need it

    return len(parts_of(text, info))


def _room(text: str, info: ConnectorInfo) -> tuple[int, int] | None:
    """Return how much still fits and of how much: characters, or octets where those run out."""
    lengths = {"max_text": len(text), "max_text_bytes": len(text.encode())}
    limits = [(name, info.limits[name]) for name in lengths if name in info.limits]
    return min(((limit - lengths[name], limit) for name, limit in limits), default=None)


def findings(way: Way, *, text: str, files: Sequence[Mapping[str, object]]) -> list[Finding]:
    """Return why the channel would refuse this, in words, and what nobody sends unasked."""
    info = way.info
    if info is None:
        return []
    told = [*_about_files(way, info, files)]
    length = count(text, info)
    if length is not None and length.over:
        told.append(
            _("The text is too long for {channel}: {count}. Shorten it.").format(
                channel=channel_words.name(way), count=length.text
            )
        )
    found = [Finding(concern=Concern.CHANNEL, about=one) for one in told]
    parts = _parts(text, info) if info.splits else 1
    if parts >= MANY_MESSAGES:
        found.append(Finding(concern=Concern.MANY_MESSAGES, about=str(parts)))
    return found


def _about_files(way: Way, info: ConnectorInfo, files: Sequence[Mapping[str, object]]) -> list[str]:
    channel, most = channel_words.name(way), info.limits.get("max_files")
    if files and not way.takes_files:
        return [_("{channel} takes no files from here. Take them off.").format(channel=channel)]
    told = []
    if most is not None and len(files) > most:
        told.append(
            ngettext(
                "{channel} takes {count} file with a message. Send the others after it.",
                "{channel} takes {count} files with a message. Send the others after it.",
                most,
            ).format(channel=channel, count=most)
        )
    largest = info.limits.get("max_file_bytes")
    for file in files:
        size = file.get("size")
        if largest is not None and isinstance(size, int) and size > largest:
            told.append(
                _("{name} has {size}, and {channel} takes {limit}. Send a smaller one.").format(
                    name=visible(str(file["name"])),
                    size=file_size(size),
                    channel=channel,
                    limit=file_size(largest),
                )
            )
    return told
