"""User data against cloud-init's own idea of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.render import front_data, user_data
from tests.support.programs import program, run
from tests.unit.site.site_values import names, site_of

SITES = {
    "sample": site_of(),
    "role": site_of(aws={"account": "123456789012", "region": "eu-west-1"}),
    "china": site_of(aws={"account": "123456789012", "region": "cn-north-1"}),
}


def judged(text: str, folder: Path) -> tuple[int, str]:
    """Exit status of `cloud-init schema`, and what it said."""
    file = folder / "user-data.yaml"
    file.write_text(text)
    done = run([program("cloud-init"), "schema", "-c", file], folder)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("data", [user_data, front_data])
@pytest.mark.parametrize("site", SITES.values(), ids=list(SITES))
def test_cloud_init_accepts_the_user_data(site: ManagedSite, data: Callable[[SiteNames], str], tmp_path: Path) -> None:
    status, said = judged(data(names(site)), tmp_path)
    assert status == 0, said
    assert "Valid" in said


def test_cloud_init_would_refuse_a_wrong_one(tmp_path: Path) -> None:
    """Proof that the check checks: a file without a path, a mode that is a number, a command that is no list."""
    document = yaml.safe_load(user_data(names()))
    del document["write_files"][0]["path"]
    document["write_files"][0]["permissions"] = 0o700
    document["runcmd"] = "reboot"
    status, said = judged(f"#cloud-config\n{yaml.safe_dump(document)}", tmp_path)
    assert status == 1
    assert "'path' is a required property" in said
    assert "is not of type 'string'" in said


def test_its_keys_are_those_of_the_schema_since_this_check_misses_misspelled_ones() -> None:
    for data in (user_data, front_data):
        assert set(yaml.safe_load(data(names()))) <= {"write_files", "runcmd"}
