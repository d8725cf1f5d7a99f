"""Who may stand among the recipients: mailboxes, or whom a channel knows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.i18n import N_, _

if TYPE_CHECKING:
    from desktop_inbox.services.channels import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What is taken for a recipient."""

    named: Callable[[str], str]  # the address as it is kept, '' where it is none
    refused: str  # what is said of one that is none, with {address}
    by_address: bool = False  # which of somebody's addresses it is has to be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """Somebody who is offered while a recipient is typed."""

    address: Address
    words: str = ""  # how they are offered; '' by name and address
    way: Way | None = None  # the way to them, where it is not by mail


def by_mail() -> Acceptance:
    """Mail takes what it can be sent to."""
    return Acceptance(
        named=lambda address: address if sendable(address).ok else "",
        refused=_("{address} is not an address mail can be sent to"),
    )


def by_channel(kind: str, *, region: str, known: Collection[str]) -> Acceptance:
    """A messaging channel takes what can be typed of its kind, else only whom it knows.

    `known` are addresses that came from there; `region` is whose numbers lack a calling code.
    """
    from desktop_inbox.domain.reachable import TYPED  # mail alone does without, here and below
    from desktop_inbox.services.writing_first import named_by

    if kind in TYPED:
        return Acceptance(
            named=lambda typed: named_by(kind, typed, region=region),
            refused=_(_REFUSED[kind]),
            by_address=True,
        )
    return Acceptance(
        named=lambda typed: typed if typed in known else "",
        refused=_("{address} is not known there: choose somebody from the list"),
    )


_REFUSED = {
    "phone": N_("{address} is no phone number that can be reached from here"),
    "matrix": N_("{address} is no Matrix address, such as @name:server"),
    "xmpp": N_("{address} is no XMPP address, such as name@server"),
}
