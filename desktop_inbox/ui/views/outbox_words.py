"""How far an outgoing message has come, why it waits and until when, in words (rule N). Pure.

The same words stand under its bubble and in the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_inbox.connectors.kinds import is_chat
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store.outbox import LONGEST_HOLD
from desktop_inbox.store.rows import MessageRow, OutboxRow
from desktop_inbox.ui.errors import cause_words
from desktop_inbox.ui.views import chat_delivery
from desktop_inbox.ui.views.chat_delivery import Actions
from desktop_inbox.ui.views.formats import moment

WRITE_TO_ANOTHER = "write-to-another"

_LONGEST_WORDS = 600  # characters of what a server said
_HELD_BACK = frozenset({"customer-wrote", "overdue"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWords:
    """How far an outgoing message has come, and what can be done about it."""

    text: str
    icon: str = ""
    tone: str = "muted"
    detail: str = ""  # the server's own words, shown on a line of their own
    actions: Actions = ()
    counts_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What is known of one message on its way."""

    state: Delivery
    due: datetime | None = None
    code: str = ""
    text: str = ""
    next_at: datetime | None = None
    waits: str = ""  # the outbox's own state, also of the rest of a message that others have
    missing: Sequence[str] = ()  # who does not have it, while others do
    refused: Sequence[object] = ()
    looked_at: datetime | None = None
    look_error: str = ""
    account: str = ""  # its account's state
    late: timedelta = timedelta(0)
    channel: str = "email"

    @property
    def in_chat(self) -> bool:
        return is_chat(self.channel)


def detail_of(row: OutboxRow) -> dict[str, object]:
    """Return what the outbox knows, to lie in a message's delivery detail."""
    return {
        "code": row.error_code,
        "text": row.error_text,
        "next_at": row.next_at,
        "waits": row.state,
        "missing": row.recipients or (),
        "looked_at": row.looked_at,
        "look_error": row.look_error,
        "account": row.account_state if row.account_enabled else "paused",
    }


def delivery(message: MessageRow, *, now: datetime) -> DeliveryWords | None:
    """The state of an outgoing message; None for what does not travel."""
    if message.direction is not Direction.OUT or message.delivery is None:
        return None
    return _words(_facts_of(message, message.delivery), now)


def waiting(row: OutboxRow, *, now: datetime) -> DeliveryWords:
    """The state of a message in the outbox."""
    state = {
        "queued": Delivery.QUEUED,
        "sending": Delivery.SENDING,
        "uncertain": Delivery.UNCERTAIN,
        "failed": Delivery.FAILED,
    }.get(row.state, Delivery.SENT)
    if row.recipients is not None:
        state = Delivery.SENT
    facts = _facts(state, detail_of(row), due=row.not_before, channel=row.channel)
    return _words(facts, now)


def found(row: OutboxRow | None, *, before: datetime | None) -> str:
    """What looking for a message has brought; '' while the last look still is the one `before`."""
    if row is None or row.state == "filing":
        return _("It was delivered: the server has a copy of it.")
    if row.looked_at is None or row.looked_at == before:
        return ""
    if row.look_error:
        return _looked(row.look_error)
    return _("It is not among what the server has. It may have been delivered all the same.")


def delivery_detail(message: MessageRow) -> str:
    """Why it did not go out, the server's words, and recipients it refused, a line each (A14)."""
    if message.delivery is None:
        return ""
    return _detail(_facts_of(message, message.delivery))


def _facts_of(message: MessageRow, state: Delivery) -> _Facts:
    return _facts(state, message.delivery_detail, due=message.not_before, channel=message.channel)


def _facts(
    state: Delivery, detail: dict[str, object], *, due: datetime | None, channel: str
) -> _Facts:
    def moment_of(name: str) -> datetime | None:
        value = detail.get(name)
        return value if isinstance(value, datetime) else None

    def list_of(name: str) -> Sequence[object]:
        value = detail.get(name)
        return value if isinstance(value, (list, tuple)) else ()

    late = detail.get("late_seconds")
    return _Facts(
        state=state,
        due=due,
        code=str(detail.get("code", "")),
        # A receipt that says no has its words as "detail".
        text=str(detail.get("text") or detail.get("detail") or "")[:_LONGEST_WORDS],
        next_at=moment_of("next_at"),
        waits=str(detail.get("waits", "")),
        missing=[str(one) for one in list_of("missing")],
        refused=list_of("refused"),
        looked_at=moment_of("looked_at"),
        look_error=str(detail.get("look_error", "")),
        account=str(detail.get("account", "")),
        late=timedelta(seconds=late) if isinstance(late, int) else timedelta(0),
        channel=channel,
    )


