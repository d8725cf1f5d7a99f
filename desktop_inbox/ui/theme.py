"""Colours, fonts and sizes of the interface, light and dark, and the style sheet made of them.

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

FAMILY = "Inter"


class Tokens(NamedTuple):
    """Every colour of one scheme. Percentages are those of CSS hsl()."""

    dark: bool
    bg: str  # behind panels
    panel: str  # list, cards, dialogs
    nav: str  # navigation and status bar
    line: str  # hairlines and borders
    text: str
    muted: str  # second-rank text; 4.5:1 on every background above
    accent: str
    accent_bg: str
    on_accent: str  # text on the accent colour
    selection: str
    hover: str
    outgoing: str  # bubble of what we wrote
    incoming: str
    note: str
    note_line: str
    warn: str
    warn_bg: str
    bad: str
    bad_bg: str
    good: str
    ok: str  # neutral chip
    ok_bg: str
    badge_ring: str
    shadow: str
    tag_saturation: int
    tag_lightness: int
    tag_text_lightness: int
    avatar_lightness: int
    avatar_text_lightness: int


LIGHT = Tokens(
    dark=False,
    bg="#F6F7F9",
    panel="#FFFFFF",
    nav="#EEF0F4",
    line="#E2E5EB",
    text="#171A21",
    muted="#5D677B",
    accent="#3B5BDB",
    accent_bg="#E7ECFF",
    on_accent="#FFFFFF",
    selection="#EDF1FF",
    hover="#F2F4F8",
    outgoing="#E7ECFF",
    incoming="#F1F3F6",
    note="#FFF6DB",
    note_line="#F0DFA0",
    warn="#B54708",
    warn_bg="#FEF0DC",
    bad="#B42318",
    bad_bg="#FEE9E7",
    good="#067647",
    ok="#344054",
    ok_bg="#EFF2F6",
    badge_ring="#FFFFFF",
    shadow="#1F101828",
    tag_saturation=70,
    tag_lightness=92,
    tag_text_lightness=28,
    avatar_lightness=88,
    avatar_text_lightness=28,
)

DARK = Tokens(
    dark=True,
    bg="#12141A",
    panel="#181B22",
    nav="#14161D",
    line="#272B35",
    text="#E7E9EE",
    muted="#98A1B2",
    accent="#8BA2FF",
    accent_bg="#232C52",
    on_accent="#181B22",
    selection="#212842",
    hover="#1E222B",
    outgoing="#263058",
    incoming="#20242E",
    note="#332C14",
    note_line="#574A1C",
    warn="#FDB25C",
    warn_bg="#3A2A12",
    bad="#FF8A80",
    bad_bg="#421F1C",
    good="#75E0A7",
    ok="#C3CAD6",
    ok_bg="#232833",
    badge_ring="#181B22",
    shadow="#80000000",
    tag_saturation=35,
    tag_lightness=20,
    tag_text_lightness=78,
    avatar_lightness=28,
    avatar_text_lightness=86,
)


class Sizes(NamedTuple):
    """Measures in device-independent pixels at a text size of 100 %."""

    navigation: int = 224
    list: int = 344
    sidebar: int = 288
    status_bar: int = 26
    row: int = 92
    avatar: int = 36
    badge: int = 15
    button: int = 30
    icon: int = 16
    radius_small: int = 5  # chips
    radius: int = 8  # buttons, fields
    radius_large: int = 12  # cards, bubbles


SIZES = Sizes()


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
        return _style_sheet(self.tokens, self.scale)

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


def _style_sheet(tokens: Tokens, scale: float) -> str:
    t = tokens
    arrows = (resources() / "icons").as_posix()

    def px(pixels: float) -> str:
        return f"{round(pixels * scale, 1):g}px"

    return f"""
* {{ font-size: {px(13)}; }}
QToolTip {{ background: {t.text}; color: {t.panel}; border: 0; padding: 4px 8px;
    font-size: {px(12)}; }}
