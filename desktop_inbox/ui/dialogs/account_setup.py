"""Adds a channel, or signs in to one again: address and password, a real check, the first sync.

Receiving and sending are tested apart; each failure names its step, in words that can be copied.
UI thread only; the checks run on the engine's loop.
"""

from __future__ import annotations

from enum import IntEnum
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.connectors.setup import Check
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import N_, _
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.status import State
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import passphrase
from desktop_inbox.ui.dialogs.account_checks import Entered, Found, add, change, find_settings
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.avatar import paint_badge
from desktop_inbox.ui.views.controls import (
    PlainLabel,
    button,
    link_button,
    restyle,
)

_LOOK_UP_MS = 400
_WIDTH = 758
_STEPS = (N_("Channel"), N_("Sign in"), N_("Check"), N_("First sync"))
_SECURITY = (("tls", N_("TLS")), ("starttls", N_("STARTTLS")), ("none", N_("None (this computer)")))


class Step(IntEnum):
    CHANNEL = 0
    SIGN_IN = 1
    CHECK = 2
    SYNC = 3


class _Tile(QWidget):
    """A kind of channel that can be chosen. E-mail is the only one so far, so it is chosen."""

    def __init__(self, theme: Theme, title: str, text: str) -> None:
        super().__init__()
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(46, 10, 14, 10)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(PlainLabel(title, kind="strong"))
        words.addWidget(PlainLabel(text, kind="small"))
        row.addLayout(words)
        self.setFixedWidth(theme.px(226))
        self.setMinimumHeight(theme.px(58))
        self.setAccessibleName(f"{title}, {text}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("accent"))
        painter.setBrush(self._theme.colour("selection"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        side = 24
        paint_badge(painter, QRectF(12, (self.height() - side) / 2, side, side), channel="email")
        painter.end()


class _Line(QWidget):
    """One step of the check: a mark, words, and perhaps what to do."""

    def __init__(self, context: AppContext, words: str, *, state: str, detail: str = "") -> None:
        super().__init__()
        self.words = words
        self.state = state
        icon, colour = {
            "ok": ("circle-check", "good"),
            "bad": ("circle-x", "bad"),
            "busy": ("loader-circle", "muted"),
            "hint": ("info", "accent"),
        }[state]
        mark = QLabel()
        mark.setPixmap(context.icon(icon, colour=colour).pixmap(QSize(16, 16)))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        mark.setContentsMargins(0, 1, 0, 0)
        text = PlainLabel(words, wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(text)
        if detail:
            said = PlainLabel(detail, kind="caption", wrap=True)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(said)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        row.addWidget(mark)
        row.addLayout(column, 1)
        self._row = row

    def offer(self, widget: QWidget) -> None:
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)


class AccountSetup(QWidget):
    """A page of the window. `finished` when the inbox is to be shown again."""

    finished = Signal()

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        *,
        account: AccountRow | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._accounts = accounts
        self._account = account
        self._found: Found | None = None
        self._busy = False
        self._touched_by_hand = False
        self._saved_id: int | None = None
        self._attempt = 0
        self._look_up = QTimer(self)
        self._look_up.setSingleShot(True)
        self._look_up.setInterval(_LOOK_UP_MS)
        self._look_up.timeout.connect(self._find)
        self._build()
        self._show_step(Step.CHANNEL)
        accounts.changed.connect(self._show_sync)

    def start(self) -> None:
        """Fill in what is known and put the cursor where typing begins."""
        if self._account is None:
            self.address.setFocus()
        else:
            self.address.setText(self._account.address)
            self.address.setReadOnly(True)
            self.name.setText(str(self._account.settings.get("name", "")))
            self._fill({name: str(value) for name, value in self._account.settings.items()})
            self._touched_by_hand = True
            self.password.setFocus()
        self._context.start(self._say_where_secrets_go())

    @property
    def lines(self) -> list[tuple[str, str]]:
        """State and words of every line of the check."""
        found = []
        for place in range(self._lines.count()):
            entry = self._lines.itemAt(place)
            widget = entry.widget() if entry is not None else None
            if isinstance(widget, _Line):
                found.append((widget.state, widget.words))
        return found

    # --- building ---

    def _build(self) -> None:
        theme = self._context.theme
        card = QFrame()
        card.setProperty("kind", "card")
        card.setMaximumWidth(theme.px(_WIDTH))
        inside = QVBoxLayout(card)
        inside.setContentsMargins(30, 28, 30, 24)
        inside.setSpacing(8)
        inside.addWidget(self._build_steps())
        inside.addSpacing(12)
        again = self._account is not None
        inside.addWidget(
            PlainLabel(_("Sign in again") if again else _("Add a channel"), kind="display")
        )
        inside.addWidget(
            PlainLabel(
                _("Everything you receive lands in one inbox and stays on this computer."),
                kind="muted",
                wrap=True,
            )
        )
        inside.addSpacing(6)
        inside.addWidget(
            _Tile(theme, _("E-mail"), _("Gmail, Outlook, any IMAP")),
            0,
            Qt.AlignmentFlag.AlignLeft,
        )
        inside.addSpacing(6)
        inside.addWidget(self._build_form())
        inside.addWidget(self._build_manual())
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        inside.addLayout(self._lines)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.hide()
        inside.addWidget(self._progress)
        inside.addSpacing(8)
        inside.addLayout(self._build_foot())
        holder = QWidget()
        middle = QVBoxLayout(holder)
        middle.setContentsMargins(16, 16, 16, 16)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card, 100)
        row.addStretch(1)
        middle.addStretch(1)
        middle.addLayout(row)
        middle.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(holder)
        holder.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)

    def _build_steps(self) -> QFrame:
        steps = QFrame()
        steps.setObjectName("steps")
        row = QHBoxLayout(steps)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        self._step_labels = []
        for number, words in enumerate(_STEPS, start=1):
            label = PlainLabel(f"{number} {_(words)}", kind="caption")
            self._step_labels.append(label)
            row.addWidget(label)
        row.addStretch(1)
        return steps

    def _build_form(self) -> QWidget:
        self.address = _field(_("E-mail address"))
        self.name = _field(_("Your name"))
        self.password = _field(_("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.address.textEdited.connect(self._address_edited)
        self.password.textEdited.connect(lambda _text: self._edited())
        for field in (self.address, self.name, self.password):
            field.returnPressed.connect(self._go_on)
        form, grid = _grid()
        for line, field in enumerate((self.address, self.name, self.password)):
            _add(grid, line, field.accessibleName(), field)
        return form

    def _build_manual(self) -> QWidget:
        self._manual, grid = _grid()
        self._manual_fields: dict[str, QLineEdit | QComboBox] = {}
        line = 0
        for side, words in (("imap", _("Receiving (IMAP)")), ("smtp", _("Sending (SMTP)"))):
            host = _field(_("Server"))
            port = _field(_("Port"))
            port.setMaximumWidth(self._context.theme.px(80))
            security = QComboBox()
            security.setAccessibleName(_("Security"))
            for value, title in _SECURITY:
                security.addItem(_(title), value)
            for name, field in (("host", host), ("port", port), ("security", security)):
                self._manual_fields[f"{side}_{name}"] = field
            together = QHBoxLayout()
            together.setContentsMargins(0, 0, 0, 0)
            together.setSpacing(8)
            together.addWidget(host, 1)
            together.addWidget(port)
            together.addWidget(security)
            grid.addWidget(PlainLabel(words), line, 0)
            grid.addLayout(together, line, 1)
            line += 1
        username = _field(_("User name"))
        username.setPlaceholderText(_("The e-mail address"))
        self._manual_fields["username"] = username
        _add(grid, line, _("User name"), username)
        for field in self._manual_fields.values():
            if isinstance(field, QLineEdit):
                field.textEdited.connect(lambda _text: self._edited_by_hand())
                field.returnPressed.connect(self._go_on)
            else:
                field.activated.connect(lambda _index: self._edited_by_hand())
        self._manual.hide()
        return self._manual

    def _build_foot(self) -> QHBoxLayout:
        self._lock = QLabel()
        self._lock.setPixmap(self._context.icon("lock").pixmap(QSize(13, 13)))
        self._where = PlainLabel(kind="caption")
        self._show_manual = link_button(_("Enter settings by hand"), clicked=self._open_manual)
        self._back = button(_("Back"), kind="ghost", clicked=self._leave)
        self._continue = button(_("Continue"), kind="primary", clicked=self._go_on)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._lock)
        row.addWidget(self._where)
        row.addStretch(1)
        row.addWidget(self._show_manual)
        row.addWidget(self._back)
        row.addWidget(self._continue)
        return row

    async def _say_where_secrets_go(self) -> None:
        if isinstance(self._context.secrets, MemorySecrets):
            words = _("The password is forgotten when the program ends")
        else:
            kept_in_file = await passphrase.in_a_file(self._context)
            words = (
                _("The password is kept in an encrypted file")
                if kept_in_file
                else _("The password is kept in your system keychain")
            )
        self._where.setText(words)

    # --- what is typed ---

    def _address_edited(self) -> None:
        self._edited()
        self._look_up.start()

    def _edited(self) -> None:
        self._attempt += 1
        self._show_step(Step.SIGN_IN if self.address.text() else Step.CHANNEL)
        if not self._busy:
            self._clear_lines()

    def _edited_by_hand(self) -> None:
        self._touched_by_hand = True
        self._edited()

    def _find(self) -> None:
        address = self.address.text().strip()
        if "@" not in address or address.endswith("@"):
            return
        self._found = find_settings(address)
        if self._found is not None and not self._touched_by_hand:
            self._fill(self._found.settings)
        self._clear_lines()
        self._show_found()

    def _show_found(self) -> None:
        found = self._found
        if found is None:
            return
        domain = self.address.text().rpartition("@")[2].strip()
        words = (
            _("Settings found for {domain} – IMAP {host}:{port}")
            if found.known
            else _("{domain} is not in our list. We try IMAP {host}:{port}")
        ).format(
            domain=domain,
            host=found.settings["imap_host"],
            port=found.settings["imap_port"],
        )
        self._add_line(words, state="ok" if found.known else "hint")
        if found.hint:
            line = self._add_line(found.hint, state="hint")
            if found.help_url.startswith("https://"):
                line.offer(link_button(_("Show me how"), clicked=partial(_browse, found.help_url)))

    def _fill(self, settings: dict[str, str]) -> None:
        for name, field in self._manual_fields.items():
            value = settings.get(name, "")
            if isinstance(field, QComboBox):
                field.setCurrentIndex(max(0, field.findData(value or "tls")))
            else:
                field.setText(value)

    def _open_manual(self) -> None:
        self._manual.show()
        self._show_manual.hide()
        first = self._manual_fields["imap_host"]
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_sending(self) -> None:
        self._open_manual()
        self._manual_fields["smtp_host"].setFocus(Qt.FocusReason.OtherFocusReason)

    def entered(self) -> Entered:
        """Return what is entered."""
        if self._found is None and not self._touched_by_hand:
            self._find()
        settings: dict[str, object] = {"address": self.address.text().strip()}
        if self.name.text().strip():
            settings["name"] = self.name.text().strip()
        for name, field in self._manual_fields.items():
            value = field.currentData() if isinstance(field, QComboBox) else field.text().strip()
            settings[name] = value
        return Entered(settings=settings, password=self.password.text())

    # --- checking ---

    def _go_on(self) -> None:
        if self._saved_id is not None:
            self.finished.emit()
            return
        if self._busy:
            return
        entered = self.entered()
        local, _at, domain = self.address.text().strip().rpartition("@")
        for field, missing in (
            (self.address, not local or not domain),
            (self.password, not entered.password and self._account is None),
        ):
            restyle(field, invalid="true" if missing else "false")
            if missing:
                field.setFocus()
                return
        self._context.start(self._check(entered))

    async def _check(self, entered: Entered) -> None:
        if not await passphrase.unlock(self._context, self.window()):
            return
        self._set_busy(True)
        self._show_step(Step.CHECK)
        self._clear_lines()
        self._show_found()
        self._add_line(_("Signing in…"), state="busy")
        attempt = self._attempt

        def report(result: Check) -> None:
            if attempt == self._attempt:
                self._show_check(result, entered)

        try:
            if self._account is None:
                account_id = await add(self._context, entered, report)
            else:
                account_id = await change(self._context, self._account, entered, report)
        except UserError as error:
            if error.code != "check-failed" and attempt == self._attempt:
                words = errors.sentence(error.code, error.values)
                self._add_line(words, state="bad")
            return
        finally:
            self._drop_busy_line()
            self._set_busy(False)
        self._kept(account_id)

    def _show_check(self, result: Check, entered: Entered) -> None:
        self._drop_busy_line()
        sending = result.step.startswith("send")
        if result.ok:
            words = _("Sending works") if sending else _("Signed in, receiving works")
            self._add_line(words, state="ok", detail=result.detail)
        else:
            self._show_failure(result, entered, sending=sending)
        if not sending and result.step.partition(":")[2] != "settings":
            self._add_line(_("Trying to send…"), state="busy")

    def _show_failure(self, result: Check, entered: Entered, *, sending: bool) -> None:
        side = "smtp" if sending else "imap"
        where = f"{entered.settings[f'{side}_host']}:{entered.settings[f'{side}_port']}"
        words = check_words(result, where=where)
        line = self._add_line(words, state="bad", detail=result.detail)
        line.offer(
            link_button(
                _("Edit sending settings") if sending else _("Edit receiving settings"),
                clicked=self._open_sending if sending else self._open_manual,
            )
        )
        line.offer(
            link_button(
                _("Copy"),
                clicked=lambda: QGuiApplication.clipboard().setText(f"{words}\n{result.detail}"),
            )
        )

    def _kept(self, account_id: int) -> None:
        self._saved_id = account_id
        self.password.clear()
        self._show_step(Step.SYNC)
        self._continue.setText(_("Open the inbox"))
        self._back.hide()
        self._show_manual.hide()
        self._add_line(_("First synchronisation, newest messages first"), state="busy")
        self._show_sync()

    def _show_sync(self) -> None:
        """Follow the first sync; as soon as there is something to read, go and read it."""
        row = None if self._saved_id is None else self._accounts.row(self._saved_id)
        if row is None:
            return
        status = self._accounts.status(row)
        self._progress.setVisible(status.total > 0)
        if status.total:
            self._progress.setRange(0, status.total)
            self._progress.setValue(status.done)
        if status.state is State.ONLINE or row.open_count:
            self._saved_id = None
            self._drop_busy_line()
            self.finished.emit()

    # --- small things ---

    def _leave(self) -> None:
        self._attempt += 1
        self.finished.emit()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._continue.setEnabled(not busy)
        for field in (self.address, self.name, self.password):
            field.setEnabled(not busy)

    def _show_step(self, step: Step) -> None:
        for number, label in enumerate(self._step_labels):
            restyle(label, current="true" if number == step else "false")

    def _add_line(self, words: str, *, state: str, detail: str = "") -> _Line:
        line = _Line(self._context, words, state=state, detail=detail)
        self._lines.addWidget(line)
        return line

    def _clear_lines(self) -> None:
        while (entry := self._lines.takeAt(0)) is not None:
            _discard(entry.widget())

    def _drop_busy_line(self) -> None:
        for place in reversed(range(self._lines.count())):
            entry = self._lines.itemAt(place)
            widget = entry.widget() if entry is not None else None
            if isinstance(widget, _Line) and widget.state == "busy":
                self._lines.takeAt(place)
                _discard(widget)


# Which step of the check failed: its name in Check.step -> what could not be done.
_FAILED_STEPS = {
    "connect": (N_("Receiving: no connection to {where}"), N_("Sending: no connection to {where}")),
    "tls": (
        N_("Receiving: {where} has no valid certificate"),
        N_("Sending: {where} has no valid certificate"),
    ),
    "sign-in": (N_("Receiving: sign-in refused by {where}"), N_("Sending refused by {where}")),
}
_ANY_STEP = (N_("Receiving did not work at {where}"), N_("Sending did not work at {where}"))


def check_words(result: Check, *, where: str) -> str:
    """Return a sentence that names the failing step and says why."""
    side, _colon, step = result.step.partition(":")
    words = _(_FAILED_STEPS.get(step, _ANY_STEP)[side == "send"]).format(where=where)
    why = errors.cause_words(result.cause)
    return f"{words}. {why}" if why else f"{words}."


def _browse(url: str) -> None:
    QDesktopServices.openUrl(QUrl(url))


def _discard(widget: QWidget | None) -> None:
    if widget is not None:
        widget.hide()
        widget.deleteLater()


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setMinimumHeight(32)
    return field


def _grid() -> tuple[QWidget, QGridLayout]:
    widget = QWidget()
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(8)
    grid.setColumnMinimumWidth(0, 146)
    grid.setColumnStretch(1, 1)
    return widget, grid


def _add(grid: QGridLayout, line: int, words: str, field: QWidget) -> None:
    label = PlainLabel(words)
    label.setBuddy(field)
    grid.addWidget(label, line, 0)
    grid.addWidget(field, line, 1)
