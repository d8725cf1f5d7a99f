"""What pyinstaller.spec asks for on macOS: what the program says of itself there. Values only."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from project import ROOT, Project, read

ICON = ROOT / "build" / "macos" / "desktop-inbox.icns"
ENTITLEMENTS = Path(__file__).with_name("entitlements.plist")
IDENTITY = "MACOS_IDENTITY"  # the variable that names who signs
_OLDEST = "13.0"  # what Qt 6.11 runs on
# Apple's names for a picture by its side in pixels; @2x ones are for sharper screens.
_ICONS = {
    16: (b"icp4",), 32: (b"icp5", b"ic11"), 64: (b"ic12",), 128: (b"ic07",),
    256: (b"ic08", b"ic13"), 512: (b"ic09", b"ic14"), 1024: (b"ic10",),
}  # fmt: skip
SIDES = tuple(_ICONS)


def bears() -> dict[str, Any]:
    """Return what the bundle bears, as arguments of PyInstaller's BUNDLE."""
    project = read()
    return {
        "name": f"{project.title}.app",
        "icon": str(ICON),
        "bundle_identifier": identifier(project),
        "version": project.version,
        "info_plist": information(project),
    }


def identifier(project: Project) -> str:
    """Return the program's identifier in the letters that Apple allows."""
    return project.identifier.replace("_", "-")


def signing() -> dict[str, Any]:
    """Return by whom executables are signed, as arguments of PyInstaller's EXE.

    With a name it signs all that it collects, for the hardened runtime; without one only so that
    the program runs on this computer.
    """
    name = os.environ.get(IDENTITY)
    return {"codesign_identity": name, "entitlements_file": str(ENTITLEMENTS)} if name else {}


def information(project: Project) -> dict[str, Any]:
    """Return what Info.plist says. Nothing asks for a camera, a microphone or a place."""
    return {
        "CFBundleAllowMixedLocalizations": True,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleDisplayName": project.title,
        "CFBundleExecutable": project.name,
        "CFBundleIdentifier": identifier(project),
        "CFBundleLocalizations": ["en", *sorted(project.translated)],
        "CFBundleName": project.title,
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": project.version,
        "CFBundleURLTypes": [
            {
                "CFBundleTypeRole": "Editor",
                "CFBundleURLName": f"{identifier(project)}.mailto",
                "CFBundleURLSchemes": ["mailto"],
            }
        ],
        "CFBundleVersion": project.version,
        "LSApplicationCategoryType": "public.app-category.business",
        "LSBackgroundOnly": False,
        "LSMinimumSystemVersion": _OLDEST,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": f"{project.author}. {project.licence}",
        "NSRequiresAquaSystemAppearance": False,  # it has a dark theme of its own
        "NSSupportsAutomaticGraphicsSwitching": True,
    }


def icns(pictures: Mapping[int, bytes]) -> bytes:
    """Return an .icns file of PNG pictures by their side."""
    parts = []
    for side, picture in sorted(pictures.items()):
        parts += [kind + struct.pack(">I", 8 + len(picture)) + picture for kind in _ICONS[side]]
    body = b"".join(parts)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body
