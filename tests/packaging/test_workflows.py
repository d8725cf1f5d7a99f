"""The workflows say what can be done: every script, target and file that they name is there."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def import_from(path: Path) -> ModuleType:
    """Import a script whose name others have as well."""
    spec = spec_from_file_location(f"{path.stem}_of_ours", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look for it
    spec.loader.exec_module(module)
    return module


# What the steps make before they name it.
MADE = ("build/", "dist/", "unpacked/")

release = import_module("release")
build = import_from(ROOT / "packaging" / "build.py")


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def workflow(request: pytest.FixtureRequest) -> dict[str, Any]:
    found = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def jobs(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from workflow["jobs"].values()


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in jobs(workflow):
        yield from job["steps"]


def commands(workflow: dict[str, Any]) -> Iterator[list[str]]:
    for step in steps(workflow):
        for line in step.get("run", "").replace("\\\n", " ").splitlines():
            if "python" in line or "packaging/" in line:
                yield shlex.split(line.replace("$(", " ").replace(")", " "), comments=True)


def test_both_workflows_are_there() -> None:
    assert [path.stem for path in FILES] == ["ci", "release"]


def test_every_script_and_file_that_is_named_exists(workflow: dict[str, Any]) -> None:
    named = {
        word
        for command in commands(workflow)
        for word in command
        if re.fullmatch(r"[\w./-]+\.(py|sh|txt|md)", word) and not word.startswith(MADE)
    }
    assert "packaging/build.py" in named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_a_script_that_is_run_by_itself_may_be(workflow: dict[str, Any]) -> None:
    for command in commands(workflow):
        for word in command:
            if word.endswith(".sh"):
                assert (ROOT / word).stat().st_mode & 0o111


def test_every_target_that_is_built_is_one(workflow: dict[str, Any]) -> None:
    built = [command for command in commands(workflow) if "packaging/build.py" in command]
    assert built
    for command in built:
        options = build._parser().parse_args(command[command.index("packaging/build.py") + 1 :])
        assert options.targets


def test_every_step_of_a_release_is_one(workflow: dict[str, Any]) -> None:
    for command in commands(workflow):
        if "packaging/release.py" in command:
            step, *given = command[command.index("packaging/release.py") + 1 :]
            wanted = release.STEPS[step].__code__.co_argcount
            assert len(given) == wanted, command


def test_actions_of_others_are_pinned_to_a_commit_and_say_which_version(
    workflow: dict[str, Any],
) -> None:
    used = {step["uses"] for step in steps(workflow) if "uses" in step}
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action)
        lines = [line for path in FILES for line in path.read_text().splitlines() if action in line]
        assert all(re.search(r"# v\d+\.\d+\.\d+$", line) for line in lines)


def test_nothing_may_write_but_what_publishes_a_tag(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        if "permissions" in job:
            assert name == "publish"
            assert job["permissions"] == {"contents": "write"}
            assert job["if"] == "github.ref_type == 'tag'"


def test_every_job_ends_some_time(workflow: dict[str, Any]) -> None:
    assert all(job["timeout-minutes"] <= 90 for job in jobs(workflow))


def test_what_is_published_was_built_and_tried_on_every_system() -> None:
    found = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    assert set(found["jobs"]["publish"]["needs"]) == set(found["jobs"]) - {"publish"}
    for job, tried in (
        ("try-linux", "desktop-inbox --self-test"),
        ("windows", "packaging/windows/check.py"),
        ("macos", "packaging/macos/check.sh"),
    ):
        assert any(tried in step.get("run", "") for step in found["jobs"][job]["steps"])


def test_a_secret_is_given_to_the_one_step_that_needs_it(workflow: dict[str, Any]) -> None:
    for job in jobs(workflow):
        assert "secrets." not in str({key: job[key] for key in job if key != "steps"})
        for step in job["steps"]:
            assert "secrets." not in str(step.get("run", ""))
            assert not ("secrets." in str(step.get("env", "")) and "uses" in step)


def test_every_secret_is_explained() -> None:
    text = "".join(path.read_text() for path in FILES)
    told = (ROOT / "packaging" / "RELEASING.md").read_text()
    for name in set(re.findall(r"(?:secrets|vars)\.(\w+)", text)):
        assert f"`{name}`" in told


def test_every_file_that_a_release_must_have_is_uploaded() -> None:
    found = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    uploaded = [
        pattern
        for step in steps(found)
        if "upload-artifact" in step.get("uses", "")
        for pattern in step["with"]["path"].split()
    ]
    for ending in release.COMPLETE:
        name = f"dist/Desktop-Inbox-1.0{ending}"
        assert any(Path(name).match(pattern) for pattern in uploaded), ending


def test_shell_steps_can_be_read_by_the_shell(workflow: dict[str, Any]) -> None:
    for step in steps(workflow):
        for line in step.get("run", "").replace("\\\n", " ").splitlines():
            shlex.split(line, comments=True)


def test_each_target_of_the_build_names_a_module_that_is_there() -> None:
    for target in build.TARGETS.values():
        source = ROOT / "packaging" / f"{target.module.replace('.', '/')}.py"
        tree = ast.parse(source.read_text(encoding="utf-8"))
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert "build" in functions
