"""Every script that a site's machines run, rendered in each of its forms."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.render import apply_script, bundle, front_data, user_data
from tests.clients.site.cluster import running_cluster
from tests.unit.site.site_values import ARTIFACTORY, DATABASE, names, site_of

ENGINES = ("postgresql", "aurora-postgresql", "mysql", "mariadb", "oracle", "mssql")
VARIANTS: dict[str, dict[str, Any]] = {
    **{f"load balancer {kind}": {"load_balancer": {"kind": kind}} for kind in ("alb", "nlb", "nginx", "apache")},
    **{f"database {engine}": {"database": {"engine": engine}} for engine in ENGINES},
    **{f"{kind} on fronts": {"load_balancer": {"kind": kind, "placement": "front"}} for kind in ("nginx", "apache")},
    "a certificate of its own on fronts": {
        "url": "https://us-east.repo.acme.example",
        "load_balancer": {
            "kind": "apache",
            "placement": "front",
            "own_certificate": {"certificate": "file:site.crt", "key": "file:site.key"},
        },
    },
    "mounts": {"filestore": {"kind": "nfs", "directory": "/mnt/filestore", "export": "10.0.0.9:/filestore"}},
    "data volumes": {
        "filestore": {"kind": "cluster-file-system"},
        "nodes": {"count": 3, "data_volume": {"size_gib": 500}},
    },
    "a primary node": {"nodes": {"count": 2, "ha": "primary"}},
    "nodes without tasks": {"nodes": {"count": 3, "without_tasks": [2]}},
}
PACKAGES = {
    "sandbox": "sandbox",
    "rpm": "s3://acme/packages/0/jfrog-artifactory-pro-7.111.4.rpm",
    "deb": "s3://acme/packages/0/jfrog-artifactory-pro-7.111.4.deb",
    "archive": "s3://acme/packages/0/jfrog-artifactory-pro-7.111.4-linux.tar.gz",
    "at boot": "https://packages.example/jfrog-artifactory-pro-7.111.4.rpm",
    "image": "",
}
HOOKS = {"pre_install": "echo before", "post_install": "echo after"}


def shellcheck(script: Path) -> str:
    """What it says; nothing of a good script."""
    assert subprocess.run(["/bin/bash", "-n", script], capture_output=True, text=True, check=False).stderr == ""
    command = ["shellcheck", "--severity=warning", "--shell=bash", str(script)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=[name.replace(" ", "-") for name in VARIANTS])
def test_shellcheck_passes_on_the_bootstrap_of_every_site(changes: dict[str, Any], tmp_path: Path) -> None:
    site = site_of(**changes)
    files = bundle(names(), site, ARTIFACTORY, DATABASE, "sandbox", HOOKS)
    for name in (each for each in files if each.endswith(".sh")):
        script = tmp_path / name
        script.write_text(files[name])
        if name not in {"pre_install.sh", "post_install.sh"}:
            assert shellcheck(script) == ""


@pytest.mark.parametrize("package", PACKAGES.values(), ids=[name.replace(" ", "-") for name in PACKAGES])
def test_shellcheck_passes_for_every_kind_of_package(package: str, tmp_path: Path) -> None:
    script = tmp_path / "bootstrap.sh"
    script.write_text(bundle(names(), site_of(), ARTIFACTORY, DATABASE, package, {})["bootstrap.sh"])
    assert shellcheck(script) == ""


@pytest.mark.parametrize("data", [user_data, front_data])
def test_shellcheck_passes_on_the_script_of_user_data(data: Callable[[SiteNames], str], tmp_path: Path) -> None:
    script = tmp_path / "artifactory-estate"
    script.write_text(yaml.safe_load(data(names()))["write_files"][0]["content"])
    assert shellcheck(script) == ""


def test_user_data_is_a_cloud_config_that_holds_the_script_unchanged() -> None:
    text = user_data(names())
    assert text.startswith("#cloud-config\n")
    document = yaml.safe_load(text)
    assert set(document) == {"write_files", "runcmd"}
    (file,) = document["write_files"]
    assert document["runcmd"] == [[file["path"]]]
    assert file["permissions"] == "0700"
    assert file["content"].rstrip("\n") == apply_script(names()).rstrip("\n")


def test_user_data_is_small_and_does_not_change_with_the_configuration() -> None:
    other = site_of(nodes={"count": 1, "size": "large"}, system_properties={}, filestore={"cache": "2GiB"})
    assert user_data(names()) == user_data(names(other))
    assert max(len(data(names()).encode()) for data in (user_data, front_data)) < 16 * 1024


def test_user_datas_script_runs_on_a_second_boot_without_harm(tmp_path: Path) -> None:
    """The script of the cloud-config itself, which fetches the bundle, against the stand-in of AWS."""
    with running_cluster(tmp_path) as cluster:
        digest = cluster.shelve()
        node = cluster.machine("i-1")
        script = tmp_path / "artifactory-estate"
        script.write_text(yaml.safe_load(user_data(names()))["write_files"][0]["content"])
        first = node.run(script, digest="")
        assert first.returncode == 0, first.stdout
        before, calls = _files(node.root), node.recorded()
        again = node.run(script, digest="")
        assert again.returncode == 0, again.stdout
        assert f"runs bundle {digest[:12]} already" in again.stdout
        assert _files(node.root) == before
        assert not {"restart", "put-secret-value"} & set(node.recorded().removeprefix(calls).split())


def _files(root: Path) -> dict[str, bytes]:
    logs = root / "var/log"
    return {
        str(path): path.read_bytes() for path in root.rglob("*") if path.is_file() and not path.is_relative_to(logs)
    }
