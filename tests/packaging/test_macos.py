"""What a Mac gets, as far as another system can tell."""

from __future__ import annotations

import dataclasses
import plistlib
import re
import runpy
import stat
import struct
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox import __version__

ROOT = Path(__file__).parents[2]
MACOS = ROOT / "packaging" / "macos"

bundle = import_module("macos.bundle")
image = import_module("macos.image")
freezing = import_module("freezing")
project = import_module("project")
Order = import_module("order").Order


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(freezing, "prepare", lambda: None)
    monkeypatch.setattr(freezing, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(image, "WORK", tmp_path / "work")
    monkeypatch.setattr(bundle, "ICON", tmp_path / "work" / "desktop-inbox.icns")
    for name in (bundle.IDENTITY, *image._NOTARY):
        monkeypatch.delenv(name, raising=False)
    return Order(project=project.read(), out=tmp_path / "dist")


def test_the_bundle_says_what_macos_asks_for() -> None:
    said = plistlib.loads(plistlib.dumps(bundle.information(project.read())))
    assert said["CFBundleExecutable"] == "desktop-inbox"
    assert said["CFBundleShortVersionString"] == __version__
    assert re.fullmatch(r"\d+(\.\d+){0,2}", said["CFBundleVersion"])
    assert re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", said["CFBundleIdentifier"])
    assert said["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["mailto"]
    assert said["NSHighResolutionCapable"] is True
    assert said["NSRequiresAquaSystemAppearance"] is False  # dark where the owner likes it dark
    assert said["LSBackgroundOnly"] is False
    assert said["LSMinimumSystemVersion"] == "13.0"


def test_every_language_of_the_program_is_named() -> None:
    said = bundle.information(project.read())["CFBundleLocalizations"]
    locales = [path.name for path in (ROOT / "resources" / "locale").iterdir() if path.is_dir()]
    assert sorted(said) == sorted({"en", *locales})


def test_nothing_asks_for_a_camera_a_microphone_or_a_place() -> None:
    said = bundle.information(project.read())
    assert not [key for key in said if key.endswith("UsageDescription")]
    allowed = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert set(allowed) == {
        "com.apple.security.cs.allow-jit",
        "com.apple.security.cs.allow-unsigned-executable-memory",
    }
    assert all(value is True for value in allowed.values())


def parts_of(icon: bytes) -> dict[bytes, bytes]:
    kind, size = struct.unpack(">4sI", icon[:8])
    assert (kind, size) == (b"icns", len(icon))
    found, place = {}, 8
    while place < len(icon):
        kind, size = struct.unpack(">4sI", icon[place : place + 8])
        found[kind] = icon[place + 8 : place + size]
        place += size
    assert place == len(icon)
    return found


def test_elsewhere_everything_is_made_that_leads_up_to_the_disk_image(
    order: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    made = image.build(order)
    said = plistlib.loads((made / "Info.plist").read_bytes())
    assert said == bundle.information(order.project)
    pictures = parts_of(bundle.ICON.read_bytes())
    assert {b"ic07", b"ic10", b"ic13", b"ic14"} <= set(pictures)
    for kind, side in ((b"ic07", 128), (b"ic10", 1024), (b"ic14", 512)):
        assert pictures[kind][:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", pictures[kind][16:24]) == (side, side)
    told = capsys.readouterr().out
    assert "dmgbuild" in told
    assert "codesign" not in told


def titles(order: Any) -> list[str]:
    app, dmg = order.out / "Desktop Inbox.app", order.out / "a.dmg"
    found = image.commands(app, dmg, title=order.project.title)
    programs = [[str(word) for word in command] for _title, command in found]
    return [words[1] if words[0] == "xcrun" else words[0] for words in programs]


def test_who_has_no_certificate_gets_an_image_that_nobody_signed(order: Any) -> None:
    assert titles(order) == [sys.executable]


def test_with_a_certificate_the_program_and_the_image_are_signed(
    order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(bundle.IDENTITY, "Developer ID Application: Mina (A1B2C3)")
    assert titles(order) == ["codesign", sys.executable, "codesign"]
    assert bundle.signing() == {
        "codesign_identity": "Developer ID Application: Mina (A1B2C3)",
        "entitlements_file": str(MACOS / "entitlements.plist"),
    }


def test_with_a_key_of_apple_it_is_notarised_and_looked_over(
    order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in image._NOTARY:
        monkeypatch.setenv(name, name.lower())
    assert titles(order) == [sys.executable]  # of no use to what nobody signed
    monkeypatch.setenv(bundle.IDENTITY, "Developer ID Application: Mina (A1B2C3)")
    assert titles(order)[3:] == ["notarytool", "stapler", "spctl"]
    monkeypatch.delenv(image._NOTARY[1])
    assert "notarytool" not in titles(order)


def test_the_name_of_the_image_tells_its_version_and_processor(order: Any) -> None:
    newer = dataclasses.replace(order, project=dataclasses.replace(order.project, version="1.2.3"))
    assert image.image_name(newer, machine="arm64") == "Desktop-Inbox-1.2.3-macos-arm64.dmg"


def test_the_disk_image_shows_where_to_drag_the_program() -> None:
    look = runpy.run_path(
        str(MACOS / "dmg_settings.py"), {"defines": {"app": "/dist/Desktop Inbox.app"}}
    )
    assert look["files"] == ["/dist/Desktop Inbox.app"]
    assert look["symlinks"] == {"Applications": "/Applications"}
    assert set(look["icon_locations"]) == {"Desktop Inbox.app", "Applications"}
    (width, height) = look["window_rect"][1]
    assert all(0 < x < width and 0 < y < height for x, y in look["icon_locations"].values())


@pytest.mark.parametrize("name", ["check.sh", "keychain.sh"])
def test_the_scripts_of_the_workflow_can_be_read_by_a_shell(name: str) -> None:
    script = MACOS / name
    assert script.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
