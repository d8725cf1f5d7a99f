"""What of a text's layout will not arrive: one quiet line, and how the rest will read (rule F4)."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.rich_text import NOTHING, Adapted, Feature
from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, link_button

# What arrives of the layout, by the kind of channel; nothing where none is named.
_KEPT: dict[str, frozenset[Feature]] = {"email": frozenset(Feature)}


def kept_by(kind: str) -> frozenset[Feature]:
    """What a channel of this kind keeps of the layout."""
    return _KEPT.get(kind, NOTHING)


def feature_words(feature: Feature) -> str:
    """A feature in the middle of a sentence."""
    return {
        Feature.BOLD: _("bold"),
        Feature.ITALIC: _("italic"),
        Feature.UNDERLINE: _("underlining"),
        Feature.LINK: _("links"),
        Feature.LIST: _("lists"),
        Feature.QUOTE: _("quotes"),
        Feature.PICTURE: _("pictures"),
    }[feature]


class LossNote(QWidget):
    """Says what is lost, and shows on demand what will be read."""

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = PlainLabel(kind="small", wrap=True)
        self._button = link_button(_("Preview"), clicked=self._toggle)
        self._view = QPlainTextEdit()
        self._view.setReadOnly(True)
        self._view.setProperty("kind", "bare")
        self._view.setAccessibleName(_("How it will read"))
        self._view.setFixedHeight(theme.px(96))
        self._view.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self._button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._view)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; '' while nothing is lost."""
        return "" if self.isHidden() else self._words.text()

    @property
    def preview(self) -> str:
        """What will be read, as far as it is shown."""
        return "" if self._view.isHidden() else self._view.toPlainText()

    def show_loss(self, adapted: Adapted | None) -> None:
        """Stand for this text; None, or a text that loses nothing, hides it."""
        lost = adapted.lost if adapted is not None else ()
        self.setVisible(bool(lost))
        if adapted is None or not lost:
            self._view.hide()
            return
        named = ", ".join(map(feature_words, lost))
        self._words.setText(_("This leaves as plain text, without {lost}.").format(lost=named))
        if self._view.toPlainText() != adapted.text:
            self._view.setPlainText(adapted.text)

    def _toggle(self) -> None:
        self._view.setVisible(self._view.isHidden())
