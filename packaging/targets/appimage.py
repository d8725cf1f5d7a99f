"""The AppImage: the AppDir as one compressed file behind the runtime that mounts it.

No package index has that runtime, so the release workflow fetches it, checks its sha256, and names
it in the variable APPIMAGE_RUNTIME.
"""

from __future__ import annotations

import os
import platform
import tempfile
from pathlib import Path

import dev
from order import Order
from staging import epoch
from targets import appdir


def build(order: Order) -> Path:
    """Build `dist/Desktop_Inbox-VERSION-ARCHITECTURE.AppImage`.

    Raises:
        SystemExit: there is no runtime, or mksquashfs failed.
    """
    runtime = Path(os.environ.get("APPIMAGE_RUNTIME", ""))
    if not runtime.is_file():
        dev.fail(
            "An AppImage needs the runtime of the AppImage project for this processor. Fetch it"
            " from their releases, check it, and name the file in APPIMAGE_RUNTIME."
        )
    project = order.project
    name = f"{project.title.replace(' ', '_')}-{project.version}-{platform.machine()}.AppImage"
    image = order.out / name
    with tempfile.TemporaryDirectory(dir=order.out, prefix="appimage-") as folder:
        squashed = Path(folder) / "image"
        command: list[str | Path] = ["mksquashfs", appdir.build(order), squashed]
        command += ["-root-owned", "-noappend", "-quiet", "-all-time", str(epoch())]
        command += ["-comp", "zstd", "-Xcompression-level", "3" if order.quick else "19"]
        dev.step("Squashing the AppDir", command)
        image.write_bytes(runtime.read_bytes() + squashed.read_bytes())
    image.chmod(0o755)
    return image
