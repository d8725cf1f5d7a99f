"""Which panes the window shows, how wide they are, and what of that stays after a restart.

The panes stand side by side: navigation, list, thread, sidebar. As the window narrows the sidebar
goes first, then the list beside an open conversation, then the navigation. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QSplitter, QVBoxLayout, QWidget

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.tokens import SIZES

# Below these widths a pane folds away, in the order above.
NARROW = 1200
NARROWER = 900
NARROWEST = 640

_LIMITS = {"navigation": NARROWEST, "list": 0, "sidebar": NARROW}  # the thread never folds
_BY_KEY = Qt.FocusReason.ShortcutFocusReason


class Arrangement:
    """The panes of one window. Until they are filled, thread and sidebar are empty frames."""

    def __init__(self, context: AppContext, navigation: QWidget, listed: QWidget) -> None:
        self._context = context
        self.reading = False  # where one pane fits: the thread, not the list
        self._folded: set[str] = set()  # by hand
        self._forced: set[str] = set()  # shown by hand although the window is narrow
        self.outer = _splitter()
        self.inner = _splitter()
        self.panes: dict[str, QWidget] = {
            "navigation": navigation,
            "list": listed,
            "thread": QFrame(),
            "sidebar": _panel(),
        }
        for name in ("list", "thread", "sidebar"):
            self.inner.addWidget(self.panes[name])
        self.inner.setStretchFactor(1, 1)

    def surround(self, right: QWidget) -> None:
        """Put the navigation beside `right`, which holds the other panes."""
        self.outer.addWidget(self.panes["navigation"])
        self.outer.addWidget(right)
        self.outer.setStretchFactor(1, 1)

    def fill(self, name: str, pane: QWidget) -> None:
        """Put a pane into its empty frame."""
        frame = self.panes[name]
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(pane)
        frame.setFocusProxy(pane)

    def show(self, width: int) -> None:
        """Show as many panes as fit into a window of this width."""
        one_pane = width < NARROWER
        listed = "list" not in self._folded and not (one_pane and self.reading)
        self.panes["navigation"].setVisible(self.fits("navigation", width))
        self.panes["list"].setVisible(listed)
        self.panes["thread"].setVisible(not (one_pane and listed))
        self.panes["sidebar"].setVisible(self.fits("sidebar", width) and not (one_pane and listed))

    def fits(self, name: str, width: int) -> bool:
        """Tell whether a pane is wanted in a window of this width."""
        return name in self._forced or (name not in self._folded and width >= _LIMITS[name])

    def toggle(self, name: str, width: int) -> None:
        """Fold a pane away by hand, or bring it back."""
        if self.panes[name].isVisible():
            self._forced.discard(name)
            if width >= _LIMITS[name]:
                self._folded.add(name)
            return
        self._folded.discard(name)
        if name == "list":
            self.reading = False
        if width < _LIMITS[name]:
            self._forced.add(name)

    def unfold(self, name: str) -> None:
        """Show a pane even if it was folded away."""
        self._folded.discard(name)

    def force(self, name: str) -> None:
        """Show a pane although the window is too narrow for it, until `release`."""
        self._forced.add(name)

    def release(self, name: str) -> None:
        """Let a pane that was forced fold away again."""
        self._forced.discard(name)

    def resized(self, before: int, now: int) -> None:
        """Forget what was forced once another set of panes fits."""
        if any((before < limit) != (now < limit) for limit in (NARROW, NARROWER, NARROWEST)):
            self._forced.clear()

    def cycle(self, step: int, *, takes_focus: dict[str, Callable[[], None]]) -> None:
        """Move the focus to the next pane, or with a step of -1 to the one before."""
        shown = [name for name, pane in self.panes.items() if pane.isVisible()]
        holding = (place for place, name in enumerate(shown) if self._holds_focus(name))
        here = next(holding, -1 if step > 0 else 0)
        for further in range(1, len(shown) + 1):
            name = shown[(here + step * further) % len(shown)]
            if name in takes_focus:
                takes_focus[name]()
            else:
                self.panes[name].setFocus(_BY_KEY)
            if self._holds_focus(name):  # an empty pane has nothing to focus: go past it
                return

    def _holds_focus(self, name: str) -> bool:
        focus = QApplication.focusWidget()
        pane = self.panes[name]
        return focus is not None and (pane is focus or pane.isAncestorOf(focus))

    # --- remembering ---

    def kept(self, width: int) -> dict[str, object]:
        """Return what stays; a pane that is folded away is not named and keeps what it had."""
        kept: dict[str, object] = {"folded": sorted(self._folded)}
        if width >= NARROW:
            shown = (name for name in _LIMITS if self.panes[name].isVisible())
            kept |= {name: self.panes[name].width() for name in shown}
        return kept

    def restore(self, kept: dict[str, object], width: int) -> None:
        """Take over what an earlier window kept."""
        folded = kept.get("folded")
        if isinstance(folded, list):
            self._folded = {name for name in folded if name in _LIMITS}

        def width_of(name: str, default: int) -> int:
            value = kept.get(name)
            known = isinstance(value, int) and 100 < value < 900
            return value if known else self._context.theme.px(default)  # type: ignore[return-value]

        navigation = width_of("navigation", SIZES.navigation)
        wide = max(width - navigation, 600)
        listed, sidebar = width_of("list", SIZES.list), width_of("sidebar", SIZES.sidebar)
        self.outer.setSizes([navigation, wide])
        self.inner.setSizes([listed, max(wide - listed - sidebar, 200), sidebar])


def _splitter() -> QSplitter:
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    return splitter


def _panel() -> QFrame:
    frame = QFrame()
    frame.setProperty("kind", "panel")
    return frame
