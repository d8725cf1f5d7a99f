"""What a composer begins with: whom it writes to, about what, and as whom. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.domain.conversations import Recipients, reply_recipients
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import identities
from desktop_inbox.services.channels import Way
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views import channel_choice, composer_quote
from desktop_inbox.ui.views.channel_choice import MAIL
from desktop_inbox.ui.views.composer_request import Surroundings

NOBODY = Recipients(to=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """An empty message, addressed."""

    answers: MessageRow | None
    account_id: int | None
    sender: str  # uid of the identity
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""


def beginning(
    mode: str, surroundings: Surroundings, *, message: MessageRow | None = None
) -> Beginning:
    """How a message of this kind begins, in answer to `message` or to the last one there is."""
    answers = None if mode in ("note", "new") else message or surroundings.answered()
    account_id = default_account(surroundings, answers, by_mail=mode in ("new", "forward"))
    people, subject = NOBODY, ""
    if answers is not None and mode == "forward":
        subject = composer_quote.forward_subject(answers.subject)
    elif answers is not None and answers.channel in MAIL:
        people = _answered(surroundings, answers, everybody=mode == "reply_all")
        subject = composer_quote.reply_subject(answers.subject)
    elif answers is not None:
        way = channel_choice.default(surroundings.ways, account_id=account_id, answers=answers)
        people = recipients(surroundings, answers, way)
    return Beginning(
        answers=answers,
        account_id=account_id,
        sender=default_sender(surroundings, account_id, answers),
        to=people.to,
        cc=people.cc,
        subject=subject,
    )


def _answered(
    surroundings: Surroundings, answers: MessageRow, *, everybody: bool = False
) -> Recipients:
    return reply_recipients(
        from_=answers.from_,
        reply_to=answers.reply_to,
        to=answers.to,
        cc=answers.cc,
        own=surroundings.own_addresses,
        everybody=everybody,
        from_me=answers.direction is Direction.OUT,
    )


def recipients(
    surroundings: Surroundings, answers: MessageRow | None, way: Way | None
) -> Recipients:
    """Whom a mail goes to that goes this way; a chat knows that itself."""
    if way is None or way.kind != EMAIL:
        return NOBODY
    if answers is not None and answers.channel in MAIL:
        people = _answered(surroundings, answers)
        if any(normalise_email(one.address) == way.address for one in people.to):
            return people
    written = answers is not None and answers.direction is Direction.IN
    name = answers.author_name if answers is not None and written else ""
    return Recipients(to=(Address(name=name, address=way.address),))


def default_account(
    surroundings: Surroundings, answers: MessageRow | None, *, by_mail: bool = False
) -> int | None:
    """The account it goes out through: the one answered on, else the conversation's.

    `by_mail`: mail comes first, where there is an account for that.
    """
    wanted = [answers.account_id if answers is not None else None, surroundings.account_id]
    among = [account.id for account in surroundings.mail_accounts] if by_mail else []
    if by_mail and not among:  # what can begin something comes before what cannot
        ways = sorted(surroundings.openings, key=lambda way: bool(way.closed_for))
        among = [way.account_id for way in ways if way.account_id is not None]
    known = among or [account.id for account in surroundings.accounts]
    return next((key for key in wanted if key in known), known[0] if known else None)


def default_sender(
    surroundings: Surroundings, account_id: int | None, answers: MessageRow | None
) -> str:
    """The identity it goes out under: the one that was written to, else the account's first."""
    account = surroundings.account(account_id)
    return identities.chosen(account, "", answers).uid if account is not None else ""
