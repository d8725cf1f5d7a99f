"""What the rest of the program may know of XMPP without its library. Pure."""

from __future__ import annotations

from urllib.parse import quote

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.i18n import N_

MAX_TEXT = 60_000  # with its markup well under the stanza size that servers commonly take

_FIELDS = (
    Field(
        name="address",
        title=N_("XMPP address"),
        required=True,
        fixed=True,
        most=1000,
        help=N_("Such as shop@example.com; also called Jabber ID."),
    ),
    Field(
        name="password",
        title=N_("Password"),
        secret=True,
        required=True,
        group=FieldGroup.CONNECTION,
        help=N_("The one that other XMPP programs sign in with."),
    ),
    Field(
        name="host",
        title=N_("Server"),
        type=FieldType.HOST,
        group=FieldGroup.CONNECTION,
        help=N_("Only where the address alone does not lead there."),
    ),
    Field(
        name="port",
        title=N_("Port"),
        type=FieldType.PORT,
        default="5222",
        group=FieldGroup.CONNECTION,
        help=N_("Counts only where a server is named above."),
    ),
    Field(
        name="security",
        title=N_("Encryption"),
        type=FieldType.CHOICE,
        default="tls",
        choices=("tls", "none"),
        choice_titles=(N_("TLS"), N_("None")),
        group=FieldGroup.CONNECTION,
        help=N_("None is taken only for a server on this very computer."),
    ),
    Field(
        name="ca_file",
        title=N_("Certificate authority"),
        type=FieldType.FILE,
        group=FieldGroup.CONNECTION,
        help=N_("Only where the server has a certificate of its own making."),
    ),
)


def link_of(address: str) -> str:
    """Return where the account is written to (RFC 5122)."""
    return f"xmpp:{quote(address.strip(), safe='@')}?message"


INFO = ConnectorInfo(
    kind="xmpp",
    title=N_("XMPP (Jabber)"),
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
            Capability.OPEN_CHAT,
        }
    ),
    limits={"max_text": MAX_TEXT, "max_files": 10},
    fields=_FIELDS,
    poll_seconds=300,
    identity="xmpp",
    demands=N_(
        "An account on any XMPP server that keeps an archive, as most do; the archive is switched"
        " on for all talks. Encrypted messages (OMEMO) and group rooms cannot be read here."
    ),
    help_url="https://providers.xmpp.net/",
    link_of=link_of,
)
