"""Pictures from the web: only from public hosts, telling nothing, and no more than a picture."""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_address

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.web.pictures import PictureRefused, Reach, fetch
from desktop_inbox.connectors.web.public import Address, is_public, is_public_name, literal
from tests.support.web import HOST, OK, PNG, Server, at, reach, serving


async def refusal(url: str, by: Reach) -> str:
    with pytest.raises(PictureRefused) as refused:
        await fetch(url, reach=by)
    return refused.value.reason


async def test_a_picture_comes_and_the_server_learns_nothing_but_its_address() -> None:
    async with serving(Server()) as server:
        body = await fetch(f"http://{HOST}/a%20b.png?id=7#part", reach=reach(server))
    assert body == PNG
    (request,) = server.asked
    assert request.startswith(b"GET /a%20b.png?id=7 HTTP/1.1\r\nHost: pictures.shop.com\r\n")
    lowered = request.lower()
    for told in (b"cookie", b"referer", b"authorization", b"origin", b"accept-language", b"inbox"):
        assert told not in lowered


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1", "192.88.99.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1",
        "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "64:ff9b::7f00:1",
        "2002:a00:1::1", "2001:0:1::1", "::10.0.0.1", "64:ff9b:1::1",
    ],
)  # fmt: skip
def test_no_private_address_is_public_in_any_form(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_inside_ipv6_as_it_is_alone(address: object) -> None:
    for form in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(ip_address(form)) is is_public(ip_address(str(address)))


@pytest.mark.parametrize(
    "host",
    ["localhost", "router", "printer.local", "nas.lan", "a.internal", "x.home.arpa", "db.LOCAL."],
)
def test_names_of_the_own_network_are_not_even_looked_up(host: str) -> None:
    assert not is_public_name(host)
    assert is_public_name("shop.com")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.png", "http://[::1]/a.png", "http://2130706433/a.png",
        "http://0x7f.1/a.png", "http://017700000001/a.png", "http://127.1/a.png",
        "http://[::ffff:127.0.0.1]/a.png", "https://localhost/a.png", "http://router/a.png",
        "http://pictures.shop.com:22/a.png", "http://192.168.1.1:8080/a.png",
        "http://\uff11\uff12\uff17.0.0.1/a.png", "http://127。0。0。1/a.png",
    ],
)  # fmt: skip
async def test_the_own_network_is_refused_however_it_is_written(url: str) -> None:
    async def system(host: str, _port: int) -> list[Address]:
        return [ip_address("127.0.0.1")]  # what the system makes of the odd forms

    assert await refusal(url, Reach(resolve=system)) in {"private", "url"}


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://shop.com/a", "data:image/png,x", "//shop.com/a", "http://",
     "http://user:secret@shop.com/a.png", "http://shop.com:99999/", "javascript:x", "http://[::1/"],
)  # fmt: skip
async def test_only_plain_web_addresses_are_asked(url: str) -> None:
    assert await refusal(url, Reach()) == "url"


async def test_one_private_address_among_public_ones_taints_a_name() -> None:
    both = Reach(resolve=at(HOST, "93.184.216.34", "192.168.1.1"))  # type: ignore[arg-type]
    assert await refusal(f"https://{HOST}/a.png", both) == "private"


async def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_meaning() -> None:
    looked_up = []

    async def rebinding(name: str, _port: int) -> list[Address]:
        looked_up.append(name)
        return [ip_address("127.0.0.1" if len(looked_up) == 1 else "10.0.0.1")]

    async with serving(Server()) as server:
        assert await fetch(f"http://{HOST}:{server.port}/", reach=_http(server, rebinding)) == PNG
    assert looked_up == [HOST]


def _http(server: Server, resolve: object) -> Reach:
    return reach(server, resolve=resolve, ports={"http": 1, "https": 2, "test": server.port})


async def test_a_redirect_into_the_own_network_is_refused() -> None:
    away = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\n\r\n"
    async with serving(Server(answer=lambda _request: away)) as server:
        assert await refusal(f"http://{HOST}/a.png", reach(server)) == "private"
    assert len(server.asked) == 1


async def test_redirects_are_followed_but_not_for_ever() -> None:
    def answer(request: bytes) -> bytes:
        if b"GET /end" in request:
            return OK
        onward = b"/end" if b"GET /start" in request else b"/round"
        return b"HTTP/1.1 301 Moved\r\nLocation: " + onward + b"\r\n\r\n"

    async with serving(Server(answer=answer)) as server:
        assert await fetch(f"http://{HOST}/start", reach=reach(server)) == PNG
        assert await refusal(f"http://{HOST}/round", reach(server)) == "redirects"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 404 No\r\n\r\n", "status"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "too-large"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + PNG, "broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + PNG, "broken"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + PNG + b"0" * 3000, "too-large"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", "too-large"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", "broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n<svg onload=x()>", "no-picture"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "broken"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "broken"),
        (b"", "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_picture_of_bearable_size_is_refused(answer: bytes, reason: str) -> None:
    async with serving(Server(answer=lambda _request: answer)) as server:
        with pytest.raises(PictureRefused) as refused:
            await fetch(f"http://{HOST}/a.png", reach=reach(server), max_bytes=2000)
    assert refused.value.reason == reason


async def test_chunks_are_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"8;x=1\r\n" + PNG[:8] + b"\r\n64\r\n" + PNG[8:] + b"\r\n0\r\n\r\n"
    async with serving(Server(answer=lambda _request: head + chunks)) as server:
        assert await fetch(f"http://{HOST}/a.png", reach=reach(server)) == PNG


async def test_an_address_cannot_smuggle_a_second_request() -> None:
    async with serving(Server()) as server:
        await fetch(f"http://{HOST}/a%0d%0ab\r\nX: y z", reach=reach(server))
    (request,) = server.asked
    assert b"\r\nX:" not in request
    assert request.count(b"\r\n\r\n") == 1


async def test_https_is_tried_before_http_is() -> None:
    ca = trustme.CA()
    serves, trusts = (ssl.create_default_context(p) for p in _PURPOSES)
    ca.issue_cert(HOST).configure_cert(serves)
    ca.configure_trust(trusts)
    async with serving(Server()) as plain, serving(Server(), tls=serves) as secure:
        ports = {"http": plain.port, "https": secure.port}
        by = reach(plain, ports=ports, tls=lambda: trusts)
        assert await fetch(f"http://{HOST}/a.png", reach=by) == PNG
        assert (len(secure.asked), len(plain.asked)) == (1, 0)
        # Where its certificate is no good, https is not trusted, and http said so from the start.
        by = reach(plain, ports=ports)
        assert await fetch(f"http://{HOST}/a.png", reach=by) == PNG
        assert await refusal(f"https://{HOST}/a.png", by) == "unreachable"
    assert (len(secure.asked), len(plain.asked)) == (1, 1)


_PURPOSES = (ssl.Purpose.CLIENT_AUTH, ssl.Purpose.SERVER_AUTH)


async def test_a_server_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_inbox.connectors.web.pictures.SECONDS", 0.05)
    answered = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answered.wait()
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with listening:
        server = Server(port=listening.sockets[0].getsockname()[1])
        assert await refusal(f"http://{HOST}/a.png", reach(server)) == "unreachable"
        answered.set()


def test_odd_forms_of_addresses_are_names_to_us() -> None:
    assert literal("[::1]") == ip_address("::1")
    assert literal("127.1") is None
    assert literal("0x7f000001") is None
