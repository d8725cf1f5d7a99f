"""What the account page does behind its form: find settings, check them for real, keep them.

Called on the UI thread; everything that talks to a server runs on the engine's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from desktop_inbox.connectors.setup import Check
from desktop_inbox.i18n import N_, _
from desktop_inbox.services import accounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui.context import AppContext

T = TypeVar("T")

EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What the form holds. An empty password keeps the one that is known."""

    settings: dict[str, object]  # address, name, username, imap_host, …
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Settings for an address: known ones, or a guess."""

    known: bool
    settings: dict[str, str]
    hint: str = ""  # what to do before signing in works
    help_url: str = ""  # where the provider explains it


# Hints of the provider table, by their value.
_HINTS = {
    "app_password": N_(
        "{provider} wants an app password instead of your usual one: make one in the security "
        "settings of your account there and paste it here."
    ),
    "oauth_only": N_(
        "{provider} accepts passwords only where an organisation allows them. If signing in is "
        "refused, ask whoever manages this mailbox to allow IMAP and authenticated SMTP."
    ),
    "enable_imap": N_(
        "Switch IMAP on in the settings of your mailbox at {provider} first; it is off until "
        "you do."
    ),
    "bridge": N_(
        "{provider} needs its own bridge program running on this computer; use the user name "
        "and password that it shows."
    ),
}


def find_settings(address: str) -> Found | None:
    """Return what is known of the address's provider, else the likeliest guess, else None."""
    from desktop_inbox.connectors.email import providers

    known = providers.find(address)
    provider = known or providers.guess(address)
    if provider is None:
        return None
    hint = _HINTS.get(provider.hint.value, "")
    return Found(
        known=known is not None,
        settings=provider.settings,
        hint=_(hint).format(provider=provider.name) if hint else "",
        help_url=provider.help_url,
    )


async def add(context: AppContext, entered: Entered, report: Callable[[Check], None]) -> int:
    """Check the settings and keep the account; return its id.

    `report` hears each step on the UI thread. *Raises:* UserError, "check-failed" among others.
    """
    added = await _on_engine(
        context,
        accounts.add(
            context.workspace,
            context.secrets,
            kind=EMAIL,
            settings=entered.settings,
            secret_values={"password": entered.password},
            report=_here(report),
        ),
    )
    return added.id


async def change(
    context: AppContext, account: AccountRow, entered: Entered, report: Callable[[Check], None]
) -> int:
    """Check changed settings or a new password of an account and keep them. As `add`."""
    await _on_engine(
        context,
        accounts.change(
            context.workspace,
            context.secrets,
            account.id,
            settings=entered.settings,
            secret_values={"password": entered.password} if entered.password else None,
            report=_here(report),
        ),
    )
    if context.engine is not None:
        context.engine.kick(account.id)
    return account.id


async def update(
    context: AppContext, account: AccountRow, settings: dict[str, str], secrets: dict[str, str]
) -> None:
    """Keep what was changed of an account, tried first where it has to be.

    *Raises:* UserError, "check-failed" and those about one field among others.
    """
    await _on_engine(
        context,
        accounts.update(
            context.workspace,
            context.secrets,
            account.id,
            settings=settings,
            secret_values=secrets,
        ),
    )


def _here(report: Callable[[Check], None]) -> Callable[[Check], None]:
    """Return a function for any thread that has `report` called on this one."""
    loop = asyncio.get_running_loop()

    def pass_on(step: Check) -> None:
        loop.call_soon_threadsafe(report, step)

    return pass_on


async def _on_engine(context: AppContext, coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the engine's loop, or on one of its own where no engine runs here."""
    if context.engine is not None and context.engine.running:
        return await asyncio.wrap_future(context.engine.submit(coroutine))
    return await asyncio.to_thread(asyncio.run, coroutine)
