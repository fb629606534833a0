"""Where each number comes from: exact rows."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from artifactory_estate.base import EstateError, dotted
from artifactory_estate.cli.explaining import print_numbers
from artifactory_estate.cli.main import app
from artifactory_estate.estate.explain import explain
from artifactory_estate.estate.load import Document, load_document

DOCUMENT = """\
estate: acme
state: {backend: "s3://acme-state?region=eu-central-1"}
artifactory:
  version: 7.111.4
  package: {source: sandbox, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}
defaults:
  aws: {account: "123456789012"}
  nodes: {size: xlarge, heap_gib: 30}
sites:
  us-east:
    platform: managed
    url: http://us-east.acme.example
    aws: {region: us-east-1}
    network: {create: {cidr: 10.10.0.0/16}}
    nodes: {max: 5, volume_gib: 2000, iops: ~}
    licences: "file:us-east.txt"
    database: {pools: {access: 120}}
    system_properties:
      artifactory.access.client.max.connections: 140
      extra: {artifactory.of.ours: 7}
  eu-west:
    platform: managed
    url: http://eu-west.acme.example
    aws: {region: eu-west-1}
    network: {create: {cidr: 10.20.0.0/16}}
    nodes: {size: medium, instance_type: m7i.xlarge, heap_gib: ~, threads: {access: 60}}
    licences: "file:eu-west.txt"
    filestore: {cache: 100GiB}
    load_balancer: {kind: nginx, placement: front, fronts: {count: 3}}
