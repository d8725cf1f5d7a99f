"""Pictures out of foreign bytes: few formats, a limit on pixels and memory. Any thread."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

MAX_PIXELS = 40_000_000
MAX_BYTES = 40 * 1024 * 1024
_ALLOCATION_MB = 192  # MAX_PIXELS at four bytes each, and some
_FORMATS = frozenset({b"png", b"jpeg", b"jpg", b"gif", b"webp", b"bmp"})

SHOWN_TYPES = frozenset(
    {"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp"}
)


def decode(data: bytes, *, box: QSize, cover: bool = False) -> QImage | None:
    """Return the picture scaled down into `box` (over it, with `cover`); None where it cannot be.

    The format is taken from the bytes, never from a name or a header, and only simple raster
    formats are read at all.
    """
    if not data or len(data) > MAX_BYTES:
        return None
    QImageReader.setAllocationLimit(_ALLOCATION_MB)
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    if bytes(reader.format().data()) not in _FORMATS:
        return None
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MAX_PIXELS:
        return None
    reader.setScaledSize(_scaled(size, box, cover=cover))
    image = reader.read()
    return None if image.isNull() else image


def _scaled(size: QSize, box: QSize, *, cover: bool) -> QSize:
    mode = (
        Qt.AspectRatioMode.KeepAspectRatioByExpanding
        if cover
        else Qt.AspectRatioMode.KeepAspectRatio
    )
    scaled = size.scaled(box, mode)
    if scaled.width() >= size.width():
        return size
    return scaled.expandedTo(QSize(1, 1))
