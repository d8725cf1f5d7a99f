"""Facts about a conversation that views and searches ask for alike, each with where it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.store.asked import Asked, Condition, Ids, Stretch
from desktop_inbox.store.lists import NEVER, SORT_KEYS
from desktop_inbox.store.match_words import is_hit, message_fts
from desktop_inbox.store.schema import conversation, conversation_tag, customer, message


def ids(*conditions: Condition) -> Select[tuple[int]]:
    """Return the ids of the conversations that meet some conditions, which an index serves."""
    return select(conversation.c.id).where(*conditions)


def in_any_status(*conditions: Condition) -> Ids:
    """Return the same where the index begins with the status."""
    return ids(conversation.c.status.in_(tuple(Status)), *conditions)


def has_status(value: str) -> Asked:
    asked = conversation.c.status == value
    return Asked(asked, (ids(asked),))


def has_priority(value: str) -> Asked:
    here = _by("priority") == _RANKS.index(Priority(value))
    return Asked(conversation.c.priority == value, (in_any_status(here),))


def has_priority_from(rank: int) -> Asked:
    asked = _by("priority") >= rank
    return Asked(asked, (in_any_status(asked),))


_RANKS = tuple(Priority)  # from low to urgent


def _by(sort: str) -> ColumnElement[int]:
    """The expression that the index of this order holds."""
    return literal_column(SORT_KEYS[sort], Integer)


def assigned(agent_id: int | ColumnElement[int]) -> Asked:
    asked = conversation.c.assignee_id == agent_id
    return Asked(asked, (ids(asked),))


def assigned_to_somebody() -> Asked:
    asked = conversation.c.assignee_id.is_not(None)
    return Asked(asked, (ids(asked),))


def through(account_id: int | ColumnElement[int]) -> Asked:
    """The latest message came or went through this account."""
    asked = conversation.c.account_id == account_id
    return Asked(asked, (ids(asked),))


def tagged(these: Condition) -> Asked:
    """It bears a tag that meets a condition on `conversation_tag`."""
    bearing = select(conversation_tag.c.conversation_id).where(these)
    here = conversation_tag.c.conversation_id == conversation.c.id
    return Asked(exists().where(here, these).correlate(conversation), (bearing,))


def waiting(asked: Condition) -> Asked:
    """Somebody waits for an answer, for as long as is asked."""
    some_time = _by("waiting") > literal_column(f"-{NEVER}", Integer)
    return Asked(asked, (in_any_status(some_time, asked),))


def due(asked: Condition) -> Asked:
    """A clock runs that is due when it is asked."""
    found = ids(conversation.c.next_due_at.is_not(None), asked)
    return Asked(asked, (found,))


def created(when: Stretch) -> Asked:
    asked = when.holds_of(conversation.c.created_at)
    return Asked(asked, (ids(asked),), begun=(when,))


def active(asked: Condition) -> Asked:
    """What is asked of when something was said last."""
    return Asked(asked, (in_any_status(asked),), asked)


# Of the customer. Conditions on `conversation` look one customer up by key.


def of_customers(condition: Condition) -> Asked:
    """Its customer meets a condition, which an index of customers serves; NULL for nobody."""
    value = select(condition).where(customer.c.id == conversation.c.customer_id).scalar_subquery()
    theirs = ids(conversation.c.customer_id == customer.c.id, condition)
    return Asked(value, (theirs,))


def vip() -> Asked:
    return _of_marked("vip")


def blocked() -> Asked:
    return _of_marked("blocked")


def _of_marked(mark: str) -> Asked:
    """Its customer bears a mark that few do, and their index is small; NULL for nobody."""
    borne: Condition = literal_column(f"customer.{mark} = 1")
    theirs = customer.c.id == conversation.c.customer_id
    marked = select(customer.c.id).where(borne, theirs).correlate(conversation)
    by_mark = marked.with_hint(customer, f"INDEXED BY customer_{mark}", "sqlite")
    somebody = conversation.c.customer_id.is_not(None)
    holds = case((somebody, exists(by_mark)))
    return Asked(holds, of_customers(borne).among, of_customers=select(customer.c.id).where(borne))


def speaks(language: str) -> Asked:
    """Their language is this one: "en" fits "en-GB"; NULL where it is not known."""
    wanted = language.lower()

    def spoken(known: ColumnElement[str]) -> Condition:
        return or_(known == wanted, and_(known >= f"{wanted}-", known < f"{wanted}."))

    asked = of_customers(spoken(literal_column("lower(nullif(customer.language, ''))")))
    known: Condition = literal_column("customer.language <> ''")
    begins: ColumnElement[str] = literal_column("lower(customer.language)")
    indexed = and_(begins >= wanted, begins < f"{wanted}.")  # and some that nobody speaks
    theirs = ids(conversation.c.customer_id == customer.c.id, known, indexed)
    return Asked(asked.holds, (theirs,))


def language_is_known() -> Asked:
    """Somebody's language is known; never NULL."""
    theirs = of_customers(literal_column("customer.language <> ''"))
    return Asked(func.ifnull(theirs.holds, literal(False)), theirs.among)


# Of its messages


def has_words(expression: str) -> Asked:
    """One of its messages matches an expression of the full-text index."""
    hits = select(message_fts.c.rowid).where(is_hit(expression))
    said = exists().where(message.c.conversation_id == conversation.c.id, message.c.id.in_(hits))
    told = select(message.c.conversation_id).where(
        is_hit(expression), message.c.id == message_fts.c.rowid
    )
    return Asked(said, (told,))


def _flag(column: Column[bool], *, ordered: str = "") -> Callable[[], Asked]:
    """A flag, with an index of the conversations that bear it, perhaps in order."""

    def asked() -> Asked:
        raised: Condition = literal_column(f"conversation.{column.name} = 1")
        among = in_any_status(raised) if ordered else ids(raised)
        return Asked(
            column == literal(True), (among,), ordered=(ordered, raised) if ordered else None
        )

    return asked


FLAGS: Mapping[str, Callable[[], Asked]] = {
    "starred": _flag(conversation.c.starred, ordered="starred"),
    "failed": _flag(conversation.c.failed, ordered="failed"),
    "attachment": _flag(conversation.c.has_attachment),
}


def unread() -> Asked:
    return Asked(
        conversation.c.unread > literal_column("0"),
        (ids(literal_column("conversation.unread > 0")),),
    )
