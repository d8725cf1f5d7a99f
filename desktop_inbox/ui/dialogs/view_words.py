"""What the questions of a saved view are called, and what can be answered. UI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop_inbox.domain.conditions import FLAGS, ME, TIMED, Field, Mode, Operator
from desktop_inbox.domain.states import Priority, Status
from desktop_inbox.i18n import N_, _
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.rows import AccountRow, AgentRow
from desktop_inbox.ui.views.composer_words import channel_name
from desktop_inbox.ui.views.thread_head import priority_name, status_name

FIELDS: Mapping[Field, str] = {
    Field.STATUS: N_("Status"),
    Field.PRIORITY: N_("Priority"),
    Field.ASSIGNEE: N_("Assigned to"),
    Field.TAG: N_("Tag"),
    Field.CHANNEL: N_("Channel"),
    Field.ACCOUNT: N_("Account"),
    Field.VIP: N_("Customer is a VIP"),
    Field.LANGUAGE: N_("Customer's language"),
    Field.WAITING: N_("Waiting"),
    Field.DUE: N_("Due"),
    Field.CREATED: N_("Begun"),
    Field.ACTIVITY: N_("Last message"),
    Field.UNREAD: N_("Unread"),
    Field.STARRED: N_("Starred"),
    Field.ATTACHMENT: N_("Has an attachment"),
    Field.FAILED: N_("Not sent"),
    Field.SUBJECT: N_("Subject"),
    Field.WORDS: N_("Words"),
}
MODES: Mapping[Mode, str] = {
    Mode.ALL: N_("All of these hold"),
    Mode.ANY: N_("Any of these holds"),
    Mode.NONE: N_("None of these holds"),
}
UNITS = {"m": N_("minutes"), "h": N_("hours"), "d": N_("days"), "w": N_("weeks")}
_PLAIN = {
    Operator.IS: N_("is"),
    Operator.IS_NOT: N_("is not"),
    Operator.AT_LEAST: N_("is at least"),
    Operator.LESS_THAN: N_("for less than"),
    Operator.MORE_THAN: N_("for more than"),
    Operator.SINCE: N_("on or after"),
    Operator.BEFORE: N_("before"),
    Operator.CONTAINS: N_("contains"),
    Operator.CONTAINS_NOT: N_("does not contain"),
    Operator.SET: N_("is set"),
    Operator.NOT_SET: N_("is not set"),
}
_OF_FLAGS = {Operator.IS: N_("yes"), Operator.IS_NOT: N_("no")}
_OF_DATES = {Operator.LESS_THAN: N_("in the last"), Operator.MORE_THAN: N_("longer ago than")}
_SPECIAL = {
    Field.DUE: {Operator.LESS_THAN: N_("within"), Operator.MORE_THAN: N_("later than in")},
    Field.CREATED: _OF_DATES,
    Field.ACTIVITY: _OF_DATES,
    Field.TAG: {Operator.SET: N_("is any"), Operator.NOT_SET: N_("is none")},
    Field.WAITING: {Operator.SET: N_("for an answer"), Operator.NOT_SET: N_("for nothing")},
}
_LANGUAGES = ("en", "tr", "de", "fr", "es", "it", "nl", "pt", "ru", "ar", "el", "he", "ja", "zh")


def operator_words(field: Field, operator: Operator) -> str:
    """Return how an operator reads behind the name of its field."""
    special = _OF_FLAGS if field in FLAGS else _SPECIAL.get(field, {})
    return _(special.get(operator, _PLAIN[operator]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What there is to choose from in this workspace."""

    agents: tuple[AgentRow, ...] = ()
    tags: tuple[TagRow, ...] = ()
    accounts: tuple[AccountRow, ...] = ()

    def of(self, field: Field) -> list[tuple[str, str]]:
        """Return the values of a field with their words; [] where something is written instead."""
        if field in TIMED or field in FLAGS:
            return []
        match field:
            case Field.STATUS:
                return [(one.value, status_name(one)) for one in Status]
            case Field.PRIORITY:
                return [(one.value, priority_name(one)) for one in reversed(Priority)]
            case Field.ASSIGNEE:
                return [(ME, _("me")), *((one.uid, one.name or one.email) for one in self.agents)]
            case Field.TAG:
                return [(one.uid, one.name) for one in self.tags]
            case Field.CHANNEL:
                kinds = dict.fromkeys(one.kind for one in self.accounts) or {"email": None}
                return [(kind, channel_name(kind)) for kind in kinds]
            case Field.ACCOUNT:
                return [(one.uid, one.title) for one in self.accounts]
            case Field.LANGUAGE:
                return [(code, code) for code in _LANGUAGES]
            case _:
                return []


def read_answers(conn: Any) -> Answers:
    """Read what there is to choose from. On a reader thread."""
    from desktop_inbox.store import accounts, agents, tags

    return Answers(
        agents=tuple(agents.list_all(conn)),
        tags=tuple(tags.list_all(conn)),
        accounts=tuple(accounts.list_all(conn)),
    )
