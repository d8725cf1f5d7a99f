"""An archive for any Linux, with a script that installs for one user and takes it away again."""

from __future__ import annotations

import os
import platform
import tempfile
from pathlib import Path

import dev
from order import Order
from staging import TEMPLATES, copy_program, epoch, lay_out, write

# What install.sh puts in its place: only there is it known where the program lies.
PLACE = "@PROGRAM@"


def build(order: Order) -> Path:
    """Build `dist/desktop-inbox-VERSION-linux-ARCHITECTURE.tar.xz`.

    Raises:
        SystemExit: tar or xz failed; their words were printed.
    """
    project = order.project
    name = f"{project.name}-{project.version}-linux-{platform.machine()}"
    archive = order.out / f"{name}.tar.xz"
    with tempfile.TemporaryDirectory(dir=order.out, prefix="tarball-") as above:
        folder = Path(above) / name
        copy_program(order, folder / "program")
        lay_out(project, folder / "share", command=PLACE)
        for script in ("install.sh", "uninstall.sh"):
            write(folder / script, (TEMPLATES / script).read_bytes(), mode=0o755)
        os.environ["XZ_OPT"] = "-0 -T0" if order.quick else "-6 -T0"
        command = ["tar", "--create", "--xz", "--sort=name", "--owner=root:0", "--group=root:0"]
        command += [f"--mtime=@{epoch()}", "--clamp-mtime", "--file", str(archive)]
        dev.step("Packing the archive", [*command, "-C", above, name])
    return archive
