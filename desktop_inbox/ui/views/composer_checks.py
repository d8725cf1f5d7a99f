"""What a composer asks about before it lets a message go. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.domain.templates import unresolved

MANY_RECIPIENTS = 15
MANY_MESSAGES = 6
# What most mail servers take, for one that has not said what it does.
LARGEST_MESSAGE = 25 * 1000 * 1000
_ON_THE_WIRE = 1.37  # files travel a third larger, and that is what servers count


class Concern(StrEnum):
    """Why a message should not leave as it is."""

    CHANNEL = "channel"  # the channel does not take it; `Finding.about` says why
    NO_RECIPIENT = "no-recipient"
    BAD_ADDRESS = "bad-address"
    UNRESOLVED = "unresolved"
    EMPTY = "empty"
    EMPTY_BODY = "empty-body"
    EMPTY_SUBJECT = "empty-subject"
    MISSING_ATTACHMENT = "missing-attachment"
    MANY_RECIPIENTS = "many-recipients"
    MANY_MESSAGES = "many-messages"  # a text too long for one
    TOO_LARGE = "too-large"
    WRONG_SENDER = "wrong-sender"


BLOCKING = frozenset(
    {
        Concern.CHANNEL,
        Concern.NO_RECIPIENT,
        Concern.BAD_ADDRESS,
        Concern.UNRESOLVED,
        Concern.EMPTY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One concern, and the words of the message it is about."""

    concern: Concern
    about: str = ""
    span: tuple[int, int] | None = None  # where in the body, in characters
    limit: int | None = None  # in bytes of files, where the server said one

    @property
    def blocks(self) -> bool:
        """Whether it must be mended, rather than only confirmed."""
        return self.concern in BLOCKING


# Folded, as `fold` leaves them; whole words, so that "ekte" does not meet "tekte".
_ATTACHMENT_WORDS = re.compile(
    r"\b("
    r"attached|attachment|attachments|i attach|i am attaching|enclosed|find attached|"
    r"ekte|ektedir|ekteki|ekledim|ekliyorum|ekledik|ekli|eki|ekinde|ilisikte|ilistirdim|"
    r"anhang|angehangt|anhange|beigefugt|anbei|anlage|im anhang"
    r")\b"
)


def room_for_files(limit: int | None) -> int:
    """Return how many bytes of files fit into a message; `limit` is the server's own word."""
    return int((limit or LARGEST_MESSAGE) / _ON_THE_WIRE)


def speaks_of_attachment(text: str) -> str:
    """Return the word by which `text` promises a file, or ''."""
    found = _ATTACHMENT_WORDS.search(fold(text))
    return found.group(1) if found else ""


def findings(
    *,
    note: bool,
    recipients: Sequence[Address],
    unreadable: Sequence[str],
    subject: str | None,
    body: str,
    attachments: int,
    attached_bytes: int = 0,
    limit: int | None = None,
    quotes: bool = False,
    forwards: bool = False,
    expected_sender: str = "",
    in_chat: bool = False,
) -> list[Finding]:
    """Return what is wrong, blocking things first.

    `limit` is how large a message its server takes, None where it never said; `unreadable` is
    what was typed as a recipient and is no address; `subject` is None where the
    message has none of its own to fill in; `quotes` says that a quoted message goes along, and a
    forward needs no text of one's own; `expected_sender` is the address the customer wrote to,
    where it would go out under another. What is said `in_chat` names nobody.
    """
    if note:
        said = bool(body.strip() or attachments)
        return [] if said else [Finding(concern=Concern.EMPTY)]
    result: list[Finding] = []
    if not in_chat:
        result += _about_recipients(recipients, unreadable)
    left = unresolved(body)
    if left:
        start, end = left[0]
        result.append(Finding(concern=Concern.UNRESOLVED, about=body[start:end], span=(start, end)))
    if not body.strip() and not forwards:
        something = quotes or attachments
        result.append(Finding(concern=Concern.EMPTY_BODY if something else Concern.EMPTY))
    if subject is not None and not subject.strip():
        result.append(Finding(concern=Concern.EMPTY_SUBJECT))
    if expected_sender:
        result.append(Finding(concern=Concern.WRONG_SENDER, about=expected_sender))
    word = "" if attachments else speaks_of_attachment(body)
    if word:
        result.append(Finding(concern=Concern.MISSING_ATTACHMENT, about=word))
    room = room_for_files(limit)
    if attached_bytes > room:
        known = room if limit else None
        result.append(Finding(concern=Concern.TOO_LARGE, about=str(attached_bytes), limit=known))
    if not in_chat and len(recipients) >= MANY_RECIPIENTS:
        result.append(Finding(concern=Concern.MANY_RECIPIENTS, about=str(len(recipients))))
    return result


def _about_recipients(recipients: Sequence[Address], unreadable: Sequence[str]) -> list[Finding]:
    bad = [*unreadable, *(a.address for a in recipients if not sendable(a.address).ok)]
    if bad:
        each_once = dict.fromkeys(bad)
        return [Finding(concern=Concern.BAD_ADDRESS, about=", ".join(each_once))]
    return [] if recipients else [Finding(concern=Concern.NO_RECIPIENT)]
