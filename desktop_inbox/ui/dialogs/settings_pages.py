"""The pages of the settings about this person: how the program looks, works, and who writes.

Everything takes effect at once; there is nothing to save. UI thread only.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from desktop_inbox.i18n import N_, _
from desktop_inbox.services import profile
from desktop_inbox.store import agents
from desktop_inbox.store.rows import AgentRow
from desktop_inbox.ui.dialogs.settings_form import SettingsPage
from desktop_inbox.ui.views.controls import button

_PAUSE_MS = 600  # after the last key, what was typed is kept
_SIGNATURE_HEIGHT = 120


class AppearancePage(SettingsPage):
    """How the program looks, and in which language."""

    id = "appearance"
    title = N_("Appearance")
    icon = "palette"

    def build(self) -> None:
        self.choice(
            "theme",
            (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))),
        )
        self.number("text_size_percent", suffix="%", step=10)
        language = self.choice(
            "language",
            (("", _("As the system")), ("en", "English"), ("tr", "Türkçe")),
        )
        language.activated.connect(lambda _index: self._offer_restart())
        self._restart = button(_("Start again now"), clicked=self._start_again)
        self._begun_in = self.context.settings.language
        self.row(
            _("The language changes at the next start"),
            self._restart,
            note=_("What you are writing is kept, and the inbox is back in a moment."),
        )
        self._offer_restart()

    def _offer_restart(self) -> None:
        self._restart.setEnabled(self.context.settings.language != self._begun_in)

    def _start_again(self) -> None:
        self.desk.dismiss()
        self.context.restart_requested.emit()


class WorkPage(SettingsPage):
    """What reading, closing and sending do."""

    id = "work"
    title = N_("Reading and sending")
    icon = "send"

    def build(self) -> None:
        self.section(_("Reading"))
        self.number("mark_read_after_ms", suffix=_("ms"), step=250)
        self.choice(
            "after_close",
            (
                ("next", _("The next conversation")),
                ("previous", _("The previous conversation")),
                ("none", _("Nothing")),
            ),
        )
        self.section(_("Writing"))
        self.switch("spelling")
        self.section(_("Sending"))
        self.number("undo_send_seconds", suffix=_("s"), step=1)
        self.choice(
            "hold_if_answered",
            ((True, _("Hold it and ask")), (False, _("Send it all the same"))),
        )
        self.number("skip_late_after_hours", suffix=_("h"), step=1)


class YouPage(SettingsPage):
    """The business, and the name and the signature of whoever sits here."""

    id = "you"
    title = N_("Your business and you")
    icon = "store"

    def build(self) -> None:
        self._agent: AgentRow | None = None
        self._business = QLineEdit()
        self._business.editingFinished.connect(self._store_business)
        self._known_business: str | None = None
        self.row(
            _("Name of the business"),
            self._business,
            note=_("Stands at the top of the window. When it is open: see Business hours."),
        )
        self._name = QLineEdit()
        self._signature = QPlainTextEdit()
        self._signature.setFixedHeight(self.context.theme.px(_SIGNATURE_HEIGHT))
        self._signature.setTabChangesFocus(True)
        self.row(_("Your name"), self._name, note=_("Customers see it on what you send."))
        self.row(_("Signature"), self._signature, note=_("Stands below every message."))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._store)
        self._name.textEdited.connect(lambda _text: self._pause.start())
        self._signature.textChanged.connect(self._typed)

    async def load(self) -> None:
        business, every = await self.context.read(_business_and_people)
        if self._known_business is None:
            self._business.setText(business)
        self._known_business = business
        if every:
            self._name.setText(every[0].name)
            self._signature.setPlainText(every[0].signature)
            self._agent = every[0]

    def keep(self) -> None:
        self._store_business()
        if self._pause.isActive():
            self._pause.stop()
            self._store()

    def _store_business(self) -> None:
        name = self._business.text().strip()
        if self._known_business is not None and name != self._known_business:
            self._known_business = name
            self.context.start(
                self.context.write(lambda tx: profile.name_business(tx, name)), name="business"
            )

    def _typed(self) -> None:
        if self._agent is not None:
            self._pause.start()

    def _store(self) -> None:
        name, signature = self._name.text().strip(), self._signature.toPlainText()
        self.context.start(
            self.context.write(lambda tx: profile.edit(tx, name=name, signature=signature))
        )


def _business_and_people(conn: Any) -> tuple[str, list[AgentRow]]:
    return agents.business_name(conn), agents.list_all(conn)
