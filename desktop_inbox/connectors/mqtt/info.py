"""What the rest of the program may know of MQTT without its library. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.i18n import N_

_FIELDS = (
    Field(
        name="address",
        title=N_("Broker"),
        type=FieldType.HOST,
        required=True,
        fixed=True,
        help=N_("The host that your devices report to."),
    ),
    Field(
        name="port",
        title=N_("Port"),
        type=FieldType.PORT,
        default="8883",
        group=FieldGroup.CONNECTION,
    ),
    Field(
        name="security",
        title=N_("Encryption"),
        type=FieldType.CHOICE,
        default="tls",
        choices=("tls", "none"),
        choice_titles=(N_("TLS"), N_("None")),
        group=FieldGroup.CONNECTION,
        help=N_("None only inside a network that is yours alone; the port is 1883 then."),
    ),
    Field(
        name="user",
        title=N_("User name"),
        most=200,
        group=FieldGroup.CONNECTION,
    ),
    Field(name="password", title=N_("Password"), secret=True, group=FieldGroup.CONNECTION),
    Field(
        name="ca_file",
        title=N_("Certificate authority"),
        type=FieldType.FILE,
        group=FieldGroup.CONNECTION,
        help=N_("Only where the broker has a certificate of its own making."),
    ),
    Field(
        name="topics",
        title=N_("Topics"),
        required=True,
        default="alarms/#",
        most=1000,
        group=FieldGroup.CONNECTION,
        help=N_("With commas between them, such as alarms/#, shop/+/state."),
    ),
)

INFO = ConnectorInfo(
    kind="mqtt",
    title=N_("Devices (MQTT)"),
    capabilities=frozenset(),
    fields=_FIELDS,
    poll_seconds=300,
    identity="device",
    demands=N_(
        "A broker of your own or of your devices' maker. It keeps what devices tell while this"
        " computer is off, if they tell it with quality of service 1."
    ),
)
