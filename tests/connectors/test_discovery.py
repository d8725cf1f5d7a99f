"""The servers of an address, found by asking a real name server and real web servers."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import dns.asyncresolver
import pytest
import pytest_asyncio
import trustme

from desktop_inbox.connectors.email import discovery
from desktop_inbox.connectors.email.discovery import Finding, Reach, Source, discover
from desktop_inbox.connectors.errors import NotConnected
from desktop_inbox.connectors.web.client import Web
from tests.connectors.test_autoconfig import IMAP, SMTP, document, server
from tests.support.names import NameServer, naming
from tests.support.web import Server, serving

DOMAIN = "kaya.example"
ADDRESS = f"info@{DOMAIN}"
NOT_FOUND = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"


def page(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@dataclass
class World:
    """What there is to be asked: names, web pages, and hosts that greet."""

    stack: AsyncExitStack
    names: NameServer
    ca: trustme.CA = field(default_factory=trustme.CA)
    places: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)

    @property
    def reach(self) -> Reach:
        return Reach(
            resolver=self.names.resolver,
            web=Web(tls=self._trusts, places=_Nowhere(self.places)),
            database_url="https://database.example/v1.1/",
            tls=self._trusts,
        )

    def _trusts(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
        self.ca.configure_trust(context)
        return context

    async def web(self, host: str, answer: bytes, *, cert: str = "", port: int = 443) -> Server:
        """Serve a page on a host, with a certificate for it or for `cert`."""
        context = None
        if port == 443:
            context = self._certificate(cert or host)
        listening = await self.stack.enter_async_context(
            serving(Server(answer=lambda _request: answer), tls=context)
        )
        self.places[host, port] = ("127.0.0.1", listening.port)
        return listening

    async def greets(self, host: str, port: int, greeting: bytes, *, cert: str = "") -> None:
        """Have a mail server greet on a host and port."""

        async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(greeting)
            writer.close()

        listening = await asyncio.start_server(
            greet, "127.0.0.1", 0, ssl=self._certificate(cert or host)
        )
        await self.stack.enter_async_context(listening)
        self.places[host, port] = ("127.0.0.1", listening.sockets[0].getsockname()[1])

    def _certificate(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(host).configure_cert(context)
        return context


class _Nowhere(dict[tuple[str, int], tuple[str, int]]):
    """Leads whoever asks for an unknown host to a port where nobody listens."""

    def get(self, place: tuple[str, int], default: object = None) -> tuple[str, int]:
        return super().get(place, ("127.0.0.1", 9))


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stack=stack, names=await stack.enter_async_context(naming(NameServer())))


async def found(world: World, address: str = ADDRESS) -> Finding:
    finding = await discover(address, reach=world.reach)
    assert finding is not None
    return finding


async def test_a_known_provider_is_not_asked_about(world: World) -> None:
    finding = await found(world, "elif@gmail.com")
    assert (finding.source, finding.name, finding.oauth) == (Source.TABLE, "Gmail", "google")
    assert finding.hint == "app_password"
    assert world.names.asked == []


async def test_what_the_domain_publishes_counts_more_than_its_dns(world: World) -> None:
    published = await world.web(f"autoconfig.{DOMAIN}", page(document(IMAP, SMTP)))
    srv(world, "mail.kaya.example")
    finding = await found(world)
    assert finding.source is Source.PUBLISHED
    assert finding.where == f"https://autoconfig.{DOMAIN}/mail/config-v1.1.xml"
    assert finding.settings["imap_host"] == "imap.kaya.example"
    assert finding.proven
    assert published.targets == ["/mail/config-v1.1.xml?emailaddress=info%40kaya.example"]


async def test_the_well_known_place_is_looked_at_as_well(world: World) -> None:
    await world.web(DOMAIN, page(document(IMAP, SMTP)))
    finding = await found(world)
    assert finding.where == f"https://{DOMAIN}/.well-known/autoconfig/mail/config-v1.1.xml"


async def test_a_page_with_a_foreign_certificate_is_not_believed(world: World) -> None:
    asked = await world.web(
        f"autoconfig.{DOMAIN}", page(document(IMAP, SMTP)), cert="other.example"
    )
    assert await discover(ADDRESS, reach=world.reach) is None
    assert asked.asked == []


async def test_over_plain_http_the_address_is_not_told_and_other_hosts_are_not_proven(
    world: World,
) -> None:
    foreign = document(server("incomingServer", "imap", "imap.provider.example"), SMTP)
    asked = await world.web(f"autoconfig.{DOMAIN}", page(foreign), port=80)
    finding = await found(world)
    assert not finding.proven
    assert asked.targets == ["/mail/config-v1.1.xml"]
    assert all(b"info" not in request for request in asked.asked)


async def test_a_redirect_never_leads_from_https_to_http(world: World) -> None:
    away = f"HTTP/1.1 302 Found\r\nLocation: http://plain.{DOMAIN}/c.xml\r\n\r\n".encode()
    await world.web(f"autoconfig.{DOMAIN}", away)
    plain = await world.web(f"plain.{DOMAIN}", page(document(IMAP, SMTP)), port=80)
    assert await discover(ADDRESS, reach=world.reach) is None
    assert plain.asked == []


def srv(world: World, host: str, *, imaps: int = 993, submissions: int = 465) -> None:
    world.names.records |= {
        (f"_imaps._tcp.{DOMAIN}", "SRV"): [f"10 1 {imaps} {host}."],
        (f"_submissions._tcp.{DOMAIN}", "SRV"): [f"10 1 {submissions} {host}."],
    }


@pytest.mark.parametrize(
    ("host", "proven"), [("mail.kaya.example", True), ("mail.provider.example", False)]
)
async def test_service_records_are_followed_and_foreign_hosts_are_to_be_confirmed(
    world: World, host: str, proven: bool
) -> None:
    srv(world, host, imaps=1993)
    finding = await found(world)
    assert (finding.source, finding.where) == (Source.SRV, f"_imaps._tcp.{DOMAIN}")
    assert finding.settings == {
        "imap_host": host, "imap_port": "1993", "imap_security": "tls",
        "smtp_host": host, "smtp_port": "465", "smtp_security": "tls",
    }  # fmt: skip
    assert finding.proven is proven


async def test_the_record_with_the_lowest_priority_counts_and_a_dot_says_not_here(
    world: World,
) -> None:
    world.names.records |= {
        (f"_imaps._tcp.{DOMAIN}", "SRV"): ["20 9 993 b.kaya.example.", "10 1 993 a.kaya.example."],
        (f"_submissions._tcp.{DOMAIN}", "SRV"): ["0 0 0 ."],
        (f"_submission._tcp.{DOMAIN}", "SRV"): ["0 1 587 out.kaya.example."],
    }
    finding = await found(world)
    assert finding.settings["imap_host"] == "a.kaya.example"
    assert finding.settings["smtp_security"] == "starttls"


async def test_the_public_list_is_asked_for_the_domain_only(world: World) -> None:
    asked = await world.web("database.example", page(document(IMAP, SMTP)))
    finding = await found(world)
    assert finding.source is Source.DATABASE
    assert asked.targets == [f"/v1.1/{DOMAIN}"]


@pytest.mark.parametrize(
    ("exchange", "name", "imap"),
    [
        ("aspmx.l.google.com.", "Google Workspace", "imap.gmail.com"),
        ("kaya-example.mail.protection.outlook.com.", "Microsoft 365", "outlook.office365.com"),
        ("mx.yandex.net.", "Yandex", "imap.yandex.com"),
        ("in1-smtp.messagingengine.com.", "Fastmail", "imap.fastmail.com"),
    ],
)
async def test_a_domain_whose_mail_a_known_provider_takes_is_that_providers(
    world: World, exchange: str, name: str, imap: str
) -> None:
    world.names.records[DOMAIN, "MX"] = ["20 other.example.", f"10 {exchange}"]
    finding = await found(world)
    assert (finding.source, finding.name) == (Source.EXCHANGE, name)
    assert finding.settings["imap_host"] == imap


async def test_a_name_that_ends_like_a_provider_is_not_one(world: World) -> None:
    world.names.records[DOMAIN, "MX"] = ["10 mx.notgoogle.com.", "20 google.com.evil.example."]
    assert await discover(ADDRESS, reach=world.reach) is None


async def test_usual_names_are_tried_where_nobody_says_anything(world: World) -> None:
    await world.greets(f"mail.{DOMAIN}", 993, b"* OK ready\r\n")
    await world.greets(f"smtp.{DOMAIN}", 465, b"220 ready\r\n")
    finding = await found(world)
    assert finding.source is Source.GUESS
    assert finding.settings["imap_host"] == f"mail.{DOMAIN}"
    assert finding.settings["smtp_host"] == f"smtp.{DOMAIN}"


async def test_who_has_no_certificate_for_the_name_is_no_guess(world: World) -> None:
    await world.greets(f"imap.{DOMAIN}", 993, b"* OK ready\r\n", cert="other.example")
    await world.greets(f"smtp.{DOMAIN}", 465, b"220 ready\r\n")
    assert await discover(ADDRESS, reach=world.reach) is None


async def test_sources_that_say_nothing_are_left_at_the_deadline(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "SECONDS", 1.5)
    world.names.silent = True
    await world.greets(f"imap.{DOMAIN}", 993, b"* OK ready\r\n")
    await world.greets(f"smtp.{DOMAIN}", 465, b"220 ready\r\n")
    began = time.monotonic()
    finding = await found(world)
    assert finding.source is Source.GUESS  # the names never answered, and what was found is used
    assert time.monotonic() - began < 5


async def test_that_nobody_could_be_asked_is_another_thing_than_nothing_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "SECONDS", 0.2)
    world.names.silent = True
    with pytest.raises(NotConnected):
        await discover(ADDRESS, reach=world.reach)
    await world.web("database.example", NOT_FOUND)
    monkeypatch.setattr(discovery, "SECONDS", 5.0)
    reach = replace(world.reach, resolver=_no_name_servers)
    assert await discover(ADDRESS, reach=reach) is None


def _no_name_servers() -> dns.asyncresolver.Resolver:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = []
    return resolver


@pytest.mark.parametrize("address", ["info", "info@", "info@localhost", "@", ""])
async def test_an_address_without_a_domain_is_asked_of_nobody(world: World, address: str) -> None:
    assert await discover(address, reach=world.reach) is None
    assert world.names.asked == []
