"""What a composer knows of the place it writes in, and what it asks for when Send is pressed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypedDict

from desktop_inbox.domain.identities import OwnIdentity, addresses_of
from desktop_inbox.domain.macros import Step
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import identities
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store.rows import AccountRow, AgentRow, MessageRow
from desktop_inbox.ui.views.channel_choice import MAIL

if TYPE_CHECKING:
    from desktop_inbox.services.channels import Way


class After(StrEnum):
    """What becomes of the conversation once the message is on its way."""

    NOTHING = ""
    CLOSE = "close"
    SNOOZE = "snooze"


class When(TypedDict, total=False):
    """When a message leaves, and what becomes of the conversation then."""

    after: After
    snooze_until: datetime | None
    snooze_stays: bool
    follow_up_at: datetime | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """A message as it was shown when Send was pressed."""

    content: DraftContent
    text: str  # the whole text that leaves, with signature and quoted message
    html: str = ""  # the same without what is quoted; '' where plain text says all of it
    quotes: MessageRow | None = None  # what goes along below
    after: After = After.NOTHING
    snooze_until: datetime | None = None  # None with After.SNOOZE: until the customer replies
    snooze_stays: bool = False
    follow_up_at: datetime | None = None  # come back then if nobody answers (rule H3)
    steps: tuple[Step, ...] = ()  # of the macros that wrote it
    at: datetime | None = None  # send later


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a composer knows of the conversation it writes in."""

    conversation_id: int | None
    messages: tuple[MessageRow, ...]
    accounts: tuple[AccountRow, ...]
    account_id: int | None  # the conversation's own
    agent: AgentRow

    agents: tuple[AgentRow, ...] = ()  # who can be mentioned in a note
    ways: tuple[Way, ...] = ()  # how whoever talks here can be reached

    @property
    def openings(self) -> list[Way]:
        """Through what a message may begin, before anybody is named."""
        from desktop_inbox.services.writing_first import openings  # mail alone does without

        return openings(self.accounts)

    @property
    def own_addresses(self) -> frozenset[str]:
        return frozenset[str]().union(
            *(addresses_of(one.settings, address=one.address) for one in self.accounts)
        )

    @property
    def senders(self) -> tuple[tuple[AccountRow, OwnIdentity], ...]:
        """Everybody a mail may go out as, through which account."""
        return tuple(
            (account, identity)
            for account in self.mail_accounts
            for identity in identities.identities(account)
        )

    @property
    def mail_accounts(self) -> tuple[AccountRow, ...]:
        return tuple(account for account in self.accounts if account.kind in MAIL)

    def sender(self, account_id: int | None, uid: str) -> OwnIdentity | None:
        """Who a message goes out as through an account; None where there is no account."""
        account = self.account(account_id)
        return identities.chosen(account, uid, None) if account is not None else None

    def message(self, message_id: int | None) -> MessageRow | None:
        return next((row for row in self.messages if row.id == message_id), None)

    def answered(self) -> MessageRow | None:
        """What an answer answers: the last message that travelled, a customer's if there is one."""
        travelled = [m for m in self.messages if m.direction in (Direction.IN, Direction.OUT)]
        incoming = [m for m in travelled if m.direction is Direction.IN]
        candidates = incoming or travelled
        return candidates[-1] if candidates else None

    def account(self, account_id: int | None) -> AccountRow | None:
        return next((row for row in self.accounts if row.id == account_id), None)
