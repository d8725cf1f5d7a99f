"""One table of actions: what can be done, in which words, by which keys, and when.

Menus, the palette, the help overlay and the keyboard all read it. UI thread only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from desktop_inbox.i18n import N_, _


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One action. Texts are marked here and translated where they are shown.

    `keys` are those of the set that a new user has; `ui.keymap` knows others. `ui.keyboard` says
    where they count.
    """

    id: str
    text: str
    group: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    when: str = ""  # name of the state it needs; '' for always
    scope: str = ""  # where its keys count: '' in the whole window, COMPOSER or MESSAGE
    in_palette: bool = True
    repeats: bool = False  # again and again while its key is held
    anywhere: bool = False  # also over a card, such as the settings


SCOPE = "keyScope"  # property of a widget: the keys of this scope count in it and in its parts
CARD = "card"  # something that lies over the window, whose keys sleep meanwhile
COMPOSER = "composer"  # while something is written
MESSAGE = "message"  # while the messages of the conversation have the focus

_GO = N_("Go to")
_LIST = N_("List")
_CONVERSATION = N_("Conversation")
_COMPOSE = N_("Writing")
_WINDOW = N_("Window")

TABLE: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="compose.new",
        text=N_("New message"),
        group=_COMPOSE,
        keys=("C",),
        icon="square-pen",
        when="account",
    ),
    ActionSpec(
        id="phone.log",
        text=N_("Write down a call or visit"),
        group=_COMPOSE,
        icon="phone",
    ),
    ActionSpec(
        id="reply",
        text=N_("Reply"),
        group=_COMPOSE,
        keys=("R",),
        icon="reply",
        when="conversation",
    ),
    ActionSpec(
        id="reply_all",
        text=N_("Reply to all"),
        group=_COMPOSE,
        keys=("Shift+R",),
        icon="reply-all",
        when="conversation",
    ),
    ActionSpec(
        id="forward",
        text=N_("Forward"),
        group=_COMPOSE,
        keys=("F",),
        icon="forward",
        when="conversation",
    ),
    ActionSpec(
        id="note",
        text=N_("Write a note"),
        group=_COMPOSE,
        keys=("N",),
        icon="lock",
        when="conversation",
    ),
    ActionSpec(
        id="send",
        text=N_("Send"),
        group=_COMPOSE,
        keys=("Ctrl+Return",),
        icon="send",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="send.close",
        text=N_("Send and close"),
        group=_COMPOSE,
        keys=("Ctrl+Alt+Return",),
        icon="circle-check",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="send.later",
        text=N_("Send later…"),
        group=_COMPOSE,
        keys=("Ctrl+Shift+Return",),
        icon="clock",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="send.snooze",
        text=N_("Send and snooze…"),
        group=_COMPOSE,
        icon="alarm-clock",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="send.remind",
        text=N_("Send, and remind me if nobody replies…"),
        group=_COMPOSE,
        icon="calendar-clock",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="attach",
        text=N_("Attach files"),
        group=_COMPOSE,
        keys=("Ctrl+Shift+A",),
        icon="paperclip",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="canned.insert",
        text=N_("Insert a canned response"),
        group=_COMPOSE,
        keys=("Ctrl+/",),
        icon="zap",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="channel.choose",
        text=N_("Answer through another channel…"),
        group=_COMPOSE,
        keys=("Ctrl+Shift+H",),
        icon="split",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="draft.discard",
        text=N_("Discard draft"),
        group=_COMPOSE,
        keys=("Ctrl+Shift+D",),
        icon="trash-2",
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.bold",
        text=N_("Bold"),
        group=_COMPOSE,
        keys=("Ctrl+B",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.italic",
        text=N_("Italic"),
        group=_COMPOSE,
        keys=("Ctrl+I",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.underline",
        text=N_("Underline"),
        group=_COMPOSE,
        keys=("Ctrl+U",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.link",
        text=N_("Insert a link"),
        group=_COMPOSE,
        keys=("Ctrl+K",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.bullets",
        text=N_("Bulleted list"),
        group=_COMPOSE,
        keys=("Ctrl+Shift+8",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.numbers",
        text=N_("Numbered list"),
        group=_COMPOSE,
        keys=("Ctrl+Shift+7",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.quote",
        text=N_("Quote"),
        group=_COMPOSE,
        keys=("Ctrl+Shift+9",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.deeper",
        text=N_("Further in"),
        group=_COMPOSE,
        keys=("Ctrl+]",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="format.shallower",
        text=N_("Further out"),
        group=_COMPOSE,
        keys=("Ctrl+[",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="paste.plain",
        text=N_("Paste without layout"),
        group=_COMPOSE,
        keys=("Ctrl+Shift+V",),
        when="composing",
        scope=COMPOSER,
    ),
    ActionSpec(
        id="conversation.close",
        text=N_("Close"),
        group=_CONVERSATION,
        keys=("E",),
        icon="circle-check",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.reopen",
        text=N_("Reopen"),
        group=_CONVERSATION,
        keys=("Shift+E",),
        icon="rotate-ccw",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.close_next",
        text=N_("Close and show the next"),
        group=_CONVERSATION,
        keys=("]",),
        icon="circle-check",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.close_previous",
        text=N_("Close and show the previous"),
        group=_CONVERSATION,
        keys=("[",),
        icon="circle-check",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.snooze",
        text=N_("Snooze"),
        group=_CONVERSATION,
        keys=("H",),
        icon="alarm-clock",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.snooze_again",
        text=N_("Snooze as before"),
        group=_CONVERSATION,
        keys=("Shift+H",),
        icon="rotate-ccw",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.follow_up",
        text=N_("Remind me if nobody replies"),
        group=_CONVERSATION,
        keys=("W",),
        icon="calendar-clock",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.star",
        text=N_("Star"),
        group=_CONVERSATION,
        keys=("S",),
        icon="star",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.automated",
        text=N_("Written by a machine, or by a person"),
        group=_CONVERSATION,
        icon="zap",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.assign",
        text=N_("Assign to me"),
        group=_CONVERSATION,
        keys=("A",),
        icon="user-check",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.unassign",
        text=N_("Unassign"),
        group=_CONVERSATION,
        keys=("Shift+A",),
        icon="user-x",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.tag",
        text=N_("Tag"),
        group=_CONVERSATION,
        keys=("L",),
        icon="tag",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.move",
        text=N_("Move"),
        group=_CONVERSATION,
        keys=("V",),
        icon="inbox",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.read",
        text=N_("Mark read"),
        group=_CONVERSATION,
        keys=("Shift+I",),
        icon="mail-open",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.unread",
        text=N_("Mark unread"),
        group=_CONVERSATION,
        keys=("Shift+U",),
        icon="mail",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.spam",
        text=N_("Spam"),
        group=_CONVERSATION,
        keys=("!",),
        icon="ban",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.trash",
        text=N_("Throw away"),
        group=_CONVERSATION,
        keys=("#", "Del"),
        icon="trash-2",
        when="conversation",
    ),
    ActionSpec(
        id="undo",
        text=N_("Undo"),
        group=_CONVERSATION,
        keys=("Ctrl+Z",),
        icon="undo-2",
        when="undo",
    ),
    ActionSpec(
        id="message.next",
        text=N_("Next message"),
        group=_CONVERSATION,
        keys=("N",),
        when="conversation",
        scope=MESSAGE,
        in_palette=False,
        repeats=True,
    ),
    ActionSpec(
        id="message.previous",
        text=N_("Previous message"),
        group=_CONVERSATION,
        keys=("P",),
        when="conversation",
        scope=MESSAGE,
        in_palette=False,
        repeats=True,
    ),
    ActionSpec(
        id="thread.expand",
        text=N_("Expand all messages"),
        group=_CONVERSATION,
        keys=(";",),
        when="conversation",
    ),
    ActionSpec(
        id="thread.collapse",
        text=N_("Collapse all messages"),
        group=_CONVERSATION,
        keys=(":",),
        when="conversation",
    ),
    ActionSpec(
        id="thread.find",
        text=N_("Find in this conversation"),
        group=_CONVERSATION,
        keys=("Ctrl+F",),
        icon="search",
        when="conversation",
    ),
    ActionSpec(
        id="message.source",
        text=N_("View source"),
        group=_CONVERSATION,
        keys=("Ctrl+U",),
        icon="file-text",
        when="conversation",
    ),
    ActionSpec(
        id="message.react",
        text=N_("React"),
        group=_CONVERSATION,
        icon="smile",
        when="may_react",
    ),
    ActionSpec(
        id="message.edit",
        text=N_("Edit message"),
        group=_CONVERSATION,
        icon="pencil",
        when="may_edit",
    ),
    ActionSpec(
        id="message.withdraw",
        text=N_("Take message back"),
        group=_CONVERSATION,
        icon="undo-2",
        when="may_withdraw",
    ),
    ActionSpec(
        id="conversation.rename",
        text=N_("Change the subject"),
        group=_CONVERSATION,
        keys=("F2",),
        icon="pencil",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.merge",
        text=N_("Merge with another conversation"),
        group=_CONVERSATION,
        icon="merge",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.split",
        text=N_("Split from this message on"),
        group=_CONVERSATION,
        icon="split",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.copy",
        text=N_("Copy the conversation's number"),
        group=_CONVERSATION,
        icon="link",
        when="conversation",
    ),
    ActionSpec(
        id="conversation.print",
        text=N_("Print"),
        group=_CONVERSATION,
        keys=("Ctrl+P",),
        icon="printer",
        when="conversation",
    ),
    ActionSpec(
        id="list.next", text=N_("Next conversation"), group=_LIST, keys=("J",), repeats=True
    ),
    ActionSpec(
        id="list.previous", text=N_("Previous conversation"), group=_LIST, keys=("K",), repeats=True
    ),
    ActionSpec(id="list.open", text=N_("Open conversation"), group=_LIST, keys=("O",)),
    ActionSpec(id="list.back", text=N_("Back to the list"), group=_LIST, keys=("U",)),
    ActionSpec(id="list.select", text=N_("Select conversation"), group=_LIST, keys=("X",)),
    ActionSpec(id="list.select_all", text=N_("Select all"), group=_LIST, keys=("*, A",)),
    ActionSpec(id="list.select_none", text=N_("Select none"), group=_LIST, keys=("*, N",)),
    ActionSpec(id="list.select_read", text=N_("Select read"), group=_LIST, keys=("*, R",)),
    ActionSpec(id="list.select_unread", text=N_("Select unread"), group=_LIST, keys=("*, U",)),
    ActionSpec(id="go.inbox", text=N_("Inbox"), group=_GO, keys=("G, I",), icon="inbox"),
    ActionSpec(id="go.mine", text=N_("Mine"), group=_GO, keys=("G, M",), icon="user-check"),
    ActionSpec(id="go.unassigned", text=N_("Unassigned"), group=_GO, keys=("G, U",), icon="user-x"),
    ActionSpec(id="go.due", text=N_("Due soon"), group=_GO, keys=("G, L",), icon="clock"),
    ActionSpec(id="go.snoozed", text=N_("Snoozed"), group=_GO, keys=("G, S",), icon="alarm-clock"),
    ActionSpec(id="go.drafts", text=N_("Drafts"), group=_GO, keys=("G, D",), icon="file-pen-line"),
    ActionSpec(id="go.outbox", text=N_("Outbox"), group=_GO, keys=("G, O",), icon="send"),
    ActionSpec(id="go.closed", text=N_("Closed"), group=_GO, keys=("G, C",), icon="circle-check"),
    ActionSpec(id="go.spam", text=N_("Spam"), group=_GO, keys=("G, P",), icon="ban"),
    ActionSpec(id="go.trash", text=N_("Trash"), group=_GO, keys=("G, T",), icon="trash-2"),
    ActionSpec(id="view.new", text=N_("New view"), group=_GO, icon="funnel"),
    ActionSpec(id="go.activity", text=N_("Activity"), group=_GO, icon="history"),
    ActionSpec(id="go.customers", text=N_("Customers"), group=_GO, icon="user"),
    ActionSpec(id="search", text=N_("Search"), group=_GO, keys=("/",), icon="search"),
    ActionSpec(
        id="palette",
        text=N_("Commands"),
        group=_WINDOW,
        keys=("Ctrl+K", "Ctrl+Shift+P"),
        icon="command",
        in_palette=False,
        anywhere=True,
    ),
    ActionSpec(
        id="help", text=N_("Keyboard shortcuts"), group=_WINDOW, keys=("?",), icon="keyboard"
    ),
    ActionSpec(
        id="guide",
        text=N_("Help"),
        group=_WINDOW,
        keys=("F1",),
        icon="circle-help",
        anywhere=True,
    ),
    ActionSpec(id="tips", text=N_("Tour in five tips"), group=_WINDOW, icon="sparkles"),
    ActionSpec(id="news", text=N_("What is new"), group=_WINDOW, icon="star"),
    ActionSpec(id="updates", text=N_("Look for new versions…"), group=_WINDOW, icon="download"),
    ActionSpec(id="report", text=N_("Report for support…"), group=_WINDOW, icon="file-text"),
    ActionSpec(id="pane.next", text=N_("Next pane"), group=_WINDOW, keys=("F6",)),
    ActionSpec(id="pane.previous", text=N_("Previous pane"), group=_WINDOW, keys=("Shift+F6",)),
    ActionSpec(
        id="fold.navigation",
        text=N_("Show or hide the navigation"),
        group=_WINDOW,
        keys=("Ctrl+1",),
        icon="panel-left",
    ),
    ActionSpec(
        id="fold.list",
        text=N_("Show or hide the list"),
        icon="menu",
        group=_WINDOW,
        keys=("Ctrl+2",),
    ),
    ActionSpec(
        id="fold.sidebar",
        text=N_("Show or hide the customer"),
        group=_WINDOW,
        keys=("Ctrl+3",),
        icon="panel-right",
    ),
    ActionSpec(id="account.add", text=N_("Add a channel"), group=_WINDOW, icon="plus"),
    ActionSpec(id="backup", text=N_("Back up…"), group=_WINDOW, icon="save"),
    ActionSpec(id="restore", text=N_("Restore a backup…"), group=_WINDOW),
    ActionSpec(id="export", text=N_("Export everything…"), group=_WINDOW),
    ActionSpec(id="import", text=N_("Import mail…"), group=_WINDOW),
    ActionSpec(
        id="sync",
        text=N_("Synchronise now"),
        group=_WINDOW,
        keys=("F5",),
        icon="refresh-cw",
        when="account",
    ),
    ActionSpec(id="tags.manage", text=N_("Tags…"), group=_WINDOW, icon="tag"),
    ActionSpec(id="canned.manage", text=N_("Canned responses…"), group=_WINDOW, icon="zap"),
    ActionSpec(
        id="settings", text=N_("Settings"), group=_WINDOW, keys=("Ctrl+,",), icon="settings"
    ),
    ActionSpec(
        id="quit", text=N_("Quit"), group=_WINDOW, keys=("Ctrl+Q",), icon="power", anywhere=True
    ),
)


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
