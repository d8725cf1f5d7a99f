"""What packages say and hold, as far as it can be told without building one."""

from __future__ import annotations

import gzip
import marshal
import os
import re
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bytecode
import icu_data
import project
import staging
import third_party
from desktop_inbox import __version__
from targets import deb, rpm

ROOT = Path(__file__).parents[2]
HOOK = ROOT / "packaging" / "runtime_hook.py"
HEADER = b"\x20\x00\xda\x27" + bytes(8) + b"CmnD" + bytes(16)


@pytest.fixture(scope="module")
def ours() -> project.Project:
    return project.read()


# --- what is said of the program -------------------------------------------------------------


def test_version_and_words_are_those_of_the_project(ours: project.Project) -> None:
    assert ours.version == __version__
    assert ours.icon.is_file()
    assert set(ours.translated) == {
        folder.name for folder in (ROOT / "resources" / "locale").iterdir() if folder.is_dir()
    }


def test_what_is_not_released_yet_counts_as_this_version() -> None:
    text = "# C\n\n## [Unreleased]\n\n- New.\n\n## [1.0.0] - 2026-01-02\n\n- First.\n- Second.\n"
    newest, first = project.releases(text, version="1.1.0")
    assert (newest.version, newest.changes) == ("1.1.0", ("New.",))
    assert (first.version, first.on.isoformat()) == ("1.0.0", "2026-01-02")
    assert first.changes == ("First.", "Second.")


def test_a_changelog_with_nothing_new_begins_with_the_last_release() -> None:
    text = "## [Unreleased]\n\n## [1.0.0] - 2026-01-02\n\n- First.\n"
    assert [release.version for release in project.releases(text, version="1.0.0")] == ["1.0.0"]


def test_the_menu_entry_takes_mail_links_and_speaks_turkish(ours: project.Project) -> None:
    lines = staging.desktop_entry(ours, command="desktop-inbox").splitlines()
    assert "Exec=desktop-inbox %u" in lines
    assert "MimeType=x-scheme-handler/mailto;" in lines
    assert "StartupWMClass=desktop_inbox" in lines  # what Qt calls windows, see ui.application
    assert f"Comment[tr]={ours.translated['tr'].summary}" in lines


def test_software_centres_get_well_formed_words_whatever_is_in_them(
    ours: project.Project,
) -> None:
    hostile = replace(ours, author="A & B <c>", homepage="https://example.org/?a=1&b=2")
    about = ElementTree.fromstring(staging.metainfo(hostile))
    assert about.findtext("id") == ours.identifier
    assert about.findtext("developer_name") == "A & B <c>"
    assert about.findtext("url") == "https://example.org/?a=1&b=2"
    release = about.find("releases/release")
    assert release is not None
    assert release.get("version") == ours.releases[0].version


def test_the_manual_tells_every_command(ours: project.Project) -> None:
    page = staging.manual(ours)
    for command in ("account", "conversations", "doctor", "mailto"):
        assert re.search(rf"^ +{command}\b", page, re.MULTILINE), command
    assert staging._roff(".so \\*") == "\\&.so \\e*"  # nothing is taken for a request


def test_debian_reads_the_changelog_in_its_own_form(ours: project.Project) -> None:
    entry = deb.changelog(ours)
    assert entry.startswith(f"desktop-inbox ({__version__}) unstable; urgency=medium\n")
    lines = entry.splitlines()
    signed = re.compile(r" -- .+ <.+@.+>  \w{3}, \d\d \w{3} \d{4} 00:00:00 \+0000")
    assert signed.fullmatch(lines[-1])
    assert max(len(line) for line in lines if not signed.fullmatch(line)) <= 80


def test_the_rpm_asks_nobody_for_what_it_brings(ours: project.Project, tmp_path: Path) -> None:
    (tmp_path / "libQt6Core.so.6").touch()
    said = rpm.specification(replace(ours, version="1.0.0-rc1"), tmp_path)
    assert "Version: 1.0.0~rc1" in said
    (pattern,) = re.findall(r"^%global __requires_exclude (.+)$", said, re.MULTILINE)
    assert re.search(pattern.replace("\\\\", "\\"), "libQt6Core.so.6()(64bit)")
    assert not re.search(pattern.replace("\\\\", "\\"), "libEGL.so.1()(64bit)")


def test_texts_are_zipped_the_same_every_time() -> None:
    assert staging.zipped("a") == staging.zipped("a")
    assert gzip.decompress(staging.zipped("ü")).decode() == "ü"


# --- ICU's tables ------------------------------------------------------------------------------


