"""The tools for the layout of a text: its bar, its link line, and in a composer the bar's fold."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QToolButton

from desktop_inbox.domain.rich_text import safe_link
from desktop_inbox.settings import Settings
from desktop_inbox.ui.views import rich_commands
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.format_bar import FormatBar
from desktop_inbox.ui.views.link_bar import LinkBar


class LayoutTools(QObject):
    """Serves one editor."""

    def __init__(self, editor: ComposerEditor, *, bar: FormatBar, link: LinkBar) -> None:
        super().__init__(editor)
        self._editor = editor
        self._bar = bar
        self._link = link
        self._place: QTextCursor | None = None  # what the link line is about
        editor.link_wanted.connect(self._ask_for_link)
        editor.cursorPositionChanged.connect(self._show_look)
        editor.currentCharFormatChanged.connect(lambda _shape: self._show_look())
        bar.wanted.connect(editor.obey)
        link.taken.connect(self._take_link)
        link.closed.connect(lambda: editor.setFocus(Qt.FocusReason.OtherFocusReason))

    def allow(self, *, allowed: bool) -> None:
        """Offer layout, or not where nothing of it arrives."""
        self._editor.layouts = allowed
        self._bar.setVisible(allowed and self._unfolded())
        if not allowed:
            self._link.hide()

    def _unfolded(self) -> bool:
        """Whether the bar is to be seen where there is layout at all."""
        return True

    def _ask_for_link(self) -> None:
        """Ask where the selected words, or the link at the caret, shall lead."""
        place = rich_commands.whole_link(self._editor.textCursor())
        words, url = place.selectedText(), rich_commands.link_at(place)
        self._place = place
        self._link.ask(words=words, url=url or safe_link(words))

    def _take_link(self, url: str, words: str) -> None:
        if self._place is None:
            return
        rich_commands.set_link(self._place, url, text=words)
        after = QTextCursor(self._place)
        after.setPosition(after.selectionEnd())
        self._editor.setTextCursor(after)

    def _show_look(self) -> None:
        if not self._bar.isHidden():
            self._bar.show_look(rich_commands.look(self._editor))


class FoldingTools(LayoutTools):
    """The same with a button that folds the bar away; how it stands is kept."""

    def __init__(
        self,
        editor: ComposerEditor,
        *,
        bar: FormatBar,
        link: LinkBar,
        fold: QToolButton,
        settings: Settings,
    ) -> None:
        super().__init__(editor, bar=bar, link=link)
        self._fold = fold
        self._settings = settings
        fold.setCheckable(True)
        fold.clicked.connect(self._toggle)

    def allow(self, *, allowed: bool) -> None:
        super().allow(allowed=allowed)
        self._fold.setVisible(allowed)
        self._fold.setChecked(self._unfolded())

    def _unfolded(self) -> bool:
        return self._settings.formatting_bar

    def _toggle(self) -> None:
        self._settings.formatting_bar = self._fold.isChecked()
        self._bar.setVisible(self._settings.formatting_bar)
        self._show_look()
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)
