"""Prometheus itself accepts what `estate metrics` prints."""

from pathlib import Path

import yaml
from typer.testing import CliRunner

from artifactory_estate.cli.main import app
from tests.support.programs import program, run
from tests.unit.estate.documents import SAMPLE_FILE


def printed(*options: str) -> str:
    done = CliRunner().invoke(app, ["metrics", str(SAMPLE_FILE), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_promtool_accepts_configuration_and_rules(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text(printed())
    (tmp_path / "artifactory-rules.yml").write_text(printed("--rules"))
    (tmp_path / "token").write_text("a token")
    done = run([program("promtool"), "check", "config", tmp_path / "prometheus.yml"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 rule files found" in done.stdout


def test_every_managed_site_is_scraped() -> None:
    jobs = {job["job_name"]: job for job in yaml.safe_load(printed())["scrape_configs"]}
    assert set(jobs) == {"artifactory", "federation", "access"}
    sites = {group["labels"]["site"] for group in jobs["artifactory"]["static_configs"]}
    assert sites == {"us-east", "us-west", "eu-west"}
