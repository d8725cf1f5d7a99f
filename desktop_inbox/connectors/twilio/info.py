"""What the rest of the program may know of Twilio without its connector. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop_inbox.connectors import keep_open
from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.connectors.twilio.senders import senders_of
from desktop_inbox.i18n import N_

MAX_TEXT = 1600
MAX_DOWNLOAD_BYTES = 100 * 2**20

_REPLY_HOURS = 24
_WINDOWED = frozenset({"whatsapp", "messenger"})
_BY_NUMBER = ("", "whatsapp:", "rcs:")  # where a number is all that reaches somebody
_SERVICES = {"whatsapp": "WhatsApp", "messenger": "Messenger", "rcs": "RCS"}


def service_of(chat: str) -> str:
    """Return which service a chat is on: whom "+1…|whatsapp:+90…" is with says so."""
    return _SERVICES.get(_prefix(chat), "SMS")


def limits_of(chat: str) -> Mapping[str, int]:
    """Return what a chat takes besides: on WhatsApp and Messenger customers write first (M1)."""
    return {"reply_window_hours": _REPLY_HOURS} if _prefix(chat) in _WINDOWED else {}


def _prefix(chat: str) -> str:
    prefix, colon, _address = chat.rpartition("|")[2].partition(":")
    return prefix.lower() if colon else ""


def chats_with(address: str, settings: Mapping[str, object], number: str) -> Sequence[str]:
    """Return what the chats with a number are called, one for each service of an account."""
    names = []
    for service in _BY_NUMBER:
        ours = [one for one in senders_of(address, settings) if _service(one) == service]
        names += [f"{one}|{service}{number}" for one in ours[:1]]
    return names


def _service(sender: str) -> str:
    service, colon, _address = sender.rpartition(":")
    return f"{service}{colon}"


_FIELDS = (
    Field(
        name="address",
        title=N_("Number"),
        required=True,
        fixed=True,
        most=128,
        help=N_("Yours at Twilio, such as +15551234567, or whatsapp:+15551234567."),
    ),
    Field(
        name="senders",
        title=N_("Further numbers"),
        most=1000,
        help=N_("Others of the same account, with commas between them."),
    ),
    Field(
        name="account_sid",
        title=N_("Account SID"),
        required=True,
        group=FieldGroup.CONNECTION,
        most=34,
        help=N_("Begins with AC. It stands on the first page of Twilio's console."),
    ),
    Field(
        name="key_sid",
        title=N_("API key SID"),
        group=FieldGroup.CONNECTION,
        most=34,
        help=N_("Begins with SK. Empty: signs in with the account's auth token."),
    ),
    Field(
        name="secret",
        title=N_("API key secret"),
        secret=True,
        required=True,
        group=FieldGroup.CONNECTION,
        help=N_("What Twilio shows once when the key is made, or the auth token."),
    ),
    Field(
        name="calls",
        title=N_("Calls and voicemail"),
        type=FieldType.SWITCH,
        default="yes",
        choices=("no", "yes"),
        choice_titles=(N_("No"), N_("Yes")),
        group=FieldGroup.CONVERSATIONS,
        help=N_("Missed calls and recordings come beside messages."),
    ),
    *keep_open.FIELDS,
)


def link_of(address: str) -> str:
    """Return where the number is written to: on WhatsApp where it is one of there, else by SMS."""
    service, _colon, number = address.strip().rpartition(":")
    digits = "".join(filter(str.isdecimal, number))
    if not digits:
        return ""
    return f"https://wa.me/{digits}" if service.lower() == "whatsapp" else f"sms:+{digits}"


INFO = ConnectorInfo(
    kind="twilio",
    title=N_("SMS, WhatsApp and calls (Twilio)"),
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.FIND_SENT,
            Capability.FETCH_FILE,
            Capability.TEMPLATES,
            Capability.RECEIPTS,
            Capability.OPEN_CHAT,
        }
    ),
    limits={"max_text": MAX_TEXT},
    fields=_FIELDS,
    poll_seconds=60,
    identity="phone",
    demands=N_(
        "Twilio charges for the number and for each message. In the USA, sending needs a"
        " registration that takes weeks. WhatsApp needs a sender that Meta approved, and a"
        " template 24 hours after the customer wrote last. Files can be received, not sent."
    ),
    help_url="https://www.twilio.com/docs/iam/api-keys",
    service_of=service_of,
    limits_of=limits_of,
    chats_with=chats_with,
    link_of=link_of,
)
