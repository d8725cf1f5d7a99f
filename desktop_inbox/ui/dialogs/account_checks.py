"""What the account page does behind its form: find settings, sign in, check for real, keep.

Called on the UI thread; everything that talks to a server runs on the engine's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.connectors.setup import Check
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.secrets import Secrets
from desktop_inbox.services import accounts
from desktop_inbox.settings import Settings
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.account_words import hint_words, source_words

if TYPE_CHECKING:
    from desktop_inbox.connectors.email.discovery import Finding, Reach
    from desktop_inbox.connectors.oauth import Service

T = TypeVar("T")
Report = Callable[[Check], None]  # hears each step


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What the form holds. An empty secret keeps the one that is known."""

    settings: dict[str, object]  # address, name, username, imap_host, …
    secrets: dict[str, str]

    def __repr__(self) -> str:
        return f"Entered(settings={self.settings!r}, …)"  # never the secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Settings for an address, in words."""

    settings: dict[str, str]
    source: str = ""  # who says so
    known: bool = True  # else it is the likeliest guess, which nobody confirms
    proven: bool = True  # else a person says that these are the right servers
    hint: str = ""  # what to do before signing in works
    help_url: str = ""  # where the provider explains it
    oauth: str = ""  # the service that signs people in through the browser


def known_settings(address: str) -> Found | None:
    """Return what this program itself knows of an address's provider. Asks nobody."""
    from desktop_inbox.connectors.email import providers

    provider = providers.find(address)
    if provider is None:
        return None
    return Found(
        settings=provider.settings,
        source=source_words("table", provider=provider.name, where=""),
        hint=hint_words(provider.hint.value, provider=provider.name),
        help_url=provider.help_url,
        oauth=provider.oauth,
    )


async def find_settings(
    context: AppContext, address: str, *, reach: Reach | None = None
) -> Found | None:
    """Ask everybody who may know; else return the likeliest guess, None for no address.

    *Raises:* NotConnected where nobody could be asked.
    """
    from desktop_inbox.connectors.email import discovery

    finding = await on_engine(context, discovery.discover(address, reach=reach))
    return guessed(address) if finding is None else _found(finding)


def guessed(address: str) -> Found | None:
    """Return the usual names of the servers of an address, None for no address."""
    from desktop_inbox.connectors.email import providers

    guess = providers.guess(address)
    return None if guess is None else Found(settings=guess.settings, known=False)


def _found(finding: Finding) -> Found:
    return Found(
        settings=dict(finding.settings),
        source=source_words(
            finding.source.name.lower(), provider=finding.name, where=finding.where
        ),
        proven=finding.proven,
        hint=hint_words(finding.hint, provider=finding.name),
        help_url=finding.help_url,
        oauth=finding.oauth,
    )


# --- signing in through the browser ---


def client_id(settings: Settings, service_id: str) -> str:
    """Return what this program is called at a service, '' where nobody has told it."""
    return {
        "google": settings.google_client_id,
        "microsoft": settings.microsoft_client_id,
    }.get(service_id, "").strip()


def client_secret_name(service_id: str) -> str:
    """Return the name under which the secret is kept that a service gave this program."""
    return f"oauth-client:{service_id}"


async def sign_in(
    context: AppContext, service: Service, *, login_hint: str, open_page: Callable[[str], None]
) -> Entered:
    """Have a person sign in in the browser; return what the account keeps of it.

    `open_page` gets the page's address on the UI thread. Cancelling ends it.
    *Raises:* UserError "browser-sign-in" (detail) in every case that it does not come to pass.
    """
    from desktop_inbox.connectors import oauth

    program = client_id(context.settings, service.id)
    secret = await context.tasks.aside(partial(_client_secret, context.secrets, service.id))
    said = (
        _("You are signed in. Close this page and go back to Desktop Inbox."),
        _("You are not signed in. Close this page and go back to Desktop Inbox."),
    )
    try:
        tokens = await on_engine(
            context,
            oauth.sign_in(
                service,
                oauth.Client(id=program, secret=secret),
                open_page=_here(context, open_page),
                login_hint=login_hint,
                said=said,
            ),
        )
    except ConnectorError as error:
        raise UserError("browser-sign-in", service=service.name, detail=error.detail) from error
    return Entered(
        settings={
            "oauth": service.id,
            "oauth_client_id": program,
            "oauth_token_url": service.token_url,
        },
        secrets={**oauth.written_tokens(tokens), "client_secret": secret, "password": ""},
    )


def _client_secret(secrets: Secrets, service_id: str) -> str:
    return secrets.get(client_secret_name(service_id)) or ""


# --- keeping it ---


async def add(context: AppContext, entered: Entered, report: Report, *, kind: str = EMAIL) -> int:
    """Check the settings and keep the account; return its id.

    `report` hears each step on the UI thread. *Raises:* UserError, "check-failed" among others.
    """
    added = await on_engine(
        context,
        accounts.add(
            context.workspace,
            context.secrets,
            kind=kind,
            settings=entered.settings,
            secret_values=entered.secrets,
            report=_here(context, report),
        ),
    )
    return added.id


async def change(context: AppContext, account: AccountRow, entered: Entered, report: Report) -> int:
    """Check changed settings or new secrets of an account and keep them. As `add`."""
    await on_engine(
        context,
        accounts.change(
            context.workspace,
            context.secrets,
            account.id,
            settings=entered.settings,
            secret_values=entered.secrets or None,
            report=_here(context, report),
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
    await on_engine(
        context,
        accounts.update(
            context.workspace,
            context.secrets,
            account.id,
            settings=settings,
            secret_values=secrets,
        ),
    )


def _here(context: AppContext, report: Callable[[T], None]) -> Callable[[T], None]:
    """Return a function for any thread that has `report` called on the window's."""

    def pass_on(step: T) -> None:
        context.tasks.loop.call_soon_threadsafe(report, step)

    return pass_on


async def on_engine(context: AppContext, coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the engine's loop, or on one of its own where no engine runs here."""
    if context.engine is not None and context.engine.running:
        return await asyncio.wrap_future(context.engine.submit(coroutine))
    return await _on_own_loop(coroutine)


async def _on_own_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    began: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = Future()

    async def main() -> asyncio.Task[T]:
        task: asyncio.Task[T] = asyncio.ensure_future(coroutine)
        began.set_result((asyncio.get_running_loop(), task))
        await asyncio.wait([task])  # what it raises is raised on this side
        return task

    running = asyncio.ensure_future(asyncio.to_thread(asyncio.run, main()))
    try:
        return (await asyncio.shield(running)).result()
    except asyncio.CancelledError:
        loop, task = await asyncio.wrap_future(began)
        with contextlib.suppress(RuntimeError):  # its loop is closed: it has ended meanwhile
            loop.call_soon_threadsafe(task.cancel)
        await asyncio.wait([running])
        if not task.cancelled():
            task.exception()  # it ended meanwhile, and nobody is left to be told how
        raise
