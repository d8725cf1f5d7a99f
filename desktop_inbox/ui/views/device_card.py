"""Which device this program is, for its owner to compare in another program. UI thread only."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop_inbox.connectors.contract import Device
from desktop_inbox.i18n import _
from desktop_inbox.ui.views.controls import PlainLabel

_GROUP = 4  # characters of a key, as others write it too


class DeviceCard(QFrame):
    """Tells the name and the key of this device."""

    def __init__(self, device: Device) -> None:
        super().__init__()
        self.setProperty("kind", "hint")
        groups = (device.key[at : at + _GROUP] for at in range(0, len(device.key), _GROUP))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(4)
        column.addWidget(PlainLabel(_("This computer, to other programs"), kind="strong"))
        for told in (
            _("Session ID: {id}").format(id=device.id),
            _("Session key: {key}").format(key=" ".join(groups)),
        ):
            column.addWidget(PlainLabel(told, kind="caption", wrap=True))
        column.addWidget(
            PlainLabel(
                _(
                    "Where another program shows this computer as not verified, compare both there"
                    " and confirm it."
                ),
                kind="caption",
                wrap=True,
            )
        )
