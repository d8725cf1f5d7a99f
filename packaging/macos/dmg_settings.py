"""How the disk image looks, read by dmgbuild: the program, and where to drag it."""

from pathlib import Path

app = defines["app"]  # type: ignore[name-defined]  # noqa: F821 - dmgbuild puts it there
name = Path(app).name

format = "ULFO"  # noqa: A001 - the names are dmgbuild's
filesystem = "APFS"
files = [app]
symlinks = {"Applications": "/Applications"}
icon_locations = {name: (150, 170), "Applications": (450, 170)}
window_rect = ((200, 200), (600, 380))
default_view = "icon-view"
icon_size = 112
text_size = 13
show_status_bar = False
show_toolbar = False
show_sidebar = False
