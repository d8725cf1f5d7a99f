"""The page of the settings for what few people ever touch. UI thread only."""

from __future__ import annotations

from datetime import UTC, datetime

from desktop_inbox.i18n import N_, _
from desktop_inbox.services import automatic
from desktop_inbox.store import suppression
from desktop_inbox.ui.dialogs.settings_form import SettingsPage, tell
from desktop_inbox.ui.views.controls import button
from desktop_inbox.ui.views.formats import moment


class AdvancedPage(SettingsPage):
    """Automatic answers that stopped."""

    id = "advanced"
    title = N_("Advanced")
    icon = "sliders-horizontal"

    def build(self) -> None:
        # Where automatic mail that stopped by itself is let go on, after it was left off.
        self.resume = button(_("Let them leave again"), clicked=self._let_answers_go_on)
        self.stopped = self.row(_("Automatic answers"), self.resume, note=" ")
        self._show_stopped(None)

    async def load(self) -> None:
        self._show_stopped(await self.context.read(suppression.stopped_at))

    def _let_answers_go_on(self) -> None:
        self._show_stopped(None)
        self.context.start(self.context.write(automatic.resume))

    def _show_stopped(self, since: datetime | None) -> None:
        self.resume.setEnabled(since is not None)
        tell(
            self.stopped,
            _("They leave as each channel says.")
            if since is None
            else _("Stopped since {time}: there were too many.").format(
                time=moment(since, now=datetime.now(UTC))
            ),
        )
