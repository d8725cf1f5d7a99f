"""Finds the servers of an e-mail address: every source at once, under one deadline. Engine loop.

No password is part of it. What a stranger on the way could have made up (an answer of the DNS, a
page without TLS) is marked as not proven where it leads away from the address's own domain, and
the owner confirms the host before anything secret is sent there.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from urllib.parse import quote

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from desktop_inbox.connectors.email import autoconfig, providers
from desktop_inbox.connectors.email.providers import ProviderSettings
from desktop_inbox.connectors.errors import NotConnected, TransientCause, TransientError
from desktop_inbox.connectors.web import client
from desktop_inbox.connectors.web.client import Web

SECONDS = 10.0
DATABASE_URL = "https://autoconfig.thunderbird.net/v1.1/"
_GUESS_SECONDS = 4.0


class Source(IntEnum):
    """Where settings come from, the most trusted first."""

    TABLE = 0  # this program knows the provider
    PUBLISHED = 1  # the domain publishes them for mail programs
    SRV = 2  # the domain's DNS names the servers (RFC 6186, RFC 8314)
    DATABASE = 3  # Mozilla's list of providers
    EXCHANGE = 4  # whoever takes the domain's mail is a known provider
    GUESS = 5  # servers of the usual names answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Settings for an address, and who says so."""

    source: Source
    where: str  # what was asked, for people to read
    name: str  # of the provider
    settings: Mapping[str, str]  # account fields
    proven: bool  # nobody on the way can have made it up, or it stays within the domain
    hint: str = ""  # a providers.Hint
    help_url: str = ""
    oauth: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How the world is asked; the defaults are the system's."""

    resolver: Callable[[], dns.asyncresolver.Resolver] = dns.asyncresolver.Resolver
    web: Web = field(default_factory=Web)
    database_url: str = DATABASE_URL
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


async def discover(address: str, *, reach: Reach | None = None) -> Finding | None:
    """Return the best settings that can be found within `SECONDS`; None where there are none.

    A source that is still silent is not waited for once all that are better than what was found
    have answered.

    Raises:
        NotConnected: nobody at all could be asked.
    """
    known = providers.find(address)
    domain = address.rpartition("@")[2].strip().rstrip(".").lower()
    if known is not None:
        return _of_provider(known, Source.TABLE, known.name, proven=True)
    if "." not in domain:
        return None
    by = reach or Reach()
    running = {
        source: asyncio.create_task(_ask(ask(address, domain, by)), name=f"discover {source.name}")
        for source, ask in _SOURCES
        if source is not Source.DATABASE or by.database_url
    }
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                await _settled(running)
        found = _best(running)
        if found is None and not _anybody_answered(running):
            raise NotConnected
        return found
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)


class _Silence(Enum):
    """Why a source says nothing of an address."""

    NOTHING = "nothing"  # it has nothing, or nothing that one can read
    NOT_REACHED = "not reached"


Said = Finding | _Silence
Running = Mapping[Source, "asyncio.Task[Said]"]


async def _settled(running: Running) -> None:
    """Return once every source has answered that is better than the best which has something."""
    for source in sorted(running):
        if isinstance(await asyncio.shield(running[source]), Finding):
            return


def _best(running: Running) -> Finding | None:
    done = (running[source] for source in sorted(running) if running[source].done())
    return next((said for task in done if isinstance(said := task.result(), Finding)), None)


def _anybody_answered(running: Running) -> bool:
    """Whether one of those answered who do for every domain, wherever there is a network."""
    asked = [running[source] for source in _ALWAYS_THERE if source in running]
    return any(one.done() and one.result() is not _Silence.NOT_REACHED for one in asked)


async def _ask(source: Awaitable[Finding | None]) -> Said:
    """Return what a source says; that it cannot be asked ends nothing."""
    try:
        return await source or _Silence.NOTHING
    except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN, ValueError):
        return _Silence.NOTHING
    except (TransientError, dns.exception.DNSException, OSError) as error:
        spoke = isinstance(error, TransientError) and error.cause in _SPOKE
        return _Silence.NOTHING if spoke else _Silence.NOT_REACHED


# --- the sources ---