"""
XLARGE, MEDIUM = "size xlarge (files reference 7.1)", "size medium (files reference 7.1)"
HTTP = "artifactory.http.client.max"
US = [
    ("nodes.count", 4, "nodes", XLARGE),
    ("nodes.max", 5, "nodes", "declared in line 15"),
    ("nodes.instance_type", "m7i.4xlarge", "", XLARGE),
    ("nodes.volume_gib", 2000, "GiB", "declared in line 15"),
    ("nodes.iops", 6000, "1/s", XLARGE),
    ("nodes.throughput_mib", 1000, "MiB/s", XLARGE),
    ("nodes.heap_gib", 30, "GiB", "declared in line 8 (defaults)"),
    ("nodes.threads.artifactory", 600, "threads", XLARGE),
    ("nodes.threads.accept", 1200, "connections", XLARGE),
    (
        "nodes.threads.access",
        140,
        "threads",
        "computed: artifactory.access.client.max.connections (files reference 2.3: equal)",
    ),
    ("filestore.cache", "1600GiB", "", "computed: 2000 GiB × 0.8 (files reference 1.4)"),
    ("database.instance_class", "db.m8g.12xlarge", "", XLARGE),
    ("database.storage_gib", 1000, "GiB", XLARGE),
    ("database.iops", 12000, "1/s", XLARGE),
    ("database.throughput_mib", 1000, "MiB/s", XLARGE),
    ("database.pools.artifactory", 150, "connections", XLARGE),
    ("database.pools.access", 120, "connections", "declared in line 17"),
    ("database.pools.metadata", 150, "connections", XLARGE),
    ("database.pools.mc", 10, "connections", "default (files reference 2.3)"),
    ("database.pools.idgenerator", 2, "connections", "default (files reference 2.3)"),
    ("database.pools.jfconfig", 5, "connections", "default (decision 0014)"),
    ("database.pools.topology", 5, "connections", "default (decision 0014)"),
    (
        "database.max_connections",
        3010,
        "connections",
        "computed: 5 × (2 × 150 + 120 + 150 + 22) + 50 (files reference 2.6)",
    ),
    ("system_properties.artifactory.access.client.max.connections", 140, "connections", "declared in line 19"),
    (
        "system_properties.artifactory.async.corePoolSize",
        128,
        "threads",
        "computed: 8 × 16 processors of m7i.4xlarge (files reference 3.4), less than 160 of size xlarge",
    ),
    ("system_properties.artifactory.async.poolMaxQueueSize", 50000, "tasks", XLARGE),
    (f"system_properties.{HTTP}.connections.per.route", 150, "connections", XLARGE),
    (f"system_properties.{HTTP}.total.connections", 150, "connections", XLARGE),
    ("system_properties.artifactory.metadata.event.operator.threads", 5, "threads", XLARGE),
    ("system_properties.extra.artifactory.of.ours", 7, "", "declared in line 20"),
]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    path = tmp_path_factory.mktemp("estate") / "acme.yaml"
    path.write_text(DOCUMENT)
    return load_document(path)


def rows(document: Document, below: str) -> list[tuple[str, object, str, str]]:
    found = explain(document, below)
    return [(dotted(row.path[2:]), row.value, row.unit, row.origin) for row in found]


def test_every_number_of_a_site(document: Document) -> None:
    assert rows(document, "sites.us-east") == US


def test_heap_and_cache_of_another_machine(document: Document) -> None:
    found = {row[0]: row[1:] for row in rows(document, "sites.eu-west")}
    computed = "computed: 16 GiB of m7i.xlarge × 0.75 - 4, less than 12 of size medium"
    assert found["nodes.count"] == (2, "nodes", MEDIUM)
    assert found["nodes.max"] == (2, "nodes", "computed: count, 2")
    assert found["nodes.heap_gib"] == (8, "GiB", computed)
    assert found["nodes.threads.access"] == (60, "threads", "declared in line 26")
    assert found["filestore.cache"] == ("100GiB", "", "declared in line 28")
    assert found["database.iops"] == (3000, "1/s", "gp3's own 3000 at 250 GiB")
    assert found["load_balancer.fronts.count"] == (3, "instances", "declared in line 29")
    assert found["load_balancer.fronts.instance_type"] == ("c7i.xlarge", "", MEDIUM)
    follows = "computed: nodes.threads.access (files reference 2.3: equal)"
    assert found["system_properties.artifactory.access.client.max.connections"] == (60, "connections", follows)


def test_artifactorys_own_defaults_where_they_are_asked_for(document: Document) -> None:
    found = {row[0]: row[1:] for row in rows(document, "sites.us-east.system_properties")}
    own = "Artifactory's default (files reference 3.4)"
    assert found["system_properties.artifactory.ha.heartbeat.staleSecs"] == ("30", "s", own)
    assert found["system_properties.artifactory.async.corePoolSize"][2].startswith("computed: 8 × 16")
    assert len(found) > 100


def test_everything_of_all_sites_without_a_path(document: Document) -> None:
    sites = [row.path[1] for row in explain(document)]
    assert sites == ["us-east"] * len(US) + ["eu-west"] * (len(sites) - len(US))


@pytest.mark.parametrize(
    ("below", "there_are"),
    [
        ("sites.nope", "below sites there are: eu-west, us-east"),
        ("sites.us-east.nodes.cuont", "below sites.us-east.nodes there are: count, heap_gib, instance_type"),
        ("nodes", "in the document there are: sites"),
    ],
)
def test_a_path_at_which_no_number_stands(document: Document, below: str, there_are: str) -> None:
    with pytest.raises(EstateError, match=rf"{below}: no number stands there \({there_are}"):
        explain(document, below)


def test_a_table_for_each_site(document: Document) -> None:
    written = io.StringIO()
    print_numbers(Console(file=written, width=200), explain(document))
    text = written.getvalue()
    assert [line.strip() for line in text.splitlines() if line.startswith("sites.")] == [
        "sites.us-east",
        "sites.eu-west",
    ]
    assert [cell.strip() for cell in _line(text, "nodes.heap_gib").split("│")[1:4]] == [
        "nodes.heap_gib",
        "30 GiB",
        "declared in line 8 (defaults)",
    ]


def _line(text: str, beginning: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"│ {beginning} "))


def test_the_command_for_machines(document: Document) -> None:
    result = CliRunner().invoke(app, ["validate", document.file, "sites.us-east.nodes.heap_gib", "--explain", "--json"])
    found = json.loads(result.output)
    heap = {
        "path": "sites.us-east.nodes.heap_gib",
        "value": 30,
        "unit": "GiB",
        "origin": "declared in line 8 (defaults)",
    }
    assert (found["valid"], found["numbers"]) == (True, [heap])
    (warning,) = found["warnings"]
    assert "acme.yaml:20:36: sites.us-east.system_properties.extra.artifactory.of.ours: written as it stands" in warning


def test_warnings_are_printed_with_their_place_and_fail_nothing(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(DOCUMENT.replace("size: medium", "size: small"))
    result = CliRunner().invoke(app, ["validate", str(path)])
    assert result.exit_code == 0
    assert "acme.yaml:26:19: sites.eu-west.nodes.size: small (files reference 7.1: not for production)" in result.output
