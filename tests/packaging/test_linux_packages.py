"""The Linux packages on a bare Debian: built, installed, used, upgraded and removed.

Everything here is slow, and done once: the tests follow one package through its life, in order.
"""

from __future__ import annotations

import json
import os
import pwd
import py_compile
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox import __version__
from desktop_inbox.store import DATABASE_NAME
from desktop_inbox.store.migrations import VERSION
from tests.support.bare_debian import BareDebian, OutOfReach, why_not

ROOT = Path(__file__).parents[2]
NEWER = f"{__version__}.1"
MOST_MB = 50.0
# What lies in the frozen folder, in MB: a part that grows past this is looked at before it ships.
MOST_UNPACKED_MB = 176.0
MOST_OF_A_PART_MB = {
    "PySide6": 69.0,
    "cryptography": 13.0,
    "resources": 12.0,
    "desktop_inbox": 10.0,
    "sqlcipher3": 9.0,
    "libpython3": 7.0,
    "libcrypto": 6.0,
    "python3": 6.0,
    "selectolax": 5.0,
    "sqlalchemy": 5.0,
    "holidays": 4.0,
    "_soundfile_data": 4.0,
}
MOST_OF_ANOTHER_MB = 3.0
# Dragged in by what is needed, and used by nobody.
LEFT_OUT = (
    r"Qt6?(Designer|Multimedia|OpenGLWidgets|Pdf|Qml|Quick|Sql|VirtualKeyboard|WebEngine)",
    r"^PySide6/QtDBus",
    r"/(libqgtk3|libqeglfs|libqpdf|libqtiff|libqvnc)",
    r"\.(c|cpp|h|pot|pxd|pxi|pyi|pyx)$",
    r"(^|/)tests?/",
    r"^(cffi|distutils|multiprocessing|pip|pydoc|setuptools|tkinter|unittest)(/|\.pyc)",
    r"^slixmpp/plugins/xep_",
    r"^sqlalchemy/(orm|testing|dialects/(mssql|mysql|oracle))/",
    r"\.dist-info/(RECORD|.*licen[cs]es?/)",
    r"/translations/(?!qtbase_(en|tr)\.qm$).*\.qm$",
)
PASSPHRASE = {"DESKTOP_INBOX_PASSPHRASE": "only for this test"}
LETTER = (
    b"From: Anna <anna@kunde.example>\r\nTo: shop@example.org\r\nSubject: =?utf-8?b?xLB5aQ==?=\r\n"
    b"Message-ID: <1@kunde.example>\r\nDate: Sun, 22 Nov 2026 07:00:00 +0000\r\n\r\nIs it blue?\r\n"
)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_not()), reason=why_not())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """What was built, by its form."""

    frozen: Path
    deb: Path
    newer_deb: Path  # as from a later release, with one migration more
    rpm: Path
    tarball: Path
    appdir: Path


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareDebian]:
    system = BareDebian(tmp_path_factory.mktemp("debian") / "root")
    system.begin()
    yield system
    system.remove()


@pytest.fixture(scope="module")
def packages(debian: BareDebian, tmp_path_factory: pytest.TempPathFactory) -> Packages:
    out = tmp_path_factory.mktemp("packages")
    build("deb", "rpm", "appdir", "tarball", "--out", str(out))
    later = tmp_path_factory.mktemp("later")
    frozen = later / "desktop-inbox"
    shutil.copytree(out / "desktop-inbox", frozen, symlinks=True)
    make_newer(frozen / "_internal" / "desktop_inbox", later)
    build("deb", "--frozen", str(frozen), "--as-version", NEWER, "--out", str(later))
    return Packages(
        frozen=out / "desktop-inbox",
        deb=only(out, "*.deb"),
        newer_deb=only(later, "*.deb"),
        rpm=only(out, "*.rpm"),
        tarball=only(out, "*.tar.xz"),
        appdir=only(out, "*.AppDir"),
    )


