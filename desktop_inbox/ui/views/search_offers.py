"""What completes a search while it is typed: fields, their values, and searches of before. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_inbox.domain.folding import plain
from desktop_inbox.domain.query import Property
from desktop_inbox.domain.query.values import CHOICES, CLOCKS, is_held
from desktop_inbox.i18n import N_, _

if TYPE_CHECKING:
    from desktop_inbox.store.search_beside import Names

MOST = 8
KEPT = 8  # searches that are remembered

# Every field and what it looks for, in the order they are offered.
FIELDS = {
    "from": N_("Who wrote it"),
    "to": N_("Whom it went to"),
    "cc": N_("Who got a copy"),
    "subject": N_("Words of the subject"),
    "body": N_("Words of the message"),
    "note": N_("Words of notes"),
    "contact": N_("A customer's name or address"),
    "email": N_("An e-mail address of the customer"),
    "phone": N_("A telephone number, in any format"),
    "company": N_("Where the customer works"),
    "tag": N_("Conversations with a tag"),
    "status": N_("Open, snoozed, closed, …"),
    "is": N_("Unread, starred, waiting, …"),
    "has": N_("A file, a picture, a note, a draft"),
    "file": N_("The name of a file, such as *.pdf"),
    "assignee": N_("Whose conversation it is"),
    "priority": N_("How urgent it is"),
    "account": N_("The account it came through"),
    "channel": N_("The channel it came through"),
    "sla": N_("How its service level stands"),
    "waiting": N_("How long the customer waits, such as >4h"),
    "created": N_("When it began, such as 2026-01..2026-03"),
    "after": N_("What was said on that day or later"),
    "before": N_("What began before that day"),
    "last": N_("What was said lately, such as 7d"),
    "lang": N_("The language of the customer"),
    "id": N_("The number of a conversation"),
}
_EXAMPLES = {
    Property.WAITING: (">1h", ">4h", ">1d"),
    Property.CREATED: ("today", "yesterday", "7d"),
    Property.AFTER: ("today", "yesterday", "7d", "30d"),
    Property.BEFORE: ("today", "7d", "30d"),
    Property.LAST: ("24h", "7d", "30d"),
    Property.FILE: ("*.pdf", "*.docx", "*.xlsx", "*.jpg"),
    Property.SLA: CLOCKS,
}
_TYPED = re.compile(r'(?:^|(?<=[\s(]))-?([^\s("]*|[^\s(":]+:"[^"]*)\Z')
_QUOTED = re.compile(r'[\s()"]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One line that can be taken over: `insert` goes in the place of start to end."""

    insert: str
    start: int
    end: int
    detail: str = ""
    whole: bool = False  # a search of before, which is run at once

    @property
    def words(self) -> str:
        """What the line says."""
        return self.insert.strip()


def offers(
    text: str, caret: int, *, names: Names | None = None, recent: Iterable[object] = ()
) -> list[Offer]:
    """Return what may be meant by the word before the caret, the likeliest first."""
    if not text.strip():
        lately = [one for one in recent if isinstance(one, str)][:MOST]
        return [Offer(insert=one, start=0, end=len(text), whole=True) for one in lately]
    found = _TYPED.search(text[:caret])
    if found is None:
        return []
    word, start = found[1], found.start(1)
    field, colon, value = word.partition(":")
    if colon:
        wanted = _values(field.lower(), value.removeprefix('"'), names)
        return [Offer(insert=f"{one} ", start=start, end=caret) for one in wanted[:MOST]]
    begun = [name for name in FIELDS if word and name.startswith(word.lower())]
    return [
        Offer(insert=f"{name}:", start=start, end=caret, detail=_(FIELDS[name]))
        for name in begun[:MOST]
    ]


def _values(field: str, typed: str, names: Names | None) -> list[str]:
    wanted = plain(typed)
    known = list(dict.fromkeys(_known(field, names)))
    begins = [one for one in known if plain(one).startswith(wanted)]
    inside = [one for one in known if wanted in plain(one) and one not in begins]
    found = begins + inside
    if [plain(one) for one in found] == [wanted]:
        return []  # it stands there already
    return [f"{field}:{_written(one)}" for one in found]


def _known(field: str, names: Names | None) -> Sequence[str]:
    match field:
        case "tag":
            return names.tags if names else ()
        case "account" | "channel":
            return names.accounts if names else ()
        case "assignee":
            return ("me", "none", *(names.agents if names else ()))
    try:
        asked = Property(field)
    except ValueError:
        return ()
    held = [value for value in CHOICES.get(asked, ()) if is_held(asked, value)]
    return held or _EXAMPLES.get(asked, ())


def _written(value: str) -> str:
    cleaned = value.replace('"', "")
    return f'"{cleaned}"' if _QUOTED.search(value) else value


def remembered(recent: Iterable[object], text: str) -> list[object]:
    """Return the searches of before with this one first, and none twice."""
    wanted = " ".join(text.split())
    others = [one for one in recent if one != wanted]
    return [wanted, *others][:KEPT] if wanted else others
