"""What the rest of the program may know of Messenger without its connector. Pure."""

from __future__ import annotations

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
        title=N_("Page"),
        required=True,
        fixed=True,
        most=128,
        help=N_("The name of your Facebook page, or its number, as Meta shows them."),
    ),
    Field(
        name="token",
        title=N_("Page token"),
        secret=True,
        required=True,
        group=FieldGroup.CONNECTION,
        help=N_("In your app at developers.facebook.com: Messenger, API settings, Generate token."),
    ),
    HUMAN_AGENT,
    *keep_open.FIELDS,
)

INFO = ConnectorInfo(
    kind="messenger",
    title=N_("Messenger"),
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.ATTACHMENTS,
            Capability.FIND_SENT,
            Capability.FETCH_FILE,
            Capability.REACT,
            Capability.READ,
            Capability.QUOTE,
            Capability.HUMAN_AGENT,
            Capability.BUTTONS,
        }
    ),
    limits={
        "max_text": 2000,
        "max_file_bytes": 25 * 2**20,
        "max_files": 10,
        "max_buttons": MAX_QUICK_REPLIES,
        "max_button_text": MAX_QUICK_REPLY,
        "reply_window_hours": 24,
        "human_agent_hours": 7 * 24,
    },
    fields=_FIELDS,
    poll_seconds=120,
    identity="messenger",
    demands=N_(
        "Free. Customers write first. You make an app of your own at Meta; until Meta has"
        " reviewed it and verified your business, only people with a role on the app can be"
        " read and answered. Meta tells the 20 newest messages of a conversation: if more came"
        " while this computer was off, it says so."
    ),
    help_url="https://developers.facebook.com/docs/messenger-platform/get-started",
    splits=True,
)
