"""What the page of an account says while something is tried: each step, and the browser's turn.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from desktop_inbox.connectors.setup import Check
from desktop_inbox.i18n import _
from desktop_inbox.ui.dialogs import found_lines
from desktop_inbox.ui.dialogs.account_checks import Entered
from desktop_inbox.ui.dialogs.account_words import check_words
from desktop_inbox.ui.dialogs.setup_parts import Lines
from desktop_inbox.ui.views.controls import link_button

if TYPE_CHECKING:
    from desktop_inbox.connectors.oauth import Service


def show_check(
    lines: Lines,
    result: Check,
    entered: Entered,
    *,
    edit_receiving: Callable[[], object],
    edit_sending: Callable[[], object],
) -> None:
    """Say how receiving or sending went; a failure can be copied, and leads to what mends it."""
    lines.drop_busy()
    sending = result.step.startswith("send")
    if result.ok:
        words = _("Sending works") if sending else _("Signed in, receiving works")
        lines.say(words, state="ok", detail=result.detail)
    else:
        side = "smtp" if sending else "imap"
        where = f"{entered.settings[f'{side}_host']}:{entered.settings[f'{side}_port']}"
        words = check_words(result, where=where)
        line = lines.say(words, state="bad", detail=result.detail)
        line.offer(
            link_button(_("Edit sending settings"), clicked=edit_sending)
            if sending
            else link_button(_("Edit receiving settings"), clicked=edit_receiving)
        )
        line.offer(link_button(_("Copy"), clicked=partial(_copy, f"{words}\n{result.detail}")))
    if not sending and result.step.partition(":")[2] != "settings":
        lines.say(_("Trying to send…"), state="busy")


def show_browser(
    lines: Lines, service: Service, url: str, *, give_up: Callable[[], object]
) -> None:
    """The provider's page has opened; whoever uses another browser or profile can take it there."""
    words = _("Sign in on the page of {service} that has opened in your browser.").format(
        service=service.name
    )
    line = lines.say(words, state="busy")
    line.offer(link_button(_("Open it again"), clicked=partial(found_lines.browse, url)))
    line.offer(link_button(_("Copy its address"), clicked=partial(_copy, url)))
    line.offer(link_button(_("Cancel"), clicked=give_up))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
