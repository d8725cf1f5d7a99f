"""The actions of a window: the rows of the one table, as Qt's menus and buttons want them.

UI thread only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from desktop_inbox.i18n import _
from desktop_inbox.ui.action_table import TABLE, ActionSpec


def key_text(keys: str) -> str:
    """Return a key sequence as it stands on the keys: signs on a Mac, else Ctrl, Shift, Del.

    Qt would translate the names, but a keyboard sold in Turkey says Ctrl, not Kontrol.
    """
    mac = sys.platform == "darwin"
    style = QKeySequence.SequenceFormat
    text = QKeySequence(keys).toString(style.NativeText if mac else style.PortableText)
    return text.replace("Return", "↵").replace(", ", " ")


class Actions(QObject):
    """The actions of one window. A view says what an action does with `on`.

    Each is made when it is first asked for: the first frame needs a handful of a hundred.
    """

    keys_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs = {spec.id: spec for spec in TABLE}
        self._keys = {spec.id: spec.keys for spec in TABLE}
        self._actions: dict[str, QAction] = {}
        self._states: dict[str, bool] = {}
        self._handled: set[str] = set()

    def __getitem__(self, action_id: str) -> QAction:
        action = self._actions.get(action_id)
        if action is None:
            action = self._actions[action_id] = self._build(self._specs[action_id])
        return action

    def spec(self, action_id: str) -> ActionSpec:
        return self._specs[action_id]

    def all(self) -> list[QAction]:
        """Return every action in the order of the table."""
        return [self[spec.id] for spec in TABLE]

    def on(self, action_id: str, slot: Callable[[], object]) -> None:
        """Say what an action does; until then it is disabled."""
        action = self[action_id]
        action.triggered.connect(lambda _checked=False: slot())
        self._handled.add(action_id)
        action.setEnabled(self._is_allowed(action_id))

    def set_state(self, **states: bool) -> None:
        """Tell which states hold, such as conversation=True; actions follow."""
        if any(self._states.get(name, False) is not holds for name, holds in states.items()):
            self._states.update(states)
            for action_id, action in self._actions.items():
                action.setEnabled(self._is_allowed(action_id))

    # --- keys ---

    def use_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Put other keys into force; an action that is not named has none."""
        self._keys = {spec.id: keys.get(spec.id, ()) for spec in TABLE}
        for action_id, action in self._actions.items():
            _show_keys(action, self._keys[action_id])
        self.keys_changed.emit()

    def keys(self, action_id: str) -> tuple[str, ...]:
        """Return the keys of an action that are in force."""
        return self._keys[action_id]

    def key_text(self, action_id: str) -> str:
        """Return the first key of an action as the platform writes it, '' where it has none."""
        keys = self._keys[action_id]
        return key_text(keys[0]) if keys else ""

    def _build(self, spec: ActionSpec) -> QAction:
        action = QAction(_(spec.text), self)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        # Menus show the keys; what they do is up to ui.keyboard, which knows where they count.
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        _show_keys(action, self._keys[spec.id])
        action.setEnabled(self._is_allowed(spec.id))
        return action

    def _is_allowed(self, action_id: str) -> bool:
        when = self._specs[action_id].when
        return action_id in self._handled and (not when or self._states.get(when, False))


def _show_keys(action: QAction, keys: tuple[str, ...]) -> None:
    action.setShortcuts([QKeySequence(one) for one in keys])
