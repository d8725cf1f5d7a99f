"""Everything the thread pane shows of one conversation, read in one go on a reader thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store import (
    accounts,
    agents,
    conversations,
    drafts,
    events,
    messages,
    outbox,
    tags,
)
from desktop_inbox.store.rows import (
    AccountRow,
    AgentRow,
    ConversationRow,
    DraftRow,
    EventRow,
    MessageRow,
    TagRow,
)
from desktop_inbox.ui.views.event_words import Names, describe
from desktop_inbox.ui.views.timeline_entries import Entry, entries


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadData:
    """A conversation as it was at one moment."""

    conversation: ConversationRow | None  # None for a message that begins one
    messages: tuple[MessageRow, ...]
    events: tuple[EventRow, ...]
    draft: DraftRow | None
    accounts: tuple[AccountRow, ...]
    agents: tuple[AgentRow, ...]
    tags: tuple[TagRow, ...]

    @property
    def my_name(self) -> str:
        """What tells us from colleagues; '' while there are none."""
        return self.me.name if len(self.agents) > 1 else ""

    @property
    def me(self) -> AgentRow:
        """Whoever sits here: the owner, as long as there is no team."""
        return self.agents[0]

    def entries(self, *, now: datetime) -> list[Entry]:
        """What the timeline shows."""
        names = Names(
            tags={tag.uid: tag.name for tag in self.tags},
            agents={agent.uid: agent.name for agent in self.agents},
            me=self.my_name,
            my_uid=self.me.uid,
        )
        worded = [(event, describe(event, names=names, now=now)) for event in self.events]
        return entries(self.messages, worded)


def read_thread(conn: Any, conversation_id: int) -> ThreadData | None:
    """Return the conversation, None where it is gone."""
    row = conversations.row(conn, conversation_id)
    if row is None:
        return None
    return ThreadData(
        conversation=row,
        messages=tuple(
            _with_trouble(conn, message)
            for message in messages.of_conversation(conn, conversation_id)
        ),
        events=tuple(events.of_conversation(conn, conversation_id)),
        draft=drafts.of_conversation(conn, conversation_id),
        accounts=tuple(accounts.list_all(conn)),
        agents=tuple(agents.list_all(conn)),
        tags=tuple(tags.list_all(conn)),
    )


_WAITING = (Delivery.QUEUED, Delivery.SENDING, Delivery.UNCERTAIN, Delivery.FAILED)


def _with_trouble(conn: Any, message: MessageRow) -> MessageRow:
    """Put what the outbox knows of a message that has not gone out into its delivery detail."""
    if message.delivery not in _WAITING:
        return message
    waiting = outbox.row(conn, message.id)
    if waiting is None or not (waiting.error_code or waiting.error_text):
        return message
    detail = {
        **message.delivery_detail,
        "code": waiting.error_code,
        "text": waiting.error_text,
        "next_at": waiting.next_at,
    }
    return replace(message, delivery_detail=detail)


def read_new_message(conn: Any, draft_id: int | None) -> ThreadData:
    """Return what a message needs that begins a conversation, with its draft if it has one."""
    return ThreadData(
        conversation=None,
        messages=(),
        events=(),
        draft=drafts.get(conn, draft_id) if draft_id is not None else None,
        accounts=tuple(accounts.list_all(conn)),
        agents=tuple(agents.list_all(conn)),
        tags=(),
    )
