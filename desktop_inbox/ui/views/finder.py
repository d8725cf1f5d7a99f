"""A card with a field and a list: typing finds, Enter does it. UI thread only."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget
from shiboken6 import isValid

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.palette_rows import ROW, Entry, EntryRole, PaletteDelegate


def score(wanted: str, text: str) -> int:
    """Return how well folded words match a text: 0 not at all, more is better."""
    if not wanted:
        return 1
    if text.startswith(wanted):
        return 100
    words = text.split()
    if all(any(word.startswith(part) for word in words) for part in wanted.split()):
        return 60
    if wanted in text:
        return 40
    return 10 if _abbreviates(wanted.replace(" ", ""), words) else 0


def _abbreviates(letters: str, words: list[str]) -> bool:
    """Whether they are some of one word's, from its first on, or the first ones of several."""
    if letters in "".join(word[0] for word in words):
        return True
    alike = (iter(word) for word in words if word[0] == letters[0])
    return any(all(letter in word for letter in letters) for word in alike)


class Finder(Overlay):
    """What is known at once is listed at once; what lies in the store follows."""

    def __init__(self, context: AppContext, parent: QWidget, *, name: str, hint: str) -> None:
        super().__init__(context, parent, width=560, top=90)
        self._reading = False
        self._asked = ""  # the text that was looked up last
        self.field = QLineEdit()
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(name)
        self.field.setMinimumHeight(context.theme.px(46))
        self.field.setTextMargins(16, 0, 16, 0)
        self.field.installEventFilter(self)
        line = QFrame()
        line.setProperty("kind", "line")
        self.list = QListWidget()
        self.list.setItemDelegate(PaletteDelegate(context.theme, self))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(name)
        self.list.itemClicked.connect(lambda _item: self._run())
        self.card_layout.addWidget(self.field)
        self.card_layout.addWidget(line)
        self.card_layout.addSpacing(6)
        self.card_layout.addWidget(self.list)
        self.card_layout.addSpacing(6)
        self.field.textChanged.connect(self._typed)

    @abstractmethod
    def known(self, text: str) -> list[Entry]:
        """Return what can be listed at once for what is typed."""

    @abstractmethod
    async def look_up(self, text: str) -> list[Entry]:
        """Return what the store has besides."""

    def open(self) -> None:
        """Show the card, with nothing typed."""
        self.field.clear()
        self._asked = ""
        self._show(self.known(""))
        self.present()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def texts(self) -> list[str]:
        """Return what is listed."""
        return [self.list.item(row).data(EntryRole).text for row in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            return self._key_pressed(event.key())
        return super().eventFilter(watched, event)

    def _key_pressed(self, key: int) -> bool:
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            count = max(1, self.list.count())
            self.list.setCurrentRow((self.list.currentRow() + step) % count)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
            return True
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            return True
        return False

    def _typed(self, text: str) -> None:
        self._show(self.known(text))
        if text.strip() and not self._reading:
            self._context.start(self._look_up(), name="finder")

    async def _look_up(self) -> None:
        """Look up what is typed, again and again until that is what was looked up."""
        self._reading = True
        try:
            while (text := self.field.text().strip()) and text != self._asked:
                self._asked = text
                found = await self.look_up(text)
                if not isValid(self):
                    return
                if found and text == self.field.text().strip():
                    self._show([*self.known(text), *found], keep=True)
        finally:
            self._reading = False

    def _show(self, entries: Sequence[Entry], *, keep: bool = False) -> None:
        chosen = self.list.currentRow() if keep else 0
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.text)
            item.setData(EntryRole, entry)
            told = ", ".join(filter(None, (entry.text, entry.detail, entry.key)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, told)
            self.list.addItem(item)
        if entries:
            self.list.setCurrentRow(max(chosen, 0))
        shown = min(max(len(entries), 1), 10)
        self.list.setFixedHeight(self._context.theme.px(ROW) * shown)
        self._place()

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        run: Callable[[], object] = item.data(EntryRole).run
        self.dismiss()
        run()
