"""What ingest has to know of the account a batch comes from, as its owner set it up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desktop_inbox.domain.threading import STRICT, Admission

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
class Mailbox:
    """The account a batch comes from."""

    id: int
    uid: str
    own: frozenset[str]  # normalised addresses that are ours, of every account
    linking: Linking = Linking()
    receiving_host: str = ""  # the IMAP server's name


def _is_on(settings: Mapping[str, object], name: str) -> bool:
    return settings.get(name) in (True, "yes")


def _days(settings: Mapping[str, object], name: str) -> int:
    text = str(settings.get(name) or "")
    return min(int(text), _LONGEST_DAYS) if text.isascii() and text.isdigit() else 0
