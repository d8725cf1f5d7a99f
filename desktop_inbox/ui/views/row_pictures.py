"""Painted rows of the list, kept so that a refresh copies pixels instead of drawing words.

Drawing a row takes most of a millisecond of Python, copying one a fraction of it, and the engine
wants the interpreter at the same time: a list that draws every row anew whenever mail arrives
stutters. UI thread only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import floor

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap

MOST_BYTES = 12_000_000  # some ninety rows, or a quarter of that on a screen of twice the density
_BYTES_PER_PIXEL = 4


class RowPictures:
    """Pictures by what they show; those not asked for the longest are forgotten."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, QPixmap] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget everything: colours, fonts or sizes are others now."""
        self._kept.clear()
        self._bytes = 0

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        *,
        shows: Hashable,
        ground: QColor,
        draw: Callable[[QPainter, QRect], None],
    ) -> None:
        """Paint what `shows` stands for into `rect`; `draw` draws it where no picture is kept.

        The picture covers whole pixels of the screen, so that it is as crisp as what is drawn on
        the screen itself, also where a row begins between two of them.
        """
        to_device = painter.deviceTransform()
        covered = _whole_pixels(to_device.mapRect(QRectF(rect)))
        ratio = to_device.m11()
        key = (shows, ground.rgba(), covered.width(), covered.height(), ratio)
        picture = self._kept.get(key)
        if picture is None:
            picture = QPixmap(covered.size())
            picture.setDevicePixelRatio(ratio)
            picture.fill(ground)
            inner = QPainter(picture)
            draw(inner, QRect(0, 0, rect.width(), rect.height()))
            inner.end()
            self._keep(key, picture)
        else:
            self._kept.move_to_end(key)
        back, _possible = to_device.inverted()
        painter.drawPixmap(back.mapRect(QRectF(covered)), picture, QRectF(picture.rect()))

    def _keep(self, key: Hashable, picture: QPixmap) -> None:
        self._kept[key] = picture
        self._bytes += _size(picture)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _oldest, forgotten = self._kept.popitem(last=False)
            self._bytes -= _size(forgotten)


def _whole_pixels(rect: QRectF) -> QRect:
    """Move each edge to the nearest pixel, so that rows that touch go on touching."""
    left, top = floor(rect.left() + 0.5), floor(rect.top() + 0.5)
    right, bottom = floor(rect.right() + 0.5), floor(rect.bottom() + 0.5)
    return QRect(left, top, max(1, right - left), max(1, bottom - top))


def _size(picture: QPixmap) -> int:
    return picture.width() * picture.height() * _BYTES_PER_PIXEL