QMainWindow, QDialog {{ background: {t.bg}; }}
QLabel {{ background: transparent; }}
QLabel[kind="muted"] {{ color: {t.muted}; }}
QLabel[kind="small"] {{ color: {t.muted}; font-size: {px(11)}; }}
QLabel[kind="caption"] {{ color: {t.muted}; font-size: {px(12)}; }}
QLabel[kind="title"] {{ font-size: {px(16)}; font-weight: 700; }}
QLabel[kind="display"] {{ font-size: {px(20)}; font-weight: 700; }}
QLabel[kind="strong"] {{ font-weight: 600; }}
QLabel[kind="heading"] {{ font-size: {px(12)}; font-weight: 600; }}
QLabel[kind="section"] {{ font-size: {px(11)}; font-weight: 600; color: {t.muted}; }}
QLabel[kind="error"] {{ color: {t.bad}; font-size: {px(12)}; }}
QLabel[kind="keycap"] {{ color: {t.muted}; font-size: {px(11)}; border: 1px solid {t.line};
    border-radius: 4px; padding: 0 5px; }}
QFrame[kind="panel"] {{ background: {t.panel}; border: 0; }}
QFrame[kind="nav"] {{ background: {t.nav}; border: 0; }}
QFrame[kind="card"] {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 12px; }}
QFrame[kind="hint"] {{ background: {t.ok_bg}; border: 0; border-radius: 8px; }}
QFrame[kind="line"] {{ background: {t.line}; border: 0; max-height: 1px; min-height: 1px; }}
QFrame[kind="drop"] {{ background: {t.accent}; border: 0; }}
QFrame[kind="vline"] {{ background: {t.line}; border: 0; max-width: 1px; min-width: 1px; }}

QPushButton, QToolButton {{ background: transparent; color: {t.text}; border: 1px solid transparent;
    border-radius: 7px; padding: 5px 9px; }}
