"""The layout tools of a composer: its bar that folds away, its link line, the keys to them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QTextCursor

from desktop_inbox.domain.rich_text import safe_link
from desktop_inbox.settings import Settings
from desktop_inbox.ui.views import composer_paste, rich_commands
from desktop_inbox.ui.views.composer_sheet import ComposerSheet


class LayoutTools(QObject):
    """Serves one sheet."""

    def __init__(self, sheet: ComposerSheet, settings: Settings) -> None:
        super().__init__(sheet)
        self._sheet = sheet
        self._settings = settings
        self._place: QTextCursor | None = None  # what the link line is about
        editor = sheet.editor
        editor.link_wanted.connect(self.ask_for_link)
        editor.cursorPositionChanged.connect(self._show_look)
        editor.currentCharFormatChanged.connect(lambda _shape: self._show_look())
        sheet.format_bar.wanted.connect(self.run)
        sheet.formatting.clicked.connect(self._fold)
        sheet.link.taken.connect(self._take_link)
        sheet.link.closed.connect(lambda: editor.setFocus(Qt.FocusReason.OtherFocusReason))
        self.allow(allowed=True)

    def allow(self, *, allowed: bool) -> None:
        """Offer layout, or not where nothing of it arrives."""
        sheet = self._sheet
        sheet.editor.layouts = allowed
        sheet.formatting.setVisible(allowed)
        sheet.formatting.setChecked(self._settings.formatting_bar)
        sheet.format_bar.setVisible(allowed and self._settings.formatting_bar)
        if not allowed:
            sheet.link.hide()

    def run(self, command: str) -> None:
        """Do what a button, a key or the palette says."""
        editor = self._sheet.editor
        match command:
            case "link" if editor.layouts:
                self.ask_for_link()
            case "link":
                pass
            case "paste-plain":
                composer_paste.paste_plain(editor)
            case _:
                editor.command(command)
        self._show_look()

    def ask_for_link(self) -> None:
        """Ask where the selected words, or the link at the caret, shall lead."""
        place = rich_commands.whole_link(self._sheet.editor.textCursor())
        words = place.selectedText()
        url = rich_commands.link_at(place)
        self._place = place
        self._sheet.link.ask(words=words, url=url or safe_link(words))

    def _take_link(self, url: str, words: str) -> None:
        if self._place is None:
            return
        rich_commands.set_link(self._place, url, text=words)
        after = QTextCursor(self._place)
        after.setPosition(after.selectionEnd())
        self._sheet.editor.setTextCursor(after)

    def _fold(self) -> None:
        self._settings.formatting_bar = self._sheet.formatting.isChecked()
        self._sheet.format_bar.setVisible(self._settings.formatting_bar)
        self._sheet.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_look(self) -> None:
        if not self._sheet.format_bar.isHidden():
            self._sheet.format_bar.show_look(rich_commands.look(self._sheet.editor))
