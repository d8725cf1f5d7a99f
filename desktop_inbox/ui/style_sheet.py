"""The style sheet of Qt's own widgets, made of the colours of a scheme. UI thread only."""

from __future__ import annotations

from PySide6.QtGui import QColor

from desktop_inbox.paths import resources
from desktop_inbox.ui.tokens import DARK, LIGHT, Tokens


def style_sheet(tokens: Tokens, scale: float) -> str:
    """Return the style sheet of the whole application, its letters grown by `scale`."""
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
QComboBox {{ combobox-popup: 0; }}
QComboBox QListView {{ qproperty-spacing: 4; }}
QComboBox QAbstractItemView {{ background: {t.panel}; border: 1px solid {t.line}; padding: 3px;
    selection-background-color: {t.accent_bg}; selection-color: {t.text}; outline: 0; }}
QSpinBox::up-button, QSpinBox::down-button, QDateTimeEdit::up-button,
QDateTimeEdit::down-button {{ border: 0; width: 20px; background: transparent; }}
QSpinBox::up-arrow, QDateTimeEdit::up-arrow {{ image: url({arrows}/field-up.svg); width: 10px;
    height: 10px; }}
QSpinBox::down-arrow, QDateTimeEdit::down-arrow {{ image: url({arrows}/field-down.svg);
    width: 10px; height: 10px; }}
QCheckBox, QRadioButton {{ spacing: 8px; }}
QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {t.muted};
    border-radius: 8px; background: {t.bg}; }}
QRadioButton::indicator:focus {{ border-color: {t.accent}; }}
QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 5px solid {t.accent};
    background: {t.on_accent}; }}

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
