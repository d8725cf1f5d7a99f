"""The one table of what can be done: in which words, by which keys, and when.

Menus, toolbar, palette, shortcuts and the help overlay all read it (see `ui.actions`).
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from desktop_inbox.i18n import N_


class ActionSpec(NamedTuple):
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
    checkable: bool = False  # it stands or does not, and menus tick it
    also: str = ""  # what other programs call it; the palette finds it by these words too


SCOPE = "keyScope"  # property of a widget: the keys of this scope count in it and in its parts
CARD = "card"  # something that lies over the window, whose keys sleep meanwhile
COMPOSER = "composer"  # while something is written
MESSAGE = "message"  # while the messages of the conversation have the focus

_begin = partial(ActionSpec, group=N_("Writing"))
_write = partial(_begin, when="composing", scope=COMPOSER)
_talk = partial(ActionSpec, group=N_("Conversation"), when="conversation")
_priority = partial(_talk, also=N_("priority"))
_message = partial(ActionSpec, group=N_("Conversation"))  # with the current message
_list = partial(ActionSpec, group=N_("List"))
_go = partial(ActionSpec, group=N_("Go to"))
_window = partial(ActionSpec, group=N_("Window"))

_WRITING_ACTIONS = (
    _begin(
        id="compose.new", text=N_("New message"), keys=("C",), icon="square-pen", when="account"
    ),
    _begin(id="phone.log", text=N_("Write down a call or visit"), icon="phone"),
    _begin(id="reply", text=N_("Reply"), keys=("R",), icon="reply", when="conversation"),
    _begin(
        id="reply_all",
        text=N_("Reply to all"),
        keys=("Shift+R",),
        icon="reply-all",
        when="conversation",
    ),
    _begin(id="forward", text=N_("Forward"), keys=("F",), icon="forward", when="conversation"),
    _begin(id="note", text=N_("Write a note"), keys=("N",), icon="lock", when="conversation"),
    _write(id="send", text=N_("Send"), keys=("Ctrl+Return",), icon="send"),
    _write(
        id="send.close", text=N_("Send and close"), keys=("Ctrl+Alt+Return",), icon="circle-check"
    ),
    _write(id="send.later", text=N_("Send later…"), keys=("Ctrl+Shift+Return",), icon="clock"),
    _write(id="send.snooze", text=N_("Send and snooze…"), icon="alarm-clock"),
    _write(
        id="send.remind", text=N_("Send, and remind me if nobody replies…"), icon="calendar-clock"
    ),
    _write(id="attach", text=N_("Attach files"), keys=("Ctrl+Shift+A",), icon="paperclip"),
    _write(id="canned.insert", text=N_("Insert a canned response"), keys=("Ctrl+/",), icon="zap"),
    _write(
        id="channel.choose",
        text=N_("Answer through another channel…"),
        keys=("Ctrl+Shift+H",),
        icon="split",
    ),
    _write(id="draft.discard", text=N_("Discard draft"), keys=("Ctrl+Shift+D",), icon="trash-2"),
    _write(id="format.bold", text=N_("Bold"), keys=("Ctrl+B",)),
    _write(id="format.italic", text=N_("Italic"), keys=("Ctrl+I",)),
    _write(id="format.underline", text=N_("Underline"), keys=("Ctrl+U",)),
    _write(id="format.link", text=N_("Insert a link"), keys=("Ctrl+K",)),
    _write(id="format.bullets", text=N_("Bulleted list"), keys=("Ctrl+Shift+8",)),
    _write(id="format.numbers", text=N_("Numbered list"), keys=("Ctrl+Shift+7",)),
    _write(id="format.quote", text=N_("Quote"), keys=("Ctrl+Shift+9",)),
    _write(id="format.deeper", text=N_("Further in"), keys=("Ctrl+]",)),
    _write(id="format.shallower", text=N_("Further out"), keys=("Ctrl+[",)),
    _write(id="paste.plain", text=N_("Paste without layout"), keys=("Ctrl+Shift+V",)),
)

_CONVERSATION_ACTIONS = (
    _talk(
        id="conversation.close",
        text=N_("Close"),
        keys=("E",),
        icon="circle-check",
        also=N_("archive resolve done"),
    ),
    _talk(id="conversation.reopen", text=N_("Reopen"), keys=("Shift+E",), icon="rotate-ccw"),
    _talk(
        id="conversation.close_next",
        text=N_("Close and show the next"),
        keys=("]",),
        icon="circle-check",
    ),
    _talk(
        id="conversation.close_previous",
        text=N_("Close and show the previous"),
        keys=("[",),
        icon="circle-check",
    ),
    _talk(id="conversation.snooze", text=N_("Snooze"), keys=("H",), icon="alarm-clock"),
    _talk(
        id="conversation.snooze_again",
        text=N_("Snooze as before"),
        keys=("Shift+H",),
        icon="rotate-ccw",
    ),
    _talk(
        id="conversation.follow_up",
        text=N_("Remind me if nobody replies"),
        keys=("W",),
        icon="calendar-clock",
    ),
    _talk(id="conversation.star", text=N_("Star"), keys=("S",), icon="star"),
    _talk(id="conversation.automated", text=N_("Written by a machine, or by a person"), icon="zap"),
    _talk(id="conversation.assign", text=N_("Assign to me"), keys=("A",), icon="user-check"),
    _talk(id="conversation.unassign", text=N_("Unassign"), keys=("Shift+A",), icon="user-x"),
    _talk(id="conversation.tag", text=N_("Tag"), keys=("L",), icon="tag", also=N_("label")),
    _talk(id="conversation.move", text=N_("Move"), keys=("V",), icon="inbox"),
    _talk(id="conversation.read", text=N_("Mark read"), keys=("Shift+I",), icon="mail-open"),
    _talk(id="conversation.unread", text=N_("Mark unread"), keys=("Shift+U",), icon="mail"),
    _talk(id="conversation.spam", text=N_("Spam"), keys=("!",), icon="ban"),
    _talk(
        id="conversation.trash",
        text=N_("Throw away"),
        keys=("#", "Del"),
        icon="trash-2",
        also=N_("delete remove"),
    ),
    _priority(id="priority.urgent", text=N_("Urgent")),
    _priority(id="priority.high", text=N_("High priority")),
    _priority(id="priority.normal", text=N_("Normal priority")),
    _priority(id="priority.low", text=N_("Low priority")),
    _talk(id="undo", text=N_("Undo"), keys=("Ctrl+Z",), icon="undo-2", when="undo"),
    _talk(
        id="message.next",
        text=N_("Next message"),
        keys=("N",),
        scope=MESSAGE,
        in_palette=False,
        repeats=True,
    ),
    _talk(
        id="message.previous",
        text=N_("Previous message"),
        keys=("P",),
        scope=MESSAGE,
        in_palette=False,
        repeats=True,
    ),
    _talk(id="thread.expand", text=N_("Expand all messages"), keys=(";",)),
    _talk(id="thread.collapse", text=N_("Collapse all messages"), keys=(":",)),
    _talk(id="thread.find", text=N_("Find in this conversation"), keys=("Ctrl+F",), icon="search"),
    _message(id="message.react", text=N_("React"), icon="smile", when="may_react"),
    _message(id="message.edit", text=N_("Edit message"), icon="pencil", when="may_edit"),
    _message(
        id="message.withdraw", text=N_("Take message back"), icon="undo-2", when="may_withdraw"
    ),
    _message(
        id="message.history", text=N_("Show what it said before"), icon="history", when="was_edited"
    ),
    _message(
        id="message.copy",
        text=N_("Copy message text"),
        keys=("Ctrl+Shift+C",),
        icon="copy",
        when="message",
        scope=MESSAGE,
    ),
    _message(id="message.print", text=N_("Print message"), icon="printer", when="message"),
    _message(
        id="conversation.split",
        text=N_("Split from this message on"),
        icon="split",
        when="not_the_first",
    ),
    _message(
        id="message.original", text=N_("Show original"), icon="external-link", when="has_layout"
    ),
    _message(id="message.paper", text=N_("Light background"), when="may_be_light", checkable=True),
    _message(
        id="message.ask_pictures",
        text=N_("Ask before showing this sender's pictures"),
        when="shows_pictures",
    ),
    _message(
        id="message.source",
        text=N_("View source"),
        keys=("Ctrl+U",),
        icon="file-text",
        when="has_source",
    ),
    _message(
        id="message.save",
        text=N_("Save as .eml…"),
        keys=("Ctrl+S",),
        icon="save",
        when="is_mail",
        scope=MESSAGE,
    ),
    _message(id="file.open", text=N_("Open file"), icon="file", when="file"),
    _message(id="file.save", text=N_("Save file as…"), icon="download", when="file"),
    _message(id="file.save_all", text=N_("Save all files…"), icon="download", when="files"),
    _talk(id="conversation.rename", text=N_("Change the subject"), keys=("F2",), icon="pencil"),
    _talk(id="conversation.merge", text=N_("Merge with another conversation"), icon="merge"),
    _talk(id="conversation.copy", text=N_("Copy the conversation's number"), icon="link"),
    _talk(id="conversation.print", text=N_("Print"), keys=("Ctrl+P",), icon="printer"),
)

_LIST_ACTIONS = (
    _list(id="list.next", text=N_("Next conversation"), keys=("J",), repeats=True),
    _list(id="list.previous", text=N_("Previous conversation"), keys=("K",), repeats=True),
    _list(id="list.open", text=N_("Open conversation"), keys=("O",)),
    _list(id="list.back", text=N_("Back to the list"), keys=("U",)),
    _list(id="list.select", text=N_("Select conversation"), keys=("X",)),
    _list(id="list.select_all", text=N_("Select all"), keys=("*, A",)),
    _list(id="list.select_none", text=N_("Select none"), keys=("*, N",)),
    _list(id="list.select_read", text=N_("Select read"), keys=("*, R",)),
    _list(id="list.select_unread", text=N_("Select unread"), keys=("*, U",)),
)

_GO_ACTIONS = (
    _go(id="go.inbox", text=N_("Inbox"), keys=("G, I",), icon="inbox"),
    _go(id="go.mine", text=N_("Mine"), keys=("G, M",), icon="user-check"),
    _go(id="go.unassigned", text=N_("Unassigned"), keys=("G, U",), icon="user-x"),
    _go(id="go.due", text=N_("Due soon"), keys=("G, L",), icon="clock"),
    _go(id="go.snoozed", text=N_("Snoozed"), keys=("G, S",), icon="alarm-clock"),
    _go(id="go.drafts", text=N_("Drafts"), keys=("G, D",), icon="file-pen-line"),
    _go(id="go.outbox", text=N_("Outbox"), keys=("G, O",), icon="send"),
    _go(id="go.closed", text=N_("Closed"), keys=("G, C",), icon="circle-check"),
    _go(id="go.spam", text=N_("Spam"), keys=("G, P",), icon="ban"),
    _go(id="go.trash", text=N_("Trash"), keys=("G, T",), icon="trash-2"),
    _go(id="view.new", text=N_("New view"), icon="funnel"),
    _go(id="go.activity", text=N_("Activity"), icon="history"),
    _go(id="go.customers", text=N_("Customers"), icon="user", also=N_("contacts people merge")),
    _go(id="search", text=N_("Search"), keys=("/",), icon="search"),
)

_WINDOW_ACTIONS = (
    _window(
        id="palette",
        text=N_("Commands"),
        keys=("Ctrl+K", "Ctrl+Shift+P"),
        icon="command",
        in_palette=False,
        anywhere=True,
    ),
    _window(id="help", text=N_("Keyboard shortcuts"), keys=("?",), icon="keyboard"),
    _window(id="guide", text=N_("Help"), keys=("F1",), icon="circle-help", anywhere=True),
    _window(id="tips", text=N_("Tour in five tips"), icon="sparkles"),
    _window(id="news", text=N_("What is new"), icon="star"),
    _window(id="updates", text=N_("Look for new versions…"), icon="download"),
    _window(id="report", text=N_("Report for support…"), icon="file-text"),
    _window(id="pane.next", text=N_("Next pane"), keys=("F6",)),
    _window(id="pane.previous", text=N_("Previous pane"), keys=("Shift+F6",)),
    _window(
        id="fold.navigation",
        text=N_("Show or hide the navigation"),
        keys=("Ctrl+1",),
        icon="panel-left",
    ),
    _window(id="fold.list", text=N_("Show or hide the list"), keys=("Ctrl+2",), icon="menu"),
    _window(
        id="fold.sidebar",
        text=N_("Show or hide the customer"),
        keys=("Ctrl+3",),
        icon="panel-right",
    ),
    _window(id="account.add", text=N_("Add a channel"), icon="plus"),
    _window(id="backup", text=N_("Back up…"), icon="save"),
    _window(id="restore", text=N_("Restore a backup…")),
    _window(id="export", text=N_("Export everything…")),
    _window(id="import", text=N_("Import mail…")),
    _window(id="sync", text=N_("Synchronise now"), keys=("F5",), icon="refresh-cw", when="account"),
    _window(id="notifications.pause", text=N_("Pause notifications"), icon="bell", checkable=True),
    _window(id="tags.manage", text=N_("Tags…"), icon="tag"),
    _window(
        id="canned.manage",
        text=N_("Canned responses…"),
        icon="zap",
        also=N_("templates saved replies snippets macros"),
    ),
    _window(
        id="settings",
        text=N_("Settings"),
        keys=("Ctrl+,",),
        icon="settings",
        also=N_("preferences options"),
    ),
    _window(id="window.show", text=N_("Show Desktop Inbox"), in_palette=False),
    _window(id="quit", text=N_("Quit"), keys=("Ctrl+Q",), icon="power", anywhere=True),
)

TABLE: tuple[ActionSpec, ...] = (
    *_WRITING_ACTIONS,
    *_CONVERSATION_ACTIONS,
    *_LIST_ACTIONS,
    *_GO_ACTIONS,
    *_WINDOW_ACTIONS,
)
