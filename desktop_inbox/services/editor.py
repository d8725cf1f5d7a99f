"""An editor as it was when its message was queued, kept so that undo send brings it back (H5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from desktop_inbox.domain.messages import Address
from desktop_inbox.services.drafts import DraftContent


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLater:
    """What happens when the time of a message sent later comes (rule H4)."""

    zone: str = ""  # the IANA zone its author planned in
    hold_if_answered: bool = True  # wait for a person if the customer wrote in the meantime
    skip_after_hours: int = 0  # wait for a person if that long overdue; 0: send it however late


_SAME = ("conversation_id", "account_id", "mode", "answers_id", "subject", "body", "rich",
         "sender", "caret", "quote", "attachments", "form")  # fmt: skip
_PEOPLE = ("to", "cc", "bcc")


def packed(
    draft: DraftContent, *, then_group: str | None, later: SendLater | None
) -> dict[str, object]:
    """Return a draft as it lies beside the queued message; `later` where it has its time."""
    kept: dict[str, object] = {name: getattr(draft, name) for name in _SAME}
    kept |= {name: _pairs(getattr(draft, name)) for name in _PEOPLE}
    kept |= {"attachments": [dict(file) for file in draft.attachments], "then_group": then_group}
    if later is not None:
        kept |= {
            "scheduled": True,
            "zone": later.zone,
            "hold_if_answered": later.hold_if_answered,
            "skip_after_hours": later.skip_after_hours,
        }
    return kept


def unpacked(kept: Mapping[str, object]) -> DraftContent:
    """Return the draft that was packed."""
    same = {name: kept[name] for name in _SAME if name in kept}
    people = {name: _addresses(kept[name]) for name in _PEOPLE}
    return DraftContent(**same, **people)  # type: ignore[arg-type]


def _pairs(people: Iterable[Address]) -> list[list[str]]:
    return [[person.name, person.address] for person in people]


def _addresses(pairs: object) -> tuple[Address, ...]:
    assert isinstance(pairs, list)
    return tuple(Address(name=name, address=address) for name, address in pairs)
