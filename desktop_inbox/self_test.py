"""`--self-test`: checks an installed copy from the inside, without account, network or display."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_inbox import __version__, i18n, log, secrets
from desktop_inbox.cli.output import Output
from desktop_inbox.paths import own_program, resources

if TYPE_CHECKING:
    from desktop_inbox.connectors.contract import AccountConfig, ConnectorInfo

_LIBRARIES = (
    "PySide6.QtNetwork", "PySide6.QtPrintSupport", "PySide6.QtSvg", "PySide6.QtTest",
    "PySide6.QtWidgets", "aioimaplib", "aiosmtpd.smtp", "aiosmtplib", "alembic.operations",
    "cryptography.hazmat.primitives.ciphers", "keyring", "miniaudio", "msgspec", "nh3",
    "pymap.imap", "qasync", "selectolax.lexbor", "sqlalchemy", "sqlcipher3",
)  # fmt: skip
# Talk with the bus of a Linux desktop, through a library that only Linux gets.
_ONLY_ON_LINUX = frozenset(
    {"desktop_inbox.ui.notifications.bus", "desktop_inbox.ui.notifications.freedesktop"}
)
_RESOURCES = (
    "../CHANGELOG.md", "../pyproject.toml", "changes/tr.md",
    "demo/chats.toml", "demo/en.toml", "demo/seed.toml", "demo/voices",
    "fonts", "help/en/index.md", "help/tr/index.md", "icons/app.svg", "licences", "locale",
)  # fmt: skip
_MAIL = b"From: a@b.example\r\nSubject: =?utf-8?b?xLB5aQ==?=\r\n\r\nself-test\r\n"
_HERE = "127.0.0.1"
_FILLED = "selftest"  # what services take for a name, a number or a token
_WINDOW_MS = 300
_SPELLING_SECONDS = 60
_SOUND_SECONDS = 20

Finding = str
"""What a check found, '' where there is nothing to say; what it raises is what is wrong."""


def run(*, as_json: bool) -> int:
    """Run every check and return 0, or 1 with a list of what is wrong."""
    # Whatever desktop this runs on, nobody should see a window flash by.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    log.start(None)
    output = Output(as_json=as_json)
    results = [_result(name, check) for name, check in _CHECKS]
    well = all(result["ok"] for result in results)
    value = {"version": __version__, "ok": well, "checks": results}
    lines = [
        f"{'ok    ' if result['ok'] else 'FAILED'} {result['name']} {result['detail']}".rstrip()
        for result in results
    ]
    output.document(value, [f"desktop-inbox {__version__}", *lines])
    return 0 if well else 1


def _result(name: str, check: Callable[[Path], Finding]) -> dict[str, object]:
    with tempfile.TemporaryDirectory(
        prefix="desktop-inbox-self-test-", ignore_cleanup_errors=True
    ) as folder:
        try:
            return {"name": name, "ok": True, "detail": check(Path(folder))}
        except Exception as error:  # noqa: BLE001 - whatever is wrong is what we are here to list
            return {"name": name, "ok": False, "detail": f"{type(error).__name__}: {error}"}


def _imports(folder: Path) -> Finding:
    """Import what we need, and every module of ours: most are imported where they are needed."""
    names = (*_LIBRARIES, *_own_modules())
    for name in names:
        importlib.import_module(name)
    return f"{len(names)} modules"


def _own_modules() -> Iterator[str]:
    # By their files: a frozen copy lists no packages.
    place = Path(__file__).parent
    elsewhere = frozenset() if sys.platform == "linux" else _ONLY_ON_LINUX
    for path in sorted(place.rglob("*.py*")):
        module = path.relative_to(place.parent).with_suffix("")
        name = ".".join(module.parts)
        if module.name in ("__init__", "__main__") or "__pycache__" in module.parts:
            continue
        if name not in elsewhere:
            yield name


def _channels(folder: Path) -> Finding:
    """Make every channel and let it knock where nobody answers: much is loaded only then."""
    from desktop_inbox.connectors import CONNECTORS

    with socket.socket() as nobody:
        nobody.bind((_HERE, 0))  # and does not listen
        port = nobody.getsockname()[1]
        faults = asyncio.run(_knock(CONNECTORS, port))
    if faults:
        raise RuntimeError("; ".join(f"{kind}: {fault}" for kind, fault in faults.items()))
    return ", ".join(info.kind for info in CONNECTORS)


async def _knock(channels: Sequence[ConnectorInfo], port: int) -> dict[str, str]:
    """Return what is wrong with which channel."""
    tried = await asyncio.gather(
        *(_knock_once(info, port) for info in channels), return_exceptions=True
    )
    return {
        info.kind: f"{type(fault).__name__}: {fault}"
        for info, fault in zip(channels, tried, strict=True)
        if fault is not None
    }


async def _knock_once(info: ConnectorInfo, port: int) -> None:
    from desktop_inbox import connectors
    from desktop_inbox.connectors.errors import TransientCause

    config = _imagined(info, port)
    await connectors.create(info.kind, config).close()
    async for found in connectors.check(info.kind, config):
        # Nothing but the silence at the other end may stop it: the account is complete.
        if not found.ok and found.cause != TransientCause.NETWORK:
            raise RuntimeError(f"{found.step} {found.cause} {found.detail}")


def _imagined(info: ConnectorInfo, port: int) -> AccountConfig:
    """Return an account whose service is a port of this computer."""
    from desktop_inbox.connectors.contract import AccountConfig
    from desktop_inbox.connectors.setup import FieldType

    url = f"http://{_HERE}:{port}"
    settings = {"api_url": url}
    for field in info.fields:
        match field.type:
            case FieldType.HOST:
                settings[field.name] = _HERE
            case FieldType.PORT:
                settings[field.name] = str(port)
            case _:
                settings[field.name] = field.default or (_FILLED if field.required else "")
    if settings["address"] != _HERE:
        settings["address"] = f"{_FILLED}@localhost"
    special = {
        "feed": {"address": url},
        "matrix": {"address": f"@{_FILLED}:localhost", "homeserver": url},
    }
    settings.update(special.get(info.kind, {}))
    return AccountConfig(
        id=1,
        address=settings["address"],
        settings=settings,
        secrets={field.name: _FILLED for field in info.fields if field.secret},
    )


def _resources(folder: Path) -> Finding:
    missing = [name for name in _RESOURCES if not (resources() / name).exists()]
    if missing:
        raise FileNotFoundError(f"{', '.join(missing)} below {resources()}")
    return str(resources())


def _translations(folder: Path) -> Finding:
    codes = i18n.languages()
    for code in codes:
        if i18n.set_language(code) != code:
            raise LookupError(code)
    i18n.set_language(i18n.SOURCE_LANGUAGE)
    return ", ".join(codes)


def _database(folder: Path) -> Finding:
    from desktop_inbox.store import accounts, health
    from desktop_inbox.store.workspace import Workspace

    workspace = Workspace.open(folder)
    try:
        workspace.db.write(
            lambda tx: accounts.create(tx, kind="email", title="", address="", settings={})
        ).result()
        faults = workspace.db.read(health.faults).result()
        if faults:
            raise RuntimeError("; ".join(faults))
        return f"SQLite {workspace.db.read(health.sqlite_version).result()}"
    finally:
        workspace.close()


def _worker(folder: Path) -> Finding:
    subject = asyncio.run(_parse(folder))
    if subject != "İyi":
        raise RuntimeError(f"it read {subject!r}")
    return ""


async def _parse(folder: Path) -> str:
    from desktop_inbox.connectors.contract import FolderRole, Location, RawMail
    from desktop_inbox.store.files import Files
    from desktop_inbox.sync.parsing import ParseWorker

    worker = ParseWorker(Files(folder / "files"))
    mail = RawMail(
        location=Location(folder="INBOX", uidvalidity=1, uid=1),
        role=FolderRole.INBOX,
        received_at=datetime.now(UTC),
        size=len(_MAIL),
        seen=False,
        raw=_MAIL,
    )
    try:
        (parsed,) = await worker.parse([mail])
    finally:
        await worker.close()
    return parsed.message.subject if parsed.message else f"nothing: {parsed.unreadable}"


def _spelling(folder: Path) -> Finding:
    question = json.dumps({"language": "en", "words": ["letter", "lettre"]})
    answer = subprocess.run(  # noqa: S603 - ourselves
        own_program("spell-worker", worker=True),
        input=f"{question}\n",
        capture_output=True,
        encoding="ascii",
        timeout=_SPELLING_SECONDS,
        check=True,
    )
    wrong = json.loads(answer.stdout)["wrong"]
    if wrong != ["lettre"]:
        raise RuntimeError(f"it finds {wrong} wrong")
    return ""


def _sound(folder: Path) -> Finding:
    """Take a voice note apart, and play it to nobody."""
    from desktop_inbox.sync import sound_reading
    from desktop_inbox.ui.sound_output import Output
    from desktop_inbox.ui.sound_stream import SoundStream

    note, samples = resources() / "demo" / "voices" / "about-friday.ogg", folder / "samples"
    answer = asyncio.run(sound_reading.read(note.read_bytes(), target=samples))
    if answer.outcome != "samples":
        raise RuntimeError(f"a voice note cannot be read: {answer.outcome}")
    stream = SoundStream(samples, rate=answer.rate)
    output = Output(stream, backends=("NULL",))
    deadline = time.monotonic() + _SOUND_SECONDS
    try:
        while not stream.position:
            if time.monotonic() > deadline:
                raise TimeoutError("a voice note is never played")
            time.sleep(_SOUND_SECONDS / 1000)
    finally:
        output.close()
        stream.close()
    return f"{stream.rate} Hz"


def _authorities(folder: Path) -> Finding:
    """Look for the authorities that vouch for mail servers; no mail comes without them."""
    context = ssl.create_default_context()
    known = context.cert_store_stats()["x509_ca"]
    if known:
        return f"{known} authorities"
    places = ssl.get_default_verify_paths()
    if places.capath and any(Path(places.capath).iterdir()):
        return f"in {places.capath}"
    raise FileNotFoundError("no trusted certificates; the package ca-certificates brings them")


def _keyring(folder: Path) -> Finding:
    vault = secrets.Vault(folder / "vault.json", ask=lambda new: "self-test")
    vault.set("name", "value")
    if vault.get("name") != "value":
        raise RuntimeError("the secrets file does not give back what it was given")
    found = secrets.find_keyring()
    return found.name if found is not None else "none here; secrets lie in an encrypted file"


def _window(folder: Path) -> Finding:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget

    from desktop_inbox.secrets import MemorySecrets
    from desktop_inbox.settings import Settings
    from desktop_inbox.store.workspace import Workspace
    from desktop_inbox.ui import application

    drawn: list[bool] = []

    def look(window: QWidget) -> None:
        drawn.append(not window.grab().toImage().isNull())
        window.close()

    def ready(window: QWidget, _engine: object) -> None:
        QTimer.singleShot(_WINDOW_MS, window, lambda: look(window))

    workspace = Workspace.open(folder)
    try:
        application.run(
            lambda: (workspace, None),
            Settings(),
            MemorySecrets(),
            name=str(folder),
            on_ready=ready,
        )
    finally:
        workspace.close()
    if drawn != [True]:
        raise RuntimeError("nothing was drawn")
    if faults := log.faults():  # nobody sits there to see the crash dialog
        raise RuntimeError("; ".join(faults))
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("store")]
    if left:
        raise RuntimeError(f"{', '.join(left)} did not end")
    return ""


_CHECKS: tuple[tuple[str, Callable[[Path], Finding]], ...] = (
    ("imports", _imports),
    ("channels", _channels),
    ("resources", _resources),
    ("translations", _translations),
    ("database", _database),
    ("worker process", _worker),
    ("spelling process", _spelling),
    ("sound", _sound),
    ("trusted authorities", _authorities),
    ("keyring", _keyring),
    ("window", _window),
)
