"""The steps of a release refuse what is not as it must be."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import urllib.request
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from desktop_inbox import __version__

release = import_module("release")
sbom = import_module("sbom")
third_party = import_module("third_party")
project = import_module("project")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for ending in release.COMPLETE:
        (tmp_path / f"desktop-inbox-1.0{ending}").write_bytes(ending.encode())
    return tmp_path


def test_a_tag_must_name_this_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["tag", f"v{__version__}"]) == 0
    for other in (__version__, "v9.9.9", f"v{__version__}-rc1", ""):
        assert release.main(["tag", other]) == 1
        assert __version__ in capsys.readouterr().err


def test_the_sums_are_those_of_every_file(out: Path) -> None:
    assert release.main(["sums", str(out)]) == 0
    assert release.main(["sums", str(out)]) == 0  # and again, without the sums of the sums
    lines = (out / "SHA256SUMS").read_bytes().decode().splitlines()
    assert lines == [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}"
        for path in sorted(out.iterdir())
        if path.name != "SHA256SUMS"
    ]
    assert len(lines) == len(release.COMPLETE)


@pytest.mark.parametrize("ending", release.COMPLETE)
def test_a_release_without_one_of_its_files_is_none(
    out: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = out / f"desktop-inbox-1.0{ending}"
    file.write_bytes(b"")
    assert release.main(["sums", str(out)]) == 1
    file.unlink()
    assert release.main(["sums", str(out)]) == 1
    assert ending in capsys.readouterr().err
    assert not (out / "SHA256SUMS").exists()


def answer_with(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", lambda _url, timeout: io.BytesIO(content))


def test_another_runtime_than_the_pinned_one_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "cache" / "runtime"
    answer_with(monkeypatch, b"\x7fELF evil")
    assert release.main(["runtime", str(target)]) == 1
    assert not target.exists()
    assert release.RUNTIME[1] in capsys.readouterr().err
    good = hashlib.sha256(b"\x7fELF good").hexdigest()
    monkeypatch.setattr(release, "RUNTIME", ("https://runtime.example", good))
    answer_with(monkeypatch, b"\x7fELF good")
    assert release.main(["runtime", str(target)]) == 0
    assert target.read_bytes() == b"\x7fELF good"


def test_the_bill_of_materials_is_taken_out_of_the_frozen_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frozen, out = tmp_path / "frozen", tmp_path / "out"
    (frozen / "_internal" / "licences").mkdir(parents=True)
    out.mkdir()
    assert release.main(["bill", str(frozen), str(out)]) == 1
    assert sbom.NAME in capsys.readouterr().err
    (frozen / "_internal" / "licences" / sbom.NAME).write_text("{}")
    assert release.main(["bill", str(frozen), str(out)]) == 0
    (made,) = out.iterdir()
    assert made.name.startswith(f"Desktop-Inbox-{__version__}-")
    if sys.platform == "linux":
        assert any(made.name.endswith(ending) for ending in release.COMPLETE)


def component(name: str, licence: str, **more: str) -> Any:
    return third_party.Component(name=name, version="1", licence=licence, texts=("…",), **more)


PARTS = [
    component("Python", "PSF-2.0", purl="pkg:generic/python@3.11.7"),
    component("cryptography", "Apache-2.0 OR BSD-3-Clause", purl="pkg:pypi/cryptography@46.0.1"),
    component("aiosmtplib", "MIT License", purl="pkg:pypi/aiosmtplib@5.1.0"),
    component("dictionary-tr", "see its text"),
    component("libxcb1", "see its text", purl="pkg:deb/debian/libxcb1@1.15-1%2Bb1"),
]


def test_the_bill_of_materials_is_what_cyclonedx_says_it_must_be() -> None:
    text = sbom.text(project.read(), PARTS)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found = json.loads(text)
    assert found["metadata"]["component"]["version"] == __version__
    assert len(found["components"]) == len(PARTS)
    licences = {one["name"]: one["licenses"] for one in found["components"]}
    assert licences["aiosmtplib"] == [{"license": {"id": "MIT"}}]
    assert licences["cryptography"] == [{"expression": "Apache-2.0 OR BSD-3-Clause"}]
    assert licences["dictionary-tr"] == [{"license": {"name": "see its text"}}]


def test_a_licence_that_spdx_does_not_know_would_be_found_out() -> None:
    broken = sbom.text(project.read(), PARTS).replace('"MIT"', '"MITTEN"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None


def test_the_same_parts_make_the_same_bill_and_others_another() -> None:
    first = sbom.text(project.read(), PARTS)
    assert first == sbom.text(project.read(), [*reversed(PARTS), PARTS[0]])
    assert (
        json.loads(first)["serialNumber"]
        != json.loads(sbom.text(project.read(), PARTS[1:]))["serialNumber"]
    )


def test_whatever_is_in_this_environment_makes_a_valid_bill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(third_party, "_FREEZER", "pytest")  # PyInstaller need not be here
    packages = ("cryptography", "keyring", "msgspec", "nh3", "pyside6-essentials", "sqlalchemy")
    from importlib import metadata

    bundled = [
        (str(file), Path(str(distribution.locate_file(file))))
        for distribution in map(metadata.distribution, packages)
        for file in distribution.files or ()
        if file.suffix == ".py"
    ]
    text = sbom.text(project.read(), third_party.components(bundled))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    purls = [one.get("purl", "") for one in json.loads(text)["components"]]
    for name in packages:
        assert any(purl.startswith(f"pkg:pypi/{name}@") for purl in purls)
