"""The composer's menus: what is written and from which account, and the ways to send it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop_inbox.i18n import _
from desktop_inbox.ui.views import channel_words, time_words
from desktop_inbox.ui.views.composer_from import add_senders
from desktop_inbox.ui.views.composer_request import After
from desktop_inbox.ui.views.time_picker import Asked, TimePicker

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
            if mode == "reply_all" and composer.in_chat:
                continue  # who is in a chat hears all of it anyway
            action = menu.addAction(text, partial(composer.begin, mode))
            _check(action, checked=composer.mode == mode)
        menu.addSeparator()
    if composer.mode in ("new", "forward") or not surroundings.ways:
        add_senders(menu, surroundings.senders, composer.sent_as.choice, composer.choose_sender)
    add_ways(menu, composer)
    if composer.buttons.may_be:
        menu.addSeparator()
        menu.addAction(_("Buttons to answer with…"), composer.buttons.open)
    return menu


def add_ways(menu: QMenu, composer: Composer) -> None:
    """Put every way to the customer into a menu, with until when, or why not and what to do."""
    now = composer.clock()
    for way in composer.guide.ways():
        words, hint = channel_words.title(way), channel_words.hint(way, now)
        text = "\t".join(part for part in (words.replace("&", "&&"), hint) if part)
        action = menu.addAction(text, partial(composer.guide.choose, way))
        _check(action, checked=way.key == composer.guide.chosen)


def send_menu(composer: Composer) -> QMenu:
    """The ways to send: close or snooze the conversation with it, be reminded, or send it later."""
    actions = composer.context.actions
    actions.set_state(composing=True)  # whoever opens it with the pointer writes too
    menu = QMenu(composer)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if composer.surroundings is not None and composer.surroundings.conversation_id is not None:
        menu.addActions([actions["send.close"], actions["send.snooze"]])
    menu.addAction(actions["send.remind"])
    menu.addSeparator()
    menu.addAction(actions["send.later"])
    return menu


SNOOZE, REMIND, LATER = "snooze", "remind", "later"


def ask_when(composer: Composer, what: str) -> None:
    """Ask for a time, then send: later, or now and have the conversation come back then."""
    asked, send = {
        SNOOZE: (
            Asked(
                title=_("Send and snooze until"),
                offers=time_words.SNOOZE,
                icon="alarm-clock",
                account_id=composer.sent_as.account_id,
                until_reply=True,
                may_stay=True,
            ),
            lambda picked: composer.request_send(
                after=After.SNOOZE, snooze_until=picked.at, snooze_stays=picked.stays
            ),
        ),
        REMIND: (
            Asked(
                title=_("Send, and come back if nobody has replied by"),
                offers=time_words.FOLLOW_UP,
                icon="alarm-clock",
                account_id=composer.sent_as.account_id,
            ),
            lambda picked: composer.request_send(follow_up_at=picked.at),
        ),
        LATER: (
            Asked(
                title=_("Send at"), offers=time_words.SEND, account_id=composer.sent_as.account_id
            ),
            lambda picked: composer.request_send(at=picked.at),
        ),
    }[what]
    TimePicker(composer.context, composer.window(), asked, picked=send).ask()


def _check(action: QAction, *, checked: bool) -> None:
    action.setCheckable(True)
    action.setChecked(checked)
