"""Draws the program's mark as PNG files: `python icons.py SVG FOLDER SIDE…`.

Runs in the virtual environment of the build, because it needs Qt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> int:
    """Write FOLDER/SIDE.png for each side, in pixels."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    source, folder, *sides = arguments
    draw(Path(source), Path(folder), [int(side) for side in sides])
    return 0


def draw(source: Path, folder: Path, sides: Sequence[int]) -> None:
    """Draw `source` once for each side."""
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    renderer = QSvgRenderer(str(source))
    for side in sides:
        image = QImage(side, side, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter)
        painter.end()
        path = folder / f"{side}.png"
        if not image.save(str(path)):
            raise OSError(f"{path} cannot be written")
    del application


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
