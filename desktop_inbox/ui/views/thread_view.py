"""The thread pane: a conversation's head, its timeline and the composer, kept up to date.

Lives on the UI thread. Reads come from the store on reader threads; whatever a person does goes
through `ThreadActions`.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.mentions import handles
from desktop_inbox.i18n import _
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import AttachmentRow, MessageRow
from desktop_inbox.ui.action_table import COMPOSER, SCOPE
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.spelling import Speller
from desktop_inbox.ui.views.attachments import AttachmentChip
from desktop_inbox.ui.views.bubble_style import BubbleStyle
from desktop_inbox.ui.views.composer import Composer
from desktop_inbox.ui.views.composer_spelling import Spelling
from desktop_inbox.ui.views.controls import ElidedLabel
from desktop_inbox.ui.views.conversation_menu import ConversationMenu
from desktop_inbox.ui.views.empty_state import EmptyState
from desktop_inbox.ui.views.file_actions import FileActions
from desktop_inbox.ui.views.file_desk import FileDesk
from desktop_inbox.ui.views.file_menu import FileMenu
from desktop_inbox.ui.views.message_actions import MessageActions
from desktop_inbox.ui.views.message_menu import MessageMenu
from desktop_inbox.ui.views.message_readings import Readings
from desktop_inbox.ui.views.recipient_kinds import Offered
from desktop_inbox.ui.views.thread_actions import ThreadActions
from desktop_inbox.ui.views.thread_data import ThreadData, read_new_message, read_thread
from desktop_inbox.ui.views.thread_drafts import ThreadDrafts
from desktop_inbox.ui.views.thread_filling import Filling
from desktop_inbox.ui.views.thread_find import FindBar
from desktop_inbox.ui.views.thread_head import ThreadHead
from desktop_inbox.ui.views.thread_keys import ThreadKeys
from desktop_inbox.ui.views.timeline import Timeline
from desktop_inbox.ui.views.unpainted import unpainted

_LOADING_AFTER_MS = 200  # a conversation usually comes sooner; then nothing flickers
_COMPOSER_SHARE = 0.62  # of the pane's height


class ThreadView(QWidget):
    """Shows one conversation, or a new message being written."""

    shown = Signal(object)  # conversation id or None, once it is on the screen

    def __init__(
        self,
        context: AppContext,
        *,
        commands: Commands | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.commands = commands or getattr(context, "commands", None) or Commands(context, self)
        self.conversation_id: int | None = None
        self.data: ThreadData | None = None
        self._generation = 0
        self._reloading = False
        self._stale = False
        self._missed = Changes()  # since what is being opened may have been read
        self._wanted_message: int | None = None
        self.desk = FileDesk(context)
        self.readings = Readings(context)
        self.acts = ThreadActions(self)
        self.messages = MessageActions(self)
        self.message_menu = MessageMenu(self)
        self.files = FileActions(self)
        self.file_menu = FileMenu(self)
        self.filling = Filling(self, still=self.still)
        self._build()
        self.drafts = ThreadDrafts(self)
        self.keeper = self.drafts.keeper
        self.keys = ThreadKeys(self)
        self.keys.bind()
        self._connect()
        self.setAccessibleName(_("Conversation"))
        self.setFocusProxy(self.timeline)
        self._show_nothing()

    # --- what it shows ---

    def show_conversation(self, conversation_id: int | None) -> None:
        """Show another conversation, or nothing."""
        if conversation_id is not None and conversation_id == self.conversation_id:
            return
        self._leave()
        self.conversation_id = conversation_id
        if conversation_id is None:
            self._show_nothing()
            self.shown.emit(None)
            return
        self._loading.start()
        self.context.start(self._open(conversation_id, self._generation), name="open conversation")

    def show_message(self, conversation_id: int, message_id: int) -> None:
        """Show a conversation at one of its messages, for instance a search hit."""
        if conversation_id == self.conversation_id and self.data is not None:
            self.timeline.reveal(message_id)
            return
        self._wanted_message = message_id
        self.show_conversation(conversation_id)
        self._wanted_message = message_id

    def new_message(self, *, draft_id: int | None = None, to: Offered | None = None) -> None:
        """Write a message that begins a conversation, to somebody or to nobody yet."""
        self.drafts.begin()
        self._leave()
        self.conversation_id = None
        self.context.start(self._open_new(draft_id, to, self._generation), name="new message")

    async def flush(self) -> None:
        """Make sure that what is typed is stored; awaited before the window closes."""
        await self.keeper.parted()
        await self.keeper.flush()

    def close_desk(self) -> None:
        """Remove the copies of files made for opening them; read and look up nothing more."""
        self.files.sounds.close()
        self.desk.close()
        self.readings.close()
        self.spelling.stop()

    @property
    def row(self) -> ConversationRow | None:
        """The conversation shown."""
        return self.data.conversation if self.data is not None else None

    def chip(self, row: AttachmentRow) -> AttachmentChip | None:
        """The chip of a file, where its message has been built."""
        bubble = self.timeline.bubble(row.message_id)
        strip = bubble.attachments if bubble is not None else None
        return strip.chip(row.id) if strip is not None else None

    def stay_at_end(self) -> None:
        """Show what was just sent as soon as it is there."""
        self.timeline.scroll_to_end()

    def message(self, message_id: int | None) -> MessageRow | None:
        """One of the messages shown."""
        messages = self.data.messages if self.data is not None else ()
        return next((row for row in messages if row.id == message_id), None)

    # --- loading ---

    async def _open(self, conversation_id: int, generation: int) -> None:
        still = partial(self._is_current, generation)
        data = await self.drafts.read_at_rest(
            lambda conn: read_thread(conn, conversation_id), still=still
        )
        if not still():
            return
        self._loading.stop()
        if data is None:
            self._show_gone()
            self.shown.emit(None)
            return
        # All of it at once holds the window up for too long: it answers between three steps.
        with unpainted(self):
            self._write_in(data)
            await sleep(0)
            if not still():
                return
            self._take(data, fresh=True)
            await sleep(0)
        if still():
            self.shown.emit(conversation_id)
            self._paint_now()
            self._on_changed(self._missed)

    def _paint_now(self) -> None:
        """Put what was opened on the screen before anything else is done, such as the customer."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self.timeline.viewport().repaint(0, 0, 1, 1)  # and with it all that waits to be painted

    async def _open_new(self, draft_id: int | None, to: Offered | None, generation: int) -> None:
        still = partial(self._is_current, generation)
        data = await self.drafts.read_at_rest(
            lambda conn: read_new_message(conn, draft_id), still=still
        )
        if data is None or not still():
            return
        self.data = data
        self.context.select(None)
        self.head.show_new_message()
        self.head.show()
        self.timeline.clear()
        self._say(
            _("A new conversation"), _("It begins with the message below."), icon="square-pen"
        )
        self._write_in(data)
        if to is not None:
            self.composer.addressing.take(to)
        self.composer.focus()
        self.shown.emit(None)

    def _write_in(self, data: ThreadData) -> None:
        """Have the composer stand where `data` was read."""
        self.composer.show()
        self.drafts.enter(data)

    def _take(self, data: ThreadData, *, fresh: bool) -> None:
        """Show data; `fresh` for another conversation, else what is read and typed stays."""
        self.data = data
        row = data.conversation
        assert row is not None
        now = self._now()
        account = next((a for a in data.accounts if a.id == row.account_id), None)
        self.head.show_conversation(row, account=account, agents=data.agents, me=data.me, now=now)
        entries = data.entries(now=now)
        if fresh:
            self._turn_to(self.timeline)
            self.head.show()
            self._name_people(data)
            self.timeline.show_entries(entries)
            if self._wanted_message is not None:
                self.timeline.reveal(self._wanted_message)
        else:
            self._turn_to(self.timeline)
            self.timeline.update_entries(entries)
            self.drafts.take(data)
        self._wanted_message = None
        self.message_menu.follow()
        self.file_menu.follow()

    def _leave(self) -> None:
        """Store what is typed before anything else comes into the editor."""
        self._generation += 1
        self._stale, self._missed = False, Changes()
        self._loading.stop()
        self.files.sounds.leave()
        self._wanted_message = None
        if not self.finder.isHidden():
            self.finder.close_bar()
        if self.keeper.dirty:
            self.keeper.save_and_part()
        self.data = None

    def _is_current(self, generation: int) -> bool:
        """Whether what was read is still wanted, and there still is a view to show it."""
        return generation == self._generation and isValid(self)

    def still(self) -> Callable[[], bool]:
        """Return what tells later whether the same conversation is still shown."""
        return partial(self._is_current, self._generation)

    def reload(self) -> None:
        """Read the conversation again; several calls while one runs make one more."""
        if self.conversation_id is None or self.data is None:
            return
        if self._reloading:
            self._stale = True
            return
        self._reloading = True
        self.context.start(self._reload(self.conversation_id, self._generation), name="reload")

    async def _reload(self, conversation_id: int, generation: int) -> None:
        try:
            data = await self.context.read(lambda conn: read_thread(conn, conversation_id))
        finally:
            self._reloading = False
        if not self._is_current(generation):
            self._reload_if_stale()  # what is shown now may have changed meanwhile
            return
        if data is None:
            self.show_conversation(None)
            return
        self._take(data, fresh=False)
        self._reload_if_stale()

    def _reload_if_stale(self) -> None:
        if self._stale and isValid(self) and self.data is not None:
            self._stale = False
            self.reload()

    def _on_changed(self, changes: Changes) -> None:
        if self.conversation_id is None:
            return
        if self.data is None:
            self._missed |= changes
            return
        mine = {message.id for message in self.data.messages}
        touched = (
            self.conversation_id in changes.conversations
            or not mine.isdisjoint(changes.messages | changes.outbox)
            or changes.tags
            or changes.accounts
            or self.data.talks_with(changes.customers)
        )
        if touched:
            self.reload()

    # --- what bubbles report ---

    def _on_message_action(self, message_id: int, what: str) -> None:
        if not self.messages.on_action(message_id, what):
            self.acts.on_message_action(message_id, what)

    # --- parts ---

    def _build(self) -> None:
        theme = self.context.theme
        self.head = ThreadHead(theme, menu=ConversationMenu(self).fill)
        self._style = BubbleStyle(
            theme=theme,
            me="",
            now=self._now,
            menu=self.message_menu.fill,
            readings=self.readings,
            answered=self.messages.chat.answered,
            may_react=self.messages.chat.may_react,
        )
        self.timeline = Timeline(self._style)
        self.finder = FindBar(self)
        self.empty = EmptyState(self.context)
        self.composer = Composer(self.context)
        settings = self.context.settings
        self.spelling = Spelling(self.composer.editor, settings, Speller(settings, self))
        self.composer.setProperty(SCOPE, COMPOSER)
        self._middle = QWidget()
        self._stack = QStackedLayout(self._middle)
        self._stack.addWidget(self.timeline)
        self._stack.addWidget(self.empty)
        self._target = ElidedLabel(kind="caption", parent=self)
        self._target.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.finder)
        column.addWidget(self._middle, 1)
        column.addWidget(self.composer)
        self.composer.float_picker_over(self)
        self._loading = QTimer(self)
        self._loading.setSingleShot(True)
        self._loading.setInterval(_LOADING_AFTER_MS)
        self._loading.timeout.connect(self._show_loading)

    def _connect(self) -> None:
        self.context.draft_requested.connect(lambda key: self.new_message(draft_id=key))
        self.context.message_wanted.connect(lambda to: self.new_message(to=to))
        self.context.message_requested.connect(self.show_message)
        self.context.bridge.changed.connect(self._on_changed)
        self.timeline.bubble_built.connect(self.filling.on_bubble)
        self.timeline.acted.connect(self._on_message_action)
        self.timeline.followed.connect(self.acts.follow)
        self.timeline.link_hovered.connect(self._show_target)
        self.acts.connect_head(self.head)
        self.acts.connect_composer(self.composer)

    def _name_people(self, data: ThreadData) -> None:
        """Say who sits here, and who can be meant in a note."""
        mentions = frozenset(handles((one.id, one.name) for one in data.agents))
        if (self._style.me, self._style.mentions) != (data.my_name, mentions):
            self._style = replace(self._style, me=data.my_name, mentions=mentions)
            self.timeline.set_style(self._style)

    def _show_nothing(self) -> None:
        self._show_no_one()
        self._say(_("No conversation selected"), _("Choose one from the list, or write a message."))

    def _show_gone(self) -> None:
        self._show_no_one()
        self._say(_("This conversation is gone"), _("It was merged or removed."))

    def _show_no_one(self) -> None:
        """Nothing of the one before stays: whoever wrote there would write to somebody else."""
        self.data = None
        self.head.hide()
        self.composer.hide()
        self.timeline.clear()

    def _show_loading(self) -> None:
        self._say(_("Loading…"), icon="loader-circle")
        self.shown.emit(None)

    def _say(self, title: str, text: str = "", *, icon: str = "message-square-text") -> None:
        self.empty.explain(title, text, icon=icon)
        self._turn_to(self.empty)

    def _turn_to(self, page: QWidget) -> None:
        """Show a page in the middle. The focus goes along: Qt would move it into a text field."""
        before = self._stack.currentWidget()
        held = before is not None and before is not page and before.hasFocus()
        self._stack.setCurrentWidget(page)
        if held:
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_target(self, target: str) -> None:
        self._target.setText(target)
        self._target.setVisible(bool(target))
        if target:
            width = min(self._target.sizeHint().width() + 16, self.width() - 20)
            height = self._target.sizeHint().height() + 6
            top = self._middle.geometry().bottom() - height
            self._target.setGeometry(8, top, width, height)
            tokens = self.context.theme.tokens
            self._target.setStyleSheet(
                f"background: {tokens.panel}; border: 1px solid {tokens.line};"
                " border-radius: 5px; padding: 2px 6px;"
            )
            self._target.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.composer.set_outer_limit(round(self.height() * _COMPOSER_SHARE))

    def _now(self) -> datetime:
        return datetime.now(UTC)
