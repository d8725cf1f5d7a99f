"""What the rest of the program may know of Matrix without its library. Pure."""

from __future__ import annotations

from urllib.parse import quote

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.matrix.device import device_of
from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.i18n import N_

# An event is at most 65,536 bytes (client-server API, "Size limits"). The library writes what it
# seals in ASCII, three bytes for one of "ş", and makes four of three.
MAX_TEXT_BYTES = 15_000

_FIELDS = (
    Field(
        name="address",
        title=N_("Matrix address"),
        required=True,
        fixed=True,
        most=255,
        help=N_("Such as @shop:example.org. Make an account of the shop's own for it."),
    ),
    Field(
        name="password",
        title=N_("Password"),
        secret=True,
        group=FieldGroup.CONNECTION,
        help=N_("Of that account. Leave it empty where you give an access token."),
    ),
    Field(
        name="access_token",
        title=N_("Access token"),
        secret=True,
        group=FieldGroup.CONNECTION,
        help=N_("Where the server takes no passwords. No other program may use the same one."),
    ),
    Field(
        name="homeserver",
        title=N_("Homeserver"),
        group=FieldGroup.CONNECTION,
        most=255,
        help=N_("Such as https://matrix.example.org. Only where the address does not lead there."),
    ),
    Field(
        name="invitations",
        title=N_("Invitations to accept"),
        type=FieldType.CHOICE,
        default="direct",
        choices=("direct", "all", "none"),
        choice_titles=(N_("To talk with one person"), N_("All"), N_("None")),
        group=FieldGroup.CONVERSATIONS,
        help=N_("A customer who writes first invites you. In rooms, everybody sees your answers."),
    ),
)


def link_of(address: str) -> str:
    """Return where the account is written to (Matrix specification, "matrix.to navigation")."""
    return f"https://matrix.to/#/{quote(address.strip(), safe='@:')}"


INFO = ConnectorInfo(
    kind="matrix",
    title=N_("Matrix"),
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.ATTACHMENTS,
            Capability.FETCH_FILE,
            Capability.FIND_SENT,
            Capability.EDIT,
            Capability.WITHDRAW,
            Capability.REACT,
            Capability.READ,
            Capability.RECEIPTS,
            Capability.QUOTE,
            Capability.IDEMPOTENT,
            Capability.OPEN_CHAT,
        }
    ),
    limits={"max_text_bytes": MAX_TEXT_BYTES, "max_files": 10},
    fields=_FIELDS,
    poll_seconds=300,
    identity="matrix",
    demands=N_(
        "Free, on any server. Encrypted talks are read from the day this computer signed in; what"
        " was written before stays sealed here. Other programs show this computer as not verified."
    ),
    help_url="https://matrix.org/docs/chat_basics/matrix-for-im/",
    link_of=link_of,
    device_of=device_of,
)
