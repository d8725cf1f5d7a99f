"""Reads what a domain publishes for mail programs, in the format of Mozilla's autoconfig. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

MAX_BYTES = 64 * 1024
_SECURITY = {"SSL": "tls", "STARTTLS": "starttls"}  # what is not protected is not used


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One way to receive and one to send, the safest of those that are offered."""

    name: str
    settings: dict[str, str]  # account fields
    oauth: bool = False  # nothing but OAuth2 is offered for receiving
    help_url: str = ""


def read(document: bytes, *, address: str) -> Published | None:
    """Return what is published for an address; None where the document says nothing of use.

    A document with declarations of its own is refused: they are how little is made into much.
    """
    if len(document) > MAX_BYTES or b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        return None
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - bounded, and nothing is declared
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    for provider in root.iter("emailProvider"):
        incoming = _best(provider.findall("incomingServer"), kind="imap")
        outgoing = _best(provider.findall("outgoingServer"), kind="smtp")
        if incoming is not None and outgoing is not None:
            return _published(provider, incoming, outgoing, address)
    return None


def _published(provider: Element, incoming: Element, outgoing: Element, address: str) -> Published:
    username = _filled(_text(incoming, "username"), address)
    settings = {**_server(incoming, "imap"), **_server(outgoing, "smtp")}
    if username and username != address:
        settings["username"] = username
    ways = {(one.text or "").strip() for one in incoming.findall("authentication")}
    documentation = provider.find("documentation")
    url = documentation.get("url", "") if documentation is not None else ""
    return Published(
        name=_text(provider, "displayName") or address.rpartition("@")[2],
        settings=settings,
        oauth=ways == {"OAuth2"},
        help_url=url if url.startswith("https://") else "",
    )


def _best(servers: list[Element], *, kind: str) -> Element | None:
    usable = [one for one in servers if one.get("type") == kind and _usable(one)]
    return min(usable, key=lambda one: _text(one, "socketType") != "SSL", default=None)


def _usable(server: Element) -> bool:
    host, port = _text(server, "hostname"), _text(server, "port")
    sound = host.isascii() and host.isprintable() and " " not in host and "%" not in host
    number = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536
    return bool(host) and sound and number and _text(server, "socketType") in _SECURITY


def _server(server: Element, protocol: str) -> dict[str, str]:
    return {
        f"{protocol}_host": _text(server, "hostname").lower(),
        f"{protocol}_port": _text(server, "port"),
        f"{protocol}_security": _SECURITY[_text(server, "socketType")],
    }


def _filled(template: str, address: str) -> str:
    local, _at, domain = address.rpartition("@")
    for name, value in _variables(address, local, domain):
        template = template.replace(name, value)
    return template if template.isprintable() and "%" not in template else ""


def _variables(address: str, local: str, domain: str) -> Iterator[tuple[str, str]]:
    yield "%EMAILADDRESS%", address
    yield "%EMAILLOCALPART%", local
    yield "%EMAILDOMAIN%", domain


def _text(parent: Element, name: str) -> str:
    return (parent.findtext(name) or "").strip()