@given(
    st.dictionaries(
        st.from_regex(r"icudt[0-9]{2}l/[a-z_]{1,12}\.res", fullmatch=True),
        st.binary(max_size=80).map(lambda data: data.ljust(-(-len(data) // 16) * 16, b"\0")),
        min_size=1,
    )
)
def test_packed_tables_read_the_same_again(tables: dict[str, bytes]) -> None:
    header, found = icu_data.read(icu_data.pack(HEADER, tables))
    assert header == HEADER
    assert found == tables


def test_sorting_stays_and_names_of_currencies_go() -> None:
    for kept in ("coll/root.res", "coll/tr.res", "zoneinfo64.res", "uprops.icu", "nfc.nrm"):
        assert icu_data.is_kept(f"icudt73l/{kept}"), kept
    for left in ("curr/tr.res", "lang/de.res", "ibm-37_P100-1995.cnv", "brkitr/thaidict.dict"):
        assert not icu_data.is_kept(f"icudt73l/{left}"), left


def test_something_else_is_not_taken_for_tables() -> None:
    with pytest.raises(ValueError, match="not a package"):
        icu_data.read(b"\x7fELF" + bytes(60))


# --- bytecode ----------------------------------------------------------------------------------


def test_what_others_wrote_works_without_what_it_says_of_itself(tmp_path: Path) -> None:
    place = "sqlalchemy/util/topological.pyc"
    name, made, kind = bytecode.without_docstrings((place, "before", "DATA"), tmp_path)
    assert (name, kind) == (place, "DATA")
    code = marshal.loads(Path(made).read_bytes()[16:])
    assert code.co_filename == "sqlalchemy/util/topological.py"  # as on any machine
    module: dict[str, Any] = {"__name__": "topological", "__package__": "sqlalchemy.util"}
    exec(code, module)
    assert "__doc__" not in module
    assert list(module["sort"]({("a", "b")}, ["b", "a"])) == ["a", "b"]


@pytest.mark.parametrize("name", ["desktop_inbox/app.pyc", "asyncio/tasks.pyc", "sqlalchemy/a.so"])
def test_anything_else_stays_as_it_is(name: str, tmp_path: Path) -> None:
    entry = (name, "before", "DATA")
    assert bytecode.without_docstrings(entry, tmp_path) == entry


# --- licences ----------------------------------------------------------------------------------


def test_what_has_no_licence_stops_the_build() -> None:
    with pytest.raises(third_party.NoLicence, match=r"a-part 1 .* has no licence text"):
        third_party._component("a-part", "1", "MIT", ["  "])


def test_every_licence_that_is_added_by_hand_is_there() -> None:
    files = set(third_party._TEXTLESS.values())
    files |= {file for parts in third_party._INSIDE.values() for _name, _licence, file in parts}
    for file in files:
        assert (third_party.OWN / file).read_text(encoding="utf-8").strip(), file


def test_a_module_is_known_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled, it lies elsewhere than where its package was installed."""
    monkeypatch.setattr(third_party, "_FREEZER", "pytest")  # PyInstaller need not be here
    compiled = tmp_path / "nh3" / "__init__.pyc"
    found = third_party.components([("nh3/__init__.pyc", compiled)])
    (known,) = (one for one in found if one.name == "nh3")
    assert "MIT" in known.licence
    assert known.texts


# --- what runs first in a frozen copy ----------------------------------------------------------


def test_what_we_start_finds_its_own_libraries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/desktop-inbox/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/theirs")
    runpy.run_path(str(HOOK))
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/theirs"
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/desktop-inbox/_internal")
    runpy.run_path(str(HOOK))
    assert "LD_LIBRARY_PATH" not in os.environ


def test_authorities_are_found_unless_somebody_named_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    bundle = "/etc/pki/tls/certs/ca-bundle.crt"
    monkeypatch.setattr(os.path, "isfile", lambda path: path == bundle)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/theirs.pem")
    runpy.run_path(str(HOOK))
    assert os.environ["SSL_CERT_FILE"] == "/theirs.pem"
    monkeypatch.delenv("SSL_CERT_FILE")
    runpy.run_path(str(HOOK))
    assert os.environ["SSL_CERT_FILE"] == bundle


# --- the script --------------------------------------------------------------------------------


def test_the_script_lists_what_it_builds_without_building() -> None:
    said = subprocess.run(
        [sys.executable, ROOT / "packaging" / "build.py", "--list"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in ("onedir", "deb", "rpm", "appdir", "tarball", "windows", "macos"):
        assert re.search(rf"^{name} ", said, re.MULTILINE), name


def test_an_unknown_form_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / "build.py", "floppy"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "floppy" in done.stderr
