"""A real XMPP server for tests: Prosody on free ports, with accounts, an archive and uploads."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from xml.etree import ElementTree as ET

import trustme
from slixmpp import ClientXMPP

from tests.support.proxy import FaultyProxy

HOST = "shop.test"
PASSWORD = "correct-horse"
_START_SECONDS = 15.0
_CONFIGURATION = """
run_as_root = true
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
certificates = "{folder}"
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = "{folder}/log" }} }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
http_ports = {{ {http_port} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{ }}
http_external_url = "http://127.0.0.1:{http_port}/"
http_default_host = "{host}"
modules_enabled = {{ "saslauth", "tls", "roster", "disco", "carbons", "mam", "ping", "posix", "offline", "presence", "message", "iq" }}
modules_disabled = {{ "s2s" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
default_archive_policy = {policy}
archive_expires_after = "never"
storage = "internal"
VirtualHost "{host}"
  authentication = "internal_plain"
  ssl = {{ key = "{folder}/key.pem", certificate = "{folder}/cert.pem" }}
Component "files.{host}" "http_file_share"
  http_host = "{host}"
  http_file_share_size_limit = 1024*1024
"""  # noqa: E501


_client: ContextVar[asyncio.StreamWriter] = ContextVar("client")  # of each connection
_STANZA = re.compile(rb"<(message|iq)\b.*?</\1>", re.DOTALL)
_ID, _TO = re.compile(rb"\bid=[\"']([^\"']*)"), re.compile(rb"\bto=[\"']([^\"']*)")


def program() -> str | None:
    """Return where Prosody lies; servers are not on everybody's path."""
    return shutil.which("prosody", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class Prosody:
    """The server. It may be killed and started again; what it archived is still there."""

    def __init__(self, folder: Path, *, key: bytes, certificate: bytes) -> None:
        self.folder = folder
        self.port, self.http_port = _free_port(), _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "key.pem").write_bytes(key)
        (folder / "cert.pem").write_bytes(certificate)
        self.configure()

    def configure(self, *, policy: str = "true") -> None:
        (self.folder / "prosody.cfg.lua").write_text(
            _CONFIGURATION.format(
                folder=self.folder, port=self.port, http_port=self.http_port, host=HOST,
                policy=policy,
            )
        )  # fmt: skip

    def register(self, user: str) -> str:
        """Make an account, and return its address."""
        accounts = self._data / "accounts"
        accounts.mkdir(parents=True, exist_ok=True)
        (accounts / f"{user}.dat").write_text(f'return {{ ["password"] = "{PASSWORD}"; }};\n')
        return f"{user}@{HOST}"

    def start(self) -> None:
        """Return once it lets clients in."""
        server = program()
        assert server is not None
        self._process = subprocess.Popen(
            [server, "-F", "--config", str(self.folder / "prosody.cfg.lua")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _START_SECONDS
        for port in (self.port, self.http_port):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, (self.folder / "log").read_text()
                    time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def archived(self, user: str) -> str:
        """Return what its archive of somebody holds, as it lies on the disk."""
        kept = self._data / "archive" / f"{user}.list"
        return kept.read_text() if kept.exists() else ""

    def forget(self, user: str) -> None:
        """Lose somebody's archive."""
        for kept in (self._data / "archive").glob(f"{user}.*"):
            kept.unlink()

    @property
    def _data(self) -> Path:
        return self.folder / "data" / HOST.replace(".", "%2e")


@contextmanager
def running_prosody(folder: Path) -> Iterator[Prosody]:
    """Run a server in a folder, with a certificate that nobody knows."""
    issued = trustme.CA().issue_cert(HOST)
    chain = b"".join(one.bytes() for one in issued.cert_chain_pems)
    server = Prosody(folder, key=issued.private_key_pem.bytes(), certificate=chain)
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Front(FaultyProxy):
    """Stands before the server; cuts the line at a moment of sending, or answers in its place."""

    def __init__(self, target_port: int) -> None:
        super().__init__(target_port, random.Random(1))
        self._step = ""
        self._refused: list[tuple[bytes, str]] = []

    def cut_at(self, step: str) -> None:
        """Cut it before a “ping” gets there, or before the “answer” to a message gets back."""
        self._step, self.faulty = step, True

    def refuse(self, about: bytes, error: str) -> None:
        """Keep the next stanza with these words from the server, and answer with an error."""
        self._refused.append((about, error))
        self.faulty = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _client.set(writer)
        await super()._serve(reader, writer)

    async def _let_through(self, data: bytes, writer: asyncio.StreamWriter) -> bytes:
        if self._step == "cut" or (self._step == "ping" and b"urn:xmpp:ping" in data):
            self.faulty = False
            return b""
        if self._step == "answer" and b"<body" in data:
            self._step = "cut"
            # What is cut off is the answer: the server has all of this first.
        client = _client.get()
        return data if writer is client else self._without_refused(data, client)

    def _without_refused(self, data: bytes, client: asyncio.StreamWriter) -> bytes:
        for about, error in list(self._refused):
            for found in _STANZA.finditer(data):
                if about in found[0]:
                    self._refused.remove((about, error))
                    kind, name = found[1].decode(), _ID.search(found[0])
                    told = f'<{kind} type="error" id="{name[1].decode() if name else ""}"'
                    sender = _TO.search(found[0])
                    told += f' from="{sender[1].decode()}"' if sender else ""
                    client.write(f"{told}>{error}</{kind}>".encode())
                    return data.replace(found[0], b" ")  # never nothing: a line stays
        return data


class Customer:
    """Somebody who writes with another program: plain stanzas, over the library alone."""

    def __init__(self, server: Prosody, address: str, *, resource: str = "phone") -> None:
        self.address = address
        self.heard: list[ET.Element] = []
        self._server = server
        self._client = _Client(f"{address}/{resource}", self.heard)

    async def __aenter__(self) -> Customer:
        bound = asyncio.get_running_loop().create_future()
        self._client.add_event_handler("session_bind", lambda jid: bound.set_result(jid))
        self._client.connect("127.0.0.1", self._server.port)
        async with asyncio.timeout(10):
            await bound
        await self.say('<presence xmlns="jabber:client"/>')
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.disconnect(wait=1.0, ignore_send_queue=True)
        sender = self._client._run_out_filters
        if sender is not None:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def say(self, *stanzas: str) -> None:
        """Return once the server has dealt with all of them."""
        for stanza in stanzas:
            self._client.send_raw(stanza)
        done = asyncio.Event()
        name = self._client.new_id()
        self._client.awaited[name] = done
        self._client.send_raw(f'<iq type="get" id="{name}"><ping xmlns="urn:xmpp:ping"/></iq>')
        async with asyncio.timeout(20):
            await done.wait()

    async def hears(self, told: str, *, seconds: float = 10) -> ET.Element:
        """Return a message that holds this, once it is there."""
        async with asyncio.timeout(seconds):
            while True:
                for one in self.heard:
                    if told in ET.tostring(one, encoding="unicode"):
                        return one
                self._client.came.clear()
                await self._client.came.wait()


class _Client(ClientXMPP):
    def __init__(self, jid: str, heard: list[ET.Element]) -> None:
        super().__init__(
            jid,
            PASSWORD,
            plugin_config={
                "feature_mechanisms": {"unencrypted_plain": True, "unencrypted_scram": True}
            },
        )
        self.enable_starttls = self.enable_direct_tls = False
        self.enable_plaintext = True
        self.heard = heard
        self.came = asyncio.Event()
        self.awaited: dict[str, asyncio.Event] = {}

    def incoming_filter(self, xml: ET.Element) -> ET.Element:
        if xml.tag == "{jabber:client}message":
            self.heard.append(xml)
            self.came.set()
        elif (done := self.awaited.pop(xml.get("id", ""), None)) is not None:
            done.set()
        return xml


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
