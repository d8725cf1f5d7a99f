"""Colours read well in both schemes, and follow the system or the owner at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QRadioButton
from pytestqt.qtbot import QtBot

from desktop_inbox.paths import resources
from desktop_inbox.ui import icons
from desktop_inbox.ui.style_sheet import style_sheet
from desktop_inbox.ui.theme import FAMILY, Choice, Theme
from desktop_inbox.ui.tokens import DARK, LIGHT, Tokens
from desktop_inbox.ui.views.avatar import hue_of, initials
from desktop_inbox.ui.views.chips import OUTLINE_ALPHA
from desktop_inbox.ui.views.composer_send import KEY_ALPHA
from tests.ui.contrast import ENOUGH, ENOUGH_LARGE, contrast

GROUNDS = (
    "bg", "panel", "nav", "selection", "hover", "accent_bg", "ok_bg", "warn_bg", "bad_bg",
    "outgoing", "incoming", "note",
)  # fmt: skip
INKS = ("text", "muted", "accent", "warn", "bad", "good", "ok")


@pytest.fixture
def own_theme(theme: Theme) -> Iterator[Theme]:
    """A theme to change; afterwards the application has the usual one again."""
    yield Theme()
    theme.apply()


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", INKS)
def test_words_stand_out_from_every_background(tokens: Tokens, ink: str) -> None:
    for name in GROUNDS:
        found = contrast(QColor(getattr(tokens, ink)), QColor(getattr(tokens, name)))
        assert found >= ENOUGH, f"{ink} on {name}: {found:.2f}"


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_states_and_the_accent_carry_readable_words(tokens: Tokens) -> None:
    for ink, ground in (
        ("on_accent", "accent"),
        ("panel", "text"),  # the toast, a chosen filter, tooltips
    ):
        assert contrast(QColor(getattr(tokens, ink)), QColor(getattr(tokens, ground))) >= ENOUGH


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_a_key_on_the_send_button_and_a_link_on_the_toast_can_be_read(tokens: Tokens) -> None:
    accent, ink = QColor(tokens.accent), QColor(tokens.on_accent)
    assert contrast(_over(ink, accent, KEY_ALPHA), accent) >= ENOUGH
    link = re.search(r"#toastAction \{ color: (#\w+)", style_sheet(tokens, 1.0))
    assert link is not None
    assert contrast(QColor(link[1]), QColor(tokens.text)) >= ENOUGH


def _over(ink: QColor, ground: QColor, alpha: float) -> QColor:
    """What is seen of a colour that lets a part of what lies behind it through."""
    mixed = (
        alpha * over + (1 - alpha) * under
        for over, under in zip(ink.getRgbF()[:3], ground.getRgbF()[:3], strict=True)  # type: ignore[index]
    )
    return QColor.fromRgbF(*mixed)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_sign_of_a_channel_stands_out_from_its_badge(tokens: Tokens) -> None:
    for _glyph, colour in (*icons.CHANNELS.values(), icons.channel("unknown")):
        assert contrast(QColor("white"), QColor(colour)) >= ENOUGH_LARGE, colour


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK])
def test_tags_and_avatars_of_every_hue_can_be_read(own_theme: Theme, choice: Choice) -> None:
    own_theme.choose(choice)
    for hue in range(0, 360, 5):
        assert contrast(own_theme.tag_text(hue), own_theme.tag_background(hue)) >= 4.5, hue
        assert contrast(own_theme.avatar_text(hue), own_theme.avatar_background(hue)) >= 4.5, hue


def test_choosing_a_scheme_tells_every_view(qtbot: QtBot, own_theme: Theme) -> None:
    own_theme.choose(Choice.LIGHT)
    with qtbot.waitSignal(own_theme.changed):
        own_theme.choose(Choice.DARK)
    assert own_theme.dark


def test_text_grows_with_the_chosen_size(own_theme: Theme) -> None:
    small = own_theme.font(13).pointSizeF()
    own_theme.choose(Choice.LIGHT, scale=1.5)
    assert own_theme.font(13).pointSizeF() == pytest.approx(1.5 * small)
    assert own_theme.px(92) == 138


def test_the_shipped_font_has_turkish_letters_in_every_weight(own_theme: Theme) -> None:
    assert own_theme.family == FAMILY
    styles = QFontDatabase.styles(FAMILY)
    assert {"Regular", "SemiBold", "Bold"} <= {style.replace(" ", "") for style in styles}
    assert QFont(own_theme.font(13, 600)).weight() == 600


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_an_icon_is_drawn_in_as_many_pixels_as_the_screen_has(
    own_theme: Theme, scale: float
) -> None:
    pixmap = icons.icon(own_theme, "inbox").pixmap(QSize(16, 16), scale)
    assert pixmap.size() == QSize(16, 16) * scale
    assert pixmap.devicePixelRatio() == scale


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK])
def test_the_shape_of_a_chip_stands_out_from_a_selected_row(
    own_theme: Theme, choice: Choice
) -> None:
    own_theme.choose(choice)
    ground = own_theme.colour("selection")
    inks = [own_theme.colour(tone) for tone in ("ok", "warn", "bad", "accent", "muted")]
    inks += [own_theme.tag_text(hue) for hue in range(0, 360, 5)]
    for ink in inks:
        seen = contrast(_over(ink, ground, OUTLINE_ALPHA), ground)
        assert seen >= ENOUGH_LARGE, f"{ink.name()}: {seen:.2f}"


def test_an_icon_follows_the_scheme_without_being_made_again(own_theme: Theme) -> None:
    own_theme.choose(Choice.LIGHT)
    icon = icons.icon(own_theme, "inbox", colour="text")
    light = icon.pixmap(QSize(16, 16)).toImage()
    own_theme.choose(Choice.DARK)
    assert icon.pixmap(QSize(16, 16)).toImage() != light


def test_a_switched_on_icon_is_drawn_in_its_other_colour(own_theme: Theme) -> None:
    icon = icons.icon(own_theme, "inbox", colour="muted", checked="accent")
    size, mode = QSize(16, 16), QIcon.Mode.Normal
    off = icon.pixmap(size, mode, QIcon.State.Off).toImage()
    assert icon.pixmap(size, mode, QIcon.State.On).toImage() != off


def test_every_shipped_icon_is_used_and_every_used_icon_is_shipped() -> None:
    ui = resources().parent / "desktop_inbox" / "ui"
    code = "\n".join(file.read_text(encoding="utf-8") for file in ui.rglob("*.py"))
    shipped = {file.stem for file in (resources() / "icons").glob("*.svg")}
    assert {name for name in shipped if f'"{name}"' not in code and f"{name}.svg" not in code} == (
        set()
    )
    used = set(re.findall(r"""icon(?:=|\()(?:theme, |self\._theme, )?"([a-z0-9-]+)\"""", code))
    assert used - shipped == set()


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Elif Arslan", "EA"),
        ("Ayşe Nur Balcı", "AB"),
        ("info@kaya.example", "I"),
        ("+90 541 222 31 08", "90"),
        ("李小龙", "李"),
        ("“Quoted” (Name)", "QN"),
        ("", "?"),
        ("…", "?"),
    ],
)
def test_initials_stand_for_any_name(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_customer_keeps_their_colour() -> None:
    assert hue_of("Elif Arslan") == hue_of("elif arslan") == hue_of("Elif Arslan")
    assert hue_of("Elif Arslan") != hue_of("Jonas Meyer")


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK])
def test_the_outline_of_a_check_box_can_be_seen(own_theme: Theme, choice: Choice) -> None:
    own_theme.choose(choice)
    own_theme.apply()
    # Qt draws it a shade darker than what it takes for the window.
    boxes = QApplication.palette("QCheckBox")  # type: ignore[call-overload]
    outline = boxes.color(QPalette.ColorRole.Window).darker(140)
    behind = own_theme.colour("panel")
    assert abs(outline.lightness() - behind.lightness()) > 40


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_what_a_field_offers_lies_below_it_in_the_colours_of_the_scheme(
    qtbot: QtBot, theme: Theme
) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["All of these hold", "Any of these holds", "None of these holds"])
    box.show()
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    assert view.palette().color(QPalette.ColorRole.Highlight) == theme.colour("accent_bg")
    assert view.palette().color(QPalette.ColorRole.HighlightedText) == theme.colour("text")
    below = box.mapToGlobal(box.rect().bottomLeft()).y()
    assert view.mapToGlobal(view.rect().topLeft()).y() >= below
    box.hidePopup()


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK])
def test_what_can_be_chosen_is_seen_before_it_is_chosen(
    qtbot: QtBot, theme: Theme, choice: Choice
) -> None:
    theme.choose(choice)
    try:
        mark = QRadioButton("Mina")
        qtbot.addWidget(mark)
        shown = mark.grab().toImage()
        ground = shown.pixelColor(shown.width() - 1, 0)
        circle = (shown.pixelColor(x, shown.height() // 2) for x in range(16))
        assert max(contrast(one, ground) for one in circle) >= ENOUGH_LARGE
    finally:
        theme.choose(Choice.LIGHT)
