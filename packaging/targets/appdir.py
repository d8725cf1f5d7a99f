"""A folder in the form that AppImages have inside; `AppRun` in it starts the program."""

from __future__ import annotations

import shutil
from pathlib import Path

from order import Order
from staging import stage


def build(order: Order) -> Path:
    """Build `dist/Desktop_Inbox.AppDir`."""
    project = order.project
    folder = order.out / f"{project.title.replace(' ', '_')}.AppDir"
    shutil.rmtree(folder, ignore_errors=True)
    stage(order, folder)
    share = Path("usr") / "share"
    icon = share / "icons" / "hicolor" / "256x256" / "apps" / f"{project.name}.png"
    for link, target in (
        ("AppRun", f"usr/lib/{project.name}/{project.name}"),
        (f"{project.name}.desktop", share / "applications" / f"{project.name}.desktop"),
        (f"{project.name}.png", icon),
        (".DirIcon", icon),
    ):
        (folder / link).symlink_to(target)
    return folder
