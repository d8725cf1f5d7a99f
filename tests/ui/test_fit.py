"""Nothing is clipped and nothing overlaps, wherever one looks, in each language, size and scale."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox import i18n
from desktop_inbox.demo.tour import SIZE, SMALL
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.ui.theme import Theme
from tests.support.qt_waits import until
from tests.ui.fit import misfits
from tests.ui.shop import synced_shop
from tests.ui.surfaces import SURFACES, pages_of, put_away, turn_to, window_on

_SCALE = "QT_SCALE_FACTOR"
_TWICE_SECONDS = 570
_LAYOUT_SECONDS = 1.0


@pytest.fixture(scope="module")
def shop() -> Iterator[Workspace]:
    """The sample shop with everything in it."""
    with synced_shop() as workspace:
        yield workspace


@pytest.fixture(params=["en", "tr"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """The words and the formats of a language."""
    before = QLocale()
    i18n.set_language(request.param)
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    i18n.set_language("en")
    QLocale.setDefault(before)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("surface", SURFACES)
async def test_every_word_fits(
    qtbot: QtBot, shop: Workspace, theme: Theme, language: str, surface: str
) -> None:
    found: set[str] = set()
    async with window_on(shop, theme, size=SIZE) as window:
        root = await SURFACES[surface](window)
        for size in (SIZE, SMALL):
            window.resize(*size)
            for page in range(pages_of(root)):
                turn_to(root, page)
                found |= {f"{size[0]}x{size[1]}: {one}" for one in await _left_over(root)}
        await put_away(window, root)
    assert not found, "\n".join(sorted(found))


async def _left_over(root: QWidget) -> list[str]:
    """Return what does not fit once layouts had their time."""
    with suppress(AssertionError):
        await until(lambda: not misfits(root), timeout_seconds=_LAYOUT_SECONDS)
    return misfits(root)


@pytest.mark.slow
def test_every_word_fits_on_a_screen_of_twice_the_dots() -> None:
    if os.environ.get(_SCALE):
        pytest.skip("this is that run")
    # Qt keeps its message boxes within the screen, and the virtual one is 400 px wide then.
    longest_words = ("-k", "every_word_fits[tr and not quitting")
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(Path(__file__)),
            *longest_words,
        ],
        env={**os.environ, _SCALE: "2"}, capture_output=True, text=True,
        timeout=_TWICE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
