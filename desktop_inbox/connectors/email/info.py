"""What the rest of the program may know of e-mail without its libraries. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.email.fields import FIELDS
from desktop_inbox.i18n import N_

INFO = ConnectorInfo(
    kind="email",
    title=N_("E-mail"),
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.ATTACHMENTS,
            Capability.HTML,
            Capability.SUBJECT,
            Capability.COPIES,
            Capability.FETCH_ATTACHMENT,
            Capability.FIND_SENT,
            Capability.STORE_SENT,
            Capability.KEEP_DRAFT,
            Capability.MARK,
            Capability.MOVE,
            Capability.RECONCILE,
        }
    ),
    limits={"max_message_bytes": 25 * 2**20, "max_recipients": 100},
    fields=FIELDS,
    poll_seconds=300,
    pulls_ahead=True,
)
