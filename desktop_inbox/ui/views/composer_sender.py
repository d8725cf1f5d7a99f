"""Who a message that is being written goes out as, and which way: account, identity, address."""

from __future__ import annotations

from datetime import datetime

from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.identities import OwnIdentity, written_to
from desktop_inbox.domain.rich_text import RichText, from_plain
from desktop_inbox.domain.states import Direction
from desktop_inbox.services.channels import Way
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store.rows import AccountRow, DraftRow, MessageRow
from desktop_inbox.ui.views import channel_choice
from desktop_inbox.ui.views.channel_choice import MAIL
from desktop_inbox.ui.views.channel_words import GONE
from desktop_inbox.ui.views.composer_beginning import default_account, default_sender
from desktop_inbox.ui.views.composer_from import Choice
from desktop_inbox.ui.views.composer_request import Surroundings

_ANSWERS = frozenset({"reply", "reply_all"})


class SentAs:
    """The choice of one composer, in the surroundings it stands in."""

    def __init__(self) -> None:
        self.surroundings: Surroundings | None = None
        self.account_id: int | None = None
        self.uid = ""  # of the identity
        self.way: Way | None = None  # to whoever talks here; None: whom the recipients name
        self.human_agent = False  # it may leave after the window, as a person's own words
        self._kind = "email"  # of the account, also where that is gone since

    def choose(self, account_id: int | None, uid: str, *, answers: MessageRow | None) -> None:
        """Write from this account, as this identity; the way there is that of what is answered."""
        self.account_id, self.uid = account_id, uid
        place = self.surroundings
        ways = place.ways if place is not None else ()
        way = channel_choice.default(ways, account_id=account_id, answers=answers)
        if way is None and place is not None and place.conversation_id is None:
            way = channel_choice.opening(place.openings, account_id=account_id)
        self._go(way)

    def take(self, way: Way, *, answers: MessageRow | None) -> None:
        """Go this way, as whoever answers there."""
        place = self.surroundings
        self.account_id = way.account_id
        self.uid = default_sender(place, way.account_id, answers) if place is not None else ""
        self._go(way)

    def restore(self, draft: DraftRow | DraftContent, answers: MessageRow | None) -> None:
        """Take over what a draft says, as far as that is still there."""
        place = self.surroundings
        if place is None:
            return
        account = place.account(draft.account_id)
        self.account_id = account.id if account else default_account(place, answers)
        named = place.sender(self.account_id, draft.sender) if draft.sender else None
        self.uid = named.uid if named else default_sender(place, self.account_id, answers)
        form = draft.form or {}
        way = channel_choice.of_draft(place.ways, form, account_id=self.account_id)
        if way is None and draft.mode == "new":
            way = channel_choice.begun(place.ways, place.openings, draft, self.channel)
        elif way is None:
            way = channel_choice.default(place.ways, account_id=self.account_id, answers=answers)
        self._go(way)
        self.human_agent = bool(form.get("human_agent"))

    def renew(self, surroundings: Surroundings) -> None:
        """Stand in newer surroundings, with the same choice."""
        self.surroundings = surroundings
        self.way = channel_choice.same(surroundings.ways, self.way)

    def aim(self, surroundings: Surroundings, way: Way | None) -> None:
        """Know better how whoever is named can be reached; the channel stays."""
        self.surroundings = surroundings
        self.way = way

    def _go(self, way: Way | None) -> None:
        self.way = way
        self.human_agent = False
        account = self.account
        self._kind = account.kind if account is not None else "email"

    @property
    def form(self) -> dict[str, object]:
        """What a draft keeps of the way."""
        agent: dict[str, object] = {"human_agent": True} if self.human_agent else {}
        return channel_choice.form_of(self.way) | agent

    @property
    def account(self) -> AccountRow | None:
        return self.surroundings.account(self.account_id) if self.surroundings else None

    @property
    def identity(self) -> OwnIdentity | None:
        return self.surroundings.sender(self.account_id, self.uid) if self.surroundings else None

    @property
    def choice(self) -> Choice | None:
        """Both of them."""
        account, identity = self.account, self.identity
        return (account, identity) if account is not None and identity is not None else None

    @property
    def channel(self) -> str:
        """The kind of channel it leaves through."""
        account = self.account
        return account.kind if account is not None else self._kind

    def in_chat(self, mode: str) -> bool:
        """Whether it is said in a chat: plain, without subject, signature and quotation."""
        return mode in (*_ANSWERS, "new") and self.channel not in MAIL

    def names_people(self, mode: str) -> bool:
        """Whether somebody has to be named; a chat that is answered in knows whom it is with."""
        return mode == "new" or (mode != "note" and not self.in_chat(mode))

    def needs_mail(self, mode: str) -> bool:
        """Whether it passes something on, which mail alone can from here."""
        return mode == "forward" and self.channel not in MAIL

    def why_not(self, at: datetime, *, template: bool = False) -> str:
        """Why nothing can leave there at a moment, '' where it can."""
        if self.account_id is not None and self.account is None:
            return GONE
        if self.way is None:
            return ""
        return self.way.why_not(at, template=template, human_agent=self.human_agent)

    @property
    def limit(self) -> int | None:
        """How many bytes the server takes that it leaves through; None: it never said."""
        account = self.account
        return account.limits.get("max_message_bytes") if account is not None else None

    def expected(self, mode: str, answers: MessageRow | None) -> Choice | None:
        """Whom of us the customer wrote to, where it would go out as somebody else."""
        place, chosen = self.surroundings, self.identity
        if place is None or chosen is None or answers is None or mode not in _ANSWERS:
            return None
        if answers.direction is not Direction.IN or self.in_chat(mode):
            return None
        ours = [identity for _account, identity in place.senders]
        wanted = written_to(ours, (*answers.to, *answers.cc))
        if wanted is None or normalise_email(wanted.address) == normalise_email(chosen.address):
            return None
        return next(choice for choice in place.senders if choice[1] == wanted)

    @property
    def signature(self) -> RichText:
        """What stands below the text; empty where nothing does."""
        identity = self.identity
        if self.surroundings is None:
            return ()
        if identity is not None and identity.signature_html:
            from desktop_inbox.mime.rich import read  # with a parser that plain ones never need

            return read(identity.signature_html, pictures=frozenset())
        own = identity.signature.strip() if identity is not None else ""
        text = own or self.surroundings.agent.signature.strip()
        return from_plain(text) if text else ()
