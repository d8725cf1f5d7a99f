"""What the page of an account says of the servers that were found, and what can be done with them.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QUrl
from PySide6.QtGui import QDesktopServices

from desktop_inbox.i18n import _
from desktop_inbox.settings import Settings
from desktop_inbox.ui.dialogs import account_checks
from desktop_inbox.ui.dialogs.account_checks import Found
from desktop_inbox.ui.dialogs.setup_parts import Lines
from desktop_inbox.ui.views.controls import button, link_button

if TYPE_CHECKING:
    from desktop_inbox.connectors.oauth import Service


def show_found(lines: Lines, found: Found, *, domain: str, asks: bool) -> None:
    """Say what was found and by whom; with `asks`, a person says that it is right."""
    if not found.known:
        lines.say(
            _(
                "Nothing was found for {domain}. The usual names stand above: correct them, "
                "or ask whoever manages your mailbox."
            ).format(domain=domain),
            state="hint",
        )
        return
    words = _("Settings found for {domain} – IMAP {host}:{port}").format(
        domain=domain, host=found.settings["imap_host"], port=found.settings["imap_port"]
    )
    lines.say(words, state="ok", detail=found.source)
    if asks:
        hosts = dict.fromkeys((found.settings["imap_host"], found.settings["smtp_host"]))
        lines.say(
            _(
                "Is {hosts} where your mailbox is? Your password goes there, and nobody else "
                "vouches for it."
            ).format(hosts=QLocale().createSeparatedList(list(hosts))),
            state="hint",
        )


def show_unconnected(lines: Lines, *, domain: str, try_again: Callable[[], object]) -> None:
    """Say that nobody could be asked, and offer to ask again."""
    words = _(
        "There is no connection to the internet, so nobody could be asked for the settings of "
        "{domain}. What you typed stays here: connect and try again, or enter the settings by hand."
    )
    line = lines.say(words.format(domain=domain), state="bad")
    line.offer(link_button(_("Try again"), clicked=try_again))


def show_how_to_sign_in(
    lines: Lines, found: Found, *, settings: Settings, use_browser: Callable[[Service], object]
) -> None:
    """Say what comes before a password works, and offer the provider's own page."""
    if found.hint:
        line = lines.say(found.hint, state="hint")
        if found.help_url.startswith("https://"):
            line.offer(link_button(_("Show me how"), clicked=partial(browse, found.help_url)))
    if found.oauth:
        _offer_browser(lines, found.oauth, settings=settings, use_browser=use_browser)


def _offer_browser(
    lines: Lines, service_id: str, *, settings: Settings, use_browser: Callable[[Service], object]
) -> None:
    from desktop_inbox.connectors import oauth

    service = oauth.SERVICES.get(service_id)
    if service is None:  # another version of the program signed in there
        return
    if not account_checks.client_id(settings, service_id):
        lines.say(
            _(
                "Signing in with {service} in the browser needs a client id, which {service} gives "
                "to whoever registers a program. Enter one under Settings, Advanced."
            ).format(service=service.name),
            state="hint",
        )
        return
    words = _("No password is needed with {service}.").format(service=service.name)
    title = _("Sign in with {service}").format(service=service.name)
    lines.say(words, state="hint").offer(
        button(title, kind="primary", clicked=partial(use_browser, service))
    )


def browse(url: str) -> None:
    """Open a page in the system's browser."""
    QDesktopServices.openUrl(QUrl(url))
