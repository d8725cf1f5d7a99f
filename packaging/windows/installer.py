"""The target `windows`: freezes the program for Windows and makes its installer.

On Windows with the Python that runs it; on Linux with Wine, from a Python for Windows that
`runtime` puts together. What it makes is checked by check.py.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import dev
import freezing
from order import Order
from windows import frozen, icon, runtime, sign, wine

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "windows"
_MAKENSIS_HINT = (
    "To make the installer, NSIS must be installed (choco install nsis), with makensis on the PATH."
)
_NSIS_FOLDERS = (r"C:\Program Files (x86)\NSIS", r"C:\Program Files\NSIS")


def build(order: Order) -> Path:
    """Build `dist/Desktop-Inbox-VERSION-windows-x86_64.exe`.

    Raises:
        SystemExit: something is missing or failed; it was printed what, and what to do.
    """
    try:
        compiler = _makensis()
        payload = freeze(order)
        return package(order, payload, compiler=compiler)
    except (wine.Missing, runtime.Tampered, sign.NotSigned) as error:
        dev.fail(str(error))


def freeze(order: Order) -> Path:
    """Return the folder with the frozen program: the one that the order names, or a new one."""
    freezing.prepare()
    draw_icon(order)
    if order.frozen is not None:
        return order.frozen
    payload = freezing.freeze(order) if sys.platform == "win32" else _under_wine(order)
    for name in executables(order):
        sign.sign(payload / name)
    return payload


def _under_wine(order: Order) -> Path:
    prefix = wine.Prefix(folder=WORK / "prefix")
    prefix.prepare()
    paths = (wine.windows_path(ROOT),)
    python = runtime.prepare(WORK / "python", python=freezing.PYTHON, paths=paths)
    out, spec = WORK / "dist", ROOT / "packaging" / "pyinstaller.spec"
    command = ["-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR"]
    command += ["--distpath", wine.windows_path(out), wine.windows_path(spec)]
    command += ["--workpath", wine.windows_path(WORK / "work")]
    dev.step("Freezing the program for Windows", prefix.command(python, *command))
    return payload_of(order)


def payload_of(order: Order) -> Path:
    """Return where the frozen program comes to lie."""
    folder = order.out if sys.platform == "win32" else WORK / "dist"
    return folder / order.project.name


def executables(order: Order) -> tuple[str, str, str]:
    """Return the program with a window of its own, the one for the command line, its helper."""
    name = order.project.name
    return f"{order.project.title}.exe", f"{name}.exe", f"{name}-worker.exe"


def draw_icon(order: Order) -> None:
    """Draw the .ico that both executables and the installer bear."""
    folder = WORK / "icons"
    drawing = [freezing.PYTHON, ROOT / "packaging" / "icons.py", order.project.icon, folder]
    dev.step("Drawing the icon", [*drawing, *map(str, icon.SIDES)])
    pictures = {side: (folder / f"{side}.png").read_bytes() for side in icon.SIDES}
    frozen.ICON.write_bytes(icon.ico(pictures))


def package(order: Order, payload: Path, *, compiler: str) -> Path:
    """Return the installer of a frozen program."""
    project = order.project
    order.out.mkdir(parents=True, exist_ok=True)
    name = f"{project.title.replace(' ', '-')}-{project.version}-windows-x86_64.exe"
    target = order.out / name
    said = {
        "NAME": project.name,
        "TITLE": project.title,
        "VERSION": project.version,
        "VERSION4": ".".join(map(str, frozen.four(project.version))),
        "PUBLISHER": project.author,
        "SUMMARY": project.words.summary,
        "PAYLOAD": payload.resolve(),
        "OUT": target.resolve(),
        "ICON": frozen.ICON,
        "LICENCE": ROOT / "LICENSE",
        "SIZE_KB": str(_size(payload) // 1024),
        "COMPRESSOR": "zlib" if order.quick else "lzma",
    }
    if project.homepage:
        said["HOMEPAGE"] = project.homepage
    if sys.platform != "win32":
        said["TARGET"] = "amd64-unicode"  # Debian's Wine runs no 32-bit program
    if sign.is_possible():
        said["SIGN"] = f'"{sys.executable}" "{Path(sign.__file__)}"'
    defines = [f"-D{key}={value}" for key, value in said.items()]
    script = Path(__file__).with_name("installer.nsi")
    dev.step(f"Making {name}", [compiler, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *defines, script])
    return target


def _makensis() -> str:
    """Return the compiler of installers. *Raises:* Missing."""
    if sys.platform != "win32":
        dev.system_packages(wine.PACKAGES)
        wine.require()
        return "makensis"
    found = shutil.which("makensis", path=os.pathsep.join([os.environ["PATH"], *_NSIS_FOLDERS]))
    if found is None:
        raise wine.Missing(_MAKENSIS_HINT)
    return found


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