def _words(facts: _Facts, now: datetime) -> DeliveryWords:
    detail = _detail(facts)
    match facts.state:
        case Delivery.QUEUED:
            return _queued(facts, detail, now)
        case Delivery.SENDING:
            return DeliveryWords(text=_("Sending…"), icon="send")
        case Delivery.UNCERTAIN:
            return _uncertain(facts, detail, now)
        case Delivery.FAILED:
            return _failed(facts, detail)
        case Delivery.RETURNED if facts.in_chat:
            return DeliveryWords(
                text=_("Not delivered"),
                icon="circle-alert",
                tone="bad",
                detail=detail or _("The service could not deliver it."),
                actions=((chat_delivery.ANOTHER_WAY, _("Try another way")),),
            )
        case Delivery.RETURNED:
            came_back = detail or _("The mail came back.")
            return DeliveryWords(
                text=_("Came back"),
                icon="circle-alert",
                tone="bad",
                detail=came_back,
                actions=((WRITE_TO_ANOTHER, _("Write to another address")),),
            )
        case Delivery.DELIVERED:
            return DeliveryWords(text=_("Delivered"), icon="check-check", detail=detail)
        case Delivery.READ:
            return DeliveryWords(text=_("Read"), icon="check-check", tone="accent", detail=detail)
        case Delivery.SENT:
            return _sent(facts, detail, now)


