"""Where customers write to us on a channel: an address to copy, and a code for their phones.

UI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, link_button

_SIDE = 116  # pixels
_QUIET = 4  # modules that stay white around it (ISO/IEC 18004, 5.3.8)


class LinkCard(QFrame):
    """Says where customers write, with what a phone can read from the screen."""

    def __init__(self, theme: Theme, link: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "hint")
        self.link = link
        copy = link_button(_("Copy"), clicked=self._copy)
        copy.setAccessibleName(_("Copy {link}").format(link=link))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(PlainLabel(_("Where customers write to you"), kind="strong"))
        words.addWidget(PlainLabel(link, kind="caption", wrap=True))
        words.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        words.addWidget(
            PlainLabel(
                _("Put it on your website, or hold a phone before the code to try it yourself."),
                kind="caption",
                wrap=True,
            )
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 12, 14, 12)
        row.setSpacing(14)
        row.addLayout(words, 1)
        row.addWidget(QrCode(link, side=theme.px(_SIDE)), 0, Qt.AlignmentFlag.AlignTop)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.link)


class QrCode(QWidget):
    """A link as a QR code, dark on white also in the dark: phones want it so."""

    def __init__(self, link: str, *, side: int) -> None:
        super().__init__()
        import segno  # nobody else needs it

        self.rows = tuple(bytes(row) for row in segno.make(link, micro=False).matrix)
        self._side = side
        self.setFixedSize(side, side)
        self.setAccessibleName(_("QR code of {link}").format(link=link))

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        module = self.width() / (len(self.rows) + 2 * _QUIET)
        for y, row in enumerate(self.rows, start=_QUIET):
            for x, dark in enumerate(row, start=_QUIET):
                if dark:
                    # Up to the next one, so that no seam shows where pixels are not whole.
                    left, top = round(x * module), round(y * module)
                    right, bottom = round((x + 1) * module), round((y + 1) * module)
                    painter.fillRect(
                        QRectF(left, top, right - left, bottom - top), Qt.GlobalColor.black
                    )
        painter.end()
