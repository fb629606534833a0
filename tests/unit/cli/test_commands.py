"""What the command prints and returns: brackets are text, no mistake is a traceback, machines get all of it."""

import io
import json
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from artifactory_estate.base import Refusal
from artifactory_estate.cli import main as command
from artifactory_estate.cli.progress import Progress
from artifactory_estate.operations import preview as operation
from artifactory_estate.operations.preview import Previewed
from artifactory_estate.operations.schedule import Report

DOCUMENT = """\
estate: acme
state: {backend: "file://state"}
sites:
  lab: {platform: external, url: "http://127.0.0.1:9", credentials: {token: "env:LAB"}, reach: direct}
  away: {platform: external, url: "http://away.acme.example", credentials: {token: "env:LAB"}, available: false}
"""
BRACKETS = "update lab-bundle [files] of [/opt/jfrog]"


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "test")
    path = tmp_path / "estate.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Both streams."""
    both = io.StringIO()
    monkeypatch.setattr(command, "out", Console(file=both, width=200))
    monkeypatch.setattr(command, "err", Console(file=both, width=200))
    return both


def status_of(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["estate", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize("terminal", [False, True])
def test_brackets_of_a_stacks_progress_are_text(terminal: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=terminal, color_system=None)
    with Progress.of(console, ["lab"]) as progress:
        progress.started("lab")
        progress.event("lab", f"node {BRACKETS}", 0)
        progress.ended(Report("lab", "failed", error=f"lab: {BRACKETS}"))
    assert BRACKETS in out.getvalue()


def test_a_preview_names_the_properties_that_change_and_the_sites_left_alone(
    document: Path, shown: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal(("sites", "lab", "nodes"), "[x] and [/y]", "seed 004")
    found = Previewed("lab", {"update": 1}, lines=[BRACKETS], refusals=[refusal])
    monkeypatch.setattr(operation, "preview", lambda *_: [Report("lab", "done", found)])
    assert status_of(monkeypatch, "preview", document) == 1
    said = shown.getvalue()
    assert f"lab: {BRACKETS}" in said and "refused: sites.lab.nodes: [x] and [/y] (seed 004)" in said
    assert "away: left alone, the document says available: false" in said


def test_machines_get_every_mistake(
    document: Path, shown: io.StringIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document.write_text(DOCUMENT.replace("reach: direct", "reach: telepathy, colour: red"), encoding="utf-8")
    assert status_of(monkeypatch, "validate", document, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["valid"] is False and [each["path"] for each in found["mistakes"]] == [
        "sites.lab.reach",
        "sites.lab.colour",
    ]
    assert all(each["line"] == 4 and each["column"] > 1 and each["found"] and each["why"] for each in found["mistakes"])


def test_machines_learn_what_up_will_refuse(
    document: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(monkeypatch, "validate", document, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"valid": True, "not_offered": [], "warnings": [], "numbers": []}
    document.write_text(f"{DOCUMENT}trust: {{edges: [{{between: [lab, away], use: access}}]}}\n", encoding="utf-8")
    assert status_of(monkeypatch, "validate", document, "--json") == 0
    (sentence,) = json.loads(capsys.readouterr().out)["not_offered"]
    assert "estate.yaml:6:" in sentence and "trust.edges[0].use: access (not offered yet)" in sentence


def test_a_path_without_explain_is_a_mistake(
    document: Path, shown: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert status_of(monkeypatch, "validate", document, "sites.lab") == 1
    assert "sites.lab: a path is for --explain" in shown.getvalue()


def test_an_error_of_aws_is_a_sentence_and_a_programmers_is_not(
    document: Path, shown: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "AssumeRole")

    monkeypatch.setattr(operation, "preview", denied)
    assert status_of(monkeypatch, "preview", document) == 1
    assert "AWS: An error occurred (AccessDenied)" in shown.getvalue()
    monkeypatch.setattr(operation, "preview", lambda *_: 1 // 0)
    monkeypatch.setattr(sys, "argv", ["estate", "preview", str(document)])
    with pytest.raises(ZeroDivisionError):
        command.main()


def test_a_backend_that_cannot_be_made_is_named(
    document: Path, shown: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    document.write_text(DOCUMENT.replace("file://state", "file://estate.yaml/state"), encoding="utf-8")
    assert status_of(monkeypatch, "preview", document) == 1
    assert "state.backend: file://estate.yaml/state:" in shown.getvalue() and "cannot be made" in shown.getvalue()


def test_interrupted_is_130(document: Path, shown: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(operation, "preview", interrupted)
    assert status_of(monkeypatch, "preview", document) == 130