def _queued(facts: _Facts, detail: str, now: datetime) -> DeliveryWords:
    left = facts.due - now if facts.due else timedelta(0)
    if facts.due is not None and left > LONGEST_HOLD:
        return DeliveryWords(
            text=_("Goes out {time}").format(time=moment(facts.due, now=now)),
            icon="calendar-clock",
            actions=(("undo", _("Edit")),),
            counts_down=True,
        )
    if left > timedelta(0):
        seconds = -(-left // timedelta(seconds=1))
        return DeliveryWords(
            text=ngettext("Sending in {count} s", "Sending in {count} s", seconds).format(
                count=seconds
            ),
            icon="hourglass",
            actions=(("undo", _("Undo")),),
            counts_down=True,
        )
    why = detail or _account_reason(facts.account)
    return DeliveryWords(
        text=_("Waiting to be sent"),
        icon="clock",
        detail=_lines(why, _next_try(facts, now) if why else ""),
        actions=(("retry", _("Retry now")), ("edit", _("Edit"))) if why else (),
    )


def _uncertain(facts: _Facts, detail: str, now: datetime) -> DeliveryWords:
    why = detail or _("The connection broke before the server confirmed that it has the message.")
    actions: Actions = (("check", _("Check now")), ("again", _("Send again")))
    if facts.in_chat:
        actions = chat_delivery.when_unknown(facts.channel)
    looked = _looked(facts.look_error, facts.looked_at, now=now, in_chat=facts.in_chat)
    return DeliveryWords(
        text=_("May have been delivered"),
        icon="circle-help",
        tone="warn",
        detail=_lines(why, looked),
        actions=actions,
    )


def _failed(facts: _Facts, detail: str) -> DeliveryWords:
    if facts.code in _HELD_BACK:
        return DeliveryWords(
            text=_("Held back"),
            icon="clock",
            tone="warn",
            detail=detail,
            actions=(("retry", _("Send now")), ("edit", _("Edit"))),
        )
    return DeliveryWords(
        text=_("Not sent"),
        icon="circle-alert",
        tone="bad",
        detail=detail or _("The server refused the message."),
        actions=chat_delivery.after_refusal(facts.code if facts.in_chat else ""),
    )


def _sent(facts: _Facts, detail: str, now: datetime) -> DeliveryWords:
    text = _("Sent, {late} late").format(late=_length(facts.late)) if facts.late else _("Sent")
    if not facts.missing:
        another = ((WRITE_TO_ANOTHER, _("Write to another address")),) if facts.refused else ()
        return DeliveryWords(text=text, icon="check", detail=detail, actions=another)
    stop = ("let_go", _("Stop trying"))
    match facts.waits:
        case "queued":
            next_try = _next_try(facts, now)
            actions: Actions = (("retry", _("Retry now")), stop)
        case "uncertain":
            unknown = _("{people} may have got it or not.").format(people=_people(facts.missing))
            return DeliveryWords(
                text=_("Sent, but perhaps not to all"),
                icon="circle-help",
                tone="warn",
                detail=_lines(unknown, detail),
                actions=(("again", _("Send again")), ("let_go", _("Leave it at that"))),
            )
        case "sending":
            return DeliveryWords(text=_("Sending…"), icon="send", detail=detail)
        case _:
            next_try = ""
            actions = (("retry", _("Try them again")), ("let_go", _("Leave it at that")))
    return DeliveryWords(
        text=_("Sent, but not to all"),
        icon="circle-alert",
        tone="warn",
        detail=_lines(detail, next_try),
        actions=actions,
    )


def _detail(facts: _Facts) -> str:
    told: list[str] = []
    if facts.state in _TROUBLED or (facts.in_chat and facts.state is Delivery.RETURNED):
        ours = chat_delivery.reason(facts.code) if facts.in_chat else ""
        told += [ours or _reason(facts.code), visible(facts.text)]
    elif facts.missing and not facts.refused:
        told.append(visible(facts.text))
    told += [_refusal(entry) for entry in facts.refused]
    return _lines(*told)


_TROUBLED = frozenset({Delivery.QUEUED, Delivery.UNCERTAIN, Delivery.FAILED})


def _lines(*told: str) -> str:
    return "\n".join(dict.fromkeys(line for line in told if line))


def _next_try(facts: _Facts, now: datetime) -> str:
    if facts.next_at is None or facts.next_at <= now:
        return ""
    return _("Next try at {time}.").format(time=moment(facts.next_at, now=now))


def _looked(
    error: str,
    at: datetime | None = None,
    *,
    now: datetime | None = None,
    in_chat: bool = False,
) -> str:
    """What came of the last look; without a time, of the one just asked for."""
    if error:
        why = cause_words(error)
        return _("It could not be looked for. {why}").format(why=why).rstrip()
    if at is None or now is None:
        return ""
    words = _("Looked for at {time}: it is in none of the server's folders for sent mail.")
    if in_chat:
        words = _("Looked for at {time}: the service does not list it.")
    return words.format(time=moment(at, now=now))


def _reason(code: str) -> str:
    """What a cause means in our words; '' where the server's own say it all."""
    match code:
        case "" | "uncertain" | "sent-anyway":
            return ""
        case "customer-wrote":
            return _("The customer wrote in the meantime, so this was held back.")
        case "overdue":
            return _("Its time had passed while this computer could not send, so it was held back.")
        case "interrupted":
            return _("The program ended while this was being sent.")
        case "restored":
            return _("A backup was put back in which this was still waiting. It may have left.")
        case "gave-up":
            return _("The server could not be reached for a day.")
        case "attachment-missing":
            return _("A file of the message is missing.")
        case "bug":
            return _("A fault of this program stopped it.")
        case _:
            words = cause_words(code)
            return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""


def _account_reason(state: str) -> str:
    """Why nothing leaves through the account at the moment; '' where it is about to."""
    match state:
        case "paused":
            return _("The account is paused.")
        case "needs_sign_in":
            return _("The account needs you to sign in.")
        case "failed":
            return _("The account was stopped by a fault of this program.")
        case "" | "online" | "catching_up":
            return ""
        case _:
            return _("The account is not connected at the moment.")


def _refusal(entry: object) -> str:
    match entry:
        case {"address": str(address), "text": str(text), **rest}:
            code = rest.get("code", "")
        case [str(address), code, str(text)]:
            pass
        case _:
            return ""
    return _("{address} was refused: {words}").format(
        address=visible(address), words=visible(f"{code} {text}".strip())
    )


def _people(addresses: Sequence[str]) -> str:
    return ", ".join(visible(one) for one in addresses)


def _length(late: timedelta) -> str:
    minutes = round(late / timedelta(minutes=1))
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    hours = round(late / timedelta(hours=1))
    if hours < 48:
        return _("{count} h").format(count=hours)
    return _("{count} d").format(count=round(late / timedelta(days=1)))
