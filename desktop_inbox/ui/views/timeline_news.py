"""The button over a timeline that tells of messages further down, and leads there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QScrollArea

from desktop_inbox.i18n import _, ngettext
from desktop_inbox.ui.views.controls import button

_ABOVE_END = 10


class News:
    """Says how many messages came while somebody reads further up. UI thread only."""

    def __init__(self, area: QScrollArea, *, follow: Callable[[], object]) -> None:
        self._area = area
        self._follow = follow
        self._button = button(_("New message"), kind="primary", clicked=self._pressed, parent=area)
        self._button.hide()

    def offer(self, count: int) -> None:
        """Offer to show so many new messages."""
        if not count:
            return
        self._button.setText(
            ngettext("{count} new message", "{count} new messages", count).format(count=count)
        )
        self.place()
        self._button.show()
        self._button.raise_()

    def hide(self) -> None:
        """Offer nothing: they have been seen."""
        self._button.hide()

    def place(self) -> None:
        """Stand in the middle of the view's end, whatever its size."""
        view, size = self._area.viewport(), self._button.sizeHint()
        left = (view.width() - size.width()) // 2
        top = view.height() - size.height() - _ABOVE_END
        self._button.setGeometry(left, top, size.width(), size.height())

    def _pressed(self) -> None:
        self.hide()
        self._follow()
