"""The HTML of a message, made safe when somebody looks at it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_inbox.mime import structure
from desktop_inbox.mime.bodies import bodies, has_html, joined_html
from desktop_inbox.mime.html.safe import count_remote, inert
from desktop_inbox.mime.structure import DEFAULT_LIMITS, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """The HTML of a message, safe to show, and about how much it would load from the web."""

    html: str
    remote: int
    forms: bool = False  # it had a form, which is taken out


def source_html(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the HTML body as the sender wrote it, unsafe; '' where the message has none."""
    root, _ = structure.read(raw, limits=limits)
    found = bodies(root)
    return joined_html(found, {}, limits) if has_html(found) else ""


def readable_html(
    raw: bytes, *, allow_remote: bool = False, limits: Limits = DEFAULT_LIMITS
) -> Readable:
    """Return the HTML body made inert; an empty one where the message has none.

    Mail is made safe when it is looked at, not when it arrives: most of it is never opened, and
    this is the larger half of what taking a message apart would cost.
    """
    source = source_html(raw, limits=limits)
    return Readable(
        html=inert(source, allow_remote=allow_remote),
        remote=count_remote(source),
        forms="<form" in source.lower(),
    )
