"""What the rest of the program may know of the log of calls and visits. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.connectors.setup import Field
from desktop_inbox.i18n import N_

INFO = ConnectorInfo(
    kind="phone",
    title=N_("Phone and visits"),
    capabilities=frozenset(),  # nothing leaves by itself: people call back
    fields=(
        Field(
            name="address",
            title=N_("Your number, or the name of your shop"),
            required=True,
            most=100,
            help=N_("Shown beside the calls and visits that you write down."),
        ),
    ),
    poll_seconds=24 * 3600,
    identity="phone",
    demands=N_("Free, and without a service: you write down who called or came in."),
)
