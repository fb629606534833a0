"""What several nodes, and nodes with files of their own, do (reference 1.4, 8; configuration files 2.2)."""

from pathlib import Path

import pytest

from artifactory_sandbox import licence
from artifactory_sandbox.platform import bare, node
from artifactory_sandbox.platform.boot.refusal import CannotStart
from tests.platform import machine
from tests.platform.running import serving, until

ADDRESS = "127.90.0.2"


def started(root: Path, yaml: str = "") -> node.Platform:
    """A node whose system.yaml has more than it must."""
    files = machine.write(root, "n1", licence.make(1))
    path = files.etc / "system.yaml"
    path.write_text(path.read_text() + yaml)
    with machine.control(root / "db.sqlite", True) as url:
        return node.start(files, ADDRESS, url, 1)


@pytest.mark.parametrize(
    ("yaml", "enabled"),
    [
        ("", False),
        ("artifactory: {metrics: {enabled: true}}\n", True),
        ("  metrics: {enabled: true}\n", True),
        ("  metrics: {enabled: true}\nartifactory: {metrics: {enabled: false}}\n", False),
    ],
)
def test_metrics_are_switched_by_system_yaml(tmp_path: Path, yaml: str, enabled: bool) -> None:
    platform = started(tmp_path, yaml)
    try:
        assert (platform.metrics.enabled, platform.ha) == (enabled, True)
    finally:
        platform.stop()


def test_a_flag_that_is_none_stops_the_node(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="metrics"):
        started(tmp_path, "artifactory: {metrics: {enabled: perhaps}}\n")


def test_a_nodes_folders_are_those_of_its_machine(tmp_path: Path) -> None:
    platform = started(tmp_path)
    try:
        var = tmp_path / "opt/jfrog/artifactory/var"
        assert (platform.folders.logs, platform.folders.security) == (var / "log", var / "etc/security")
        assert platform.system.backups.folder("backup-daily") == var / "backup/artifactory/backup-daily"
        assert platform.folders.place("/mnt/x", "no") == tmp_path / "mnt/x"
    finally:
        platform.stop()


def test_two_nodes_see_one_descriptor_and_run_a_job_once(tmp_path: Path) -> None:
    made = bare.Place(tmp_path, nodes=2).platform(0)
    with serving(made) as (first, second):
        data = "backups: {once: {cronExp: '0 0 * * * ?', retentionPeriodHours: 48}}"
        assert first.api("PATCH", "system/configuration", data=data).status_code == 200
        assert "once" in second.platform.configuration.shown["backups"]
        state = first.platform.configuration.state
        until(lambda: "backup:once" in state.jobs(), "the schedule")
        for platform in (first, second):
            platform.fault("clock", advance=3600)
        base = tmp_path / "platform-0/backup/artifactory/once"
        until(lambda: base.is_dir() and [one for one in base.iterdir() if "tmp" not in one.name], "the backup")
        for platform in (first, second):
            platform.platform.system.schedule.tick()
        assert len(list(base.iterdir())) == 1
        assert second.api("POST", "system/decrypt").text == "DONE"
        assert first.api("POST", "system/decrypt").status_code == 409
        logs = {platform.platform.folders.logs.name for platform in (first, second)}
        assert logs == {"log", "log-1"}
