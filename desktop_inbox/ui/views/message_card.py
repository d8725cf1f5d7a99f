"""The bubble itself: notices, text, quoted history and files of a message under each other."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _
from desktop_inbox.services import remote_images
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.tokens import LIGHT, SIZES
from desktop_inbox.ui.views import invitation_words, outbox_words, piece_words, plain_text
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views.attachments import AttachmentStrip
from desktop_inbox.ui.views.bubble_style import BubbleStyle, background
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, link_button, tooltip
from desktop_inbox.ui.views.message_body import MessageBody
from desktop_inbox.ui.views.message_delivered import DeliveredTo
from desktop_inbox.ui.views.message_notices import PicturesOffer, Trouble
from desktop_inbox.ui.views.message_parts import Late, Parts
from desktop_inbox.ui.views.message_text import PICTURE_WIDTH, Reading
from desktop_inbox.ui.views.offers import OfferLines
from desktop_inbox.ui.views.piece_lines import PieceLines
from desktop_inbox.ui.views.piece_media import chip_of
from desktop_inbox.ui.views.piece_quote import QuotedMessage

_PAD_X, _PAD_Y = 13, 9
_GAP = 8
_PAPER = 7  # pixels of white around a text on paper
_ROOM_STEP = 40
_SHARP = 4  # how round the corner is that points at somebody
_MEASURED = (MessageBody, AttachmentStrip, PieceLines, Trouble, OfferLines)
JUMP = "jump"  # begins the name of a wish to see the message that is answered: "jump:12"


class MessageCard(QWidget):
    """Shows what a message says, at the size that it needs."""

    resized = Signal()
    acted = Signal(str)
    link_hovered = Signal(str)

    def __init__(self, message: MessageRow, *, style: BubbleStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._message = message
        self._style = style
        self._quoted_shown = False
        self._room = PICTURE_WIDTH
        self.on_paper = False
        self.reading = style.readings.now(message)
        self._parts = Parts()
        late = self._parts.late  # from above to below
        self._others = late(lambda: ElidedLabel(kind="caption", parent=self))
        self._delivered = late(lambda: DeliveredTo(style.theme, parent=self))
        self._notice = late(lambda: PlainLabel(kind="caption", wrap=True, parent=self))
        self._offers = late(self._make_offers)
        self._invited = late(lambda: PlainLabel(wrap=True, parent=self))
        self._quoted = late(self._make_quoted)
        self.body = late(self._make_body).get()
        self._fold = late(self._make_fold)
        self._pictures = late(self._make_pictures)
        self._pieces = late(self._make_pieces)
        self._attachments = late(self._make_attachments)
        self._trouble = late(self._make_trouble)
        style.theme.changed.connect(self._restyle)
        self._restyle()
        self._show_parts()

    @property
    def attachments(self) -> AttachmentStrip | None:
        """Its files, where it ever had some."""
        return self._attachments.made

    def show_message(self, message: MessageRow, *, before: MessageRow) -> None:
        self._message = message
        if _words_of(message) != _words_of(before):
            self.reading = self._style.readings.now(message)
            self._show_text()
        self._show_parts()

    def show_reading(self, reading: Reading) -> None:
        if reading == self.reading:
            return
        self.reading = reading
        self._show_text()
        self._show_parts()
        self.resized.emit()

    def show_state(self, message: MessageRow) -> bool:
        """Show the delivery state; returns whether the height may have changed."""
        self._message = message
        state = outbox_words.delivery(message, now=self._style.now())
        trouble = self._trouble.where(state is not None and state.detail)
        return trouble is not None and trouble.show_state(state)

    @property
    def has_hidden_text(self) -> bool:
        return self.reading.has_quoted and not self._quoted_shown

    def toggle_quoted(self) -> None:
        self._quoted_shown = not self._quoted_shown
        self._name_fold(self._fold.get())
        self._show_text()
        self.resized.emit()

    # --- measures ---

    def measure(self, limit: int) -> QSize:
        """The size it takes where it may be `limit` wide."""
        inner = limit - 2 * _PAD_X
        self._fit_pictures(inner)
        widest, height = 0, 0
        for _part, size in self._sizes(inner):
            widest = max(widest, size.width())
            height += size.height() + (_GAP if height else 0)
        width = max(min(widest + 2 * _PAD_X, limit), 56)
        return QSize(width, height + 2 * _PAD_Y)

    def _fit_pictures(self, inner: int) -> None:
        """Have pictures take no more than the pane's width; in steps, for it may be dragged."""
        room = max(min(inner // _ROOM_STEP * _ROOM_STEP, PICTURE_WIDTH), _ROOM_STEP)
        if room == self._room:
            return
        self._room = room
        if self.reading.is_html and self.body.has_pictures:
            self._show_text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.arrange()

    def arrange(self) -> None:
        inner = self.width() - 2 * _PAD_X
        top = _PAD_Y
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for part, size in self._sizes(inner):
            width = inner if _stretches(part) else min(size.width(), inner)
            left = self.width() - _PAD_X - width if mirrored else _PAD_X
            part.setGeometry(left, top, width, size.height())
            top += size.height() + _GAP

    def _sizes(self, inner: int) -> list[tuple[QWidget, QSize]]:
        return [(part, _size_of(part, inner)) for part in self._parts.shown()]

    # --- parts ---

    def _make_offers(self) -> OfferLines:
        offers = OfferLines(self)
        offers.acted.connect(self.acted)
        return offers

    def _make_quoted(self) -> QuotedMessage:
        quoted = QuotedMessage(self._style.theme, parent=self)
        quoted.clicked.connect(lambda: self.acted.emit(f"{JUMP}:{quoted.target}"))
        return quoted

    def _make_body(self) -> MessageBody:
        body = MessageBody(self)
        body.link_hovered.connect(self.link_hovered)
        body.height_changed.connect(self.resized)
        return body

    def _make_fold(self) -> QPushButton:
        fold = link_button("•••", clicked=self.toggle_quoted, parent=self)
        self._name_fold(fold)
        return fold

    def _name_fold(self, fold: QPushButton) -> None:
        name = _("Hide quoted text") if self._quoted_shown else _("Show quoted text")
        fold.setAccessibleName(name)
        fold.setToolTip(name)

    def _make_pictures(self) -> PicturesOffer:
        pictures = PicturesOffer(self)
        pictures.acted.connect(self.acted)
        return pictures

    def _make_pieces(self) -> PieceLines:
        pieces = PieceLines(self._style.theme, parent=self)
        pieces.acted.connect(self.acted)
        return pieces

    def _make_attachments(self) -> AttachmentStrip:
        make = partial(chip_of, message=self._message) if words.in_chat(self._message) else None
        strip = AttachmentStrip(self._style.theme, make=make, parent=self)
        strip.resized.connect(self.resized)
        return strip

    def _make_trouble(self) -> Trouble:
        trouble = Trouble(self._style.theme, parent=self)
        trouble.acted.connect(self.acted)
        return trouble

    # --- contents ---

    def _show_parts(self) -> None:
        message = self._message
        _tell(self._notice, "\n".join(self._warnings()))
        offers = words.offers(message, now=self._style.now())
        if shown := self._offers.where(offers):
            shown.show_offers(offers)
        if delivered := self._delivered.where(message.delivered_to):
            delivered.show_addresses(message.delivered_to)
        invitation = message.invitation
        _tell(self._invited, "\n".join(invitation_words.lines(invitation)) if invitation else "")
        _tell(self._others, words.others(message))
        if others := self._others.made:
            others.setToolTip(tooltip(words.people(message)))
        if fold := self._fold.where(self.reading.has_quoted):
            fold.setVisible(self.reading.has_quoted)
        self._offer_pictures()
        if strip := self._attachments.where(message.attachments):
            strip.show_attachments(message.attachments)
            strip.setVisible(strip.count() > 0)
        lines = piece_words.lines(message)
        if pieces := self._pieces.where(lines):
            pieces.show_lines(lines)
        elsewhere = (strip and strip.count()) or message.pieces or message.unreadable
        self.body.setVisible(not self.reading.empty or not elsewhere)
        self._show_answered()
        self.show_state(message)

    def _warnings(self) -> list[str]:
        """What a reader must know about the message and its text, in sentences."""
        told = [*words.troubles(self._message), *words.doubts(self.reading.doubts)]
        if self.reading.cut:
            told.append(_("Only the beginning of this long text is shown."))
        if self.reading.lost:
            told.append(_("The layout of this message is not here any more; this is its text."))
        return told

    def _offer_pictures(self) -> None:
        """Offer to fetch what the text would show from the web, unless it may do so anyway."""
        allowed = self.reading.remote and self._style.readings.shows_pictures(self._message)
        count = 0 if allowed else self.reading.remote
        if pictures := self._pictures.where(count):
            pictures.show_count(count, sender=remote_images.sender_of(self._message))

    def _show_answered(self) -> None:
        """Show the message that this one answers, where a chat says so."""
        message = self._message
        missing = words.in_chat(message) and bool(message.in_reply_to)
        answered = self._style.answered(message) if missing else None
        if quoted := self._quoted.where(missing):
            quoted.show_answered(answered, missing=missing, me=self._style.me)

    def put_on_paper(self, *, on: bool) -> None:
        """Show the text on white, in the colours its sender chose."""
        self.on_paper = on
        self._restyle()
        self.resized.emit()

    def _show_text(self) -> None:
        dark = self._style.theme.dark and not self.on_paper
        html = self.reading.html(quoted=self._quoted_shown, dark=dark, width=self._room)
        if self._message.direction is Direction.NOTE:
            colour = self._style.theme.tokens.accent
            html = plain_text.with_mentions(html, self._style.mentions, colour=colour)
        elif self._message.withdrawn_at is not None:
            html = f'<div style="color: {self._style.theme.tokens.muted}">{html}</div>'
        self.body.show_html(html, pictures=self.body.pictures, room=self._room)

    def _restyle(self) -> None:
        tokens = LIGHT if self.on_paper else self._style.theme.tokens
        self.body.set_text_colour(
            text=tokens.text,
            link=tokens.accent,
            selection=_selection(tokens.accent),
        )
        self._show_text()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._style.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        border = {Direction.OUT: "outgoing", Direction.NOTE: "note_line"}.get(
            self._message.direction, "line"
        )
        painter.setPen(theme.colour(border))
        painter.setBrush(theme.colour(background(self._message)))
        sharp_end = self._message.direction is Direction.OUT
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            sharp_end = not sharp_end
        painter.drawPath(_bubble(rect, SIZES.radius_large, sharp_right=sharp_end))
        if self.on_paper and not self.body.isHidden():
            paper = QRectF(self.body.geometry()).adjusted(-_PAPER, -_PAPER / 2, _PAPER, _PAPER / 2)
            painter.setBrush(QColor(LIGHT.panel))
            painter.drawRoundedRect(paper, SIZES.radius, SIZES.radius)
        painter.end()


def _words_of(message: MessageRow) -> tuple[object, ...]:
    return (
        message.html, message.has_html, message.raw_sha256, message.text, message.visible_text,
        message.withdrawn_at,
    )  # fmt: skip


def _tell(place: Late[PlainLabel] | Late[ElidedLabel], text: str) -> None:
    """Show some words in a label, or nothing."""
    label: PlainLabel | None = place.where(text)
    if label is not None:
        label.setText(text)
        label.setVisible(bool(text))


def _stretches(part: QWidget) -> bool:
    """Whether a part takes all the room there is, and not only as much as it needs."""
    return isinstance(part, _MEASURED) or (isinstance(part, PlainLabel) and part.wordWrap())


def _size_of(part: QWidget, inner: int) -> QSize:
    if isinstance(part, _MEASURED):
        return part.measure(inner)
    if isinstance(part, PlainLabel) and part.wordWrap():
        # As wide as its longest line, or the card would become narrower than what was measured.
        metrics = QFontMetrics(part.font())
        lines = part.text().splitlines()
        natural = max((metrics.horizontalAdvance(line) for line in lines), default=0) + 4
        width = min(natural, inner)
        return QSize(width, part.heightForWidth(width))
    hint = part.sizeHint()
    return QSize(min(hint.width(), inner), hint.height())


def _selection(accent: str) -> str:
    colour = QColor(accent)
    colour.setAlpha(80)
    return colour.name(QColor.NameFormat.HexArgb)


def _bubble(rect: QRectF, radius: float, *, sharp_right: bool) -> QPainterPath:
    """A rounded rectangle with one upper corner that points at whoever speaks."""
    left, right = (radius, _SHARP) if sharp_right else (_SHARP, radius)
    corners = (  # from the upper left one clockwise, each with its place
        (left, rect.left(), rect.top()),
        (right, rect.right() - 2 * right, rect.top()),
        (radius, rect.right() - 2 * radius, rect.bottom() - 2 * radius),
        (radius, rect.left(), rect.bottom() - 2 * radius),
    )
    path = QPainterPath(QPointF(rect.left(), rect.top() + left))
    for number, (round_, x, y) in enumerate(corners):
        path.arcTo(QRectF(x, y, 2 * round_, 2 * round_), 180 - 90 * number, -90)
    path.closeSubpath()
    return path
