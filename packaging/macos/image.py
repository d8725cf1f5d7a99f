"""The target `macos`: the .app, signed and notarised where there is a certificate, in a .dmg.

Only macOS has what freezes, signs and packs it. Elsewhere everything is made that needs none of
those, and the commands that would follow are printed.
"""

from __future__ import annotations

import os
import platform
import plistlib
import shlex
import sys
from pathlib import Path

import dev
import freezing
from macos import bundle
from order import Order
from project import ROOT

WORK = freezing.WORK / "macos"
_SETTINGS = Path(__file__).with_name("dmg_settings.py")
# A key of App Store Connect: the file, its number, and who issued it.
_NOTARY = ("MACOS_NOTARY_KEY", "MACOS_NOTARY_KEY_ID", "MACOS_NOTARY_ISSUER")


def build(order: Order) -> Path:
    """Build `dist/Desktop-Inbox-VERSION-macos-MACHINE.dmg`; elsewhere what leads up to it.

    Raises:
        SystemExit: a program failed; its words were printed.
    """
    freezing.prepare()
    write_files(order)
    app = (order.frozen or order.out / order.project.name).with_name(f"{order.project.title}.app")
    image = order.out / image_name(order, machine=platform.machine())
    if sys.platform != "darwin":
        dev.say("Only macOS goes on from here; it would run:")
        for _title, command in commands(app, image, title=order.project.title):
            dev.say(f"  {shlex.join(map(str, command))}")
        return WORK
    freezing.freeze(order)
    for title, command in commands(app, image, title=order.project.title):
        dev.step(title, command)
    return image


def write_files(order: Order) -> None:
    """Draw the icon, and write Info.plist as the bundle will have it."""
    folder = WORK / "icons"
    drawing = [freezing.PYTHON, ROOT / "packaging" / "icons.py", order.project.icon]
    dev.step("Drawing the icon", [*drawing, folder, *map(str, bundle.SIDES)])
    pictures = {side: (folder / f"{side}.png").read_bytes() for side in bundle.SIDES}
    bundle.ICON.write_bytes(bundle.icns(pictures))
    (WORK / "Info.plist").write_bytes(plistlib.dumps(bundle.information(order.project)))


def image_name(order: Order, *, machine: str) -> str:
    """Return the name of the disk image for a kind of processor."""
    title = order.project.title.replace(" ", "-")
    return f"{title}-{order.project.version}-macos-{machine}.dmg"


def commands(app: Path, image: Path, *, title: str) -> list[tuple[str, list[str | Path]]]:
    """Return what follows freezing, with its titles; signing only where somebody can sign."""
    signer = os.environ.get(bundle.IDENTITY)
    notary = [os.environ.get(name) for name in _NOTARY]
    found: list[tuple[str, list[str | Path]]] = []
    if signer:
        verify: list[str | Path] = ["codesign", "--verify", "--deep", "--strict", "--verbose=2"]
        found.append(("Checking the signatures", [*verify, app]))
    packing: list[str | Path] = [freezing.PYTHON, "-m", "dmgbuild", "-s", _SETTINGS]
    found.append((f"Making {image.name}", [*packing, "-D", f"app={app}", title, image]))
    if signer:
        sign: list[str | Path] = ["codesign", "--sign", signer, "--timestamp", image]
        found.append(("Signing the disk image", sign))
    if signer and all(notary):
        key, number, issuer = (value or "" for value in notary)
        submit: list[str | Path] = ["xcrun", "notarytool", "submit", image, "--wait"]
        submit += ["--key", key, "--key-id", number, "--issuer", issuer]
        found.append(("Having Apple look it over", submit))
        found.append(("Attaching Apple's answer", ["xcrun", "stapler", "staple", image]))
        found.append(("Checking it as a Mac does", ["spctl", "-a", "-t", "open", *_OPENED, image]))
    return found


_OPENED = ("--context", "context:primary-signature")
