"""The settings: this person's choices, their name and signature, and the channels.

Everything takes effect at once; there is nothing to save. UI thread only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import _
from desktop_inbox.services import accounts as account_services
from desktop_inbox.services import automatic, profile
from desktop_inbox.store import agents, suppression
from desktop_inbox.store.rows import AccountRow, AgentRow
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.tabbed import TabbedCard
from desktop_inbox.ui.icons import BESIDE_WORDS
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.avatar import ChannelBadge
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, button, icon_button
from desktop_inbox.ui.views.formats import moment

_PAUSE_MS = 600  # after the last key, what was typed is kept
_FIELD_WIDTH = 230


class SettingsDialog(TabbedCard):
    """A card with three pages."""

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        parent: QWidget,
        *,
        sign_in: Callable[[AccountRow], None],
    ) -> None:
        super().__init__(context, parent, title=_("Settings"))
        self._accounts = accounts
        self._sign_in = sign_in
        self.add_page(_("General"), "settings", self._general())
        self.add_page(_("You"), "circle-user", self._you())
        self.add_page(_("Channels"), "inbox", self._channels())
        accounts.changed.connect(self._list_accounts)

    def open(self) -> None:
        self._list_accounts()
        self._context.start(self._read_agent())
        self._context.start(self._read_copies())
        self._context.start(self._read_automation())
        self.show_card()

    # --- this person ---

    def _general(self) -> QWidget:
        page, grid = _form()
        settings = self._context.settings
        self._choice(
            grid,
            type(settings).language.title,
            "language",
            (("", _("As the system")), ("en", "English"), ("tr", "Türkçe")),
            note=_("Takes effect at the next start."),
        )
        self._choice(
            grid,
            type(settings).theme.title,
            "theme",
            (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))),
        )
        self._number(grid, "text_size_percent", suffix=" %", step=10)
        self._number(grid, "undo_send_seconds", suffix=" s", step=1)
        self._choice(
            grid,
            type(settings).hold_if_answered.title,
            "hold_if_answered",
            ((True, _("Hold it and ask")), (False, _("Send it all the same"))),
        )
        self._number(grid, "skip_late_after_hours", suffix=" h", step=1)
        self._number(grid, "mark_read_after_ms", suffix=" ms", step=250)
        self._choice(
            grid,
            type(settings).after_close.title,
            "after_close",
            (
                ("next", _("The next conversation")),
                ("previous", _("The previous conversation")),
                ("none", _("Nothing")),
            ),
        )
        self._copies(grid)
        self._automation(grid)
        grid.setRowStretch(grid.rowCount(), 1)
        return page

    def _copies(self, grid: QGridLayout) -> None:
        settings = self._context.settings
        box = QCheckBox(_("On"))
        box.setChecked(settings.daily_backup)
        box.toggled.connect(lambda on: setattr(settings, "daily_backup", on))
        self._last_copy = _row(grid, _(type(settings).daily_backup.title), box, note=" ")
        now = button(_("Back up now…"), clicked=self._back_up)
        _row(grid, _("A backup in one file"), now, note=_("For another disk, or another computer."))

    def _back_up(self) -> None:
        self.dismiss()
        self._context.actions["backup"].trigger()

    async def _read_copies(self) -> None:
        from desktop_inbox.store import backup

        path = self._context.workspace.db.path
        found = await asyncio.to_thread(backup.listing, path)
        daily = [one.at for one in found if one.kind is backup.Kind.DAILY]
        self._last_copy.setText(
            _("The last one: {time}").format(time=_when(daily[0]))
            if daily
            else _("There is none yet.")
        )

    def _automation(self, grid: QGridLayout) -> None:
        """Where automatic mail that stopped by itself is let go on, after it was left off."""
        self._resume = button(_("Let them leave again"), clicked=self._let_answers_go_on)
        self._stopped = _row(grid, _("Automatic answers"), self._resume, note=" ")
        self._show_stopped(None)

    def _let_answers_go_on(self) -> None:
        self._show_stopped(None)
        self._context.start(self._context.write(automatic.resume))

    async def _read_automation(self) -> None:
        self._show_stopped(await self._context.read(suppression.stopped_at))

    def _show_stopped(self, since: datetime | None) -> None:
        self._resume.setEnabled(since is not None)
        self._stopped.setText(
            _("They leave as each channel says.")
            if since is None
            else _("Stopped since {time}: there were too many.").format(time=_when(since))
        )

    def _choice(
        self,
        grid: QGridLayout,
        title: str,
        name: str,
        choices: tuple[tuple[object, str], ...],
        *,
        note: str = "",
    ) -> None:
        box = QComboBox()
        for value, words in choices:
            box.addItem(words, value)
        box.setCurrentIndex(box.findData(getattr(self._context.settings, name)))
        box.activated.connect(
            lambda _index: setattr(self._context.settings, name, box.currentData())
        )
        _row(grid, _(title), box, note=note)

    def _number(self, grid: QGridLayout, name: str, *, suffix: str, step: int) -> None:
        declared = getattr(type(self._context.settings), name)
        box = QSpinBox()
        box.setRange(declared.minimum, declared.maximum)
        box.setSingleStep(step)
        box.setSuffix(suffix)
        box.setValue(getattr(self._context.settings, name))
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda value: setattr(self._context.settings, name, value))
        _row(grid, _(declared.title), box)

    def _you(self) -> QWidget:
        page, grid = _form()
        self._name = QLineEdit()
        self._signature = QPlainTextEdit()
        self._signature.setFixedHeight(self._context.theme.px(120))
        self._signature.setTabChangesFocus(True)
        _row(grid, _("Your name"), self._name, note=_("Customers see it on what you send."))
        _row(grid, _("Signature"), self._signature, note=_("Stands below every message."))
        grid.setRowStretch(grid.rowCount(), 1)
        self._agent: AgentRow | None = None
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(_PAUSE_MS)
        self._keep.timeout.connect(self._keep_agent)
        self._name.textEdited.connect(lambda _text: self._keep.start())
        self._signature.textChanged.connect(self._signature_typed)
        return page

    def _signature_typed(self) -> None:
        if self._agent is not None:
            self._keep.start()

    async def _read_agent(self) -> None:
        every = await self._context.read(agents.list_all)
        if every:
            self._name.setText(every[0].name)
            self._signature.setPlainText(every[0].signature)
            self._agent = every[0]

    def _keep_agent(self) -> None:
        name, signature = self._name.text().strip(), self._signature.toPlainText()
        self._context.start(
            self._context.write(lambda tx: profile.edit(tx, name=name, signature=signature))
        )

    def dismiss(self) -> None:
        if self._keep.isActive():
            self._keep.stop()
            self._keep_agent()
        super().dismiss()

    # --- channels ---

    def _channels(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 4, 24, 8)
        column.setSpacing(8)
        self._account_rows = QVBoxLayout()
        self._account_rows.setSpacing(8)
        column.addLayout(self._account_rows)
        add = button(_("Add a channel"), clicked=self._add_account)
        add.setIcon(self._context.icon("plus"))
        add.setIconSize(BESIDE_WORDS)
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return page

    def _add_account(self) -> None:
        self.dismiss()
        self._context.actions["account.add"].trigger()

    def _list_accounts(self) -> None:
        while (entry := self._account_rows.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.deleteLater()
        for row, status in self._accounts.statuses():
            self._account_rows.addWidget(self._account(row, status))

    def _account(self, row: AccountRow, status: AccountStatus) -> QWidget:
        card = QFrame()
        card.setProperty("kind", "hint")
        line = QHBoxLayout(card)
        line.setContentsMargins(12, 10, 8, 10)
        line.setSpacing(10)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(ElidedLabel(row.title, kind="strong"))
        state = errors.account_sentence("", status).lstrip(": ")
        words.addWidget(ElidedLabel(state[:1].upper() + state[1:], kind="caption"))
        line.addWidget(ChannelBadge(row.kind, size=22))
        line.addLayout(words, 1)
        if status.state is State.NEEDS_SIGN_IN:
            line.addWidget(
                button(_("Sign in again"), kind="primary", clicked=lambda: self._sign_in_to(row))
            )
        else:
            line.addWidget(button(_("Edit"), kind="ghost", clicked=lambda: self._edit(row)))
        pause = _("Pause") if row.enabled else _("Resume")
        line.addWidget(button(pause, kind="ghost", clicked=lambda: self._pause(row)))
        line.addWidget(
            icon_button(
                self._context.theme,
                "trash-2",
                _("Remove {name}").format(name=row.title),
                clicked=lambda: self._remove(row),
            )
        )
        return card

    def _sign_in_to(self, row: AccountRow) -> None:
        self.dismiss()
        self._sign_in(row)

    def _edit(self, row: AccountRow) -> None:
        from desktop_inbox.ui.dialogs.account_settings import AccountSettings

        self.dismiss()
        card = AccountSettings(self._context, row, self._over)
        card.closed.connect(card.deleteLater)
        card.open()

    def _pause(self, row: AccountRow) -> None:
        change = account_services.pause if row.enabled else account_services.resume
        self._context.start(self._context.write(lambda tx: change(tx, row.id)))

    def _remove(self, row: AccountRow) -> None:
        box = QMessageBox(self.window())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(_("Remove channel"))
        box.setText(_("Remove {name}?").format(name=row.title))
        box.setInformativeText(
            _("Nothing is deleted on the server. Its conversations can stay here.")
        )
        keep = QCheckBox(_("Keep its conversations on this computer"))
        keep.setChecked(True)
        box.setCheckBox(keep)
        remove = box.addButton(_("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.buttonClicked.connect(
            lambda pressed: (
                self._context.start(self._removed(row, keep=keep.isChecked()))
                if pressed is remove
                else None
            )
        )
        box.open()

    async def _removed(self, row: AccountRow, *, keep: bool) -> None:
        await account_services.remove(
            self._context.workspace, self._context.secrets, row.id, keep_messages=keep
        )


def _when(at: datetime) -> str:
    return moment(at, now=datetime.now(UTC))


def _form() -> tuple[QWidget, QGridLayout]:
    page = QWidget()
    grid = QGridLayout(page)
    grid.setContentsMargins(8, 4, 24, 8)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(12)
    grid.setColumnStretch(0, 1)
    return page, grid


def _row(grid: QGridLayout, title: str, field: QWidget, *, note: str = "") -> PlainLabel:
    """Add a line to a form; return the label of its note."""
    label = PlainLabel(title, wrap=True)
    label.setBuddy(field)
    field.setAccessibleName(title)
    if not isinstance(field, QPlainTextEdit):
        field.setFixedWidth(_FIELD_WIDTH)
    else:
        field.setMinimumWidth(_FIELD_WIDTH)
    words = QVBoxLayout()
    words.setSpacing(1)
    words.addWidget(label)
    below = PlainLabel(note, kind="small", wrap=True)
    below.setVisible(bool(note))
    words.addWidget(below)
    row = grid.rowCount()
    grid.addLayout(words, row, 0)
    grid.addWidget(field, row, 1)
    return below
