"""The bundle's files."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import UndefinedError

from artifactory_estate.base.templates import property_value, render
from artifactory_estate.site.render import apply_script, bundle, user_data
from artifactory_estate.site.sizes import ACCESS_CONNECTIONS, PRESETS
from tests.support.golden import assert_golden
from tests.unit.site.site_values import ARTIFACTORY, DATABASE, names, site_of

GOLDEN = Path(__file__).parent / "golden"


def files(**changes: Any) -> dict[str, str]:
    site = site_of(**changes)
    return bundle(names(site), site, ARTIFACTORY, DATABASE, "sandbox", {})


def system_yaml(**changes: Any) -> Any:
    return yaml.safe_load(files(**changes)["system.yaml"])


def properties(**changes: Any) -> dict[str, str]:
    lines = files(**changes)["artifactory.system.properties"].splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("name", ["system.yaml", "artifactory.system.properties"])
def test_reviewed_files(name: str) -> None:
    assert_golden(GOLDEN / name, files()[name])


def test_reviewed_user_data() -> None:
    assert_golden(GOLDEN / "user-data.yaml", user_data(names()))
    assert_golden(GOLDEN / "apply.sh", apply_script(names()))


def test_every_node_is_a_member_of_the_cluster_and_takes_tasks() -> None:
    node = system_yaml()["shared"]["node"]
    assert (node["haEnabled"], node["taskAffinity"]) == (True, "any")
    assert "primary" not in node


def test_database_over_tls_with_the_declared_pools() -> None:
    found = system_yaml(database={"pools": {"artifactory": 80, "access": 70, "metadata": 60}})
    assert found["shared"]["database"]["url"] == "jdbc:postgresql://db.example:5432/artifactory?sslmode=require"
    pools = [found[service]["database"]["maxOpenConnections"] for service in ("artifactory", "access", "metadata")]
    assert pools == [80, 70, 60]


@pytest.mark.parametrize("size", PRESETS)
def test_access_threads_equal_what_artifactory_opens_to_it(size: str) -> None:
    nodes = {"count": 1, "size": size}
    threads = system_yaml(nodes=nodes)["access"]["tomcat"]["connector"]["maxThreads"]
    assert properties(nodes=nodes)[ACCESS_CONNECTIONS] == str(threads) == str(PRESETS[size].access_threads)


def test_declared_access_connections_move_both() -> None:
    declared = {ACCESS_CONNECTIONS: 90}
    assert system_yaml(system_properties=declared)["access"]["tomcat"]["connector"]["maxThreads"] == 90
    assert properties(system_properties=declared)[ACCESS_CONNECTIONS] == "90"


def test_properties_are_java_properties() -> None:
    extra = {"artifactory.a": True, "artifactory.b": 7, "artifactory.c": r"C:\x"}
    found = properties(system_properties={"extra": extra})
    assert (found["artifactory.a"], found["artifactory.b"], found["artifactory.c"]) == ("true", "7", r"C:\\x")
    assert property_value(" two\nlines") == r"\ two\nlines"


@pytest.mark.parametrize(
    ("kind", "file"), [("nginx", "nginx.conf"), ("apache", "httpd.conf"), ("alb", None), ("nlb", None)]
)
def test_web_server_only_where_the_load_balancer_needs_one(kind: str, file: str | None) -> None:
    found = files(load_balancer={"kind": kind})
    assert {"nginx.conf", "httpd.conf"} & set(found) == ({file} if file else set())
    assert f"WEB_SERVER={file.removesuffix('.conf') if file else chr(39) * 2}\n" in found["bootstrap.sh"]


def test_hooks_are_carried_along() -> None:
    site = site_of()
    found = bundle(names(), site, ARTIFACTORY, DATABASE, "", {"pre_install": "echo before"})
    assert found["pre_install.sh"] == "echo before"
    assert "post_install.sh" not in found


def test_values_of_the_document_cannot_break_out_of_the_script() -> None:
    site = site_of()
    text = bundle(names(), site, ARTIFACTORY, DATABASE, "s3://b/'; reboot #", {})["bootstrap.sh"]
    assert """PACKAGE='s3://b/'"'"'; reboot #'\n""" in text


def test_unknown_names_in_a_template_are_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("apply.sh.j2", estate="acme")
