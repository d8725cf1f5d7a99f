"""What a window or a card is besides, so that Tab goes in it as the eye does. UI thread only."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class FollowsEye:
    """Beside a class of Qt: Tab stays inside it and goes as the eye does."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Give the focus on; Qt asks this when Tab is pressed anywhere inside."""
        from desktop_inbox.ui.focus_order import step  # nobody presses Tab before the first frame

        assert isinstance(self, QWidget)
        return step(self, forward=forward) or QWidget.focusNextPrevChild(self, forward)
