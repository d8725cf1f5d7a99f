"""Everything the thread pane shows of one conversation, read in one go on a reader thread."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from desktop_inbox.services import channels
from desktop_inbox.services.channels import Way
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
from desktop_inbox.store.conversation_rows import ConversationRow, TagRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import AccountRow, AgentRow, DraftRow, EventRow, MessageRow, OutboxRow
from desktop_inbox.ui.views import outbox_words
from desktop_inbox.ui.views.event_words import Names, describe
from desktop_inbox.ui.views.offers import Offer
from desktop_inbox.ui.views.related import NOTHING_RELATED, Related, offer, read_related
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
    related: Related = NOTHING_RELATED
    drafts: tuple[DraftRow, ...] = ()  # all there are, the last touched first (rule P4)
    ways: tuple[Way, ...] = ()  # how whoever talks here can be reached

    @property
    def my_name(self) -> str:
        """What tells us from colleagues; '' while there are none."""
        return self.me.name if len(self.agents) > 1 else ""

    @property
    def me(self) -> AgentRow:
        """Whoever sits here: the owner, as long as there is no team."""
        return self.agents[0]

    def talks_with(self, customers: Collection[int]) -> bool:
        """Whether one of these is whom the conversation is with."""
        return self.conversation is not None and self.conversation.customer_id in customers

    def entries(self, *, now: datetime) -> list[Entry]:
        """What the timeline shows."""
        names = Names(
            tags={tag.uid: tag.name for tag in self.tags},
            agents={agent.uid: agent.name for agent in self.agents},
            me=self.my_name,
            my_uid=self.me.uid,
        )
        return entries(
            self.messages, [(event, self._told(event, names, now)) for event in self.events]
        )

    def _told(self, event: EventRow, names: Names, now: datetime) -> Offer:
        of = self.conversation.uid if self.conversation is not None else ""
        linked = offer(event, of=of, related=self.related, me=self.my_name)
        return linked or Offer(text=describe(event, names=names, now=now))


def read_thread(conn: Any, conversation_id: int) -> ThreadData | None:
    """Return the conversation, None where it is gone."""
    row = conversations.row(conn, conversation_id)
    if row is None:
        return None
    waiting = {one.message_id: one for one in outbox.of_conversation(conn, conversation_id)}
    history = tuple(events.of_conversation(conn, conversation_id))
    mine = drafts.all_of_conversation(conn, conversation_id)
    return ThreadData(
        conversation=row,
        messages=tuple(
            _with_trouble(message, waiting.get(message.id))
            for message in messages.of_conversation(conn, conversation_id)
        ),
        events=history,
        draft=mine[0] if mine else None,
        drafts=tuple(mine),
        accounts=tuple(accounts.list_all(conn)),
        agents=tuple(agents.list_all(conn)),
        tags=tuple(tags.list_all(conn)),
        related=read_related(conn, row, history),
        ways=tuple(channels.ways_of_conversation(conn, conversation_id, now=utc_now())),
    )


def _with_trouble(message: MessageRow, waiting: OutboxRow | None) -> MessageRow:
    """Put what the outbox knows of a message into its delivery detail."""
    if waiting is None:
        return message
    detail = {**message.delivery_detail, **outbox_words.detail_of(waiting)}
    return replace(message, delivery_detail=detail)


def read_new_message(conn: Any, draft_id: int | None) -> ThreadData:
    """Return what a message needs that begins a conversation, with its draft if it has one."""
    from desktop_inbox.services import writing_first  # not before the first of them

    draft = drafts.get(conn, draft_id) if draft_id is not None else None
    return ThreadData(
        conversation=None,
        messages=(),
        events=(),
        draft=draft,
        accounts=tuple(accounts.list_all(conn)),
        agents=tuple(agents.list_all(conn)),
        tags=(),
        ways=tuple(writing_first.ways_of_draft(conn, draft, now=utc_now())) if draft else (),
    )