QPushButton:hover, QToolButton:hover {{ background: {t.hover}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {t.accent_bg}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {t.accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {t.muted}; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[kind="primary"], QToolButton[kind="primary"] {{ background: {t.accent};
    color: {t.on_accent}; font-weight: 600; border-radius: 8px; padding: 6px 14px; }}
QPushButton[kind="primary"]:hover, QToolButton[kind="primary"]:hover {{
    background: {_shade(t.accent, dark=t.dark)}; }}
QPushButton[kind="primary"]:focus, QToolButton[kind="primary"]:focus {{
    border: 1px solid {t.text}; }}
QPushButton[kind="primary"]:disabled, QToolButton[kind="primary"]:disabled {{
    background: {t.ok_bg}; color: {t.muted}; }}
QPushButton[kind="pill"], QToolButton[kind="pill"], QPushButton[kind="secondary"] {{
    background: {t.panel}; border: 1px solid {t.line}; }}
QPushButton[kind="secondary"] {{ border-radius: 8px; padding: 6px 12px; }}
QPushButton[kind="pill"]:hover, QToolButton[kind="pill"]:hover,
QPushButton[kind="secondary"]:hover {{ background: {t.hover}; }}
QPushButton[kind="pill"]:focus, QToolButton[kind="pill"]:focus,
QPushButton[kind="secondary"]:focus {{ border-color: {t.accent}; }}
QPushButton[kind="pill"][tone="accent"], QToolButton[kind="pill"][tone="accent"] {{
    color: {t.accent}; border-color: {t.accent}; }}
QPushButton[kind="ghost"], QToolButton[kind="ghost"] {{ color: {t.muted}; padding: 6px 10px; }}
QPushButton[kind="link"], QToolButton[kind="link"] {{ color: {t.accent}; font-weight: 600;
    padding: 0 2px; border-radius: 4px; }}
QPushButton[kind="link"]:hover, QToolButton[kind="link"]:hover {{ text-decoration: underline;
    background: transparent; }}
QMessageBox QPushButton {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 8px;
    padding: 6px 12px; }}
QMessageBox QPushButton:hover {{ background: {t.hover}; }}
QMessageBox QPushButton:default {{ background: {t.accent}; color: {t.on_accent};
    font-weight: 600; }}
QMessageBox QPushButton:focus {{ border-color: {t.text}; }}
QPushButton[kind="danger"] {{ color: {t.bad}; border: 1px solid {t.line}; border-radius: 8px;
    padding: 6px 12px; background: {t.panel}; }}
QPushButton[kind="danger"]:hover {{ background: {t.bad_bg}; }}
QPushButton[kind="icon"], QToolButton[kind="icon"] {{ padding: 0; border-radius: 7px;
    min-width: 28px; min-height: 28px; max-width: 28px; max-height: 28px; }}
QPushButton[kind="filter"] {{ border: 1px solid {t.line}; border-radius: {px(11)}; color: {t.muted};
    font-size: {px(12)}; padding: {px(2)} {px(9)}; min-height: {px(18)}; }}
QPushButton[kind="filter"]:checked {{ background: {t.text}; color: {t.panel};
    border-color: {t.text}; }}
QPushButton[kind="filter"]:focus {{ border-color: {t.accent}; }}
QPushButton[kind="filter"]:checked:focus {{ border: 2px solid {t.accent};
    padding: {px(1)} {px(8)}; }}

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDateTimeEdit {{
    background: {t.bg}; color: {t.text}; border: 1px solid {t.line}; border-radius: 8px;
    padding: 6px 9px; selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus,
QDateTimeEdit:focus {{
    border-color: {t.accent}; }}
QLineEdit {{ lineedit-clear-button-icon: url({arrows}/field-clear.svg); }}
QLineEdit:disabled, QComboBox:disabled {{ color: {t.muted}; }}
QLineEdit[invalid="true"] {{ border-color: {t.bad}; }}
QLineEdit[kind="bare"], QTextEdit[kind="bare"], QPlainTextEdit[kind="bare"] {{
    background: transparent; border: 0; border-radius: 0; padding: 0; }}
QTextEdit[kind="message"], QPlainTextEdit[kind="message"] {{ background: transparent;
    border: 0; border-radius: 0; padding: 0; font-size: {px(13.5)}; }}
QComboBox::drop-down, QDateEdit::drop-down {{ border: 0; width: 26px; }}
QComboBox::down-arrow {{ image: url({arrows}/field-down.svg); width: 12px; height: 12px; }}
QSpinBox QLineEdit, QDateTimeEdit QLineEdit {{ background: transparent; border: 0;
    padding: 0 0 0 7px; }}
QComboBox QAbstractItemView {{ background: {t.panel}; border: 1px solid {t.line};
    selection-background-color: {t.accent_bg}; selection-color: {t.text}; outline: 0; }}
QSpinBox::up-button, QSpinBox::down-button, QDateTimeEdit::up-button,
QDateTimeEdit::down-button {{ border: 0; width: 20px; background: transparent; }}
QSpinBox::up-arrow, QDateTimeEdit::up-arrow {{ image: url({arrows}/field-up.svg); width: 10px;
    height: 10px; }}
QSpinBox::down-arrow, QDateTimeEdit::down-arrow {{ image: url({arrows}/field-down.svg);
    width: 10px; height: 10px; }}
QCheckBox, QRadioButton {{ spacing: 8px; }}

QMenu {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 8px; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 10px; border-radius: 5px; }}
QMenu::item:selected {{ background: {t.accent_bg}; color: {t.text}; }}
QMenu::item:disabled {{ color: {t.muted}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 6px; }}

QListWidget[kind="lines"]::item {{ padding: 0 8px; border-radius: 6px; }}
QListWidget[kind="lines"]::item:selected {{ background: {t.accent_bg}; color: {t.text}; }}
QListView, QTableView, QTreeView, QListWidget {{ background: {t.panel}; border: 0; outline: 0;
    selection-background-color: {t.accent_bg}; selection-color: {t.text}; }}
QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: 0;
    border-bottom: 1px solid {t.line}; padding: 4px 8px; font-size: {px(12)}; }}
QTableWidget::item {{ padding: 0 8px; border-bottom: 1px solid {t.line}; }}
QTableWidget::item:selected {{ background: {t.accent_bg}; color: {t.text}; }}
QListView[kind="offers"] {{ border: 1px solid {t.line}; border-radius: 8px; padding: 2px; }}
QListView[kind="offers"]::item {{ padding: 6px 8px; border-radius: 6px; }}
QListView[kind="offers"]::item:selected {{ background: {t.accent_bg}; color: {t.text}; }}
QListWidget[kind="contents"] {{ background: transparent; }}
QListWidget[kind="contents"]::item {{ padding: 6px 8px; border-radius: 7px; }}
QListWidget[kind="contents"]::item:hover {{ background: {t.hover}; }}
QListWidget[kind="contents"]::item:selected {{ background: {t.accent_bg}; color: {t.accent}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ border: 0; background: transparent; }}
QSplitter::handle {{ background: {t.line}; }}
QSplitter::handle:hover {{ background: {t.accent}; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
QScrollBar::handle {{ background: {_scroll_handle(t)}; border-radius: 3px; min-height: 28px;
    min-width: 28px; }}
QScrollBar::handle:hover {{ background: {t.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {t.ok_bg}; border: 0; border-radius: 2px; max-height: 4px;
    min-height: 4px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
QFrame#search {{ background: {t.bg}; border: 1px solid {t.line}; border-radius: 8px; }}
QFrame#search[focused="true"] {{ border-color: {t.accent}; }}
QFrame#search QToolButton {{ min-width: 22px; min-height: 22px; max-width: 22px;
    max-height: 22px; }}
QFrame#statusBar {{ background: {t.nav}; border: 0; border-top: 1px solid {t.line}; }}
QPushButton#statusLink, QPushButton#statusQuiet {{ font-size: {px(12)}; padding: 0 3px; }}
QPushButton#statusQuiet {{ color: {t.muted}; font-weight: 400; }}
QFrame#messageBar {{ border: 0; border-bottom: 1px solid {t.line}; background: {t.bad_bg}; }}
QFrame#messageBar[tone="warn"] {{ background: {t.warn_bg}; }}
QFrame#messageBar[tone="accent"] {{ background: {t.accent_bg}; }}
QFrame#toast {{ background: {t.text}; border: 0; border-radius: 9px; }}
QLabel#toastText {{ color: {t.panel}; }}
QPushButton#toastAction {{ color: {_on_inverse(t)}; }}
QFrame#overlay {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 12px; }}
QFrame#tipRing {{ background: transparent; border: 2px solid {t.accent}; border-radius: 9px; }}
QFrame#steps QLabel[current="true"] {{ color: {t.accent}; font-weight: 600; }}
QPushButton[kind="tab"] {{ text-align: left; padding: 7px 10px; }}
QPushButton[kind="tab"]:checked {{ background: {t.accent_bg}; color: {t.accent};
    font-weight: 600; }}
QTabBar::tab {{ color: {t.muted}; padding: 4px 9px; border-radius: 7px; }}
QTabBar::tab:selected {{ background: {t.hover}; color: {t.text}; font-weight: 600; }}
"""


def _shade(colour: str, *, dark: bool) -> str:
    value = QColor(colour)
    return (value.lighter(108) if dark else value.darker(110)).name()


def _on_inverse(tokens: Tokens) -> str:
    """A link on the text colour, where the toast stands."""
    return (LIGHT if tokens.dark else DARK).accent


def _scroll_handle(tokens: Tokens) -> str:
    return "#3A404D" if tokens.dark else "#C9CED8"
