"""The pictures shown in a text that is being written: by content id, never wider than the text."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QTextEdit

from desktop_inbox.ui.theme import Theme

LARGEST = QSize(420, 280)  # while it is written about; what is sent is as it was
_WAITING = QSize(96, 64)
_SCHEME = "cid:"


class ShownPictures:
    """Serves one editor, which asks it for what its document shows."""

    def __init__(self, editor: QTextEdit, theme: Theme) -> None:
        self._editor = editor
        self._theme = theme
        self._width = 0  # which they were fitted to
        self.known: dict[str, QImage] = {}

    def put(self, content_id: str, image: QImage) -> None:
        """Have a picture's content, which may come later than the text it stands in."""
        self.known[content_id] = image
        self._show({content_id: image})

    def fit(self) -> None:
        """Show them as wide as there is room for now."""
        if self.known and self._room() != self._width:
            self._show(self.known)

    def resource(self, address: str) -> QImage | None:
        """What a document shows for an address; None for what no picture of ours is meant by."""
        if not address.startswith(_SCHEME):
            return None
        image = self.known.get(address.removeprefix(_SCHEME))
        return self._fitted(image) if image is not None else self._placeholder()

    def _show(self, images: Mapping[str, QImage]) -> None:
        document, self._width = self._editor.document(), self._room()
        for content_id, image in images.items():
            url = QUrl(_SCHEME + content_id)
            document.addResource(QTextDocument.ResourceType.ImageResource, url, self._fitted(image))
        document.markContentsDirty(0, document.characterCount())

    def _room(self) -> int:
        return max(min(self._editor.viewport().width() - 8, LARGEST.width()), _WAITING.width())

    def _fitted(self, image: QImage) -> QImage:
        ratio = self._editor.devicePixelRatioF()
        box = QSize(self._room(), LARGEST.height()).boundedTo(image.size())
        sharp = image.scaled(
            box * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        sharp.setDevicePixelRatio(ratio)
        return sharp

    def _placeholder(self) -> QImage:
        """What stands for a picture that is still being brought."""
        image = QImage(_WAITING, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(self._theme.colour("hover"))
        return image
