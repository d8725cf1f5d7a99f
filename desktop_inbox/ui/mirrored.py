"""Where the parts of a row lie in a window that runs from right to left. Pure."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt


def mirrored(direction: Qt.LayoutDirection, whole: QRect, part: QRect) -> QRect:
    """Return the place of `part` in `whole`, which is counted from the left.

    The same as QStyle.visualRect; but with that class comes all that any style may draw, which
    takes longer than to paint the first row.
    """
    if direction != Qt.LayoutDirection.RightToLeft:
        return part
    return part.translated(whole.left() + whole.right() - part.left() - part.right(), 0)
