"""The scheme in force: its colours and fonts, put on Qt and on what paints itself.

Follows the system's colour scheme live unless the owner chose one. Lives on the UI thread.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QFontMetricsF,
    QGuiApplication,
    QPalette,
)
from PySide6.QtWidgets import QApplication

from desktop_inbox.paths import resources
from desktop_inbox.ui.style_sheet import style_sheet
from desktop_inbox.ui.tokens import DARK, LIGHT, Tokens

FAMILY = "Inter"


class Choice(StrEnum):
    """What the owner chose in the settings."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Face(NamedTuple):
    """A font with its measures, which take longer to make than to use. Not to be changed."""

    font: QFont
    metrics: QFontMetrics
    exact: QFontMetricsF


def hsl(hue: float, saturation: float, lightness: float) -> QColor:
    """Return the colour CSS calls hsl(hue saturation% lightness%)."""
    return QColor.fromHslF((hue % 360) / 360, saturation / 100, lightness / 100)


class Theme(QObject):
    """The scheme in force. Widgets paint from it and repaint when `changed` is emitted."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choice = Choice.SYSTEM
        self.scale = 1.0  # text size, on top of the screen's own scale
        self.family = _load_fonts()
        self._faces: dict[tuple[float, int, bool], Face] = {}
        self._points_per_pixel = 72.0 / _dots_per_inch()
        self.tokens = self._wanted()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._refresh)

    @property
    def dark(self) -> bool:
        return self.tokens.dark

    def choose(self, choice: Choice, *, scale: float | None = None) -> None:
        """Take over the owner's choice of scheme and text size."""
        self.choice = choice
        if scale is not None and scale != self.scale:
            self.scale = scale
            self.tokens = self._wanted()
            self.apply()
            return
        self._refresh()

    def apply(self) -> None:
        """Put fonts, palette and style sheet on the application."""
        self._faces.clear()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setFont(self.font())
            application.setPalette(_palette(self.tokens))
            # PySide's types ask for bytes, which PySide itself refuses.
            application.setPalette(_box_palette(self.tokens), "QCheckBox")  # type: ignore[arg-type]
            application.setStyleSheet(self.style_sheet())
        self.changed.emit()

    def px(self, pixels: float) -> int:
        """Return a measure that grows with the text size."""
        return round(pixels * self.scale)

    def font(self, size: float = 13, weight: int = 400) -> QFont:
        """Return the interface font, `size` in pixels at a text size of 100 %."""
        font = QFont(self.family)
        font.setPointSizeF(size * self.scale * self._points_per_pixel)
        font.setWeight(QFont.Weight(weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
        return font

    def tabular(self, size: float = 12, weight: int = 400) -> QFont:
        """Return the font for figures that stand under each other."""
        font = self.font(size, weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def face(self, size: float = 13, weight: int = 400, *, tabular: bool = False) -> Face:
        """Return a font and its measures, made once for each text size: for what paints often."""
        key = (size, weight, tabular)
        face = self._faces.get(key)
        if face is None:
            font = self.tabular(size, weight) if tabular else self.font(size, weight)
            face = Face(font, QFontMetrics(font), QFontMetricsF(font))
            self._faces[key] = face
        return face

    def colour(self, name: str) -> QColor:
        """Return the colour of a token, such as "muted", or of a literal such as "#FFFFFF"."""
        return QColor(name if name.startswith("#") else getattr(self.tokens, name))

    def tag_background(self, hue: int) -> QColor:
        return hsl(hue, self.tokens.tag_saturation, self.tokens.tag_lightness)

    def tag_text(self, hue: int) -> QColor:
        """Return a text colour that reads on `tag_background` of the same hue."""
        return hsl(hue, 60, self.tokens.tag_text_lightness)

    def tag_dot(self, hue: int) -> QColor:
        return hsl(hue, 60, 55)

    def avatar_background(self, hue: int) -> QColor:
        return hsl(hue, 45, self.tokens.avatar_lightness)

    def avatar_text(self, hue: int) -> QColor:
        return hsl(hue, 45, self.tokens.avatar_text_lightness)

    def style_sheet(self) -> str:
        """Return the style sheet of the whole application in the scheme in force."""
        return style_sheet(self.tokens, self.scale)

    def _wanted(self) -> Tokens:
        if self.choice is Choice.SYSTEM:
            scheme = QGuiApplication.styleHints().colorScheme()
            return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        return DARK if self.choice is Choice.DARK else LIGHT

    def _refresh(self) -> None:
        wanted = self._wanted()
        if wanted is not self.tokens:
            self.tokens = wanted
            self.apply()


def _dots_per_inch() -> float:
    screens = QGuiApplication.screens()
    return screens[0].logicalDotsPerInch() if screens else 96.0


def _load_fonts() -> str:
    """Load the shipped Inter; where it is missing the platform's interface font serves."""
    loaded = [
        QFontDatabase.addApplicationFont(str(file))
        for file in sorted((resources() / "fonts").glob("Inter-*.otf"))
    ]
    if any(identifier >= 0 for identifier in loaded):
        return FAMILY
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def _box_palette(tokens: Tokens) -> QPalette:
    """Return the colours of check boxes: Qt draws their outline a shade darker than the window."""
    palette = _palette(tokens)
    palette.setColor(QPalette.ColorRole.Window, QColor(tokens.muted))
    return palette


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for target, name in (
        (role.Window, tokens.bg),
        (role.WindowText, tokens.text),
        (role.Base, tokens.panel),
        (role.AlternateBase, tokens.hover),
        (role.Text, tokens.text),
        (role.PlaceholderText, tokens.muted),
        (role.Button, tokens.panel),
        (role.ButtonText, tokens.text),
        (role.ToolTipBase, tokens.text),
        (role.ToolTipText, tokens.panel),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent),
        (role.Accent, tokens.accent),
        (role.Mid, tokens.line),
        (role.Midlight, tokens.hover),
        (role.Dark, tokens.muted),
        (role.Light, tokens.panel),
    ):
        palette.setColor(target, QColor(name))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(tokens.muted))
    return palette
