"""A kept picture of a row is pixel for pixel the row, and is drawn again when it must be."""

from __future__ import annotations

from datetime import timedelta
from math import floor

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import utc_now
from desktop_inbox.ui.theme import Choice, Theme
from desktop_inbox.ui.views import conversation_row
from desktop_inbox.ui.views.conversation_row import ConversationDelegate, Standing
from desktop_inbox.ui.views.row_pictures import RowPictures
from tests.support.rows import conversation_row as a_row

WIDTH, HEIGHT = 344, 92
SELECTED = Standing(selected=True)
HOVERED = Standing(hovered=True)
FOCUSED = Standing(focused=True)


class Index:
    """Stands for the model's index; all the delegate asks of it is the row."""

    def __init__(self, row: ConversationRow | None) -> None:
        self._row = row

    def data(self, _role: int) -> ConversationRow | None:
        return self._row


def painted(
    delegate: ConversationDelegate,
    row: ConversationRow | None,
    *,
    standing: Standing | None = None,
    ratio: float = 1.0,
    top: int = 0,
    direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight,
) -> QImage:
    """The device pixels of one row as the list would show it, `top` pixels down."""
    image = QImage(
        QSize(round(WIDTH * ratio), round((HEIGHT + top + 1) * ratio)), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#FF00FF"))
    option = QStyleOptionViewItem()
    option.rect = QRect(0, top, WIDTH, HEIGHT)
    option.direction = direction
    delegate._standing = lambda _index: standing or Standing()
    painter = QPainter(image)
    delegate.paint(painter, option, Index(row))  # type: ignore[arg-type]
    painter.end()
    return image.copy(0, floor(top * ratio + 0.5), image.width(), round(HEIGHT * ratio))


def drawn(delegate: ConversationDelegate, row: ConversationRow | None, ratio: float) -> QImage:
    """The same row without a picture in between."""
    image = QImage(QSize(round(WIDTH * ratio), round(HEIGHT * ratio)), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    face = delegate._face(row, Standing(), Qt.LayoutDirection.LeftToRight, now=utc_now())
    ground = delegate._ground(face)
    image.fill(ground)
    painter = QPainter(image)
    delegate._draw(painter, QRect(0, 0, WIDTH, HEIGHT), face, ground)
    painter.end()
    return image


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Notes every row that is drawn, not copied."""
    seen: list[object] = []
    draw = ConversationDelegate._draw

    def noting(self: ConversationDelegate, *given: object) -> None:
        seen.append(given[2])
        draw(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(ConversationDelegate, "_draw", noting)
    return seen


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_a_picture_is_as_crisp_as_what_is_drawn_on_the_screen(
    qtbot: QtBot, theme: Theme, ratio: float
) -> None:
    delegate = ConversationDelegate(theme)
    for row in (a_row(), None):
        assert painted(delegate, row, ratio=ratio) == drawn(delegate, row, ratio)


@pytest.mark.parametrize("ratio", [1.25, 1.5, 1.75])
def test_a_row_between_two_pixels_of_the_screen_is_not_blurred(
    qtbot: QtBot, theme: Theme, ratio: float
) -> None:
    delegate = ConversationDelegate(theme)
    aligned = painted(delegate, a_row(), ratio=ratio)
    between = painted(delegate, a_row(), ratio=ratio, top=50)  # 62.5 pixels at 1.25
    assert between == aligned


def test_a_row_that_did_not_change_is_copied_not_drawn(
    qtbot: QtBot, theme: Theme, draws: list[object]
) -> None:
    delegate = ConversationDelegate(theme)
    row = a_row()
    first = painted(delegate, row)
    again = painted(delegate, row._replace())  # read again: equal, not the same object
    assert again == first
    assert len(draws) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Where is it?"},
        {"unread": 0},
        {"tags": ()},
        {"draft_snippet": "Dear Ada"},
        {"customer_name": "Ada"},
        {"starred": True},
    ],
)
def test_a_row_that_changed_is_drawn_anew(
    qtbot: QtBot, theme: Theme, draws: list[object], change: dict[str, object]
) -> None:
    delegate = ConversationDelegate(theme)
    before = painted(delegate, a_row())
    after = painted(delegate, a_row()._replace(**change))  # type: ignore[arg-type]
    assert (len(draws), before == after) == (2, False)


def test_state_pointer_marks_and_direction_show_at_once(qtbot: QtBot, theme: Theme) -> None:
    delegate = ConversationDelegate(theme)
    row = a_row()

    def looks() -> list[QImage]:
        mirrored = painted(delegate, row, direction=Qt.LayoutDirection.RightToLeft)
        return [mirrored] + [
            painted(delegate, row, standing=state) for state in (None, SELECTED, HOVERED, FOCUSED)
        ]

    fresh = looks()
    assert all(a != b for at, a in enumerate(fresh) for b in fresh[at + 1 :])
    assert looks() == fresh  # now from pictures
    delegate.marking = True
    assert painted(delegate, row, standing=SELECTED) != fresh[2]
    delegate.hovered_button = 0
    assert painted(delegate, row, standing=HOVERED) != fresh[3]


def test_time_words_go_on_though_the_row_stays(
    qtbot: QtBot, theme: Theme, draws: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    delegate = ConversationDelegate(theme)
    row = a_row()._replace(last_at=utc_now(), waiting_since=None)
    painted(delegate, row)
    later = utc_now() + timedelta(minutes=5)
    monkeypatch.setattr(conversation_row, "utc_now", lambda: later)
    painted(delegate, row)
    assert [face.words.time for face in draws] == ["now", "5 min"]  # type: ignore[attr-defined]


def test_another_scheme_or_text_size_paints_anew(
    qtbot: QtBot, theme: Theme, draws: list[object]
) -> None:
    delegate = ConversationDelegate(theme)
    light = painted(delegate, a_row())
    try:
        theme.choose(Choice.DARK)
        assert painted(delegate, a_row()) != light
        theme.choose(Choice.LIGHT, scale=1.3)
        assert painted(delegate, a_row()) != light
    finally:
        theme.choose(Choice.LIGHT, scale=1.0)
    assert painted(delegate, a_row()) == light
    assert len(draws) == 4


def test_pictures_are_bounded_by_their_size_and_the_oldest_go_first(qtbot: QtBot) -> None:
    one = WIDTH * HEIGHT * 4
    pictures = RowPictures(most_bytes=3 * one)
    drawn_for: list[str] = []
    image = QImage(QSize(WIDTH, HEIGHT), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for name in ("a", "b", "c", "a", "d", "a", "b"):
        pictures.paint(
            painter,
            QRect(0, 0, WIDTH, HEIGHT),
            shows=name,
            ground=QColor("white"),
            draw=lambda _painter, _rect, name=name: drawn_for.append(name),  # type: ignore[misc]
        )
    painter.end()
    assert drawn_for == ["a", "b", "c", "d", "b"]
    assert len(pictures) == 3
