"""A bare Debian 12 in a folder, to install packages in: no Python, no desktop, no service.

Needs root, debootstrap and Debian's archive. What runs in it has processes and mounts of its own,
and all of them end with it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

RELEASE = "bookworm"
GLIBC = (2, 36)  # its C library
OWNER = "owner"  # an ordinary user
SECONDS = 300

_ENTER = """
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
mount -t tmpfs tmpfs "$0/run"
user=$1; shift
exec chroot "$0" runuser -u "$user" -- env -i "$@"
"""
_NO_ARCHIVE = ("Failed getting release file", "Couldn't download", "Invalid Release file")
_OWN_NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-euc"]
_APT = 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n'


def why_not() -> str:
    """Say why there can be none here, '' where there can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "only root can lay out a Debian"
    missing = [name for name in ("debootstrap", "unshare", "runuser") if not shutil.which(name)]
    if missing:
        return f"{', '.join(missing)} not installed"
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    if tuple(map(int, re.findall(r"\d+", libc))) > GLIBC:
        return f"what is built with {libc} needs a newer Debian"
    tried = subprocess.run(
        [*_OWN_NAMESPACES, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False
    )
    return "" if tried.returncode == 0 else "nothing may be mounted here"


def mirror() -> str:
    """Return where this machine gets its own packages from, for another may be out of reach."""
    answer = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [site for site in answer.stdout.split() if re.search(r"/debian/?$", site)]
    return found[0] if found else "http://deb.debian.org/debian"


class OutOfReach(Exception):
    """Debian's archive does not answer."""


class BareDebian:
    """One such system, from `begin` until its folder is removed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._laying_out: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """Lay it out in the background; every other method waits for that."""
        self._laying_out = subprocess.Popen(
            ["debootstrap", "--variant=minbase", RELEASE, self.root, mirror()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )

    def complete(self) -> None:
        """Wait until it is there, and make its owner. *Raises:* OutOfReach."""
        if self._laying_out is None:
            return
        process, self._laying_out = self._laying_out, None
        said, _nothing = process.communicate(timeout=600)
        if any(sign in said for sign in _NO_ARCHIVE):
            raise OutOfReach(said[-200:])
        assert process.returncode == 0, said[-2000:]
        (self.root / "etc/dpkg/dpkg.cfg.d/fast").write_text("force-unsafe-io\n")
        (self.root / "etc/apt/apt.conf.d/90bare").write_text(_APT)
        self.run("useradd", "--create-home", OWNER, user="root")

    @property
    def home(self) -> Path:
        """The owner's home, as seen from outside."""
        return self.root / "home" / OWNER

    def run(
        self,
        *command: str,
        user: str = OWNER,
        environment: Mapping[str, str] | None = None,
        typed: str = "",
        status: int | None = 0,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; it must end with `status`, or anyhow with None."""
        done = subprocess.run(
            self._entering(*command, user=user, environment=environment),
            input=typed,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if status is not None:
            assert done.returncode == status, f"{command}: {done.stdout}{done.stderr}"
        return done

    def start(
        self, *command: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a command of the owner's and leave it running."""
        return subprocess.Popen(
            self._entering(*command, user=OWNER, environment=environment),
            stdin=subprocess.DEVNULL,
        )

    def install(self, *packages: str | Path) -> str:
        """Have apt install packages, by name or from a file; return what it said."""
        names = []
        for package in packages:
            if isinstance(package, Path):
                shutil.copy(package, self.root / "tmp")
                names.append(f"/tmp/{package.name}")
            else:
                names.append(package)
        return self.apt("install", "--allow-downgrades", *names)

    def apt(self, *arguments: str) -> str:
        """Run apt-get and return what it said."""
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        done = self.run("apt-get", "-y", "-q", *arguments, user="root", environment=quiet)
        return done.stdout

    def _entering(
        self, *command: str, user: str, environment: Mapping[str, str] | None
    ) -> list[str]:
        self.complete()
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {
            "HOME": home,
            "USER": user,
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            **(environment or {}),
        }
        given = [f"{name}={value}" for name, value in variables.items()]
        return [*_OWN_NAMESPACES, _ENTER, str(self.root), user, *given, *command]

    def remove(self) -> None:
        """Take the whole system away."""
        if self._laying_out is not None:
            self._laying_out.terminate()
            self._laying_out.wait(60)
        shutil.rmtree(self.root)
