"""Buttons of an answer in the composer: made, kept, drawn where the channel knows them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop_inbox.domain.pieces import Button
from desktop_inbox.ui.views.button_strip import ButtonStrip
from desktop_inbox.ui.views.composer_menus import reply_menu
from tests.support.qt_waits import until
from tests.ui.views.ways_desk import Begin, Desk

ENTRY = "Buttons to answer with…"
SIZES = (Button(text="Small"), Button(text="Large"))


def strip_of(desk: Desk) -> ButtonStrip:
    strip = desk.view.composer.buttons._strip
    assert strip is not None
    return strip


def open_strip(desk: Desk) -> ButtonStrip:
    desk.choose(ENTRY)
    return strip_of(desk)


def offer(desk: Desk, *labels: str) -> ButtonStrip:
    strip = open_strip(desk)
    for label in labels:
        QTest.keyClicks(strip.line, label)
        QTest.keyClick(strip.line, Qt.Key.Key_Return)
    return strip


async def test_nothing_is_made_before_somebody_wants_a_button(desk: Begin) -> None:
    one = await desk()
    one.type("Which one?")
    assert one.view.composer.buttons._strip is None


async def test_buttons_leave_with_the_answer_and_the_next_one_has_none(desk: Begin) -> None:
    one = await desk()
    one.type("Which one?")
    strip = offer(one, "Small", " Large ")
    assert strip.told.text() == "2 of 3 buttons. Enter adds one."
    one.send()
    row = await one.sent()
    assert (row.text, row.pieces) == ("Which one?", SIZES)
    assert one.view.composer.buttons.labels == ()
    assert strip.isHidden()


async def test_what_is_still_being_typed_goes_along(desk: Begin) -> None:
    one = await desk()
    one.type("Which one?")
    strip = offer(one, "Small")
    QTest.keyClicks(strip.line, "Large")
    one.view.composer.request_send()
    assert (await one.sent()).pieces == SIZES


async def test_they_are_kept_with_the_draft(desk: Begin) -> None:
    one = await desk()
    one.type("Which one?")
    offer(one, "Small", "Large")
    draft = await one.draft()
    assert draft is not None
    one.view.composer.reset()
    assert not one.view.composer.buttons.labels
    one.view.composer.restore(draft)
    assert one.view.composer.buttons.labels == ("Small", "Large")
    assert strip_of(one).isVisible()


async def test_buttons_alone_are_a_draft_and_no_message(desk: Begin) -> None:
    one = await desk()
    offer(one, "Small")
    assert not one.view.composer.is_empty
    one.view.composer.request_send()
    assert one.view.composer.strip.text == "Write above the buttons what they are about."
    assert one.view.composer.buttons.labels == ("Small",)


async def test_a_pager_gets_them_as_lines(desk: Begin) -> None:
    one = await desk()
    one.choose("Pager")
    one.type("Which?")
    strip = offer(one, "S", "L")
    assert "leave as a list" in strip.told.text()
    one.send()
    row = await one.sent()
    assert (row.text, row.pieces) == ("Which?\n\n1. S\n2. L", ())


async def test_a_mail_has_them_as_lines_above_the_signature(desk: Begin) -> None:
    one = await desk()
    one.choose("E-mail")
    one.type("Which one?")
    one.view.composer.subject.setText("Sizes")
    offer(one, "Small", "Large")
    one.send()
    row = await one.sent()
    assert row.text.startswith("Which one?\n\n1. Small\n2. Large")
    assert row.pieces == ()


async def test_more_than_the_channel_takes_cannot_be_typed(desk: Begin) -> None:
    one = await desk()
    strip = offer(one, "a", "b", "c")
    assert strip.line.isHidden()
    assert strip.line.maxLength() == 10


async def test_going_on_elsewhere_says_what_does_not_fit_there(desk: Begin) -> None:
    one = await desk()
    one.choose("Pager")
    one.type("Which?")
    offer(one, *"abcd")
    one.choose("Talk")
    one.send()
    told = "3 buttons are all that go with a message here. Take the others off."
    assert one.view.composer.strip.text == told
    assert one.view.composer.buttons.labels == tuple("abcd")


async def test_the_same_words_twice_are_pointed_at(desk: Begin) -> None:
    one = await desk()
    strip = offer(one, "Small", "Small")
    assert strip.labels() == ("Small",)
    assert strip.line.property("invalid") is True


async def test_one_is_changed_by_a_click_and_taken_off_at_its_cross_or_by_key(desk: Begin) -> None:
    one = await desk()
    strip = offer(one, "Small", "Large", "Huge")
    first, second, third = strip.chips
    QTest.mouseClick(first, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert (strip.labels(), strip.line.text()) == (("Large", "Huge"), "Small")
    strip.line.clear()
    QTest.mouseClick(second, Qt.MouseButton.LeftButton, pos=second._cross().center().toPoint())
    QTest.keyClick(third, Qt.Key.Key_Delete)
    assert strip.labels() == ()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
async def test_whoever_wants_no_more_goes_on_with_the_text(desk: Begin, key: Qt.Key) -> None:
    one = await desk()
    strip = open_strip(one)
    QTest.keyClick(strip.line, key)
    assert strip.isHidden()
    await until(lambda: one.view.composer.editor.hasFocus())


async def test_a_note_offers_none_and_the_answer_behind_it_keeps_its_own(desk: Begin) -> None:
    one = await desk()
    one.type("Which one?")
    strip = offer(one, "Small")
    one.view.composer.begin("note")
    assert ENTRY not in [action.text() for action in reply_menu(one.view.composer).actions()]
    assert strip.isHidden()
    one.view.composer.begin("reply")
    assert strip.isVisible()
    assert one.view.composer.buttons.labels == ("Small",)


async def test_behind_a_template_they_wait(desk: Begin) -> None:
    one = await desk()
    one.type("Which one?")
    offer(one, "Small")
    one.view.composer.guide.open_template()
    draft = await one.draft()
    assert draft is not None
    assert "pieces" not in (draft.form or {})
    one.view.composer.restore(draft)
    assert strip_of(one).isHidden()
    one.view.composer.template.close_form()
    assert one.view.composer.buttons.labels == ("Small",)
