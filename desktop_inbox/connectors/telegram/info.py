"""What the rest of the program may know of Telegram without its connector. Pure."""

from __future__ import annotations

from urllib.parse import quote

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.i18n import N_

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_PHOTO_BYTES = 10 * 2**20
MAX_UPLOAD_BYTES = 50 * 2**20
MAX_DOWNLOAD_BYTES = 20 * 2**20

_FIELDS = (
    Field(
        name="address",
        title=N_("Bot"),
        required=True,
        fixed=True,
        most=64,
        help=N_("Its user name, such as @our_shop_bot. @BotFather makes one after /newbot."),
    ),
    Field(
        name="token",
        title=N_("Token"),
        secret=True,
        required=True,
        group=FieldGroup.CONNECTION,
        help=N_("What @BotFather answered, such as 123456:ABC-DEF. Whoever has it is the bot."),
    ),
    Field(
        name="take_over",
        title=N_("Take over from another service"),
        type=FieldType.SWITCH,
        default="no",
        choices=("no", "yes"),
        choice_titles=(N_("No"), N_("Yes")),
        group=FieldGroup.CONNECTION,
        help=N_("Where the bot reports to a web address (webhook), that is ended."),
    ),
    Field(
        name="groups",
        title=N_("Messages in groups"),
        type=FieldType.CHOICE,
        default="mentioned",
        choices=("mentioned", "all", "none"),
        choice_titles=(N_("Those that name the bot"), N_("All"), N_("None")),
        group=FieldGroup.CONVERSATIONS,
        help=N_("For all of them, turn its privacy mode off at @BotFather (/setprivacy)."),
    ),
)


def link_of(address: str) -> str:
    """Return where the bot is written to."""
    return f"https://t.me/{quote(address.strip().removeprefix('@'), safe='')}"


INFO = ConnectorInfo(
    kind="telegram",
    title=N_("Telegram"),
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.ATTACHMENTS,
            Capability.FETCH_FILE,
            Capability.EDIT,
            Capability.WITHDRAW,
            Capability.REACT,
            Capability.READ,
            Capability.QUOTE,
            Capability.BUTTONS,
        }
    ),
    limits={
        "max_text": MAX_TEXT,
        "max_file_bytes": MAX_UPLOAD_BYTES,
        "max_files": 10,
        "max_buttons": 100,
        "max_button_text": 64,
    },
    fields=_FIELDS,
    poll_seconds=300,
    identity="telegram",
    demands=N_(
        "Free. Customers write first. Telegram keeps messages for 24 hours only while this"
        " computer is off. To answer chats of your own account, it needs Telegram Premium:"
        " connect the bot there under Business, Chatbots."
    ),
    help_url="https://core.telegram.org/bots/features#creating-a-new-bot",
    splits=True,
    link_of=link_of,
)
