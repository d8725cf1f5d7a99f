"""The guide in a window of its own: contents and search on the left, a page on the right.

It stays open beside the program, so that one can read and do. UI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox import i18n
from desktop_inbox.i18n import _
from desktop_inbox.services.guide import INDEX, Guide
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.forward import come_forward
from desktop_inbox.ui.views.controls import PlainLabel, icon_button
from desktop_inbox.ui.views.page_text import PageText

_SIZE = (940, 660)
_SIDE = 250
_TARGET = Qt.ItemDataRole.UserRole


class HelpWindow(QWidget):
    """Shows the guide in the language of the window. Hidden when it is closed, not gone."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._context = context
        self._guide = Guide(i18n.language())
        self._been: list[str] = []  # targets, the shown one last
        self._ahead: list[str] = []
        self.setWindowTitle(_("Help") + " – Desktop Inbox")
        self.resize(context.theme.px(_SIZE[0]), context.theme.px(_SIZE[1]))
        self._build()
        self._list_pages()
        for keys, slot in (
            (QKeySequence.StandardKey.Back, self.go_back),
            (QKeySequence.StandardKey.Forward, self.go_forward),
            (QKeySequence.StandardKey.Find, self._seek_focus),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _build(self) -> None:
        context = self._context
        self.text = PageText(context.theme)
        self.text.setAccessibleName(_("Page"))
        self.text.link_followed.connect(self.show_page)
        page = QFrame()
        page.setProperty("kind", "panel")
        right = QVBoxLayout(page)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(self._build_head())
        right.addWidget(self.text, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._build_contents())
        row.addWidget(page, 1)

    def _build_contents(self) -> QFrame:
        context = self._context
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search the guide"))
        self.search.setAccessibleName(_("Search the guide"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(context.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._seek)
        self.search.returnPressed.connect(self._open_first)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Contents"))
        self.list.setWordWrap(True)
        self.list.setSpacing(1)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setProperty("kind", "contents")
        self.list.currentItemChanged.connect(self._choose)
        self._nothing = PlainLabel(kind="muted", wrap=True)
        self._nothing.setContentsMargins(8, 4, 8, 4)
        self._nothing.hide()
        side = QFrame()
        side.setProperty("kind", "nav")
        side.setFixedWidth(context.theme.px(_SIDE))
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.list, 1)
        return side

    def _build_head(self) -> QHBoxLayout:
        theme = self._context.theme
        self._back = icon_button(theme, "arrow-left", _("Back"), clicked=self.go_back)
        self._forward = icon_button(theme, "arrow-right", _("Forward"), clicked=self.go_forward)
        home = icon_button(theme, "book-open", _("Contents"), clicked=self._go_home)
        head = QHBoxLayout()
        head.setContentsMargins(20, 10, 14, 0)
        head.setSpacing(2)
        for one in (self._back, self._forward, home):
            head.addWidget(one)
        head.addStretch(1)
        return head

    # --- going about ---

    @property
    def shown(self) -> str:
        """The target that is shown, such as "start.md" or "start.md#older-mail"."""
        return self._been[-1] if self._been else ""

    def open(self, page: str = INDEX) -> None:
        """Come to the front with a page."""
        self.search.clear()
        self.show_page(f"{page}.md")
        if self.isVisible():  # perhaps behind others; one that is shown anew is in front
            come_forward(self)
        self.show()
        self.activateWindow()
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_page(self, target: str) -> None:
        """Go to a page, or to a section of one, as a link names it."""
        if target.startswith("#"):  # within the page
            target = self.shown.partition("#")[0] + target
        if target != self.shown:
            self._been.append(target)
            self._ahead.clear()
        self._draw()

    def go_back(self) -> None:
        if len(self._been) > 1:
            self._ahead.append(self._been.pop())
            self._draw()

    def go_forward(self) -> None:
        if self._ahead:
            self._been.append(self._ahead.pop())
            self._draw()

    def _go_home(self) -> None:
        self.show_page(f"{INDEX}.md")

    def _draw(self) -> None:
        name, _hash, section = self.shown.partition("#")
        page = self._guide.page(name.removesuffix(".md"))
        self.text.show_html(page.html, section=section)
        if not section:
            self.text.verticalScrollBar().setValue(0)
        self._back.setEnabled(len(self._been) > 1)
        self._forward.setEnabled(bool(self._ahead))
        self._mark(name)

    def _mark(self, name: str) -> None:
        """Have the contents show where one is."""
        if self.search.text():
            return
        self.list.blockSignals(True)
        found = [i for i in range(self.list.count()) if self.list.item(i).data(_TARGET) == name]
        self.list.setCurrentRow(found[0] if found else -1)
        self.list.blockSignals(False)

    # --- contents and search ---

    def listed(self) -> list[str]:
        """Return where the lines on the left lead."""
        return [str(self.list.item(row).data(_TARGET)) for row in range(self.list.count())]

    def _list_pages(self) -> None:
        self._fill([(page.title, f"{page.name}.md") for page in self._guide.contents()])
        self._mark(self.shown.partition("#")[0])

    def _fill(self, lines: list[tuple[str, str]]) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for words, target in lines:
            item = QListWidgetItem(words)
            item.setData(_TARGET, target)
            self.list.addItem(item)
        self.list.blockSignals(False)

    def _seek(self, text: str) -> None:
        hits = self._guide.search(text)
        if not text.strip():
            self._list_pages()
        else:
            self._fill([(_hit_words(hit.title, hit.section), hit.target) for hit in hits])
        nothing = bool(text.strip()) and not hits
        words = _("Nothing found for “{text}”.").format(text=text.strip())
        self._nothing.setText(words if nothing else "")
        self._nothing.setVisible(nothing)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_page(str(item.data(_TARGET)))

    def _open_first(self) -> None:
        if self.list.count():
            self.list.setCurrentRow(0)
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _seek_focus(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def _hit_words(title: str, section: str) -> str:
    return title if section == title else f"{section} · {title}"
