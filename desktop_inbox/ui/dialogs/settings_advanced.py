"""The page of the settings for what few people ever touch. UI thread only."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QLineEdit

from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.services import automatic
from desktop_inbox.store import file_texts, suppression
from desktop_inbox.ui.dialogs import account_checks, passphrase
from desktop_inbox.ui.dialogs.settings_form import SettingsPage, tell
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.formats import moment


class AdvancedPage(SettingsPage):
    """Signing in through the browser, and automatic answers that stopped."""

    id = "advanced"
    title = N_("Advanced")
    icon = "sliders-horizontal"

    def build(self) -> None:
        self._browser_sign_in()
        self.section(_("Automatic answers"))
        # Where automatic mail that stopped by itself is let go on, after it was left off.
        self.resume = button(_("Let them leave again"), clicked=self._let_answers_go_on)
        self.stopped = self.row(_("Automatic answers"), self.resume, note=" ")
        self._show_stopped(None)
        self.section(_("Search"))
        self.searched = PlainLabel()
        self.attachments = self.row(
            _("Attachments searched"),
            self.searched,
            note=" ",
            words=_("The words in pdf, office and text files are read while nothing else is done."),
        )

    def _browser_sign_in(self) -> None:
        self.section(
            _("Signing in through the browser"),
            _(
                "Google and Microsoft let only registered programs do this. Whoever registers one "
                "at their developer pages gets a client id; without it, an app password works."
            ),
        )
        self.text("google_client_id", words="gmail oauth oauth2")
        self._secret = QLineEdit()
        self._secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._secret.editingFinished.connect(self._keep_secret)
        self.row(
            _("Client secret at Google"),
            self._secret,
            note=_("Kept with the passwords. Empty: the one that is known stays."),
            words="gmail oauth oauth2",
        )
        self.text("microsoft_client_id", words="outlook office 365 oauth oauth2")

    def keep(self) -> None:
        self._keep_secret()

    def _keep_secret(self) -> None:
        secret = self._secret.text().strip()
        self._secret.clear()
        if secret:
            self.context.start(self._store_secret(secret))

    async def _store_secret(self, secret: str) -> None:
        if await passphrase.unlock(self.context, self.desk.window):
            name = account_checks.client_secret_name("google")
            await self.context.tasks.aside(partial(self.context.secrets.set, name, secret))

    async def load(self) -> None:
        self._show_stopped(await self.context.read(suppression.stopped_at))
        self._show_searched(await self.context.read(file_texts.progress))

    def _show_searched(self, progress: file_texts.Progress) -> None:
        locale = QLocale()
        self.searched.setText(
            _("{count} of {total}").format(
                count=locale.toString(progress.searched), total=locale.toString(progress.total)
            )
        )
        left = []
        if progress.unreadable:
            left.append(
                ngettext(
                    "{count} cannot be read and is found by its name.",
                    "{count} cannot be read and are found by their names.",
                    progress.unreadable,
                ).format(count=locale.toString(progress.unreadable))
            )
        if progress.on_server:
            left.append(
                ngettext(
                    "{count} lies on its server still.",
                    "{count} lie on their servers still.",
                    progress.on_server,
                ).format(count=locale.toString(progress.on_server))
            )
        tell(self.attachments, " ".join(left))

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
