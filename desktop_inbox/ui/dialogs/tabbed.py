"""A card over the window with pages that are chosen on its left. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.icons import BESIDE_WORDS
from desktop_inbox.ui.views.controls import ElidedLabel, icon_button
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.roomy import TallArea

_WIDTH = 800
_PAGE_HEIGHT = 420
_TABS_WIDTH = 196


class TabbedCard(Overlay):
    """A title, pages, and room for a foot below them."""

    def __init__(self, context: AppContext, parent: QWidget, *, title: str) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self._pages = QStackedWidget()
        self._group = QButtonGroup(self)
        self._tabs = QVBoxLayout()
        self._tabs.setContentsMargins(0, 0, 0, 0)
        self._tabs.setSpacing(2)
        self._above = QVBoxLayout()
        self._above.setContentsMargins(0, 0, 0, 0)
        self._above.setSpacing(6)
        self._assemble(title)

    def add_page(self, words: str, icon: str, page: QWidget) -> None:
        """Put a page behind those that are there; it scrolls where it is long."""
        number = self._pages.count()
        tab = QPushButton(words)
        tab.setProperty("kind", "tab")
        tab.setCheckable(True)
        tab.setIcon(self._context.icon(icon, colour="text"))
        tab.setIconSize(BESIDE_WORDS)
        tab.setChecked(number == 0)
        self._group.addButton(tab, number)
        tab.clicked.connect(lambda _checked=False: self._pages.setCurrentIndex(number))
        self._tabs.insertWidget(number, tab)
        area = TallArea(self._context.theme.px(_PAGE_HEIGHT), page)
        area.setAccessibleName(words)
        self._pages.addWidget(area)

    @property
    def shown_page(self) -> int:
        """Which page is shown."""
        return self._pages.currentIndex()

    def put_above_tabs(self, widget: QWidget) -> None:
        """Put something over what chooses the pages."""
        self._above.addWidget(widget)

    def show_tab(self, number: int, *, shown: bool) -> None:
        """Offer a page, or do not for now."""
        self._group.button(number).setVisible(shown)

    def open_page(self, number: int) -> None:
        """Show a page."""
        self._group.button(number).setChecked(True)
        self._pages.setCurrentIndex(number)

    def show_card(self) -> None:
        """Show the card with the focus on what chooses its pages."""
        self.card.ensurePolished()
        # Fewer tabs, while somebody searches, must not make the card jump about.
        self._side.setMinimumHeight(self._side.sizeHint().height())
        self.present()
        self._group.button(0).setFocus(Qt.FocusReason.PopupFocusReason)

    def _assemble(self, title: str) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 12)
        head.addWidget(ElidedLabel(title, kind="title"), 1)
        head.addWidget(icon_button(self._context.theme, "x", _("Close"), clicked=self.dismiss))
        self._side = QWidget()
        self._side.setFixedWidth(self._context.theme.px(_TABS_WIDTH))
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._above)
        column.addLayout(self._tabs)
        column.addStretch(1)
        body = QHBoxLayout()
        body.setContentsMargins(12, 12, 0, 12)
        body.setSpacing(12)
        body.addWidget(self._side)
        body.addWidget(self._pages, 1)
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(body, 1)


def rule() -> QFrame:
    """A thin line between parts of a card."""
    line = QFrame()
    line.setProperty("kind", "line")
    return line
