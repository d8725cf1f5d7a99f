"""Where answers, notes and new messages are written. Shows and asks; never touches the store.

What is typed leaves through `changed` to be saved as a draft, and through `send_wanted` exactly as
it is shown. Whoever holds the composer puts a draft back with `restore`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_inbox.domain.conversations import reply_recipients
from desktop_inbox.domain.messages import Direction
from desktop_inbox.domain.templates import Rendered
from desktop_inbox.i18n import _
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store.rows import CannedRow, DraftRow, MessageRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import composer_menus, composer_quote
from desktop_inbox.ui.views import composer_words as words
from desktop_inbox.ui.views.composer_canned import CannedOffers
from desktop_inbox.ui.views.composer_chips import DraftFile, DraftFiles
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.composer_fields import ComposerFields
from desktop_inbox.ui.views.composer_parts import Card, QuestionStrip
from desktop_inbox.ui.views.composer_questions import Questions
from desktop_inbox.ui.views.composer_quoted import QuotedText
from desktop_inbox.ui.views.composer_request import After, SendRequest, Surroundings
from desktop_inbox.ui.views.composer_send import SendButton
from desktop_inbox.ui.views.controls import (
    PlainLabel,
    button,
    icon_button,
    link_button,
    tooltip,
)
from desktop_inbox.ui.views.formats import clock
from desktop_inbox.ui.views.pill import Pill
from desktop_inbox.ui.views.suggestions import SuggestionRow

_COMPACT = 430  # below this the footer keeps only its icons


class Composer(QWidget):
    """One editor. `surroundings` says where it stands, `mode` what will be sent."""

    changed = Signal()
    caret_moved = Signal()
    send_wanted = Signal(object)  # SendRequest
    undo_wanted = Signal()
    discard_wanted = Signal()
    other_draft_wanted = Signal()
    files_wanted = Signal(list)  # paths to take in
    image_wanted = Signal(QImage)
    forward_files_wanted = Signal(object)  # MessageRow whose files go along
    completion_wanted = Signal(str, object)  # typed, RecipientField
    canned_wanted = Signal()  # the responses are needed for the picker
    preview_wanted = Signal(object)  # CannedRow
    canned_chosen = Signal(object)  # CannedRow

    def __init__(self, context: AppContext, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._theme = context.theme
        self.surroundings: Surroundings | None = None
        self.mode = "reply"
        self.account_id: int | None = None
        self.answers: MessageRow | None = None
        self._answers_id: int | None = None  # also where that message is shown elsewhere now
        self.quote = True
        self._loading = False
        self._sending = False
        self._questions = Questions(self)
        self._build()
        self._theme.changed.connect(self.update)
        self.setAccessibleName(_("Composer"))

    # --- what it holds ---

    def content(self) -> DraftContent:
        """The editor as it stands."""
        surroundings = self.surroundings
        note = self.mode == "note"
        return DraftContent(
            conversation_id=surroundings.conversation_id if surroundings else None,
            account_id=self.account_id,
            mode=self.mode,
            answers_id=self._answers_id,
            to=() if note else self.to.addresses(),
            cc=() if note else self.cc.addresses(),
            bcc=() if note else self.bcc.addresses(),
            subject=self.subject.text() if not note else "",
            body=self.editor.toPlainText(),
            caret=self.editor.caret(),
            quote=self.quote,
            attachments=self.files.files(),
        )

    @property
    def server_limit(self) -> int | None:
        """How many bytes the server takes that this would leave through; None: it never said."""
        account = self.surroundings.account(self.account_id) if self.surroundings else None
        return account.limits.get("max_message_bytes") if account is not None else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be lost with it."""
        typed = self.editor.toPlainText().strip() or self.files.files()
        own_subject = self.mode == "new" and self.subject.text()
        entered = self.mode in ("new", "forward") and self.to.addresses()
        return not (typed or own_subject or entered)

    @property
    def has_focus(self) -> bool:
        """Whether somebody is writing in it right now."""
        focused: QWidget | None = self.window().focusWidget()
        return focused is not None and self.isAncestorOf(focused) and focused.hasFocus()

    # --- opening and closing ---

    def enter(self, surroundings: Surroundings, draft: DraftRow | None) -> None:
        """Stand in a conversation, with its draft or ready for a reply."""
        self.surroundings = surroundings
        if draft is not None:
            self.restore(draft)
            self.show_saved(draft.updated_at)
        else:
            self._start("reply" if surroundings.conversation_id is not None else "new")

    def stay(self, surroundings: Surroundings) -> None:
        """Take over newer surroundings without touching what is written."""
        self.surroundings = surroundings
        fresh = self.is_empty and not self.has_focus and self.mode in ("reply", "reply_all")
        if fresh and surroundings.answered() != self.answers:
            self._start(self.mode)

    def restore(self, draft: DraftRow | DraftContent) -> None:
        """Put back an editor exactly: recipients, subject, text, caret, files, and the quote."""
        self._loading = True
        try:
            self._set_mode(draft.mode)
            surroundings = self.surroundings
            self._answers_id = draft.answers_id
            self.answers = surroundings.message(draft.answers_id) if surroundings else None
            known = surroundings is not None and surroundings.account(draft.account_id) is not None
            self.account_id = draft.account_id if known else self._default_account()
            self.quote = draft.quote
            self.fields.fill(to=draft.to, cc=draft.cc, bcc=draft.bcc, subject=draft.subject)
            self.files.set_files(draft.attachments)
            self.editor.set_text(draft.body, caret=draft.caret)
        finally:
            self._loading = False
        self._refresh()

    def begin(self, mode: str, *, message_id: int | None = None) -> None:
        """Write an answer, a forward, a note or a new message; what is typed stays."""
        surroundings = self.surroundings
        if surroundings is None:
            return
        typed, caret = self.editor.toPlainText(), self.editor.caret()
        files = self.files.files()
        if mode != self.mode or message_id is not None or self.answers is None:
            self._start(mode, message=surroundings.message(message_id))
            self._loading = True
            self.editor.set_text(typed, caret=caret)
            self.files.set_files(files)
            self._loading = False
        self._refresh()
        self.focus()
        if typed or files:
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
        if self.mode in ("new", "forward") and not self.to.addresses():
            self.to.focus()
        elif self.mode == "new" and not self.subject.text():
            self.subject.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _start(self, mode: str, *, message: MessageRow | None = None) -> None:
        surroundings = self.surroundings
        if surroundings is None:
            return
        self._loading = True
        try:
            self._set_mode(mode)
            self.quote = True
            self.answers = None if mode in ("note", "new") else message or surroundings.answered()
            self._answers_id = self.answers.id if self.answers is not None else None
            self.account_id = self._default_account()
            self._fill_recipients()
            self.editor.set_text("")
            self.files.set_files(())
        finally:
            self._loading = False
        self._questions.forget()
        self.strip.dismiss()
        self.saved.setText("")
        self._refresh()

    def _fill_recipients(self) -> None:
        answers, surroundings = self.answers, self.surroundings
        self.fields.fill()
        if answers is None or surroundings is None:
            return
        if self.mode == "forward":
            self.fields.fill(subject=composer_quote.forward_subject(answers.subject))
            return
        found = reply_recipients(
            from_=answers.from_,
            reply_to=answers.reply_to,
            to=answers.to,
            cc=answers.cc,
            own=surroundings.own_addresses,
            everybody=self.mode == "reply_all",
            from_me=answers.direction is Direction.OUT,
        )
        subject = composer_quote.reply_subject(answers.subject)
        self.fields.fill(to=found.to, cc=found.cc, subject=subject)

    def _default_account(self) -> int | None:
        surroundings = self.surroundings
        if surroundings is None:
            return None
        wanted = [
            self.answers.account_id if self.answers is not None else None,
            surroundings.account_id,
        ]
        known = [account.id for account in surroundings.accounts]
        return next((key for key in wanted if key in known), known[0] if known else None)

    def _set_mode(self, mode: str) -> None:
        self.mode = mode
        self.fields.show_copies(wanted=mode == "reply_all")

    # --- saving and sending ---

    def show_saved(self, at: datetime) -> None:
        """Say that the draft is safe."""
        self.saved.setText(_("Draft saved"))
        self.saved.setToolTip(_("Saved at {time}").format(time=clock(at)))

    def offer_other_draft(self, *, offered: bool) -> None:
        """Say that there is more than one draft here, or not."""
        self._other_draft.setVisible(offered)

    def show_unsaved(self) -> None:
        self.saved.setText("")

    def request_send(
        self,
        *,
        after: After = After.NOTHING,
        snooze_until: datetime | None = None,
        at: datetime | None = None,
    ) -> None:
        """Send what is shown, or ask about what is wrong with it."""
        if self._sending or self.surroundings is None:
            return
        self.fields.commit()
        content = self.content()
        again = lambda: self.request_send(after=after, snooze_until=snooze_until, at=at)  # noqa: E731
        if not self._questions.settled(content, again):
            return
        note = self.mode == "note"
        self.send_wanted.emit(
            SendRequest(
                content=content,
                text=content.body if note else self._outgoing_text(content.body),
                after=after,
                snooze_until=snooze_until,
                at=None if note else at,
            )
        )

    def set_sending(self, *, sending: bool) -> None:
        """Hold still while what is shown is being queued."""
        self._sending = sending
        self.editor.setReadOnly(sending)
        self.send_button.setEnabled(not sending)

    def refuse(self, text: str) -> None:
        """Say why it could not be sent; everything stays as it is."""
        self.strip.ask(text, tone="bad")

    def dispute(self, text: str, *actions: tuple[str, Callable[[], object]]) -> None:
        """Say that the draft was changed elsewhere, and offer what can be done about it."""
        self.strip.ask(text, *actions)

    def jump(self, span: tuple[int, int] | None) -> None:
        """Show characters of the text, or just the text."""
        if span is not None:
            self.editor.select(*span)
        else:
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _outgoing_text(self, body: str) -> str:
        surroundings = self.surroundings
        signature = surroundings.agent.signature if surroundings else ""
        return composer_quote.outgoing_text(body, signature=signature, quote=self.quoted_text())

    def quoted_text(self) -> str:
        """The answered message as it goes out below the text; '' where it does not."""
        if not self.quote or self.answers is None:
            return ""
        if self.mode == "forward":
            return composer_quote.forwarded(self.answers)
        return composer_quote.quoted(self.answers)

    # --- canned responses ---

    def set_canned(self, rows: Sequence[CannedRow]) -> None:
        """The responses that may be chosen."""
        self._canned.set_rows(rows)

    def show_preview(self, row: CannedRow, rendered: Rendered) -> None:
        """Show in the picker how a response will read."""
        self.picker.show_preview(row, rendered)

    def insert(self, text: str, *, caret: int | None = None) -> None:
        """Put a response into the text, in place of what called for it."""
        self._canned.insert(text, caret=caret)

    # --- files ---

    def choose_files(self) -> None:
        """Ask for files to attach."""
        dialog = QFileDialog(self, _("Attach files"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(
            lambda names: self.files_wanted.emit([Path(name) for name in names])
        )
        dialog.open()

    def add_files(self, files: Sequence[DraftFile]) -> None:
        """Attach files that were taken in."""
        self.files.add(files)
        if files:
            self.strip.dismiss()

    # --- the parts ---

    def _build(self) -> None:
        theme = self._theme
        self._card = Card(theme, parent=self)
        self.fields = ComposerFields(theme, parent=self._card)
        self.to, self.cc, self.bcc = self.fields.to, self.fields.cc, self.fields.bcc
        self.subject = self.fields.subject
        self.editor = ComposerEditor()
        self.files = DraftFiles(theme, parent=self._card)
        self.strip = QuestionStrip(theme, parent=self._card)
        self._quoted = QuotedText(theme, parent=self._card)
        self.suggestions = SuggestionRow(theme, parent=self._card)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._build_head())
        column.addWidget(self._line())
        column.addWidget(self.fields)
        column.addLayout(self._build_text())
        column.addWidget(self.suggestions)
        column.addLayout(self._build_foot())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 0, 16, 14)
        outer.addWidget(self._card)
        self._canned = CannedOffers(self.editor, self._card, theme=theme)
        self.picker = self._canned.picker
        self._connect()

    def float_picker_over(self, host: QWidget) -> None:
        """Let the picker lie over `host`, so that it is not cut off at the composer's edge."""
        self.picker.setParent(host)

    def _build_head(self) -> QHBoxLayout:
        theme = self._theme
        self._reply_tab = Pill(theme, menu=partial(composer_menus.reply_menu, self))
        self._reply_tab.clicked.connect(self._on_reply_tab)
        self._note_tab = Pill(theme)
        self._note_tab.show_words(_("Note"), icon="lock")
        self._note_tab.setAccessibleName(_("Note"))
        self._note_tab.clicked.connect(lambda: self.begin("note"))
        self._discard = icon_button(
            theme, "trash-2", _("Discard draft"), clicked=self.discard_wanted.emit
        )
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(self._reply_tab)
        row.addWidget(self._note_tab)
        self._other_draft = link_button(
            _("Other draft"), clicked=self.other_draft_wanted.emit, parent=self._card
        )
        self._other_draft.setToolTip(_("Save this one, and go on with another"))
        self._other_draft.hide()
        row.addStretch(1)
        row.addWidget(self._other_draft)
        row.addWidget(self._discard)
        return row

    def _build_text(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(14, 10, 14, 4)
        column.setSpacing(6)
        column.addWidget(self.editor)
        column.addWidget(self._quoted)
        column.addWidget(self.files)
        column.addWidget(self.strip)
        return column

    def _build_foot(self) -> QHBoxLayout:
        theme = self._theme
        attach = icon_button(theme, "paperclip", _("Attach files"), clicked=self.choose_files)
        canned = icon_button(theme, "zap", _("Canned responses"), clicked=self.open_picker)
        self.saved = PlainLabel(kind="caption")
        self._later = button(_("Send later"), kind="ghost")
        self._later.setIcon(icons.icon(theme, "clock"))
        self._later.clicked.connect(self.open_later)
        self.send_button = SendButton(
            theme, menu=partial(composer_menus.send_menu, self), parent=self._card
        )
        self.send_button.clicked.connect(lambda: self.request_send())
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 8)
        row.setSpacing(2)
        row.addWidget(attach)
        row.addWidget(canned)
        row.addSpacing(8)
        row.addWidget(self.saved)
        row.addStretch(1)
        row.addWidget(self._later)
        row.addSpacing(4)
        row.addWidget(self.send_button)
        return row

    def _line(self) -> QFrame:
        line = QFrame()
        line.setProperty("kind", "line")
        return line

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._on_edited)
        self.editor.cursorPositionChanged.connect(self._on_caret)
        self.files.changed.connect(self._on_edited)
        self.fields.edited.connect(self._on_edited)
        self.fields.completion_wanted.connect(self.completion_wanted)
        self._quoted.left_out.connect(self._leave_quote_out)
        self.editor.send_wanted.connect(self._on_send_key)
        self.editor.undo_wanted.connect(self.undo_wanted)
        self.editor.attach_wanted.connect(self.choose_files)
        self.editor.files_given.connect(self.files_wanted)
        self.editor.image_given.connect(self.image_wanted)
        self._canned.wanted.connect(self.canned_wanted)
        self.editor.focus_changed.connect(self._card.set_focused)
        self.editor.height_wanted.connect(self._card.updateGeometry)
        self.picker.chosen.connect(self.canned_chosen)
        self.picker.highlighted.connect(self.preview_wanted)

    def open_picker(self) -> None:
        """Offer the canned responses."""
        self._canned.open()

    def _on_caret(self) -> None:
        if not self._loading:
            self.caret_moved.emit()

    def _on_edited(self) -> None:
        if self._loading:
            return
        self._questions.forget()
        self._refresh_foot()
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
        note = self.mode == "note"
        surroundings = self.surroundings
        account = surroundings.account(self.account_id) if surroundings else None
        shown_mode = "reply" if note else self.mode
        self._reply_tab.show_words(
            words.mode_title(shown_mode, account),
            channel=account.kind if account else "email",
            on=not note,
            arrow=not note,
        )
        self._reply_tab.setToolTip(tooltip(account.address if account else ""))
        self._reply_tab.setAccessibleName(words.mode_title(shown_mode, account))
        self._note_tab.show_words(_("Note"), icon="lock", on=note)
        in_conversation = surroundings is None or surroundings.conversation_id is not None
        self._note_tab.setVisible(in_conversation)
        own_subject = self.mode in ("new", "forward")
        self.fields.setVisible(not note)
        self.fields.show_subject(shown=own_subject)
        self.editor.setPlaceholderText(words.placeholder(self.mode))
        self._refresh_quote()
        self._refresh_foot()
        self._card.set_note(note=note)
        self.updateGeometry()

    def _refresh_foot(self) -> None:
        note = self.mode == "note"
        self.send_button.set_words(words.send_words(self.mode), has_menu=not note)
        compact = self.width() < _COMPACT
        self.send_button.set_compact(compact=compact)
        self._later.setVisible(not note)
        self._later.setText("" if compact else _("Send later"))
        self._discard.setVisible(not self.is_empty)

    def _refresh_quote(self) -> None:
        self._quoted.show_text(self.quoted_text())

    def _leave_quote_out(self) -> None:
        self.quote = False
        self._refresh_quote()
        self._on_edited()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh_foot()
        if self.picker.isVisible():
            self._canned.place()

    def choose_account(self, account_id: int) -> None:
        """Write from this account."""
        self.account_id = account_id
        self._refresh()
        self._on_edited()

    def open_later(self) -> None:
        """Offer when else it may leave."""
        if self.mode == "note":
            return
        menu = composer_menus.later_menu(self)
        size = menu.sizeHint()
        menu.popup(self._later.mapToGlobal(QPoint(0, -size.height() - 4)))

    def set_outer_limit(self, height: int) -> None:
        """How tall the composer may become, so that the conversation stays visible."""
        self.editor.set_limit(max(height - self._chrome(), 0))

    def _chrome(self) -> int:
        return self.sizeHint().height() - self.editor.sizeHint().height()
