"""The form in which one canned response is written, with how it will read. UI thread only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.connectors import CONNECTORS
from desktop_inbox.domain.templates import Rendered
from desktop_inbox.i18n import _
from desktop_inbox.services.canned import Content
from desktop_inbox.ui.dialogs.macro_steps import MacroSteps
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.composer_chips import DraftFiles
from desktop_inbox.ui.views.composer_words import channel_name
from desktop_inbox.ui.views.controls import PlainLabel

_CHANNELS_A_ROW = 3
_LANGUAGES = ("en", "tr", "de", "fr", "es", "it", "nl", "pt", "ru", "ar", "el", "he", "ja", "zh")
_PREVIEW_AFTER_MS = 150
_TEXT_HEIGHT, _PREVIEW_HEIGHT = 120, 84


class CannedEditor(QWidget):
    """Shows a response and gives back what was made of it."""

    edited = Signal()
    preview_wanted = Signal(object)  # Content

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown = Content(shortcut="", body="")
        self._bodies: dict[str, str] = {}  # by language, "" for everybody else
        self._language = ""
        self._loading = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PREVIEW_AFTER_MS)
        self._later.timeout.connect(lambda: self.preview_wanted.emit(self.content()))
        self._build()

    def show_content(self, content: Content) -> None:
        """Fill the form in."""
        self._loading = True
        try:
            self._shown = content
            self._bodies = {"": content.body, **dict(content.bodies)}
            self.title.setText(content.title)
            self.shortcut.setText(content.shortcut)
            self.folder.setCurrentText(content.folder)
            self.tag.setCurrentText(content.tag)
            self.status.setCurrentIndex(max(self.status.findData(content.status), 0))
            for kind, box in self._channels.items():
                box.setChecked(kind in content.channels)
            self.files.set_files(content.files)
            self.steps.show_steps(content.steps)
            self._list_languages()
            self._show_language(0)
        finally:
            self._loading = False
        self._later.start()

    def begin(self, content: Content) -> None:
        """Begin a new response from `content`, which is kept nowhere yet."""
        self.show_content(content)
        self._shown = Content(shortcut="", body="", channels=content.channels)

    def content(self) -> Content:
        """What the form says."""
        bodies = {**self._bodies, self._language: self.text.toPlainText()}
        chosen = {kind for kind, box in self._channels.items() if box.isChecked()}
        others = set(self._shown.channels) - self._channels.keys()
        return replace(
            self._shown,
            title=self.title.text(),
            shortcut=self.shortcut.text(),
            folder=self.folder.currentText(),
            body=bodies.pop(""),
            bodies=tuple(sorted((one, body) for one, body in bodies.items() if body.strip())),
            files=tuple(dict(file) for file in self.files.files()),
            channels=tuple(sorted(chosen | others)),
            tag=self.tag.currentText(),
            status=str(self.status.currentData()),
            steps=self.steps.steps(),
        )

    @property
    def dirty(self) -> bool:
        """Whether the form says something else than what it was filled in with."""
        return self.content() != self._shown

    def offer(self, *, folders: Iterable[str], tags: Sequence[str]) -> None:
        """Name the folders and tags there are already."""
        for box, names in ((self.folder, sorted(set(folders))), (self.tag, tags)):
            typed = box.currentText()
            box.blockSignals(True)
            box.clear()
            box.addItems([name for name in names if name])
            box.setCurrentText(typed)
            box.blockSignals(False)

    def show_preview(self, rendered: Rendered) -> None:
        """Show how the text reads for the conversation that is open."""
        self.preview.setPlainText(rendered.text)
        names = ", ".join(rendered.missing)
        self._missing.setText(_("No value for {names}").format(names=names))
        self._missing.setVisible(bool(names))

    # --- parts ---

    def _build(self) -> None:
        self.title = self._line(_("Title"))
        self.shortcut = self._line(_("Shortcode"))
        self.folder = self._choice(_("Folder"))
        self.tag = self._choice(_("Tag"))
        self.language = QComboBox()
        self.language.setAccessibleName(_("Language"))
        self.language.activated.connect(self._on_language)
        self.status = QComboBox()
        self.status.setAccessibleName(_("After sending"))
        for value, words in (("", _("As it is")), ("open", _("Open")), ("closed", _("Close"))):
            self.status.addItem(words, value)
        self.status.activated.connect(self._on_edited)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(_("Text"))
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(self._theme.px(_TEXT_HEIGHT))
        self.text.textChanged.connect(self._on_edited)
        self.files = DraftFiles(self._theme, parent=self)
        self.files.changed.connect(self._on_edited)
        self.steps = MacroSteps(self._theme, self)
        self.steps.edited.connect(self._on_edited)
        self.preview = QPlainTextEdit()
        self.preview.setReadOnly(True)
        self.preview.setAccessibleName(_("Preview"))
        self.preview.setMinimumHeight(self._theme.px(_PREVIEW_HEIGHT))
        self._missing = PlainLabel(kind="error", wrap=True)
        self._missing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._build_fields())
        column.addWidget(self.text, 3)
        column.addWidget(self.files)
        column.addWidget(self.steps)
        column.addWidget(PlainLabel(_("Preview"), kind="section"))
        column.addWidget(self.preview, 2)
        column.addWidget(self._missing)

    def _build_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        channels = QGridLayout()
        channels.setHorizontalSpacing(8)
        channels.setVerticalSpacing(6)
        self._channels: dict[str, QCheckBox] = {}
        for number, info in enumerate(CONNECTORS):
            box = QCheckBox(channel_name(info.kind))
            box.toggled.connect(self._on_edited)
            channels.addWidget(box, *divmod(number, _CHANNELS_A_ROW))
            self._channels[info.kind] = box
        hint = PlainLabel(_("None ticked: on every channel"), kind="caption")
        channels.addWidget(hint, channels.rowCount(), 0, 1, _CHANNELS_A_ROW)
        fields: tuple[tuple[str, QWidget], ...] = (
            (_("Title"), self.title),
            (_("Shortcode"), self.shortcut),
            (_("Folder"), self.folder),
            (_("Tag"), self.tag),
            (_("Language"), self.language),
            (_("After sending"), self.status),
        )
        for number, (words, field) in enumerate(fields):
            row, side = divmod(number, 2)
            label = PlainLabel(words)
            label.setBuddy(field)
            grid.addWidget(label, row, 2 * side)
            grid.addWidget(field, row, 2 * side + 1)
            grid.setColumnStretch(2 * side + 1, 1)
        grid.addWidget(PlainLabel(_("Only on")), 3, 0)
        grid.addLayout(channels, 3, 1, 1, 3)
        return grid

    def _line(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.textEdited.connect(self._on_edited)
        return field

    def _choice(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setAccessibleName(name)
        box.editTextChanged.connect(self._on_edited)
        return box

    # --- languages ---

    def _list_languages(self) -> None:
        self.language.clear()
        self.language.addItem(_("Everybody else"), "")
        for code in sorted({*_LANGUAGES, *self._bodies} - {""}):
            written = bool(self._bodies.get(code, "").strip())
            self.language.addItem(f"{code} ✓" if written else code, code)

    def _on_language(self, index: int) -> None:
        self._bodies[self._language] = self.text.toPlainText()
        self._loading = True
        self._list_languages()
        self._show_language(index)
        self._loading = False
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_language(self, index: int) -> None:
        self.language.setCurrentIndex(index)
        self._language = str(self.language.itemData(index))
        self.text.setPlainText(self._bodies.get(self._language, ""))

    def _on_edited(self) -> None:
        if not self._loading:
            self._later.start()
            self.edited.emit()
