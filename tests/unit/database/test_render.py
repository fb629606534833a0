"""The database's part of system.yaml, for every engine."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from artifactory_estate.database.jdbc import DRIVERS, parsed
from artifactory_estate.database.model import Database
from artifactory_estate.database.render import DatabaseFacts, facts_of, jdbc_url, metadata_url, properties_of
from artifactory_estate.site.render import bundle
from tests.support.golden import assert_golden
from tests.unit.site.site_values import ARTIFACTORY, names, site_of

GOLDEN = Path(__file__).parent / "golden"
DRIVER = {"source": "s3://acme-packages/driver.jar", "sha256": "1" * 64}
OTHER = {"allow_non_postgresql": True, "driver": DRIVER}


def external(url: str, **more: Any) -> dict[str, Any]:
    return {"external": {"url": url, "username": "artifactory", "password": "env:DB", **more}}


CASES: dict[str, dict[str, Any]] = {
    "postgresql": {},
    "aurora-postgresql": {"engine": "aurora-postgresql"},
    "mysql": {"engine": "mysql", **OTHER},
    "mariadb": {"engine": "mariadb", **OTHER},
    "oracle": {"engine": "oracle", "edition": "se2", "licence": "included", **OTHER},
    "mssql": {"engine": "mssql", "edition": "se", "licence": "included", **OTHER},
    "postgresql-ha": external("jdbc:postgresql://h1:5432,h2:5432/artifactory?targetServerType=primary"),
    "oracle-rac": {"engine": "oracle", "rac": True, **OTHER, **external("jdbc:oracle:thin:@//scan.acme.example:1521/ART")},
    "mssql-external": {
        "engine": "mssql", **OTHER,
        **external("jdbc:sqlserver://h:1433;databaseName=art;encrypt=true;sendStringParametersAsUnicode=false"),
    },
    "rtfs-shared": {"rtfs": {}, "pools": {"rtfs": 80}},
    "rtfs-own": {"rtfs": external("jdbc:postgresql://h:5432/rtfs") },
}  # fmt: skip


def part(declared: dict[str, Any], text: bool = True) -> Any:
    """What the declaration makes of system.yaml, without what others say in it."""
    database = Database.from_data(declared)
    facts = facts_of(database, "" if database.external else "db.example", "")
    site = site_of(database=declared)
    tree = yaml.safe_load(bundle(names(site), site, ARTIFACTORY, facts, "sandbox", {})["system.yaml"])
    kept = {
        section: {key: value for key, value in words.items() if key in {"database", "idgenerator", "enabled"}}
        for section, words in tree.items()
        if isinstance(words, dict)
    }
    found = {section: words for section, words in kept.items() if words}
    return yaml.safe_dump(found, sort_keys=False, width=200) if text else found


@pytest.mark.parametrize("case", CASES)
def test_reviewed_parts(case: str) -> None:
    assert_golden(GOLDEN / f"{case}.yaml", part(CASES[case]))


def test_every_service_has_a_pool_and_declared_ones_win() -> None:
    found = part({"pools": {"access": 70, "mc": 20, "idgenerator": 3, "jfconfig": 6, "topology": 7}}, text=False)
    pools = {
        section: words["database"]["maxOpenConnections"] for section, words in found.items() if section != "shared"
    }
    assert pools == {"artifactory": 50, "access": 70, "metadata": 50, "mc": 20, "jfconfig": 6, "topology": 7}
    assert found["mc"]["idgenerator"]["maxOpenConnections"] == 3


def test_larger_sizes_have_larger_pools() -> None:
    site = site_of(nodes={"count": 2, "size": "xlarge"})
    facts = DatabaseFacts(url="jdbc:postgresql://h/artifactory", username="u")
    tree = yaml.safe_load(bundle(names(site), site, ARTIFACTORY, facts, "sandbox", {})["system.yaml"])
    assert [tree[one]["database"]["maxOpenConnections"] for one in ("artifactory", "access", "metadata")] == [150] * 3


@pytest.mark.parametrize("engine", DRIVERS)
def test_our_urls_are_of_the_engine_encrypted_and_name_the_database(engine: str) -> None:
    url = parsed(jdbc_url("db.example", Database.from_data({"engine": engine})))
    assert url is not None
    assert (url.type, url.hosts, url.carries_user) == (engine, ("db.example",), False)
    assert url.name == ("ORCL" if engine == "oracle" else "artifactory")


@pytest.mark.parametrize(
    ("url", "hosts", "name"),
    [
        ("jdbc:oracle:thin:@db.example:1521:ORCL", ("db.example",), "ORCL"),
        ("jdbc:oracle:thin:@tcps://db.example:2484/art", ("db.example",), "art"),
        (
            "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=a)(PORT=1521))(ADDRESS=(HOST = b))"
            "(CONNECT_DATA=(SERVICE_NAME=art)))",
            ("a", "b"),
            "art",
        ),
        ("jdbc:sqlserver://h\\one:1433;databaseName=art", ("h",), "art"),
        ("jdbc:mariadb://h1:3306,h2/art?useSsl=true", ("h1", "h2"), "art"),
    ],
)
def test_urls_of_other_forms(url: str, hosts: tuple[str, ...], name: str) -> None:
    found = parsed(url)
    assert found is not None
    assert (found.hosts, found.name) == (hosts, name)


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=a)(PORT = 1531))(CONNECT_DATA=(SID=art)))", "1531"),
        ("jdbc:sqlserver://h\\one:1533;databaseName=art", "1533"),
        ("jdbc:sqlserver://h\\one;databaseName=art", ""),
    ],
)
def test_ports_of_other_forms(url: str, port: str) -> None:
    found = parsed(url)
    assert found is not None and found.port == port


@pytest.mark.parametrize(
    "text", ["postgresql://h/a", "jdbc:postgresql:a", "jdbc:oracle:thin:", "jdbc:sqlserver:h", "jdbc:"]
)
def test_what_is_no_url(text: str) -> None:
    assert parsed(text) is None


def test_a_given_url_of_metadata_wins() -> None:
    url = "jdbc:oracle:thin:@h:1521/ART"
    declared = Database.from_data({"engine": "oracle", **external(url, metadata_url="oracle://h:1521/OTHER")})
    assert metadata_url(declared, url) == "oracle://h:1521/OTHER"


def test_properties_of_the_database() -> None:
    assert properties_of(Database()) == {}
    found = properties_of(Database.from_data({"engine": "oracle", "rac": True, "pools": {"lock": 10}}))
    assert found == {
        "artifactory.oracle.node.events.sequence.is.no.cache": True,
        "artifactory.db.lock.native.pool.size": 10,
    }