def build(*arguments: str) -> None:
    """Run the build as a person does, in the home where pip keeps its downloads."""
    environment = {**os.environ, "HOME": pwd.getpwuid(os.getuid()).pw_dir}
    environment.pop("XDG_CACHE_HOME", None)
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / "build.py", "--quick", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def make_newer(package: Path, scratch: Path) -> None:
    """Give a frozen copy a later version, and one more step for its workspace."""
    steps = ROOT / "desktop_inbox" / "store" / "migrations" / "__init__.py"
    changed = {
        "__init__": f'__version__ = "{NEWER}"\n',
        "store/migrations/__init__": steps.read_text(encoding="utf-8")
        + "\nfrom desktop_inbox.store.migrations import later\n"
        "STEPS = (*STEPS, later.upgrade)\nVERSION = len(STEPS)\n",
        "store/migrations/later": "import sqlalchemy as sa\n\n\ndef upgrade(op):\n"
        '    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))\n',
    }
    for name, text in changed.items():
        source = scratch / "changed.py"
        source.write_text(text, encoding="utf-8")
        py_compile.compile(
            str(source),
            cfile=str(package / f"{name}.pyc"),
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            doraise=True,
        )


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@pytest.fixture(scope="module")
def installed(debian: BareDebian, packages: Packages) -> BareDebian:
    """The bare Debian with the package."""
    try:
        debian.complete()
    except OutOfReach as error:
        pytest.skip(f"Debian's archive is out of reach: {error}")
    assert not list(debian.root.glob("usr/bin/python*"))
    debian.install(packages.deb)
    return debian


@pytest.fixture(scope="module")
def used(installed: BareDebian) -> BareDebian:
    """The same after its owner has begun to work with it."""
    (installed.home / "letter.eml").write_bytes(LETTER)
    fields = ("address=shop@example.org", "imap_host=localhost", "smtp_host=localhost")
    chosen = [part for field in fields for part in ("--set", field)]
    ask(installed, "account", "add", "email", *chosen, "--secret", "password=-", "--no-check",
        typed="hunter2\n")  # fmt: skip
    ask(installed, "import", "/home/owner/letter.eml", "--account", "1")
    ask(installed, "note", "1", "--text", "called her back")
    ask(installed, "canned", "add", "blue", "--title", "Blue", "--text", "Yes, it is blue.")
    return installed


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What the owner had before and after a newer version was installed over an older one."""

    debian: BareDebian
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def upgrade(used: BareDebian, packages: Packages) -> Upgrade:
    before = kept(used)
    used.install(packages.newer_deb)
    return Upgrade(debian=used, before=before, after=kept(used))


@pytest.fixture(scope="module")
def removed(upgrade: Upgrade) -> tuple[BareDebian, str]:
    """The same without the package, and what apt said."""
    return upgrade.debian, upgrade.debian.apt("purge", "desktop-inbox")


def ask(debian: BareDebian, *arguments: str, typed: str = "") -> Any:
    """Run a command of the program as its owner and return its answer."""
    command = ("desktop-inbox", "--json", *arguments)
    said = debian.run(*command, environment=PASSPHRASE, typed=typed).stdout
    return json.loads(said) if said.strip() else None


def kept(debian: BareDebian) -> dict[str, Any]:
    """Return what the owner sees of the own work."""
    return {
        "accounts": ask(debian, "account", "list"),
        "conversations": ask(debian, "conversations", "--view", "all"),
        "thread": ask(debian, "show", "1"),
        "canned": ask(debian, "canned", "list"),
        "secrets": vault(debian).read_bytes(),
    }


def vault(debian: BareDebian) -> Path:
    return debian.home / ".local/share/desktop-inbox/vault.json"


def workspace(debian: BareDebian) -> Path:
    return debian.home / ".local/share/desktop-inbox" / DATABASE_NAME


def database(debian: BareDebian) -> sqlite3.Connection:
    return sqlite3.connect(workspace(debian))


def is_sound(debian: BareDebian, program: str) -> None:
    """Have a copy check itself as its owner does, and say what is wrong."""
    said = debian.run(program, "--json", "--self-test", status=None).stdout
    checks = json.loads(said)["checks"]
    assert checks
    assert [check for check in checks if not check["ok"]] == []


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of our own, that whoever shares this machine's network can reach."""
    readable, writable = os.pipe()
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1440x900x24", "-ac"]
    server = subprocess.Popen(
        [*command, "-nolisten", "tcp"], pass_fds=[writable], stderr=subprocess.DEVNULL
    )
    os.close(writable)
    with os.fdopen(readable) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def windows(display: str) -> list[str]:
    """Return the names of the windows of the program that can be seen."""
    environment = {**os.environ, "DISPLAY": display}
    command = ["xdotool", "search", "--onlyvisible", "--class", "desktop_inbox"]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return found.stdout.split()


def until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds:g} s"
        time.sleep(0.1)  # what is asked for happens in other processes


