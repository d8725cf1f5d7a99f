"""What the release workflow signs is what the program believes."""

from __future__ import annotations

import importlib.util
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from desktop_inbox import __version__
from desktop_inbox.domain import releases
from desktop_inbox.domain.releases import Known, Manifest
from desktop_inbox.services.updates import verify

SCRIPT = Path(__file__).parents[2] / "packaging" / "sign_manifest.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sign_manifest", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    names = (
        "desktop-inbox_0.1.0_amd64.deb", "desktop-inbox-0.1.0-1.x86_64.rpm",
        "desktop-inbox-0.1.0-linux-x86_64.tar.gz", "Desktop-Inbox-0.1.0-x86_64.AppImage",
        "Desktop-Inbox-0.1.0-windows-x86_64.exe", "Desktop-Inbox-0.1.0-macos-arm64.dmg",
    )  # fmt: skip
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    return [str(tmp_path / name) for name in names]


def accepted(path: Path, *keys: str) -> Manifest:
    return releases.accept(
        path.read_bytes(), built_in=keys, known=Known(), now=datetime.now(UTC), verify=verify
    )[0]


def new_key(script: ModuleType, path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert script.main(["new-key", str(path)]) == 0
    return capsys.readouterr().out.strip()


def sign(script: ModuleType, key: str, out: Path, files: list[str], *more: str) -> int:
    options = ["sign", "--key", key, "--out", str(out), "--serial", "5"]
    options += ["--base-url", "https://updates.shop.com/0.1.0/", *more, *files]
    status = script.main(options)
    assert isinstance(status, int)
    return status


def test_a_signed_manifest_is_believed_and_names_every_file(
    script: ModuleType, tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    public = new_key(script, tmp_path / "key", capsys)
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert sign(script, str(tmp_path / "key"), tmp_path / "updates.json", files) == 0
    manifest = accepted(tmp_path / "updates.json", public)
    assert manifest.version == __version__
    assert manifest.notes["en"]
    assert {(one.platform, one.form) for one in manifest.downloads} == {
        ("linux-x86_64", "deb"), ("linux-x86_64", "rpm"), ("linux-x86_64", "tar"),
        ("linux-x86_64", "appimage"), ("windows-x86_64", "exe"), ("macos-arm64", "dmg"),
    }  # fmt: skip
    deb = manifest.download_for("linux-x86_64", "deb")
    assert deb is not None
    assert deb.url == "https://updates.shop.com/0.1.0/desktop-inbox_0.1.0_amd64.deb"
    assert script.main(["check", str(tmp_path / "updates.json"), "--public-key", public]) == 0
    assert "linux-x86_64" in capsys.readouterr().out


def test_the_key_may_come_from_the_workflows_secrets(
    script: ModuleType,
    tmp_path: Path,
    files: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    public = new_key(script, tmp_path / "key", capsys)
    monkeypatch.setenv("UPDATE_KEY", (tmp_path / "key").read_text())
    assert sign(script, "-", tmp_path / "updates.json", files) == 0
    assert accepted(tmp_path / "updates.json", public).serial == 5


def test_two_keys_sign_while_one_takes_over_from_the_other(
    script: ModuleType, tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    old = new_key(script, tmp_path / "old", capsys)
    new = new_key(script, tmp_path / "new", capsys)
    more = ("--key", str(tmp_path / "new"), "--next-key", new, "--withdraw", old)
    assert sign(script, str(tmp_path / "old"), tmp_path / "updates.json", files, *more) == 0
    for public in (old, new):
        manifest = accepted(tmp_path / "updates.json", public)
        assert manifest.next_keys == {new}
        assert manifest.withdrawn_keys == {old}


def test_what_no_program_would_take_is_not_written(
    script: ModuleType, tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    new_key(script, tmp_path / "key", capsys)
    unknown = tmp_path / "desktop-inbox.zip"
    unknown.write_bytes(b"zip")
    out = tmp_path / "updates.json"
    assert sign(script, str(tmp_path / "key"), out, [str(unknown)]) == 1
    assert "which system" in capsys.readouterr().err
    assert sign(script, str(tmp_path / "key"), out, files, "--next-key", "short") == 1
    assert "refused" in capsys.readouterr().err
    assert sign(script, str(unknown), out, files) == 1
    assert "no private key" in capsys.readouterr().err
    assert not out.exists()


def test_a_key_is_never_written_over(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key").write_text("precious")
    assert script.main(["new-key", str(tmp_path / "key")]) == 1
    assert (tmp_path / "key").read_text() == "precious"
    assert "File exists" in capsys.readouterr().err


def test_a_manifest_is_not_the_programs_unless_its_key_is(
    script: ModuleType, tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    new_key(script, tmp_path / "key", capsys)
    sign(script, str(tmp_path / "key"), tmp_path / "updates.json", files)
    assert script.main(["check", str(tmp_path / "updates.json")]) == 1
    assert "stranger" in capsys.readouterr().err
    assert set(json.loads((tmp_path / "updates.json").read_text())) >= {"manifest"}
