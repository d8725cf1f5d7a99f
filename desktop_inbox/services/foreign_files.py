"""Files that strangers sent, on their way to the owner's disk: which are dangerous, how they land.

Blocking; for threads that may wait for a disk.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import itertools
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# What a double click may run, install or let reach out, on any of the three systems.
_RUNNING = """
    .exe .msi .msp .mst .msix .msixbundle .appx .appxbundle .com .scr .pif .bat .cmd .ps1 .psm1
    .psd1 .ps1xml .ps2 .psc1 .vb .vbs .vbe .js .jse .mjs .ws .wsf .wsc .wsh .sct .hta .cpl .msc
    .gadget .application .appref-ms .settingcontent-ms .library-ms .search-ms .theme
    .searchconnector-ms .themepack .diagcab .diagpkg .reg .inf .ins .isp .lnk .url .website .scf
    .job .dll .sys .drv .ocx .xll .wll .add-ins .chm .hlp .rdp .vhd .vhdx .iso .img .udf .one
    .onepkg .slk .iqy .oqy .rqy .dqy .docm .dotm .xlsm .xltm .xlam .xlsb .pptm .potm .ppam .ppsm
    .sldm .ade .adp .mdb .mde .accdb .accde .mam .maf .mda .jar .jnlp .class .app .command .tool
    .terminal .workflow .action .scpt .scptd .applescript .osx .dmg .pkg .mpkg .mobileconfig
    .prefpane .webloc .inetloc .fileloc .kext .plugin .sh .bash .zsh .csh .ksh .fish .run .bin
    .out .elf .so .ko .desktop .appimage .deb .rpm .snap .flatpak .flatpakref .py .pyc .pyw .pyz
    .pyzw .pl .rb .php .lua .tcl .svg .htm .html .xhtml .xht .mht .mhtml .shtml .xml .xsl .xslt
    .swf .air
    """
_RUNS = frozenset(_RUNNING.split())
_SUFFIX = re.compile(r"\.[^.\s]+")
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
)

_ZONE = b"[ZoneTransfer]\r\nZoneId=3\r\n"  # 3: the internet
_QUARANTINE = b"com.apple.quarantine"
_ORIGIN = "user.xdg.origin.url"  # freedesktop.org's common extended attributes
_FROM_MAIL = b"mailto:"


def may_run(name: str, beginning: bytes = b"") -> bool:
    """Tell whether opening a file could run something: by any of its suffixes, or what it is.

    Every suffix counts, so that "invoice.exe.pdf" and "invoice.pdf.exe" are both found.
    """
    suffixes = (found.lower() for found in _SUFFIX.findall(name))
    return any(suffix in _RUNS for suffix in suffixes) or beginning.startswith(_PROGRAMS)


def write_new(folder: Path, name: str, data: bytes) -> Path:
    """Write a file into `folder` under `name`, or "name (2)" where that is taken; return its path.

    Never writes over anything, never through a link, never outside the folder.

    Raises:
        ValueError: `name` is not a plain file name.
        OSError: the disk is full, or the folder does not let us.
    """
    if not name or name in {".", ".."} or re.search(r"[/\\\x00]", name):
        raise ValueError("not a file name")
    for path in _names(folder, name):
        try:
            with path.open("xb") as file:
                _fill(file, path, data)
        except FileExistsError:
            continue
        mark(path)
        return path
    raise AssertionError("there is always another name")


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    plain = Path(name)
    for number in itertools.count(2):
        yield folder / f"{plain.stem} ({number}){plain.suffix}"


def _fill(file: BinaryIO, path: Path, data: bytes) -> None:
    try:
        file.write(data)
    except OSError:
        path.unlink(missing_ok=True)  # half a file looks like a whole one
        raise


def write_over(path: Path, data: bytes) -> None:
    """Write a file where a person chose, whole or not at all, over what is there.

    Raises:
        OSError: the disk is full, or the folder does not let us.
    """
    scratch = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        scratch.write_bytes(data)
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
    mark(path)


def mark(path: Path) -> None:
    """Say that a file came from outside, where the file system can hold that: the systems ask
    before they run such a file, and office programs open it without its macros."""
    with contextlib.suppress(OSError):  # FAT and network drives have no place for it
        if sys.platform == "win32":
            Path(f"{path}:Zone.Identifier").write_bytes(_ZONE)
        elif sys.platform == "darwin":
            _quarantine(path)
        else:
            os.setxattr(path, _ORIGIN, _FROM_MAIL)


def _quarantine(path: Path) -> None:
    """Set the attribute that Gatekeeper looks at; Python itself sets attributes on Linux only."""
    system = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    value = f"0081;{int(time.time()):08x};Desktop Inbox;".encode("ascii")
    if system.setxattr(os.fsencode(path), _QUARANTINE, value, len(value), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "setxattr")
