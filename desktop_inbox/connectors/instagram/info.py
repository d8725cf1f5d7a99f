"""What the rest of the program may know of Instagram without its connector. Pure."""

from __future__ import annotations

from urllib.parse import quote

from desktop_inbox.connectors import keep_open
from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.meta.fields import (
    HUMAN_AGENT,
    MAX_QUICK_REPLIES,
    MAX_QUICK_REPLY,
)
from desktop_inbox.connectors.setup import Field, FieldGroup
from desktop_inbox.i18n import N_

_FIELDS = (
    Field(
        name="address",
        title=N_("Account"),
        required=True,
        fixed=True,
        most=64,
        help=N_("Your user name, such as @your_shop. It must be a professional account."),
    ),
    Field(
        name="token",
        title=N_("Access token"),
        secret=True,
        required=True,
        group=FieldGroup.CONNECTION,
        help=N_(
            "In your app at developers.facebook.com: Instagram, API setup, Generate token."
            " It lasts 60 days and is renewed by itself."
        ),
    ),
    HUMAN_AGENT,
    *keep_open.FIELDS,
)


def link_of(address: str) -> str:
    """Return where the account is written to."""
    return f"https://ig.me/m/{quote(address.strip().removeprefix('@'), safe='')}"


INFO = ConnectorInfo(
    kind="instagram",
    title=N_("Instagram"),
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.ATTACHMENTS,
            Capability.FIND_SENT,
            Capability.FETCH_FILE,
            Capability.REACT,
            Capability.QUOTE,
            Capability.HUMAN_AGENT,
            Capability.BUTTONS,
        }
    ),
    limits={
        "max_text": 1000,
        "max_text_bytes": 1000,
        "max_file_bytes": 25 * 2**20,
        "max_files": 10,
        "max_buttons": MAX_QUICK_REPLIES,
        "max_button_text": MAX_QUICK_REPLY,
        "reply_window_hours": 24,
        "human_agent_hours": 7 * 24,
    },
    fields=_FIELDS,
    poll_seconds=120,
    identity="instagram",
    demands=N_(
        "Free. Customers write first. You make an app of your own at Meta; until Meta has"
        " reviewed it and verified your business, only people with a role on the app can be"
        " answered. Requests that were silent for 30 days are not told. Meta tells the 20 newest"
        " messages of a conversation: if more came while this computer was off, it says so."
    ),
    help_url=(
        "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login"
    ),
    splits=True,
    link_of=link_of,
)
