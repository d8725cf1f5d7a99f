"""Where answers, notes and new messages are written. Shows and asks; never touches the store.

What is typed leaves through `changed` to be saved as a draft, and through `send_wanted` exactly as
it is shown. Whoever holds the composer puts a draft back with `restore`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Unpack

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_inbox.domain.rich_text import RichText, typed_text
from desktop_inbox.i18n import _
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import DraftRow, MessageRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import (
    channel_draft,
    composer_content,
    composer_menus,
    composer_outgoing,
    composer_shown,
)
from desktop_inbox.ui.views.composer_addressing import Addressing
from desktop_inbox.ui.views.composer_beginning import beginning
from desktop_inbox.ui.views.composer_buttons import ComposerButtons
from desktop_inbox.ui.views.composer_canned import CannedOffers
from desktop_inbox.ui.views.composer_channel import ChannelGuide
from desktop_inbox.ui.views.composer_chips import DraftFile
from desktop_inbox.ui.views.composer_files import ask_for_files
from desktop_inbox.ui.views.composer_inline import InlinePictures, is_inline
from desktop_inbox.ui.views.composer_layout import FoldingTools
from desktop_inbox.ui.views.composer_questions import Questions
from desktop_inbox.ui.views.composer_request import After, Surroundings, When
from desktop_inbox.ui.views.composer_sender import SentAs
from desktop_inbox.ui.views.composer_sheet import ComposerSheet
from desktop_inbox.ui.views.formats import clock
from desktop_inbox.ui.views.mention_offers import MentionOffers


class Composer(QWidget):
    """One editor. `surroundings` says where it stands, `mode` what will be sent."""

    changed = Signal()
    left = Signal()  # for now: what is typed stays
    caret_moved = Signal()
    send_wanted = Signal(object)  # SendRequest
    undo_wanted = Signal()
    discard_wanted = Signal()
    other_draft_wanted = Signal()
    files_wanted = Signal(list)  # paths to attach
    pictures_wanted = Signal(list)  # paths to show in the text
    image_wanted = Signal(QImage)
    contents_wanted = Signal(list)  # files of pictures in the text that are still to be read
    forward_files_wanted = Signal(object)  # MessageRow whose files go along
    completion_wanted = Signal(str, object)  # typed, RecipientField
    canned_wanted = Signal()  # the responses are needed for the picker
    preview_wanted = Signal(object)  # CannedRow
    canned_chosen = Signal(object)  # CannedRow
    deed_wanted = Signal(str, object)  # of channel_words, and the Way it is about
    templates_wanted = Signal(int)  # of an account
    ways_wanted = Signal(str, str, str)  # to whom: kind of identity, whose scope, address
    passing_on_wanted = Signal(object)  # the Way through which, instead of mail

    def __init__(
        self,
        context: AppContext,
        *,
        clock: Callable[[], datetime] = utc_now,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.clock = clock
        self._theme = context.theme
        self.mode = "reply"
        self.sent_as = SentAs()
        self.answers: MessageRow | None = None
        self.answers_id: int | None = None  # also where that message is shown elsewhere now
        self.quote = True
        self._inline = InlinePictures()
        self._loading = False
        self._sending = False
        self._questions = Questions(self)
        self._build()
        self.addressing = Addressing(self)
        self.buttons = ComposerButtons(self)
        self.buttons.changed.connect(self._on_edited)
        self.guide = ChannelGuide(self)
        self._echo = composer_shown.Echo(self)
        self._theme.changed.connect(self.update)
        self.setAccessibleName(_("Composer"))

    @property
    def surroundings(self) -> Surroundings | None:
        """What it knows of the conversation it writes in."""
        return self.sent_as.surroundings

    # --- what it holds ---

    def content(self) -> DraftContent:
        """The editor as it stands."""
        return composer_content.content_of(self, self._inline)

    @property
    def in_chat(self) -> bool:
        """Whether it answers in a chat."""
        return self.sent_as.in_chat(self.mode)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return composer_content.is_empty(self)

    @property
    def has_focus(self) -> bool:
        """Whether somebody is writing in it right now."""
        focused: QWidget | None = self.window().focusWidget()
        return focused is not None and self.isAncestorOf(focused) and focused.hasFocus()

    # --- opening and closing ---

    def enter(self, surroundings: Surroundings, draft: DraftRow | None) -> None:
        """Stand in a conversation, with its draft or ready for a reply."""
        self.sent_as.surroundings = surroundings
        if draft is not None:
            self.restore(draft)
            self.show_saved(draft.updated_at)
        else:
            self._start("reply" if surroundings.conversation_id is not None else "new")

    def stay(self, surroundings: Surroundings) -> None:
        """Take over newer surroundings without touching what is written."""
        place = self.surroundings
        renamed = place is None or (surroundings.accounts, surroundings.ways) != (
            place.accounts,
            place.ways,
        )
        self.sent_as.renew(surroundings)
        fresh = self.is_empty and not self.has_focus and self.mode in ("reply", "reply_all")
        gone = self.sent_as.account is None
        if fresh and (gone or surroundings.answered() != self.answers):
            self._start(self.mode)
        elif renamed:
            self._refresh()

    def restore(self, draft: DraftRow | DraftContent) -> None:
        """Put back an editor exactly: recipients, subject, text, caret, files, and the quote."""
        self._loading = True
        try:
            self._set_mode(draft.mode)
            surroundings = self.surroundings
            self.answers_id = draft.answers_id
            self.answers = surroundings.message(draft.answers_id) if surroundings else None
            self.sent_as.restore(draft, self.answers)
            self.quote = draft.quote
            if self.in_chat:
                self.addressing.know(draft.to)
            self.fields.fill(to=draft.to, cc=draft.cc, bcc=draft.bcc, subject=draft.subject)
            self.files.set_files([file for file in draft.attachments if not is_inline(file)])
            self._inline.take(draft.attachments)
            self.buttons.set_labels(channel_draft.labels(draft))
            self._write(channel_draft.aside(draft))
            self.guide.restore_template(draft)
        finally:
            self._loading = False
        self._refresh()

    def _write(self, draft: DraftRow | DraftContent) -> None:
        if not draft.rich:
            self.editor.set_text(draft.body, caret=draft.caret)
            return
        from desktop_inbox.mime.rich import read  # with a parser that most drafts never need

        self._show_lines(read(draft.rich), caret=draft.caret)

    def _show_lines(self, lines: RichText, *, caret: int | None = None) -> None:
        self.editor.set_lines(lines, caret=caret)
        wanted = map(self._inline.file, self.editor.missing_pictures())
        files = [file for file in wanted if file is not None]
        if files:
            self.contents_wanted.emit(files)

    def begin(
        self, mode: str, *, message_id: int | None = None, quoting: RichText | None = None
    ) -> None:
        """Write an answer, a forward, a note or a new message; what is typed stays.

        `quoting` is the part of the answered message that is quoted above the text, instead of
        all of it below.
        """
        surroundings = self.surroundings
        if surroundings is None:
            return
        typed, caret = self.editor.lines(), self.editor.caret()
        files, labels = self.files.files(), self.buttons.labels
        if mode != self.mode or message_id is not None or self.answers is None:
            self._start(mode, message=surroundings.message(message_id))
            self._loading = True
            self.editor.set_lines(typed, caret=caret)
            self.files.set_files(files)
            self.buttons.set_labels(labels)
            self._loading = False
        if quoting is not None:
            self.quote = False
            self.editor.quote_above(composer_outgoing.quoted_lines(quoting))
        self._refresh()
        self.focus()
        if typed_text(typed) or files or quoting is not None:
            self.changed.emit()
        if mode == "forward" and self.answers is not None and self.answers.attachments:
            self.forward_files_wanted.emit(self.answers)

    def reset(self) -> None:
        """Empty the editor after sending, ready for the next answer."""
        if self.surroundings is not None:
            in_conversation = self.surroundings.conversation_id is not None
            self._start("reply" if in_conversation else "new")

    def focus(self) -> None:
        """Put the caret where writing goes on."""
        if self.template.is_open:
            self.template.focus()
        elif self.mode in ("new", "forward") and not self.to.addresses():
            self.to.focus()
        elif self.mode == "new" and not self.in_chat and not self.subject.text():
            self.subject.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _start(self, mode: str, *, message: MessageRow | None = None) -> None:
        if self.surroundings is None:
            return
        found = beginning(mode, self.surroundings, message=message)
        self._loading = True
        try:
            self._set_mode(mode)
            self.quote = True
            self.answers = found.answers
            self.answers_id = found.answers.id if found.answers is not None else None
            self.sent_as.choose(found.account_id, found.sender, answers=found.answers)
            if mode == "new":
                self.addressing.forget()
            self.template.close_form()
            self.fields.fill(to=found.to, cc=found.cc, subject=found.subject)
            self.editor.set_text("")
            self.files.set_files(())
            self.buttons.set_labels(())
            self._inline.forget_quoted()
        finally:
            self._loading = False
        self._questions.forget()
        self.strip.dismiss()
        self.saved.setText("")
        self._refresh()

    def _set_mode(self, mode: str) -> None:
        self.mode = mode
        self.fields.show_copies(wanted=mode == "reply_all")

    def choose_sender(self, account_id: int, uid: str) -> None:
        """Write from this account, as this identity; its signature comes with it."""
        self.sent_as.choose(account_id, uid, answers=self.answers)
        if self.mode == "new":
            self.addressing.turn_to_mail()
        self.edited_otherwise()

    def signature(self) -> RichText:
        """What stands below the text; empty where nothing does."""
        return () if self.mode == "note" or self.in_chat else self.sent_as.signature

    def edited_otherwise(self) -> None:
        """Something else than the text was chosen: show it, and keep it."""
        self._refresh()
        self._on_edited()

    # --- saving and sending ---

    def show_saved(self, at: datetime) -> None:
        """Say that the draft is safe."""
        self.saved.setText(_("Draft saved"))
        self.saved.setToolTip(_("Saved at {time}").format(time=clock(at)))

    def offer_other_draft(self, *, offered: bool) -> None:
        """Say that there is more than one draft here, or not."""
        self.sheet.other_draft.setVisible(offered)

    def show_unsaved(self) -> None:
        self.saved.setText("")

    def request_send(self, **when: Unpack[When]) -> None:
        """Send what is shown, or ask about what is wrong with it."""
        if self._sending or self.surroundings is None:
            return
        self.fields.commit()
        self.buttons.commit()
        content = self.content()
        if self._questions.settled(content, partial(self.request_send, **when)):
            self.send_wanted.emit(composer_content.request_of(self, content, when))

    def set_sending(self, *, sending: bool) -> None:
        """Hold still while what is shown is being queued."""
        self._sending = sending
        self.editor.setReadOnly(sending)
        self.send_button.setEnabled(not sending)

    def refuse(self, text: str, *, code: str = "") -> None:
        """Say why it could not be sent, and offer what can be done; everything stays as it is."""
        self.strip.ask(text, *self.guide.offers(code), tone="bad")

    def dispute(self, text: str, *actions: tuple[str, Callable[[], object]]) -> None:
        """Say that the draft was changed elsewhere, and offer what can be done about it."""
        self.strip.ask(text, *actions)

    def jump(self, span: tuple[int, int] | None) -> None:
        """Show characters of the text, or just the text."""
        if span is not None:
            self.editor.select(*span)
        else:
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def quoted_text(self) -> str:
        """The answered message as it goes out below the text; '' where it does not."""
        quotes = self.answers if self.quote and not self.in_chat else None
        return composer_outgoing.quoted_text(quotes, mode=self.mode)

    # --- files ---

    def choose_files(self) -> None:
        """Ask for files to attach."""
        ask_for_files(self, self.files_wanted.emit)

    def add_files(self, files: Sequence[DraftFile]) -> None:
        """Attach files that were taken in; those of a forwarded text go along with that."""
        self._inline.take(files)
        self.files.add([file for file in files if not is_inline(file)])
        if files:
            self.strip.dismiss()
            self._on_edited()

    def add_picture(self, file: DraftFile, image: QImage) -> None:
        """Show a picture that was taken in where the caret is."""
        self._inline.take([file])
        self.editor.insert_picture(str(file["content_id"]), str(file["name"]), image)

    def attached_bytes(self) -> int:
        """All files that go along, those in the text too."""
        sizes = (file.get("size") for file in self.content().attachments)
        return sum(size for size in sizes if isinstance(size, int))

    # --- the parts ---

    def _build(self) -> None:
        sheet = self.sheet = ComposerSheet(
            self._theme,
            actions=self.context.actions,
            reply_menu=partial(composer_menus.reply_menu, self),
            send_menu=partial(composer_menus.send_menu, self),
            parent=self,
        )
        self.fields, self.editor, self.files = sheet.fields, sheet.editor, sheet.files
        self.to, self.cc, self.bcc = self.fields.to, self.fields.cc, self.fields.bcc
        self.subject, self.strip, self.saved = self.fields.subject, sheet.strip, sheet.saved
        self.suggestions, self.send_button = sheet.suggestions, sheet.send
        self.template = sheet.template
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 0, 16, 14)
        outer.addWidget(sheet)
        self.canned = CannedOffers(self.editor, sheet, theme=self._theme)
        self.picker = self.canned.picker
        self.mentions = MentionOffers(self.editor, sheet, theme=self._theme)
        self.layout_tools = FoldingTools(
            self.editor,
            bar=sheet.format_bar,
            link=sheet.link,
            fold=sheet.formatting,
            settings=self.context.settings,
        )
        self._connect()

    def float_picker_over(self, host: QWidget) -> None:
        """Let the pickers lie over `host`, so that they are not cut off at the composer's edge."""
        self.picker.setParent(host)
        self.mentions.list.setParent(host)

    def _connect(self) -> None:
        sheet = self.sheet
        sheet.reply_tab.clicked.connect(self._on_reply_tab)
        sheet.note_tab.clicked.connect(lambda: self.begin("note"))
        sheet.discard.clicked.connect(lambda: self.discard_wanted.emit())
        sheet.other_draft.clicked.connect(lambda: self.other_draft_wanted.emit())
        sheet.attach.clicked.connect(lambda: self.choose_files())
        sheet.canned.clicked.connect(lambda: self.canned.open())
        sheet.later.clicked.connect(lambda: self.open_later())
        sheet.quoted.left_out.connect(self._leave_quote_out)
        sheet.files_dropped.connect(self.files_wanted)
        self.send_button.clicked.connect(lambda: self.request_send())
        self.files.changed.connect(self._on_edited)
        self.fields.edited.connect(self._on_edited)
        self.fields.completion_wanted.connect(self.completion_wanted)
        self.fields.from_line.chosen.connect(self.choose_sender)
        self.template.changed.connect(self._on_edited)
        self.template.closed.connect(self.edited_otherwise)
        self.canned.wanted.connect(self.canned_wanted)
        self.picker.chosen.connect(self.canned_chosen)
        self.picker.highlighted.connect(self.preview_wanted)
        self._connect_editor()

    def _connect_editor(self) -> None:
        editor = self.editor
        editor.edited.connect(self._on_edited)
        editor.cursorPositionChanged.connect(self._on_caret)
        editor.send_wanted.connect(self._on_send_key)
        editor.undo_wanted.connect(self.undo_wanted)
        editor.attach_wanted.connect(self.choose_files)
        editor.files_given.connect(self.files_wanted)
        editor.pictures_given.connect(self.pictures_wanted)
        editor.image_given.connect(self.image_wanted)
        editor.focus_changed.connect(self.sheet.set_focused)
        editor.height_wanted.connect(self.sheet.updateGeometry)

    def _on_caret(self) -> None:
        if not self._loading:
            self.caret_moved.emit()

    def _on_edited(self) -> None:
        if self._loading:
            return
        self._questions.forget()
        self._refresh_foot()
        self._echo.text_changed()
        self.changed.emit()

    def _on_send_key(self, how: str) -> None:
        if how == "later":
            self.open_later()
        else:
            self.request_send(after=After(how))

    def _on_reply_tab(self) -> None:
        if self.mode == "note":
            self.begin("reply")

    # --- looks ---

    def _refresh(self) -> None:
        composer_shown.show(self)

    def _refresh_foot(self) -> None:
        self.sheet.show_foot(self.mode, empty=self.is_empty)

    def _leave_quote_out(self) -> None:
        self.quote = False
        self.sheet.quoted.show_text("")
        self._on_edited()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or event.modifiers():
            super().keyPressEvent(event)
        elif self.picker.isVisible():
            self.picker.hide()
        else:
            self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh_foot()
        if self.picker.isVisible():
            self.canned.place()

    def open_later(self) -> None:
        """Offer when else it may leave."""
        if self.mode == "note":
            return
        composer_menus.ask_when(self, composer_menus.LATER)

    def set_outer_limit(self, height: int) -> None:
        """How tall the composer may become, so that the conversation stays visible."""
        self.editor.set_limit(max(height - self._chrome(), 0))

    def _chrome(self) -> int:
        return self.sizeHint().height() - self.editor.sizeHint().height()