def opens_a_window(debian: BareDebian, program: str, display: str) -> None:
    """Have a copy open its window on the display and take a mail link, and close it again."""
    seen = {"DISPLAY": display, **PASSPHRASE}
    elsewhere = ("--data-dir", "/home/owner/elsewhere")
    with debian.start(program, *elsewhere, environment=seen) as window:
        try:
            until(lambda: windows(display))
            debian.run(program, *elsewhere, "mailto:anna@kunde.example", environment=seen)
            assert window.poll() is None
            debian.run(program, *elsewhere, "--quit", environment=seen)
            assert window.wait(60) == 0
        finally:
            window.kill()


def test_it_is_small_enough_to_download(packages: Packages) -> None:
    # All hold the same program. For these tests the others are compressed so fast that their size
    # says nothing, and this one so that what is handed out is a tenth smaller.
    size_mb = packages.tarball.stat().st_size / 1e6
    assert size_mb < MOST_MB * 1.1, f"{size_mb:.1f} MB"


def test_no_part_of_it_is_larger_than_is_known(packages: Packages) -> None:
    inside = packages.frozen / "_internal"
    sizes: Counter[str] = Counter()
    for path in inside.rglob("*"):
        if path.is_file() and not path.is_symlink():
            part = path.relative_to(inside).parts[0].split(".")[0]
            sizes[part] += path.stat().st_size
    limits = {part: MOST_OF_A_PART_MB.get(part, MOST_OF_ANOTHER_MB) for part in sizes}
    large = {part: size / 1e6 for part, size in sizes.items() if size / 1e6 > limits[part]}
    assert large == {}
    assert sizes.total() / 1e6 < MOST_UNPACKED_MB, sizes.most_common(20)


@pytest.mark.parametrize("pattern", LEFT_OUT)
def test_what_nobody_uses_is_left_out(packages: Packages, pattern: str) -> None:
    inside = packages.frozen / "_internal"
    names = [path.relative_to(inside).as_posix() for path in inside.rglob("*")]
    assert [name for name in names if re.search(pattern, name)] == []


