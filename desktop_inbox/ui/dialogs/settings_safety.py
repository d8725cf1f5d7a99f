"""The pages of the settings on what is kept and what is told to nobody: privacy and backups.

UI thread only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_inbox.i18n import N_, _
from desktop_inbox.services import remote_images
from desktop_inbox.ui.dialogs.settings_form import SettingsPage, tell
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, button, icon_button
from desktop_inbox.ui.views.formats import moment


class PrivacyPage(SettingsPage):
    """What leaves this computer, and whose pictures are fetched."""

    id = "privacy"
    title = N_("Privacy")
    icon = "shield-check"

    def build(self) -> None:
        self.section(
            _("What leaves this computer"),
            _(
                "Mail is exchanged with your own mail servers only. When a mailbox is added, "
                "what stands behind the @ is looked up in the DNS and in Mozilla's public list "
                "of providers. Once a day it is asked whether there is a new version, unless that "
                "is switched off under Updates. Nothing is counted or measured."
            ),
        )
        self.section(
            _("Pictures from the web"),
            _(
                "They tell the sender when and where a message is read, so they are fetched only "
                "when you ask. For these senders they always are:"
            ),
        )
        holder = QWidget()
        self._senders = QVBoxLayout(holder)
        self._senders.setContentsMargins(0, 0, 0, 0)
        self._senders.setSpacing(4)
        self.wide(holder, words=" ".join(map(str, self.context.settings.picture_senders)))
        self._list_senders()

    def _list_senders(self) -> None:
        while (entry := self._senders.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.deleteLater()
        known = [str(one) for one in self.context.settings.picture_senders]
        for sender in sorted(known):
            self._senders.addWidget(self._sender(sender))
        if not known:
            self._senders.addWidget(PlainLabel(_("Nobody yet"), kind="muted"))

    def _sender(self, sender: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(ElidedLabel(sender), 1)
        row.addWidget(
            icon_button(
                self.context.theme,
                "x",
                _("Ask again before pictures of {name} are shown").format(name=sender),
                clicked=lambda: self._forget(sender),
            ),
            0,
            Qt.AlignmentFlag.AlignRight,
        )
        return line

    def _forget(self, sender: str) -> None:
        remote_images.forget_sender(self.context.settings, sender)
        self._list_senders()


class BackupPage(SettingsPage):
    """Copies of the workspace."""

    id = "backup"
    title = N_("Backup")
    icon = "archive"

    def build(self) -> None:
        self.switch("daily_backup")
        now = button(_("Back up now…"), clicked=self._back_up)
        self.row(_("A backup in one file"), now, note=_("For another disk, or another computer."))
        self.last_copy = self.row(_("The last daily copy"), QWidget(), note=" ")

    async def load(self) -> None:
        from desktop_inbox.store import backup

        path = self.context.workspace.db.path
        found = await self.context.tasks.aside(partial(backup.listing, path))
        daily = [one.at for one in found if one.kind is backup.Kind.DAILY]
        tell(
            self.last_copy,
            _("The last one: {time}").format(time=moment(daily[0], now=datetime.now(UTC)))
            if daily
            else _("There is none yet."),
        )

    def _back_up(self) -> None:
        self.desk.dismiss()
        self.context.actions["backup"].trigger()
