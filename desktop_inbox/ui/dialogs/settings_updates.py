"""The page of the settings on new versions. UI thread only."""

from __future__ import annotations

from datetime import UTC, datetime

import desktop_inbox
from desktop_inbox import words
from desktop_inbox.i18n import N_, _
from desktop_inbox.services import updates
from desktop_inbox.ui.dialogs.settings_form import SettingsPage
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.formats import moment


class UpdatesPage(SettingsPage):
    """Which version this is, and whether newer ones are looked for."""

    id = "updates"
    title = N_("Updates")
    icon = "download"

    def build(self) -> None:
        self.row(_("This version"), PlainLabel(desktop_inbox.__version__))
        self.switch(
            "look_for_updates",
            note=_(
                "Once a day. Nothing about you is told, and nothing is downloaded or installed "
                "unless you want it."
            ),
        )
        self.look = button(_("Look now"), clicked=self._look)
        self.row(_("New versions"), self.look, note=self._known(), words=_("Updates"))
        self.row(_("Changes"), button(_("What is new"), clicked=self._show_news))

    def _known(self) -> str:
        if updates.source() is None:
            return words.refusal("update-unknown", {})
        at = updates.looked_at(self.context.settings)
        if at is None:
            return _("Nobody has looked yet.")
        return _("Last looked: {time}").format(time=moment(at, now=datetime.now(UTC)))

    def _look(self) -> None:
        self.desk.dismiss()
        self.context.actions["updates"].trigger()

    def _show_news(self) -> None:
        self.desk.dismiss()
        self.context.actions["news"].trigger()
