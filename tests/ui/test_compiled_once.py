"""What PySide compiles of itself is kept, used again, and never believed for another source."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_inbox.ui.compiled_once import compiled_once

FILE = "shibokensupport/feature.py"
_START = """
import builtins
compiled, own = [], builtins.compile
def noting(source, filename, *more, **named):
    compiled.append(str(filename))
    return own(source, filename, *more, **named)
builtins.compile = noting
import desktop_inbox.ui
print(sum(name.startswith("shibokensupport/") for name in compiled))
"""


def ran(kept_in: Path, source: bytes, filename: str = FILE) -> object:
    """Return what a module of PySide comes to, compiled as it is imported."""
    names: dict[str, object] = {}
    with compiled_once(kept_in):
        exec(compile(source, filename, "exec"), names)
    return names["value"]


def test_what_was_compiled_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    assert ran(kept, b"value = 1") == 1

    def refuse(*_source: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(builtins, "compile", refuse)
    with compiled_once(kept):
        code = builtins.compile(b"value = 1", FILE, "exec")
    names: dict[str, object] = {}
    exec(code, names)
    assert names["value"] == 1


def test_another_source_is_compiled_anew(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert [ran(kept, b"value = 1"), ran(kept, b"value = 2"), ran(kept, b"value = 1")] == [1, 2, 1]


def test_other_modules_are_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert ran(kept, b"value = 1", "elsewhere.py") == 1
    assert not kept.exists()


@pytest.mark.parametrize("torn", [b"", b"x", b"\xe3\x01", b"[\x00\x00\x00\x00"])
def test_a_torn_file_is_written_anew(tmp_path: Path, torn: bytes) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(torn)
    assert ran(kept, b"value = 1") == 1
    assert kept.read_bytes() != torn


def test_where_nothing_can_be_kept_it_goes_on_without(tmp_path: Path) -> None:
    assert ran(tmp_path / "missing" / "kept", b"value = 1") == 1


def test_compiling_is_as_before_whatever_happens(tmp_path: Path) -> None:
    own = builtins.compile
    with pytest.raises(ImportError), compiled_once(tmp_path / "kept"):
        raise ImportError
    assert builtins.compile is own


def test_what_writes_stubs_is_left_out_and_mistakes_are_explained_as_before() -> None:
    code = """
import desktop_inbox.ui
from PySide6.QtCore import QTimer
from PySide6.support.signature.lib import pyi_generator
print(hasattr(pyi_generator, "generate_pyi"))
try:
    QTimer.setInterval(QTimer(), "soon")
except TypeError as error:
    print("Supported signatures" in str(error))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["False", "True"]


def test_the_second_start_compiles_nothing_of_pyside(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    counts = [
        subprocess.run(
            [sys.executable, "-c", _START],
            cwd=Path(__file__).parents[2],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout.strip()
        for _start in range(2)
    ]
    assert counts[0] != "0" == counts[1]
