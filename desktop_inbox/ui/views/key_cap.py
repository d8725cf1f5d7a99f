"""Keys that are painted on the window: they follow what a person chooses. UI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop_inbox.ui.actions import Actions
from desktop_inbox.ui.views.controls import PlainLabel


def follow_key(
    actions: Actions, action_id: str, owner: QObject, show: Callable[[str], object]
) -> None:
    """Have the key of an action shown, '' where it has none, as long as `owner` lives."""

    def tell() -> None:
        show(actions.key_text(action_id))

    tell()
    link = actions.keys_changed.connect(tell)
    owner.destroyed.connect(lambda: actions.keys_changed.disconnect(link))


def with_key(words: str, key: str) -> str:
    """Return what something does with the key that does it, for a tooltip."""
    return f"{words} ({key})" if key else words


class KeyCap(PlainLabel):
    """The first key of an action as it stands on the keyboard; gone where there is none."""

    def __init__(self, actions: Actions, action_id: str) -> None:
        super().__init__(kind="keycap")
        follow_key(actions, action_id, self, self._show_key)

    @property
    def has_key(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.text())

    def _show_key(self, key: str) -> None:
        self.setText(key)
        if not key:
            self.hide()
        elif self.parent() is not None:
            self.show()
