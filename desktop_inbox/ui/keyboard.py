"""Turns the key presses of one window into its actions. UI thread only.

It sees a press before the widget that has the focus. A single key is a command only where nothing
is written; inside a text only what writes nothing, such as Ctrl+K, can be one, and the text's own
keys come first. While an input method composes, every key is the input method's.
"""

from __future__ import annotations

from collections import defaultdict

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from shiboken6 import isValid

from desktop_inbox.ui.action_table import CARD, COMPOSER, SCOPE, TABLE
from desktop_inbox.ui.actions import Actions
from desktop_inbox.ui.key_events import chords, is_command, parse

_WINDOW = ""
_NEXT_KEY_MS = 1500  # how long `G` waits for its second key

Chords = tuple[int, ...]


class Keyboard(QObject):
    """The keys of one window. Knows of a sequence what was pressed already."""

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._actions = actions
        self._window = window
        self._watched: QWidget | None = None
        self._pressed: Chords = ()
        self._composing = False
        self._bound: dict[str, dict[Chords, str]] = {}
        self._begun: dict[str, set[Chords]] = {}
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(_NEXT_KEY_MS)
        self._forget.timeout.connect(self._start_anew)
        actions.keys_changed.connect(self._take_keys)
        self._take_keys()
        window.installEventFilter(self)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)
        self._follow(None, QApplication.focusWidget())

    def _take_keys(self) -> None:
        self._bound, self._begun = defaultdict(dict), defaultdict(set)
        for spec in TABLE:
            for keys in map(parse, self._actions.keys(spec.id)):
                if keys:
                    self._bound[spec.scope].setdefault(keys, spec.id)
                    self._begun[spec.scope] |= {keys[:length] for length in range(1, len(keys))}
        self._start_anew()

    def _start_anew(self) -> None:
        self._pressed = ()

    # --- where the keys go ---

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Watch the widget that has the focus, and no other: a filter sees every event."""
        watched = self._watched
        if watched is not None and watched is not self._window and isValid(watched):
            watched.removeEventFilter(self)
        ours = now is not None and now.window() is self._window
        self._watched = now if ours else None
        self._composing = False
        if now is None or not ours:
            return
        if now is not self._window:
            now.installEventFilter(self)
        scope = scope_of(now)
        if scope != CARD:
            self._actions.set_state(composing=scope == COMPOSER)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if not isinstance(watched, QWidget) or self._is_for_another(watched):
                return False
            if event.type() == QEvent.Type.ShortcutOverride:
                if self._meaning(watched, event) is None:
                    return False
                event.accept()
                return True
            return event.type() == QEvent.Type.KeyPress and self._press(watched, event)
        if isinstance(event, QInputMethodEvent):
            self._composing = bool(event.preeditString())
        return False

    def _is_for_another(self, watched: QWidget) -> bool:
        """Tell whether the window sees what the widget with the focus has let through."""
        return watched is self._window and self._watched not in (None, self._window)

    # --- what they mean ---

    def _press(self, widget: QWidget, event: QKeyEvent) -> bool:
        meaning = self._meaning(widget, event)
        if meaning is None:
            if chords(event):
                self._start_anew()
            return False
        pressed, action_id = meaning
        self._pressed = () if action_id else pressed
        if not action_id:
            self._forget.start()
        elif not event.isAutoRepeat() or self._actions.spec(action_id).repeats:
            self._actions[action_id].trigger()
        return True

    def _meaning(self, widget: QWidget, event: QKeyEvent) -> tuple[Chords, str] | None:
        """Return what was pressed by now and its action, '' while more is to come."""
        if self._composing or getattr(widget, "picking", False):  # a list over the text has them
            return None
        single = [(chord,) for chord in chords(event)]
        longer = [(*self._pressed, *one) for one in single] if self._pressed else []
        for pressed in (*longer, *single):
            action_id = self._action(widget, pressed, event)
            if action_id is not None:
                return pressed, action_id
        return None

    def _action(self, widget: QWidget, pressed: Chords, event: QKeyEvent) -> str | None:
        if takes_text(widget) and not is_command(pressed[0]):
            return None
        scope = scope_of(widget)
        for place in dict.fromkeys((scope, _WINDOW)):
            action_id = self._bound[place].get(pressed)
            if action_id is not None:
                own = place == _WINDOW and is_command(pressed[0]) and _wants(widget, event)
                return None if own or not self._may_run(action_id, scope) else action_id
            if pressed in self._begun[place] and scope != CARD:
                return ""
        return None

    def _may_run(self, action_id: str, scope: str) -> bool:
        over_a_card = scope == CARD and not self._actions.spec(action_id).anywhere
        return self._actions[action_id].isEnabled() and not over_a_card


def scope_of(widget: QWidget) -> str:
    """Return the scope of the keys pressed in a widget, '' for the window's own."""
    here: QWidget | None = widget
    while here is not None:
        scope = here.property(SCOPE)
        if scope:
            return str(scope)
        here = here.parentWidget()
    return _WINDOW


def takes_text(widget: QWidget) -> bool:
    """Tell whether letters pressed in a widget are written into it, or look for something."""
    written = widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    return written or isinstance(widget, QComboBox)


def _wants(widget: QWidget, event: QKeyEvent) -> bool:
    """Ask a text whether a key is one of its own, such as Ctrl+Z."""
    question = QKeyEvent(QEvent.Type.ShortcutOverride, event.key(), event.modifiers(), event.text())
    question.ignore()
    widget.event(question)
    return question.isAccepted()
