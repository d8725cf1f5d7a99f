"""The sheet a message is written on: its parts, laid out; what they mean is the composer's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from desktop_inbox.domain.rich_text import RichText, to_text
from desktop_inbox.i18n import _
from desktop_inbox.ui import icons
from desktop_inbox.ui.actions import Actions
from desktop_inbox.ui.icons import BESIDE_WORDS
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views import composer_words as words
from desktop_inbox.ui.views.channel_checks import Count
from desktop_inbox.ui.views.channel_template import TemplateForm
from desktop_inbox.ui.views.channel_words import Countdown
from desktop_inbox.ui.views.composer_chips import DraftFiles
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.composer_fields import ComposerFields
from desktop_inbox.ui.views.composer_loss import LossNote
from desktop_inbox.ui.views.composer_parts import Card, QuestionStrip
from desktop_inbox.ui.views.composer_quoted import QuotedText
from desktop_inbox.ui.views.composer_send import SendButton
from desktop_inbox.ui.views.controls import (
    ElidedLabel,
    IconMark,
    PlainLabel,
    button,
    icon_button,
    link_button,
    tooltip,
)
from desktop_inbox.ui.views.format_bar import FormatBar
from desktop_inbox.ui.views.link_bar import LinkBar
from desktop_inbox.ui.views.pill import Pill
from desktop_inbox.ui.views.suggestions import SuggestionRow

_COMPACT = 450  # below this the footer keeps only its icons


class ComposerSheet(Card):
    """Everything of a composer that can be seen."""

    files_dropped = Signal(list)  # of Path: beside the text, to be attached

    def __init__(
        self,
        theme: Theme,
        *,
        actions: Actions,
        reply_menu: Callable[[], QMenu],
        send_menu: Callable[[], QMenu],
        parent: QWidget,
    ) -> None:
        super().__init__(theme, parent=parent)
        self._theme = theme
        self.reply_tab = Pill(theme, menu=reply_menu)
        self.note_tab = Pill(theme)
        self.discard = icon_button(theme, "trash-2", _("Discard draft"))
        self.other_draft = link_button(_("Other draft"), parent=self)
        self.fields = ComposerFields(theme, parent=self)
        self.editor = ComposerEditor(theme, keys=actions.keys)
        self.template = TemplateForm(theme, parent=self)
        self.signature = ElidedLabel(kind="small")
        self.quoted = QuotedText(theme, parent=self)
        self.files = DraftFiles(theme, parent=self)
        self.loss = LossNote(theme, parent=self)
        self.channel_strip = QuestionStrip(theme, parent=self)
        self.strip = QuestionStrip(theme, parent=self)
        self.countdown = ElidedLabel(kind="caption", parent=self)
        self._hourglass = IconMark(theme, "hourglass", size=14, parent=self)
        self.counter = PlainLabel(kind="caption", parent=self)
        self.counter.hide()
        self._left: Countdown | None = None
        self._tints: dict[QWidget, str] = {}
        self.link = LinkBar(theme, parent=self)
        self.format_bar = FormatBar(theme, actions=actions, parent=self)
        self.suggestions = SuggestionRow(theme, parent=self)
        self.attach = icon_button(theme, "paperclip", _("Attach files"))
        self.canned = icon_button(theme, "zap", _("Canned responses"))
        self.formatting = icon_button(theme, "type", _("Formatting"))
        self.formatting.setCheckable(True)
        self.formatting.setIcon(icons.icon(theme, "type", colour="muted", checked="accent"))
        self.saved = PlainLabel(kind="caption")
        self.later = button(_("Send later"), kind="ghost")
        self.later.setIcon(icons.icon(theme, "clock"))
        self.send = SendButton(theme, actions=actions, menu=send_menu, parent=self)
        self.setAcceptDrops(True)
        theme.changed.connect(self._tint_again)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(_line())
        column.addWidget(self.fields)
        column.addLayout(self._text())
        column.addWidget(self.format_bar)
        column.addWidget(self.suggestions)
        column.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        self.note_tab.show_words(_("Note"), icon="lock")
        self.note_tab.setAccessibleName(_("Note"))
        # Its one word stays whole: what stands beside it gives way.
        self.note_tab.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.other_draft.setToolTip(_("Save this one, and go on with another"))
        self.other_draft.hide()
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(self.reply_tab)
        row.addWidget(self.note_tab)
        row.addStretch(1)
        self._hourglass.hide()
        self.countdown.hide()
        row.addWidget(self._hourglass)
        row.addWidget(self.countdown)
        row.addWidget(self.other_draft)
        row.addWidget(self.discard)
        return row

    def put_below_text(self, part: QWidget) -> None:
        """Let something stand right below what is written."""
        self._column.insertWidget(self._column.indexOf(self.link) + 1, part)

    def _text(self) -> QVBoxLayout:
        column = self._column = QVBoxLayout()
        column.setContentsMargins(14, 10, 14, 4)
        column.setSpacing(6)
        for part in (
            self.editor,
            self.template,
            self.link,
            self.signature,
            self.quoted,
            self.files,
            self.loss,
            self.channel_strip,
            self.strip,
        ):
            column.addWidget(part)
        return column

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 8)
        row.setSpacing(2)
        for part in (self.attach, self.formatting, self.canned):
            row.addWidget(part)
        row.addSpacing(8)
        row.addWidget(self.saved)
        row.addStretch(1)
        row.addSpacing(8)
        row.addWidget(self.counter)
        row.addSpacing(6)
        row.addWidget(self.later)
        row.addSpacing(4)
        row.addWidget(self.send)
        return row

    def show_mode(
        self,
        mode: str,
        channel: str,
        *,
        name: str,
        badge: str,
        sender: str,
        in_conversation: bool,
        subject: bool,
    ) -> None:
        """Stand for a kind of message on a channel, and say who it goes out as."""
        note = mode == "note"
        title = words.mode_title("reply" if note else mode, channel, name=name)
        self.reply_tab.show_words(title, channel=badge, on=not note, arrow=not note)
        self.reply_tab.setToolTip(tooltip(sender))
        self.reply_tab.setAccessibleName(title)
        self.note_tab.show_words(_("Note"), icon="lock", on=note)
        self.note_tab.setVisible(in_conversation)
        self.fields.setVisible(not note)
        self.fields.show_subject(shown=subject)
        self.editor.setPlaceholderText(words.placeholder(mode))
        self.set_note(note=note)

    def show_count(self, told: Count | None) -> None:
        """Say how long the text is, in place of less where there is little room."""
        self.counter.setVisible(told is not None)
        if told is not None:
            self.counter.setText(told.text)
            self.tint(self.counter, "bad" if told.over else "muted")
        self._fit_foot()

    def _fit_foot(self) -> None:
        self.saved.setVisible(self.counter.isHidden() or not self._is_compact)

    @property
    def _is_compact(self) -> bool:
        return self.width() < _COMPACT

    def show_foot(self, mode: str, *, empty: bool) -> None:
        """Offer what can be done with a message of this kind; icons where there is no room."""
        compact = self._is_compact
        self.show_countdown(self._left)
        self._fit_foot()
        self.send.set_words(words.send_words(mode), has_menu=mode != "note")
        self.send.set_compact(compact=compact)
        self.later.setVisible(mode != "note")
        self.later.setText("" if compact else _("Send later"))
        self.later.setIconSize(QSize(SIZES.icon, SIZES.icon) if compact else BESIDE_WORDS)
        self.discard.setVisible(not empty)

    def show_countdown(self, told: Countdown | None) -> None:
        """Say until when somebody can be answered; None says nothing."""
        self.countdown.setVisible(told is not None)
        self._hourglass.setVisible(told is not None)
        self._left = told
        if told is not None:
            self.countdown.setText(told.short if self._is_compact else told.text)
            self.countdown.setToolTip(tooltip(told.text))
            self.countdown.setAccessibleName(told.text)
            self.tint(self.countdown, told.tone)

    def tint(self, label: QWidget, tone: str) -> None:
        """Have a label speak in a colour of the theme, also after that changes."""
        self._tints[label] = tone
        label.setStyleSheet(f"color: {self._theme.colour(tone).name()};")

    def _tint_again(self) -> None:
        for label, tone in self._tints.items():
            self.tint(label, tone)

    def show_signature(self, lines: RichText) -> None:
        """Show in one line what will stand below the text."""
        told = " · ".join(line for line in map(str.strip, to_text(lines).splitlines()) if line)
        self.signature.setText(f"-- {told}")
        self.signature.setAccessibleName(_("Signature: {text}").format(text=told))
        self.signature.setVisible(bool(told))

    # --- files dropped beside the text ---

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event):
            self.files.show_hint(shown=True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.files.show_hint(shown=False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.files.show_hint(shown=False)
        self.files_dropped.emit(_paths(event))
        event.acceptProposedAction()


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("kind", "line")
    return line
