"""What the installer for Windows is made of. That it works is tried by packaging/windows/check.py.

That one is a job of its own: it freezes the program under Wine, which takes minutes.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import struct
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from desktop_inbox import __version__

ROOT = Path(__file__).parents[2]
WINDOWS = ROOT / "packaging" / "windows"
LOCK = (ROOT / "requirements" / "build.txt").read_text(encoding="utf-8")

check = import_module("windows.check")
frozen = import_module("windows.frozen")
icon = import_module("windows.icon")
installer = import_module("windows.installer")
requirements = import_module("windows.requirements")
runtime = import_module("windows.runtime")
sign = import_module("windows.sign")
wine = import_module("windows.wine")
project = import_module("project")
Order = import_module("order").Order

needs_makensis = pytest.mark.skipif(shutil.which("makensis") is None, reason="apt install nsis")
needs_osslsigncode = pytest.mark.skipif(
    shutil.which("osslsigncode") is None, reason="apt install osslsigncode"
)


# --- what is fetched ---


def names(text: str = LOCK) -> set[str]:
    return {one.name for one in requirements.for_windows(text, python_version=runtime.VERSION)}


def test_the_packages_are_those_that_windows_needs() -> None:
    found = names()
    assert {"pyside6-essentials", "keyring", "pywin32-ctypes", "pefile", "tzdata"} <= found
    assert not {"jeepney", "secretstorage", "macholib", "dmgbuild", "numpy"} & found


def test_every_package_is_fetched_as_it_is_locked() -> None:
    for one in requirements.for_windows(LOCK, python_version=runtime.VERSION):
        assert re.fullmatch(r"[\w-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+", one.line)


@pytest.mark.parametrize("text", ["nh3==0.3.2\n", "nh3>=0.3 --hash=sha256:aa\n", "nh3\n"])
def test_a_package_that_is_not_locked_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nh3 is not locked"):
        names(text)


def test_what_pip_fetches_for_windows_and_what_from_anywhere_are_told_apart(
    tmp_path: Path,
) -> None:
    assert (
        requirements.main([runtime.VERSION, str(ROOT / "requirements/build.txt"), str(tmp_path)])
        == 0
    )
    wheels, plain = ((tmp_path / name).read_text() for name in ("wheels.txt", "plain.txt"))
    assert {line.split("==")[0] for line in plain.splitlines()} == requirements.PLAIN & names()
    assert len(wheels.splitlines()) + len(plain.splitlines()) == len(names())


def archive(folder: Path, **files: bytes) -> Path:
    path = folder / "data.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(f"cp311/{name.replace('_', '.')}", content)
    return path


def pin(monkeypatch: pytest.MonkeyPatch, path: Path, **files: bytes) -> None:
    def sha256(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    monkeypatch.setattr(runtime, "_ARCHIVE_SHA256", sha256(path.read_bytes()))
    pinned = {name.replace("_", "."): sha256(content) for name, content in files.items()}
    monkeypatch.setattr(runtime, "_SHA256", pinned)


def test_the_pinned_python_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, target = archive(tmp_path, python_exe=b"MZ", python311_dll=b"MZ2"), tmp_path / "python"
    target.mkdir()
    pin(monkeypatch, path, python_exe=b"MZ", python311_dll=b"MZ2")
    runtime.unpack(path, target)
    assert sorted(one.name for one in target.iterdir()) == ["python.exe", "python311.dll"]


def test_another_archive_is_refused_before_anything_of_it_is_written(tmp_path: Path) -> None:
    path, target = archive(tmp_path, python_exe=b"MZ"), tmp_path / "python"
    target.mkdir()
    with pytest.raises(runtime.Tampered, match=r"data\.zip"):
        runtime.unpack(path, target)
    assert list(target.iterdir()) == []


def test_an_archive_with_another_interpreter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, target = archive(tmp_path, python_exe=b"MZ evil"), tmp_path / "python"
    target.mkdir()
    pin(monkeypatch, path, python_exe=b"MZ")
    with pytest.raises(runtime.Tampered, match=r"python\.exe"):
        runtime.unpack(path, target)


def test_what_was_compiled_for_this_system_is_left_out_of_plain_packages() -> None:
    names = ["jid.py", "jid.cpython-311-x86_64-linux-gnu.so", "bin", "stringprep.py"]
    assert runtime._compiled("slixmpp", names) == ["jid.cpython-311-x86_64-linux-gnu.so", "bin"]


# --- where something is missing ---


def test_without_wine_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    there = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name: None if name in ("wine", "makensis") else there("sh")
    )
    with pytest.raises(wine.Missing) as caught:
        wine.require()
    told = str(caught.value)
    assert "makensis, wine must be installed" in told
    assert "apt-get install --no-install-recommends gcc-mingw-w64-x86-64 nsis wine wine64" in told


def test_the_build_ends_with_that_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installer.dev, "system_packages", lambda _packages: None)
    monkeypatch.setattr(shutil, "which", lambda _name, **_more: None)
    with pytest.raises(SystemExit):
        installer.build(Order(project=project.read(), out=Path("unused")))
    said = capsys.readouterr()
    assert "must be installed" in said.out + said.err


# --- what the programs say of themselves ---


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("0.1.0", (0, 1, 0, 0)),
        ("1.2", (1, 2, 0, 0)),
        ("1.2.3.4.5", (1, 2, 3, 4)),
        ("1.4.0rc2", (1, 4, 0, 0)),
        ("2.0.dev3", (2, 0, 0, 0)),
    ],
)
def test_a_version_is_counted_as_windows_does(version: str, numbers: tuple[int, ...]) -> None:
    assert frozen.four(version) == numbers


def test_the_icon_holds_every_size_as_a_picture() -> None:
    pictures = {side: b"\x89PNG" + bytes([side % 256]) * side for side in icon.SIDES}
    made = icon.ico(pictures)
    reserved, kind, count = struct.unpack("<HHH", made[:6])
    assert (reserved, kind, count) == (0, 1, len(icon.SIDES))
    for index, side in enumerate(icon.SIDES):
        entry = struct.unpack("<BBBBHHII", made[6 + 16 * index : 22 + 16 * index])
        assert entry[:2] == (side % 256, side % 256)
        size, place = entry[6:]
        assert made[place : place + size] == pictures[side]
    assert 256 in icon.SIDES


# --- the installer ---

SCRIPT = (WINDOWS / "installer.nsi").read_text(encoding="utf-8")


@pytest.fixture
def payload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "payload"
    (folder / "_internal").mkdir(parents=True)
    for name in ("Desktop Inbox.exe", "desktop-inbox.exe", "desktop-inbox-worker.exe"):
        (folder / name).write_bytes(b"MZ")
    (folder / "_internal" / "a.pyc").write_bytes(b"\0" * 5000)
    monkeypatch.setattr(frozen, "ICON", tmp_path / "desktop-inbox.ico")
    picture = (ROOT / "docs" / "inbox-light.png").read_bytes()
    frozen.ICON.write_bytes(icon.ico({256: picture}))
    monkeypatch.delenv(sign.CERTIFICATE, raising=False)
    return folder


def order(tmp_path: Path, **more: Any) -> Any:
    return Order(project=project.read(), out=tmp_path / "dist", quick=True, **more)


@needs_makensis
def test_the_script_makes_an_installer_without_a_warning(payload: Path, tmp_path: Path) -> None:
    made = installer.package(order(tmp_path), payload, compiler="makensis")
    assert made.name == f"Desktop-Inbox-{__version__}-windows-x86_64.exe"
    content = made.read_bytes()
    assert content.startswith(b"MZ")
    for said in ("Desktop Inbox", __version__):
        assert said.encode("utf-16-le") in content


@needs_makensis
def test_a_file_that_the_script_needs_and_does_not_get_ends_the_build(
    payload: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frozen.ICON.unlink()
    with pytest.raises(SystemExit):
        installer.package(order(tmp_path), payload, compiler="makensis")
    assert "desktop-inbox.ico" in capsys.readouterr().out


def strings(language: str) -> dict[str, str]:
    return dict(re.findall(rf'LangString (\w+) \$\{{LANG_{language}\}} "(.+)"', SCRIPT))


def test_everything_that_is_said_is_said_in_both_languages() -> None:
    english, turkish = strings("ENGLISH"), strings("TURKISH")
    assert set(english) == set(turkish)
    used = set(re.findall(r"\$\((\w+)\)", SCRIPT))
    assert used == set(english)
    for name, text in english.items():
        assert set(re.findall(r"\$\{?\w+", text)) <= set(re.findall(r"\$\{?\w+", turkish[name]))


def test_a_link_can_say_nothing_but_what_it_is() -> None:
    (command,) = re.findall(r"shell\\open\\command\" \"\" '(.*%1.*)'", SCRIPT)
    assert command == '"$INSTDIR\\${PROGRAM}" mailto "%1"'


def test_whatever_is_asked_has_an_answer_where_nobody_sits() -> None:
    asked = [line for line in SCRIPT.splitlines() if line.strip().startswith("MessageBox")]
    assert asked
    assert all("/SD ID" in line for line in asked)


def test_nothing_is_removed_with_all_that_lies_in_it_but_what_was_put_there() -> None:
    removed = re.findall(r"RMDir /r \"(.+)\"", SCRIPT)
    assert set(removed) == {r"$INSTDIR\new", r"$INSTDIR\_internal"}


def test_every_program_is_put_in_its_place_and_taken_away(tmp_path: Path) -> None:
    defined = dict(re.findall(r'!define (PROGRAM|CONSOLE|WORKER) "(.+)"', SCRIPT))
    said = {"TITLE": project.read().title, "NAME": project.read().name}
    found = {
        re.sub(r"\$\{(\w+)\}", lambda match: said[match[1]], value) for value in defined.values()
    }
    assert found == set(installer.executables(order(tmp_path)))
    for name in defined:
        assert f'Delete "$INSTDIR\\${{{name}}}"' in SCRIPT
        assert f'Rename "$INSTDIR\\new\\${{{name}}}" "$INSTDIR\\${{{name}}}"' in SCRIPT


def test_the_check_says_what_it_cannot_see_under_wine() -> None:
    assert len(check.NOT_UNDER_WINE) >= 8
    assert all(what and why for what, why in check.NOT_UNDER_WINE)


# --- signing ---


def certificate(password: bytes) -> bytes:
    """Return a certificate for code that nobody trusts, as a PFX file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Desktop Inbox Test")])
    now = datetime.now(UTC)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(usage, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return pkcs12.serialize_key_and_certificates(
        b"test", key, made, None, BestAvailableEncryption(password)
    )


def test_without_a_certificate_nothing_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(sign.CERTIFICATE, raising=False)
    program = tmp_path / "a.exe"
    program.write_bytes(b"MZ")
    assert sign.main([str(program)]) == 0
    assert program.read_bytes() == b"MZ"


@needs_makensis
@needs_osslsigncode
def test_with_one_the_installer_is_signed_as_it_is_made(
    payload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(sign.CERTIFICATE, base64.b64encode(certificate(b"s3cret")).decode())
    monkeypatch.setenv(sign._PASSWORD, "s3cret")
    monkeypatch.delenv(sign._TIMESTAMP, raising=False)
    made = installer.package(order(tmp_path), payload, compiler="makensis")
    looked = subprocess.run(
        ["osslsigncode", "verify", "-in", made], capture_output=True, text=True, check=False
    )
    assert "Desktop Inbox Test" in looked.stdout


@needs_osslsigncode
def test_a_certificate_that_cannot_be_used_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(sign.CERTIFICATE, base64.b64encode(certificate(b"s3cret")).decode())
    monkeypatch.setenv(sign._PASSWORD, "wrong")
    program = tmp_path / "a.exe"
    program.write_bytes(b"MZ")
    assert sign.main([str(program)]) == 1
    assert "osslsigncode" in capsys.readouterr().err
    assert program.read_bytes() == b"MZ"
    assert [path.name for path in tmp_path.iterdir()] == ["a.exe"]