async def _published(address: str, domain: str, reach: Reach) -> Finding | None:
    """Ask the domain itself. The address travels over TLS only."""
    query = f"?emailaddress={quote(address)}"
    asked = [
        (f"https://autoconfig.{domain}/mail/config-v1.1.xml{query}", True),
        (f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml{query}", True),
        (f"http://autoconfig.{domain}/mail/config-v1.1.xml", False),
    ]
    answers = await asyncio.gather(
        *(_fetched(url, address, reach) for url, _secure in asked), return_exceptions=True
    )
    for (url, secure), answer in zip(asked, answers, strict=True):
        if isinstance(answer, autoconfig.Published):
            found = _of_published(answer, Source.PUBLISHED, url.partition("?")[0], proven=secure)
            return found if secure else _proven_within(found, domain)
    return None


async def _database(address: str, domain: str, reach: Reach) -> Finding | None:
    """Ask Mozilla's list for the domain; the rest of the address is nobody's business."""
    url = reach.database_url + quote(domain)
    published = await _fetched(url, address, reach)
    if published is None:
        return None
    return _of_published(published, Source.DATABASE, url, proven=True)


async def _fetched(url: str, address: str, reach: Reach) -> autoconfig.Published | None:
    answer = await client.get(url, web=reach.web, plain=url.startswith("http:"))
    return autoconfig.read(answer.body, address=address) if answer.status == 200 else None


async def _srv(address: str, domain: str, reach: Reach) -> Finding | None:
    resolver = reach.resolver()
    imaps, imap, submissions, submission = await asyncio.gather(
        *(_targets(resolver, f"{service}._tcp.{domain}") for service in _SERVICES)
    )
    receiving = [("tls", one) for one in imaps] or [("starttls", one) for one in imap]
    sending = [("tls", one) for one in submissions] or [("starttls", one) for one in submission]
    if not receiving or not sending:
        return None
    found = Finding(
        source=Source.SRV,
        where=f"_imaps._tcp.{domain}" if imaps else f"_imap._tcp.{domain}",
        name=domain,
        settings={**_server("imap", *receiving[0]), **_server("smtp", *sending[0])},
        proven=False,
    )
    return _proven_within(found, domain)


_SERVICES = ("_imaps", "_imap", "_submissions", "_submission")


async def _targets(resolver: dns.asyncresolver.Resolver, name: str) -> list[tuple[str, int]]:
    """Return hosts and ports in the order of the records; none where there is no such service."""
    try:
        answer = await resolver.resolve(name, dns.rdatatype.SRV, lifetime=SECONDS, search=False)
    except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
        return []
    records = sorted(answer, key=lambda one: (one.priority, -one.weight))
    return [
        (one.target.to_text(omit_final_dot=True).lower(), one.port)
        for one in records
        if one.target != dns.name.root and one.port  # "." says: not here (RFC 2782)
    ]


async def _exchange(address: str, domain: str, reach: Reach) -> Finding | None:
    answer = await reach.resolver().resolve(
        domain, dns.rdatatype.MX, lifetime=SECONDS, search=False
    )
    hosts = [
        one.exchange.to_text(omit_final_dot=True)
        for one in sorted(answer, key=lambda one: one.preference)
    ]
    for host in hosts:
        provider = providers.by_exchange(host)
        if provider is not None:
            # The table names the servers, so a forged answer leads to a known provider at worst.
            return _of_provider(provider, Source.EXCHANGE, host, proven=True)
    return None


async def _guess(address: str, domain: str, reach: Reach) -> Finding | None:
    """Knock at the usual names; who answers with a valid certificate may be asked."""
    context = await asyncio.to_thread(reach.tls)
    receiving, sending = await asyncio.gather(
        _who_answers([(f"imap.{domain}", 993), (f"mail.{domain}", 993)], context, reach.web),
        _who_answers([(f"smtp.{domain}", 465), (f"mail.{domain}", 465)], context, reach.web),
    )
    if receiving is None or sending is None:
        return None
    return Finding(
        source=Source.GUESS,
        where=receiving[0],
        name=domain,
        settings={**_server("imap", "tls", receiving), **_server("smtp", "tls", sending)},
        proven=True,  # it is the domain's own name, and TLS proves it
    )


async def _who_answers(
    places: Sequence[tuple[str, int]], context: ssl.SSLContext, web: Web
) -> tuple[str, int] | None:
    answers = await asyncio.gather(*(_answers(place, context, web) for place in places))
    return next((place for place, yes in zip(places, answers, strict=True) if yes), None)


async def _answers(place: tuple[str, int], context: ssl.SSLContext, web: Web) -> bool:
    """Whether somebody greets us there, with a certificate for this name."""
    try:
        async with asyncio.timeout(_GUESS_SECONDS):
            reader, writer = await asyncio.open_connection(
                *web.places.get(place, place), ssl=context, server_hostname=place[0]
            )
            try:
                greeting = await reader.readuntil(b"\n")
            finally:
                writer.transport.abort()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
        return False
    return greeting.startswith((b"* OK", b"220"))


_SOURCES: tuple[tuple[Source, Callable[[str, str, Reach], Awaitable[Finding | None]]], ...] = (
    (Source.PUBLISHED, _published),
    (Source.SRV, _srv),
    (Source.DATABASE, _database),
    (Source.EXCHANGE, _exchange),
    (Source.GUESS, _guess),
)
_ALWAYS_THERE = (Source.SRV, Source.DATABASE, Source.EXCHANGE)
_SPOKE = frozenset({TransientCause.TLS, TransientCause.SERVER})  # somebody did, if not to the point


# --- what they say, in one form ---


def _server(protocol: str, security: str, place: tuple[str, int]) -> dict[str, str]:
    host, port = place
    return {
        f"{protocol}_host": host,
        f"{protocol}_port": str(port),
        f"{protocol}_security": security,
    }


def _of_provider(
    provider: ProviderSettings, source: Source, where: str, *, proven: bool
) -> Finding:
    return Finding(
        source=source,
        where=where,
        name=provider.name,
        settings=provider.settings,
        proven=proven,
        hint=provider.hint.value,
        help_url=provider.help_url,
        oauth=provider.oauth,
    )


def _of_published(
    published: autoconfig.Published, source: Source, where: str, *, proven: bool
) -> Finding:
    known = providers.by_server(published.settings["imap_host"])
    return Finding(
        source=source,
        where=where,
        name=published.name,
        settings=published.settings,
        proven=proven,
        hint=known.hint.value if known is not None else "",
        help_url=known.help_url if known is not None else published.help_url,
        oauth=known.oauth if known is not None else "",
    )


def _proven_within(found: Finding, domain: str) -> Finding:
    """Take a finding as proven where its servers are the domain's own: TLS proves their names."""
    hosts = (found.settings["imap_host"], found.settings["smtp_host"])
    within = all(host == domain or host.endswith("." + domain) for host in hosts)
    return replace(found, proven=within)
