"""What ingest has to know of the account a batch comes from, as its owner set it up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from desktop_inbox.domain.identities import addresses_of
from desktop_inbox.domain.threading import STRICT, Admission
from desktop_inbox.store.rows import AccountRow

AUTO_ANSWER_MODES = ("off", "new", "away")
_LONGEST_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """How mail finds its conversation, beyond what always holds (rules C1, C2)."""

    admission: Admission = STRICT
    reply_token: bool = False  # answers go to an address with a token, "shop+r…@"
    subject_token: bool = False  # the subject bears one
    same_subject_days: int = 0  # an answer that names no id follows its sender and subject; 0: not

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Linking:
        """Read an account's settings; what is missing or odd is off."""
        return cls(
            admission=Admission(
                lenient=settings.get("joining") == "lenient",
                same_domain=settings.get("joining") == "domain",
            ),
            reply_token=_is_on(settings, "reply_token"),
            subject_token=_is_on(settings, "subject_token"),
            same_subject_days=_days(settings, "same_subject_days"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoAnswer:
    """What an account answers by itself."""

    mode: str  # "new": who begins a conversation; "away": everybody, once a conversation
    text: str
    until: date | None = None  # the last day, where this computer is

    def holds(self, now: datetime) -> bool:
        """Whether it is still meant to leave."""
        return self.until is None or now.astimezone().date() <= self.until

    @property
    def also_later(self) -> bool:
        """Whether somebody who was answered before gets it too."""
        return self.mode == "away"

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> AutoAnswer | None:
        """Read an account's settings; None where it answers nothing by itself."""
        mode, text = settings.get("auto_answer"), str(settings.get("auto_answer_text") or "")
        if mode not in AUTO_ANSWER_MODES[1:] or not text.strip():
            return None
        return cls(mode=str(mode), text=text, until=_day(settings, "auto_answer_until"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """The account a batch comes from."""

    id: int
    uid: str
    own: frozenset[str]  # normalised addresses that are ours, of every account
    own_names: tuple[str, ...] = ()  # under which its accounts write
    linking: Linking = Linking()
    receiving_host: str = ""  # the IMAP server's name
    auto_answer: AutoAnswer | None = None
    closed_before: datetime | None = None  # older mail arrives closed and quiet
    # Of messaging channels:
    kind: str = ""
    address: str = ""
    own_name: str = ""  # under which this account writes


def mailbox_of(row: AccountRow, everyone: Iterable[AccountRow]) -> Mailbox:
    """Return what ingest has to know of an account; `everyone` are all accounts, it among them."""
    known = tuple(everyone)
    names = {str(one.settings.get("name") or "").strip() for one in known}
    return Mailbox(
        id=row.id,
        uid=row.uid,
        own=frozenset[str]().union(
            *(addresses_of(one.settings, address=one.address) for one in known)
        ),
        own_names=tuple(sorted(names - {""})),
        linking=Linking.of(row.settings),
        receiving_host=str(row.settings.get("imap_host") or ""),
        auto_answer=AutoAnswer.of(row.settings),
        closed_before=_start_of(_day(row.settings, "closed_before")),
        kind=row.kind,
        address=row.address,
        own_name=str(row.settings.get("name") or ""),
    )


def _is_on(settings: Mapping[str, object], name: str) -> bool:
    return settings.get(name) in (True, "yes")


def _days(settings: Mapping[str, object], name: str) -> int:
    text = str(settings.get(name) or "")
    return min(int(text), _LONGEST_DAYS) if text.isascii() and text.isdigit() else 0


def _start_of(day: date | None) -> datetime | None:
    """Return when a day begins where this computer is."""
    return None if day is None else datetime.combine(day, time.min).astimezone()


def _day(settings: Mapping[str, object], name: str) -> date | None:
    try:
        return date.fromisoformat(str(settings.get(name) or ""))
    except ValueError:
        return None