def test_debian_finds_nothing_wrong_but_what_is_explained(packages: Packages) -> None:
    command: list[str | Path] = [
        "lintian",
        "--fail-on",
        "error,warning",
        "--allow-root",
        packages.deb,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    overrides = (ROOT / "packaging/linux/lintian-overrides").read_text(encoding="utf-8")
    lines = overrides.splitlines()
    for above, line in pairwise(lines):
        assert above.startswith("#") or not line.startswith("desktop-inbox:"), line


def test_it_names_whose_work_it_carries(packages: Packages) -> None:
    listing = (packages.frozen / "_internal/licences/THIRD-PARTY.txt").read_text(encoding="utf-8")
    for name in ("Qt in ", "Python 3", "SQLCipher", "Lucide", "Inter", "Hunspell", "aioimaplib"):
        assert re.search(rf"^  {name}.*  \S", listing, re.MULTILINE), name
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in listing


def test_an_ordinary_user_finds_it_sound_where_there_is_no_python(installed: BareDebian) -> None:
    assert not list(installed.root.glob("usr/bin/python*"))
    assert installed.run("desktop-inbox", "--version").stdout.split() == [
        "desktop-inbox",
        __version__,
    ]
    is_sound(installed, "desktop-inbox")


def test_the_tour_of_the_sample_shop_ends_well(installed: BareDebian) -> None:
    installed.run("desktop-inbox", "demo", "--tour", "/home/owner/tour")
    assert len(list((installed.home / "tour").glob("*.png"))) > 10


def test_its_window_opens_and_a_second_start_hands_a_mail_link_over(
    installed: BareDebian, display: str
) -> None:
    opens_a_window(installed, "desktop-inbox", display)


def test_a_desktop_offers_it_for_mail_links(installed: BareDebian) -> None:
    applications = installed.root / "usr/share/applications"
    subprocess.run(["update-desktop-database", applications], check=True)
    cache = (applications / "mimeinfo.cache").read_text(encoding="utf-8")
    assert "x-scheme-handler/mailto=desktop-inbox.desktop;" in cache


def test_passwords_go_into_the_keyring_of_the_desktop(installed: BareDebian) -> None:
    installed.install("gnome-keyring", "dbus")
    script = (
        "echo secret | gnome-keyring-daemon --unlock --components=secrets > /dev/null;"
        "desktop-inbox --json --self-test"
    )
    said = installed.run("dbus-run-session", "--", "sh", "-c", script).stdout
    (keyring,) = (one for one in json.loads(said)["checks"] if one["name"] == "keyring")
    assert keyring["detail"] == "SecretService"


def test_an_upgrade_keeps_everything_and_brings_the_workspace_along(upgrade: Upgrade) -> None:
    assert upgrade.after == upgrade.before
    assert upgrade.before["conversations"]["rows"]
    with database(upgrade.debian) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == VERSION + 1
        assert connection.execute("SELECT count(*) FROM later").fetchone()[0] == 0
    is_sound(upgrade.debian, "desktop-inbox")


def test_an_older_version_refuses_the_newer_workspace_and_leaves_it_alone(
    upgrade: Upgrade, packages: Packages
) -> None:
    debian = upgrade.debian
    before = workspace(debian).read_bytes()
    debian.install(packages.deb)
    done = debian.run("desktop-inbox", "conversations", environment=PASSPHRASE, status=1)
    assert "newer version" in done.stderr
    assert workspace(debian).read_bytes() == before


def test_removing_it_leaves_what_is_the_owners_and_says_where(
    removed: tuple[BareDebian, str],
) -> None:
    debian, said = removed
    assert "~/.local/share/desktop-inbox" in said
    assert vault(debian).is_file()
    with database(debian) as connection:
        assert connection.execute("SELECT count(*) FROM conversation").fetchone()[0] == 1
    left = debian.run("find", "/usr", "/etc", "/var/lib/dpkg/info", "-name", "*desktop-inbox*",
                      user="root").stdout  # fmt: skip
    assert left == ""


def test_what_the_rpm_holds_is_sound(removed: tuple[BareDebian, str], packages: Packages) -> None:
    debian, _said = removed
    folder = debian.root / "opt" / "rpm"
    folder.mkdir()
    with subprocess.Popen(["rpm2cpio", packages.rpm], stdout=subprocess.PIPE) as reading:
        unpacking = ["cpio", "-idm", "--quiet", "--no-absolute-filenames"]
        subprocess.run(unpacking, stdin=reading.stdout, cwd=folder, check=True)
    is_sound(debian, "/opt/rpm/usr/bin/desktop-inbox")
    asked = subprocess.run(
        ["rpm", "-qp", "--requires", packages.rpm], capture_output=True, text=True, check=True
    ).stdout
    assert "libEGL.so.1()(64bit)" in asked
    assert "libQt6" not in asked  # brought along
    shutil.rmtree(folder)


def test_an_appdir_starts(
    removed: tuple[BareDebian, str], packages: Packages, display: str
) -> None:
    debian, _said = removed
    folder = debian.root / "opt" / "appdir"
    shutil.copytree(packages.appdir, folder, symlinks=True)
    for needed in ("AppRun", "desktop-inbox.desktop", "desktop-inbox.png", ".DirIcon"):
        assert (folder / needed).resolve().is_file(), needed
    is_sound(debian, "/opt/appdir/AppRun")
    opens_a_window(debian, "/opt/appdir/AppRun", display)
    shutil.rmtree(folder)


def test_the_archive_installs_for_one_user_and_takes_itself_away(
    removed: tuple[BareDebian, str], packages: Packages, display: str
) -> None:
    debian, _said = removed
    ours = {**PASSPHRASE, "XDG_DATA_HOME": "/home/owner/data of mine"}
    subprocess.run(["tar", "-C", debian.root / "opt", "-xf", packages.tarball], check=True)
    script = f"/opt/{packages.tarball.name.removesuffix('.tar.xz')}/install.sh"
    debian.run(script)
    said = debian.run(script).stdout  # once more, over itself
    assert "/home/owner/.local/bin/desktop-inbox" in said
    program = "/home/owner/.local/bin/desktop-inbox"
    opens_a_window(debian, program, display)
    debian.run(program, "canned", "list", environment=ours)
    entry = debian.home / ".local/share/applications/desktop-inbox.desktop"
    assert 'Exec="/home/owner/.local/lib/desktop-inbox/desktop-inbox" %u' in entry.read_text()
    removing = "/home/owner/.local/lib/desktop-inbox/uninstall.sh"
    said = debian.run(removing, environment=ours).stdout
    assert "/home/owner/data of mine/desktop-inbox" in said
    assert (debian.home / "data of mine/desktop-inbox" / DATABASE_NAME).is_file()
    left = debian.run("find", "/home/owner/.local/lib", "/home/owner/.local/bin", "-type", "f")
    assert left.stdout == ""
    assert not entry.exists()
