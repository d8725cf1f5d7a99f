"""What the rest of the program may know of feeds without their parser. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.connectors.setup import Field, FieldGroup
from desktop_inbox.i18n import N_

_FIELDS = (
    Field(
        name="address",
        title=N_("Address of the feed"),
        required=True,
        fixed=True,
        most=2000,
        help=N_("Such as https://forum.example/shop.rss. Forums and review sites name it “RSS”."),
    ),
    Field(
        name="user",
        title=N_("User name"),
        most=200,
        group=FieldGroup.CONNECTION,
        help=N_("Only where the feed asks for one."),
    ),
    Field(
        name="password",
        title=N_("Password"),
        secret=True,
        group=FieldGroup.CONNECTION,
    ),
)

INFO = ConnectorInfo(
    kind="feed",
    title=N_("Feed (RSS, Atom)"),
    capabilities=frozenset(),
    fields=_FIELDS,
    poll_seconds=15 * 60,
    identity="feed",
    demands=N_(
        "Free, and for reading only: a feed tells what was written, and the answer is given on"
        " its own page."
    ),
)
