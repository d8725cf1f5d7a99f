"""The composer's menus: what is written and from which account, and the ways to send it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop_inbox.i18n import _
from desktop_inbox.ui.views.composer_from import add_senders
from desktop_inbox.ui.views.composer_request import After
from desktop_inbox.ui.views.snooze_menu import TimeDialog, describe, presets, send_presets

if TYPE_CHECKING:
    from desktop_inbox.ui.views.composer import Composer


def reply_menu(composer: Composer) -> QMenu:
    """What can be written here, and from which address."""
    menu, surroundings = QMenu(composer), composer.surroundings
    menu.aboutToHide.connect(menu.deleteLater)
    if surroundings is None:
        return menu
    if surroundings.conversation_id is not None:
        for mode, text in (
            ("reply", _("Reply")),
            ("reply_all", _("Reply to all")),
            ("forward", _("Forward")),
        ):
            action = menu.addAction(text, partial(composer.begin, mode))
            _check(action, checked=composer.mode == mode)
        menu.addSeparator()
    add_senders(menu, surroundings.senders, composer.chosen_sender(), composer.choose_sender)
    return menu


def send_menu(composer: Composer) -> QMenu:
    """The ways to send: close or snooze the conversation with it, or send it later."""
    menu = QMenu(composer)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if composer.surroundings is not None and composer.surroundings.conversation_id is not None:
        close = menu.addAction(
            _("Send and close"), lambda: composer.request_send(after=After.CLOSE)
        )
        close.setShortcut("Ctrl+Alt+Return")
        snooze = menu.addMenu(_("Send and snooze"))
        now = datetime.now(UTC).astimezone()
        for preset in presets(now):
            snooze.addAction(
                f"{preset.text}\t{describe(preset.until, now=now)}",
                partial(
                    composer.request_send,
                    after=After.SNOOZE,
                    snooze_until=preset.until.astimezone(UTC),
                ),
            )
        menu.addSeparator()
    _add_later(menu, composer)
    return menu


def later_menu(composer: Composer) -> QMenu:
    """When else it may leave."""
    menu = QMenu(composer)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    _add_later(menu, composer)
    return menu


def _add_later(menu: QMenu, composer: Composer) -> None:
    now = datetime.now(UTC).astimezone()
    for preset in send_presets(now):
        text = _("Send {when}").format(when=preset.text[:1].lower() + preset.text[1:])
        menu.addAction(
            f"{text}\t{describe(preset.until, now=now)}",
            partial(composer.request_send, at=preset.until.astimezone(UTC)),
        )
    menu.addAction(_("Send at…"), _pick_time(composer))


def _pick_time(composer: Composer) -> Callable[[], None]:
    def pick() -> None:
        dialog = TimeDialog(_("Send at"), parent=composer)
        dialog.picked.connect(lambda at: composer.request_send(at=at))
        dialog.open()

    return pick


def _check(action: QAction, *, checked: bool) -> None:
    action.setCheckable(True)
    action.setChecked(checked)
