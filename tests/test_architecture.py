"""The layers of CONTRIBUTING.md: each contract of pyproject.toml is one sentence and one test."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from importlinter import api  # noqa: F401  (configures the library for use without its command)
from importlinter.application.ports.reporting import Report
from importlinter.application.use_cases import (
    _register_contract_types,
    create_report,
    read_user_options,
)

CONFIG = Path(__file__).parent.parent / "pyproject.toml"


def contract_names() -> list[str]:
    project = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    return [contract["name"] for contract in project["tool"]["importlinter"]["contracts"]]


@pytest.fixture(scope="module")
def report() -> Report:
    options = read_user_options(str(CONFIG))
    _register_contract_types(options)
    return create_report(options, cache_dir=None)


@pytest.mark.parametrize("sentence", contract_names())
def test_it_holds_that(report: Report, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    [(contract, check)] = [
        pair for pair in report.get_contracts_and_checks() if pair[0].name == sentence
    ]
    if not check.kept:
        contract.render_broken_contract(check)
        pytest.fail(f"{sentence}: no longer true\n{capsys.readouterr().out}", pytrace=False)


def test_every_package_of_ours_stands_in_a_layer() -> None:
    project = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name.strip().rpartition(".")[2] for layer in layers for name in layer.split("|")}
    packages = {
        path.parent.name for path in (CONFIG.parent / "desktop_inbox").glob("*/__init__.py")
    }
    assert packages <= named
