"""A real Matrix homeserver for tests: Synapse on a free port, with rooms, files and keys.

It lies in an environment of its own, which `dev.py test` prepares from `requirements/servers.txt`.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest

from tests.support.http_service import Asked, HttpService, Said

HOST = "localhost.test"
PASSWORD = "correct-horse"
_SHARED_SECRET = "secret-for-tests"
_START_SECONDS = 180.0
_VENV = Path(__file__).resolve().parents[2] / ".venv-servers"
_PYTHON = _VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
_PLENTY = {"per_second": 1000, "burst_count": 1000}
_numbers = itertools.count(1)


class Synapse:
    """The server. It may be killed and started again; what it holds is still there."""

    def __init__(self, folder: Path, *, messages: Mapping[str, float] = _PLENTY) -> None:
        self.folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._configure(messages)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return once it lets clients in."""
        with (self.folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                [*_program(), "--config-path", str(self.folder / "homeserver.yaml")],
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=self.folder,
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/_matrix/client/versions", timeout=5):
                    return
            except OSError:
                said = (self.folder / "errors").read_text()[-2000:]
                assert self._process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def lose_files(self) -> None:
        """Keep no file any more that was put there."""
        shutil.rmtree(self.folder / "media" / "local_content", ignore_errors=True)

    def register(self, name: str) -> Person:
        """Make an account, under a name like this one."""
        user = f"{name}{next(_numbers)}"
        said = self.ask(
            "POST", "register",
            content={
                "username": user, "password": PASSWORD, "auth": {"type": "m.login.dummy"},
                "initial_device_display_name": f"{name}'s phone",
            },
        )  # fmt: skip
        return Person(
            server=self, user_id=str(said["user_id"]), token=str(said["access_token"]),
            device_id=str(said["device_id"]),
        )  # fmt: skip

    def slow_down(self, person: Person) -> None:
        """Take three messages of somebody at once, and then hardly any."""
        said = self.ask("GET", "register", api="_synapse/admin", version="v1")
        nonce, name = str(said["nonce"]), f"admin{next(_numbers)}"
        told = b"\0".join(one.encode() for one in (nonce, name, PASSWORD, "admin"))
        content = {
            "nonce": nonce, "username": name, "password": PASSWORD, "admin": True,
            "mac": hmac.new(_SHARED_SECRET.encode(), told, hashlib.sha1).hexdigest(),
        }  # fmt: skip
        admin = self.ask("POST", "register", api="_synapse/admin", version="v1", content=content)
        self.ask(
            "POST", "users", person.user_id, "override_ratelimit",
            api="_synapse/admin", version="v1", token=str(admin["access_token"]),
            content={"messages_per_second": 1, "burst_count": 3},
        )  # fmt: skip

    def ask(
        self, method: str, *path: str, token: str = "", content: object = None,
        version: str = "v3", api: str = "_matrix/client", **query: str,
    ) -> dict[str, object]:  # fmt: skip
        """Ask it something as any program does."""
        where = "/".join(quote(one, safe="") for one in path)
        url = f"{self.url}/{api}/{version}/{where}"
        request = urllib.request.Request(
            f"{url}?{urlencode(query)}" if query else url,
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            said: dict[str, object] = json.loads(answer.read())
            return said

    def _configure(self, messages: Mapping[str, float]) -> None:
        folder = self.folder
        configuration = {
            "server_name": HOST,
            "pid_file": str(folder / "pid"),
            "public_baseurl": f"{self.url}/",
            "listeners": [
                {
                    "bind_addresses": ["127.0.0.1"],
                    "port": self.port,
                    "type": "http",
                    "tls": False,
                    "resources": [{"names": ["client"], "compress": False}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
            "log_config": str(folder / "log.config"),
            "media_store_path": str(folder / "media"),
            "signing_key_path": str(folder / "signing.key"),
            "registration_shared_secret": _SHARED_SECRET,
            "macaroon_secret_key": "m",
            "form_secret": "f",
            "report_stats": False,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "presence": {"enabled": False},
            "rc_message": dict(messages),
            "rc_registration": _PLENTY,
            "rc_login": {"address": _PLENTY, "account": _PLENTY, "failed_attempts": _PLENTY},
            "rc_joins": {"local": _PLENTY},
            "rc_joins_per_room": _PLENTY,
            "rc_invites": {"per_room": _PLENTY, "per_user": _PLENTY, "per_issuer": _PLENTY},
            "rc_room_creation": _PLENTY,
            "bcrypt_rounds": 4,
            "max_upload_size": "1M",
            "url_preview_enabled": False,
        }
        # YAML is a superset of JSON.
        (folder / "homeserver.yaml").write_text(json.dumps(configuration))
        (folder / "log.config").write_text(json.dumps({"version": 1}))
        key = folder / "signing.key"
        if not key.exists():
            key.write_text("ed25519 a_test qBrrFLWCkmcpNCqXvUZzYvHkvs1WZ1VCvmDNyvRJh6A\n")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with an account, who uses the plain API."""

    server: Synapse
    user_id: str
    token: str
    device_id: str

    def ask(
        self, method: str, *path: str, content: object = None, version: str = "v3", **query: str
    ) -> dict[str, object]:
        return self.server.ask(
            method, *path, token=self.token, content=content, version=version, **query
        )

    def open_room(self, *others: Person, direct: bool = True, **more: object) -> str:
        """Open a room, and ask others in."""
        content = {
            "preset": "trusted_private_chat" if direct else "private_chat",
            "is_direct": direct,
            "invite": [one.user_id for one in others],
            **more,
        }
        return str(self.ask("POST", "createRoom", content=content)["room_id"])

    def join(self, room: str) -> None:
        self.ask("POST", "join", room, content={})

    def invited(self) -> list[str]:
        """Return the rooms that somebody asks us into."""
        rooms = self.ask("GET", "sync").get("rooms", {})
        return [*rooms.get("invite", {})]  # type: ignore[attr-defined]

    def leave(self, room: str) -> None:
        self.ask("POST", "rooms", room, "leave", content={})

    def send(self, room: str, content: Mapping[str, object], kind: str = "m.room.message") -> str:
        """Send an event; return its id."""
        name = f"t{next(_numbers)}"
        said = self.ask("PUT", "rooms", room, "send", kind, name, content=dict(content))
        return str(said["event_id"])

    def say(self, room: str, text: str, **more: object) -> str:
        return self.send(room, {"msgtype": "m.text", "body": text, **more})

    def redact(self, room: str, event: str) -> None:
        self.ask("PUT", "rooms", room, "redact", event, f"t{next(_numbers)}", content={})

    def read(self, room: str, event: str) -> None:
        self.ask("POST", "rooms", room, "receipt", "m.read", event, content={})

    def events(self, room: str) -> list[dict[str, object]]:
        """Return what a room holds, the oldest first."""
        said = self.ask("GET", "rooms", room, "messages", dir="b", limit="1000")
        return [*said["chunk"]][::-1]  # type: ignore[misc]

    def upload(self, data: bytes, media_type: str) -> str:
        request = urllib.request.Request(
            f"{self.server.url}/_matrix/media/v3/upload", method="POST", data=data,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": media_type},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(json.loads(answer.read())["content_uri"])


class Front(HttpService):
    """Stands before a Synapse and passes everything on, as long as no fault is wanted."""

    def __init__(self, server: Synapse) -> None:
        super().__init__()
        self._far = httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False)

    async def answer(self, asked: Asked) -> Said:
        kept = ("authorization", "content-type")
        headers = {name: value for name, value in asked.headers.items() if name.lower() in kept}
        answer = await self._far.request(
            asked.method, asked.target, headers=headers, content=asked.body
        )
        media_type = answer.headers.get("Content-Type", "application/json")
        return Said(
            status=answer.status_code, body=answer.content, headers={"Content-Type": media_type}
        )

    async def stop(self) -> None:
        await super().stop()
        await self._far.aclose()


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Synapse]:
    """Run a server. Skips the test where it is not installed."""
    if "SYNAPSE_PYTHON" not in os.environ and not _PYTHON.exists():
        pytest.skip("Synapse is not installed; “dev.py test” does that")
    server = Synapse(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _program() -> list[str]:
    return [os.environ.get("SYNAPSE_PYTHON", str(_PYTHON)), "-m", "synapse.app.homeserver"]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
