"""What pyinstaller.spec asks for on Windows: what the executables say of themselves.

Runs inside PyInstaller, under Windows or Wine.
"""

from __future__ import annotations

from typing import Any

from project import ROOT, Project, read

ICON = ROOT / "build" / "windows" / "desktop-inbox.ico"
_ENGLISH, _UNICODE = 0x0409, 1200


def bears(file: str) -> dict[str, Any]:
    """Return what an executable bears, as arguments of PyInstaller's EXE."""
    return {"icon": str(ICON), "version": version_resource(read(), file=file)}


def four(version: str) -> tuple[int, int, int, int]:
    """Return a version as Windows counts it; what follows the numbers is left out."""
    parts = []
    for part in version.split(".")[:4]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        parts.append(int(digits) if digits else 0)
        if digits != part:
            break
    first, second, third, fourth = (*parts, 0, 0, 0, 0)[:4]
    return first, second, third, fourth


def version_resource(project: Project, *, file: str) -> Any:
    """Return the version resource of an executable, as PyInstaller takes it."""
    from PyInstaller.utils.win32 import versioninfo as win

    said = {
        "CompanyName": project.author,
        "FileDescription": project.title,  # the task manager and notifications show this
        "FileVersion": project.version,
        "InternalName": project.name,
        "LegalCopyright": f"{project.author}. {project.licence}",
        "OriginalFilename": file,
        "ProductName": project.title,
        "ProductVersion": project.version,
    }
    table = win.StringTable(
        f"{_ENGLISH:04X}{_UNICODE:04X}",
        [win.StringStruct(name, value) for name, value in said.items()],
    )
    numbers = four(project.version)
    return win.VSVersionInfo(
        ffi=win.FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[
            win.StringFileInfo([table]),
            win.VarFileInfo([win.VarStruct("Translation", [_ENGLISH, _UNICODE])]),
        ],
    )
