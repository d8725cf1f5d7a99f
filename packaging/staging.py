"""What every Linux package holds, as a tree: the frozen program and all that a desktop looks for.

Words, names and icons come from the project; nothing here depends on the form of the package.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import dev
import freezing
from order import Order
from project import ROOT, Project, Words

SIDES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
TEMPLATES = Path(__file__).resolve().parent / "linux"

_MOST_RELEASES = 5


def stage(order: Order, root: Path) -> Path:
    """Lay everything out below `root`/usr, and return the folder of the program there."""
    project = order.project
    program = root / "usr" / "lib" / project.name
    copy_program(order, program)
    link = root / "usr" / "bin" / project.name
    link.parent.mkdir(parents=True)
    link.symlink_to(f"../lib/{project.name}/{project.name}")
    lay_out(project, root / "usr" / "share", command=project.name)
    return program


def copy_program(order: Order, folder: Path) -> None:
    """Copy the frozen program, with the modes that packages want."""
    shutil.copytree(freezing.freeze(order), folder, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent == folder else 0o644)


def lay_out(project: Project, share: Path, *, command: str) -> None:
    """Write what menus, software centres and `man` read; `command` starts the program."""
    name = project.name
    entry = desktop_entry(project, command=command)
    write(share / "applications" / f"{name}.desktop", entry.encode())
    write(share / "metainfo" / f"{project.identifier}.metainfo.xml", metainfo(project).encode())
    write(share / "man" / "man1" / f"{name}.1.gz", zipped(manual(project)))
    icons = share / "icons" / "hicolor"
    write(icons / "scalable" / "apps" / f"{name}.svg", project.icon.read_bytes())
    for side, picture in draw_icons(project, SIDES).items():
        write(icons / f"{side}x{side}" / "apps" / f"{name}.png", picture.read_bytes())


def draw_icons(project: Project, sides: tuple[int, ...]) -> dict[int, Path]:
    """Draw the program's mark and return the pictures by their sides, in pixels."""
    freezing.prepare()
    folder = freezing.WORK / "icons"
    script = Path(__file__).with_name("icons.py")
    command: list[str | Path] = [freezing.PYTHON, script, project.icon, folder, *map(str, sides)]
    dev.step("Drawing icons", command)
    return {side: folder / f"{side}.png" for side in sides}


def desktop_entry(project: Project, *, command: str) -> str:
    """Return the desktop file: a menu entry that also takes mailto: links."""
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.4",
        f"Name={project.title}",
        *_in_languages(project, "GenericName", lambda words: words.generic_name),
        *_in_languages(project, "Comment", lambda words: words.summary),
        *_in_languages(project, "Keywords", lambda words: _list(words.keywords)),
        f"Exec={command} %u",
        f"Icon={project.name}",
        "Terminal=false",
        f"Categories={_list(project.categories)}",
        "MimeType=x-scheme-handler/mailto;",
        "StartupNotify=true",
        f"StartupWMClass={project.name.replace('-', '_')}",  # as `ui.application` names it
    ]
    return "\n".join(lines) + "\n"


def metainfo(project: Project) -> str:
    """Return what software centres show, in AppStream's form."""
    homepage = f'  <url type="homepage">{escape(project.homepage)}</url>\n'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<component type="desktop-application">',
        f"  <id>{project.identifier}</id>",
        "  <metadata_license>CC0-1.0</metadata_license>",
        f"  <project_license>{project.licence}</project_license>",
        f"  <name>{project.title}</name>",
        *_elements(project, "  ", "summary", lambda words: (words.summary,)),
        f"  <developer_name>{escape(project.author)}</developer_name>",
        "  <description>",
        *_elements(project, "    ", "p", lambda words: words.description),
        "  </description>",
        f'  <launchable type="desktop-id">{project.name}.desktop</launchable>',
        f"  <provides><binary>{project.name}</binary></provides>",
        '  <content_rating type="oars-1.1">',
        '    <content_attribute id="social-chat">intense</content_attribute>',
        "  </content_rating>",
        "  <releases>",
        *_releases(project),
        "  </releases>",
        "</component>",
    ]
    return (
        "\n".join(lines[:8])
        + "\n"
        + (homepage if project.homepage else "")
        + "\n".join(lines[8:])
        + "\n"
    )


def manual(project: Project) -> str:
    """Return the manual page; its options and commands are what `--help` says."""
    template = (TEMPLATES / "manual.1").read_text(encoding="utf-8")
    latest = project.releases[0]
    return template.format(
        name=project.name,
        upper=project.name.upper(),
        title=project.title,
        version=project.version,
        date=f"{latest.on:%Y-%m-%d}",
        summary=_roff(project.words.summary),
        description="\n.PP\n".join(_roff(text) for text in project.words.description),
        help=_roff(_help()),
    )


def epoch() -> int:
    """Return when this source was last changed: the time that everything in a package bears."""
    if said := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(said)
    answer = subprocess.run(
        ["git", "-C", ROOT, "log", "-1", "--format=%ct"],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode == 0 and answer.stdout.strip():
        return int(answer.stdout)
    return int((ROOT / "CHANGELOG.md").stat().st_mtime)


def zipped(text: str) -> bytes:
    """Return a text as documentation lies in packages."""
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def write(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write one file of a package, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def _help() -> str:
    """Return what the program says of its options and commands."""
    code = "from desktop_inbox.cli.arguments import parser; print(parser().format_help())"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "76", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.rstrip()


def _roff(text: str) -> str:
    """Return a text in which nothing means anything to the typesetter."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(
        f"\\&{line}" if line[:1] in (".", "'") else line for line in escaped.split("\n")
    )


def _list(values: tuple[str, ...]) -> str:
    return "".join(f"{value};" for value in values)


def _in_languages(project: Project, key: str, of: Callable[[Words], str]) -> Iterator[str]:
    yield f"{key}={of(project.words)}"
    for language, words in project.translated.items():
        yield f"{key}[{language}]={of(words)}"


def _elements(
    project: Project, indent: str, tag: str, of: Callable[[Words], tuple[str, ...]]
) -> Iterator[str]:
    for text in of(project.words):
        yield f"{indent}<{tag}>{escape(text)}</{tag}>"
    for language, words in project.translated.items():
        for text in of(words):
            yield f'{indent}<{tag} xml:lang="{language}">{escape(text)}</{tag}>'


def _releases(project: Project) -> Iterator[str]:
    for release in project.releases[:_MOST_RELEASES]:
        yield f'    <release version="{escape(release.version)}" date="{release.on:%Y-%m-%d}">'
        yield "      <description><ul>"
        for change in release.changes:
            yield f"        <li>{escape(change.replace('`', ''))}</li>"
        yield "      </ul></description>"
        yield "    </release>"
