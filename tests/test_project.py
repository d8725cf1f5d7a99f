"""What the checkout promises: locked packages, a set-up script for any Python, two commands."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

import dev

ROOT = Path(__file__).parent.parent
LOCKS = ("run", "test", "build", "servers")
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; .+)? \\")


@pytest.fixture(scope="module")
def project() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = tomllib.loads(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )
    return loaded


def pins(kind: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf-8")
    return {match["name"]: match["version"] for match in PIN.finditer(text)}


def canonical(requirement: str) -> str:
    name = re.split(r"[<>=!~\[; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("kind", LOCKS)
def test_every_line_of_a_lock_is_a_pin_or_a_hash(kind: str) -> None:
    for line in (ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf-8").splitlines():
        assert PIN.fullmatch(line) or re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)


def test_what_the_program_needs_is_locked(project: dict[str, dict[str, list[str]]]) -> None:
    assert {canonical(name) for name in project["project"]["dependencies"]} <= set(pins("run"))
    for kind, group in (("test", "dev"), ("build", "build")):
        assert {canonical(name) for name in project["dependency-groups"][group]} <= set(pins(kind))


def test_tests_and_builds_use_the_versions_that_users_get() -> None:
    for kind in ("test", "build"):
        assert pins("run").items() <= pins(kind).items()


def test_the_servers_of_tests_are_locked() -> None:
    wanted = (ROOT / "requirements" / "servers.in").read_text(encoding="utf-8").splitlines()
    names = {canonical(line) for line in wanted if line and not line.startswith("#")}
    assert names
    assert names <= set(pins("servers"))


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path]]:
    """Tell what was installed where, and install nothing."""
    installed: list[tuple[str, Path]] = []
    monkeypatch.setattr(dev, "make_venv", dev._write_stamp)
    monkeypatch.setattr(dev, "install_packages", lambda *what: installed.append(what))
    monkeypatch.setattr(os, "name", "posix")
    return installed


def test_the_servers_of_tests_are_installed_once_and_apart(
    tmp_path: Path, installed: list[tuple[str, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        dev.prepare_servers(tmp_path)
    assert installed == [("servers", tmp_path)]
    monkeypatch.setattr(dev, "_digest", lambda _kind: "locked anew")
    dev.prepare_servers(tmp_path)
    assert len(installed) == 2
    assert dev.SERVERS.parent == dev.VENV.parent
    assert dev.SERVERS != dev.VENV


def test_a_server_that_cannot_be_installed_stops_nothing(
    tmp_path: Path,
    installed: list[tuple[str, Path]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(dev, "install_packages", lambda *_what: dev.fail("There is no network."))
    dev.prepare_servers(tmp_path)
    said = capsys.readouterr()
    assert "There is no network." in said.err
    assert "skipped" in said.out
    monkeypatch.setattr(dev, "install_packages", lambda *what: installed.append(what))
    dev.prepare_servers(tmp_path)  # the next time it is tried again
    assert installed == [("servers", tmp_path)]


def test_dev_py_needs_no_package_and_no_new_python_to_say_what_is_wrong() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


def test_the_supported_pythons_are_the_same_everywhere(
    project: dict[str, dict[str, str]],
) -> None:
    oldest, newest = dev.SUPPORTED[0], dev.SUPPORTED[-1]
    wanted = f">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"
    assert project["project"]["requires-python"] == wanted


def test_a_python_that_is_too_old_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit) as stop:
        dev.check_python()
    assert stop.value.code == 1
    assert "needs Python 3.11, 3.12, 3.13" in capsys.readouterr().err


def test_missing_system_packages_without_rights_are_one_line_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev, "_not_installed", lambda _packages: ["libegl1", "xvfb"])
    monkeypatch.setattr(dev, "_become_root", lambda: None)
    with pytest.raises(SystemExit) as stop:
        dev.system_packages(("libegl1", "xvfb"))
    assert stop.value.code == 1
    expected = "    sudo apt-get install --no-install-recommends libegl1 xvfb\n"
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("… [Errno -3] Temporary failure in name resolution", "want of a connection"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "Do not go on"),
        ("PermissionError: [Errno 13] Permission denied: '.venv'", "cannot be written"),
    ],
)
def test_a_failed_step_shows_its_output_and_what_to_do(
    output: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", f"print({output!r}); raise SystemExit(3)"]
    with pytest.raises(SystemExit):
        dev.step("Installing", command)
    shown = capsys.readouterr()
    assert output in shown.out
    assert words in shown.err


def test_arguments_after_two_dashes_belong_to_the_program() -> None:
    assert dev._split(["run", "--", "--data-dir", "D"]) == (["run"], ["--data-dir", "D"])
    assert dev._split(["bench", "sync", "--messages", "9"])[1] == ["sync", "--messages", "9"]


def test_the_journeys_name_files_and_functions_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_/]+/[a-z_]+\.py)(?:: (\w+))?`", text)
    assert len(named) > 15
    for file, function in named:
        path = next(
            (base / file for base in (ROOT / "desktop_inbox", ROOT) if (base / file).is_file()),
            None,
        )
        assert path, f"no file {file}"
        if function:
            assert f"def {function}(" in path.read_text(encoding="utf-8"), f"{file}: {function}"


def test_continuous_integration_runs_what_a_contributor_runs() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python3 dev.py test" in text
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_the_readme_shows_the_two_commands_first() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.index("python3 dev.py run") < readme.index("python3 dev.py test") < 2500


def test_documents_link_only_to_files_that_exist() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (ROOT / target).exists(), f"{name} links to {target}"


def test_an_installed_copy_has_every_folder_of_resources() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["data-files"])
    folders = {path.parent for path in (ROOT / "resources").rglob("*") if path.is_file()}
    needed = {f"share/desktop-inbox/{folder.relative_to(ROOT).as_posix()}" for folder in folders}
    needed -= {"share/desktop-inbox/resources/locale"}  # the template stays here
    assert needed | {"share/desktop-inbox"} == listed
