"""AQL and searches, beyond the conformance cases (6.3)."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artifactory_sandbox.platform.artifacts import layouts, versions
from artifactory_sandbox.platform.artifacts.rows import Digests, Origin
from tests.platform.running import Bare

JANE = ("jane", "Password1!")


@pytest.fixture(scope="module", autouse=True)
def _world(platform: Bare) -> None:
    platform.make("s-local")
    platform.make("s-shut")
    user = {"name": "jane", "password": JANE[1], "email": "jane@acme.example"}
    assert platform.api("PUT", "security/users/jane", json=user).status_code == 201
    repo = {"include-patterns": ["open/**"], "repositories": ["s-local"], "actions": {"users": {"jane": ["read"]}}}
    assert platform.api("PUT", "v2/security/permissions/s", json={"name": "s", "repo": repo}).ok
    for name in ("a", "b", "c"):
        platform.put(f"s-local/open/{name}.txt;n={name}", name.encode())
        platform.put(f"s-local/shut/{name}.txt", name.encode())
    platform.put("s-shut/x.txt", b"x")


def asked(platform: Bare, query: str, auth: Any = ("admin", "password")) -> Any:
    return platform.api("POST", "search/aql", data=query.encode(), headers={"Content-Type": "text/plain"}, auth=auth)


def test_limits_count_what_the_caller_may_see(platform: Bare) -> None:
    query = 'items.find({"repo":{"$match":"s-*"}}).include("repo","path","name").sort({"$desc":["name"]}).offset(1).limit(1)'
    answer = asked(platform, query, JANE).json()
    assert [row["name"] for row in answer["results"]] == ["b.txt"]
    assert answer["range"] == {"start_pos": 1, "end_pos": 2, "total": 1, "limit": 1}


def test_other_domains_are_the_administrators(platform: Bare) -> None:
    assert asked(platform, 'archive.entries.find({"name":"x"})', JANE).status_code == 403
    assert asked(platform, 'archive.entries.find({"name":"x"})').json()["results"] == []
    rows = asked(platform, 'properties.find({"key":"n"}).include("key","value")').json()["results"]
    assert rows == [{"key": "n", "value": value} for value in "abc"]


def test_plain_searches_show_what_the_caller_may_see(platform: Bare) -> None:
    for query in ("artifact?name=a.txt&repos=s-local", "prop?n=a", "creation?from=0&repos=s-local,s-shut"):
        uris = [row["uri"] for row in platform.api("GET", f"search/{query}", auth=JANE).json()["results"]]
        assert uris
        assert all("/s-local/open/" in uri for uri in uris)


def test_a_query_may_say_a_name_twice_and_use_any_space(platform: Bare) -> None:
    query = ' items . find (\n{"repo":"s-local","name":{"$match":"*.txt"},\t"name":{"$match":"a*"}}\n) . include ( "path" , "name" )'
    assert {row["path"] for row in asked(platform, query).json()["results"]} == {"open", "shut"}


def test_properties_shown_can_be_filtered(platform: Bare) -> None:
    platform.put("s-local/rf.txt;one=1;two=2", b"rf")
    query = 'items.find({"name":"rf.txt","$rf":[{"property.key":"two"}]}).include("name","property")'
    (row,) = asked(platform, query).json()["results"]
    assert row["properties"] == [{"key": "two", "value": "2"}]


@pytest.mark.parametrize(
    "query",
    [
        'items.find({"$and":{"a":1,"b":[}})',
        'items.find([{"repo":"x"}])',
        'items.find({"repo":["x"]})',
        'items.find({"repo":true})',
        'items.find({"size":{"$gt":"big"}})',
        'items.find({"size":{"$match":"1*"}})',
        'items.find({"size":{"$gt":99999999999999999999999}})',
        'items.find({"$nor":[{"repo":"x"}]})',
        'items.find({"repo":"x"}).sort({"$asc":["artifact.name"]})',
        'items.find({"repo":"x"}).include()',
        'items.find({"repo":"x"}).limit(-1)',
        'items.find({"repo":{}})',
        'items.find({"artifact":"x"})',
        'items.find({"@":"x"})',
        "items.find(" + "[" * 5000,
        "items.find(" + '{"$and":[' * 3000,
    ],
)
def test_what_cannot_be_read_is_a_400(platform: Bare, query: str) -> None:
    answer = asked(platform, query)
    assert (answer.status_code, "Failed to parse query" in answer.text) == (400, True), answer.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.recursive(
        st.one_of(st.text(max_size=8), st.integers(-5, 2**70), st.none(), st.booleans()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(
                    [
                        "repo",
                        "name",
                        "$and",
                        "$or",
                        "$msp",
                        "$rf",
                        "@n",
                        "property.key",
                        "size",
                        "$eq",
                        "$match",
                        "created",
                        "stat.downloads",
                        "artifact.module.build.name",
                        "archive.entry.name",
                    ]
                ),
                inner,
                max_size=3,
            ),
        ),
        max_leaves=12,
    )
)
def test_no_query_breaks_the_server(platform: Bare, query: object) -> None:
    assert asked(platform, f"items.find({json.dumps(query)})").status_code in {200, 400}


def test_thousands_of_items_are_found_quickly(platform: Bare) -> None:
    platform.make("s-many")
    artifacts = platform.platform.artifacts
    digests = Digests("a" * 40, "b" * 64, "c" * 32, 10)
    with platform.platform.database.transaction():
        for number in range(4000):
            path = f"d{number % 40}/f{number}.bin"
            artifacts.put_file("s-many", path, digests, Origin("admin"), {"even": [str(number % 2 == 0).lower()]})
    began = time.monotonic()
    query = 'items.find({"repo":"s-many","@even":"true","path":{"$match":"d1*"}}).include("name","property").sort({"$desc":["name"]})'
    rows = asked(platform, query).json()["results"]
    assert len(rows) == 500
    assert time.monotonic() - began < 3


def test_a_patterns_stars_stay_in_their_folder(platform: Bare) -> None:
    platform.put("s-local/pat/one.jar", b"1")
    platform.put("s-local/pat/deep/two.jar", b"2")
    shown = [
        platform.api("GET", f"search/pattern?pattern=s-local:{one}").json()["files"]
        for one in ("pat/*.jar", "pat/**/*.jar")
    ]
    assert shown == [["pat/one.jar"], ["pat/deep/two.jar", "pat/one.jar"]]
    assert platform.api("GET", "search/pattern?pattern=nowhere:*").status_code == 404


@pytest.mark.parametrize(
    ("layout", "path", "fields"),
    [
        (
            "maven-2-default",
            "org/acme/m/1.0/m-1.0.jar",
            {"org": "org.acme", "module": "m", "baseRev": "1.0", "ext": "jar"},
        ),
        (
            "maven-2-default",
            "org/m/1.0-SNAPSHOT/m-1.0-20260131.120000-1-src.jar",
            {"baseRev": "1.0", "folderItegRev": "SNAPSHOT", "classifier": "src"},
        ),
        ("ivy-default", "org.acme/m/1.0/jars/m-1.0.jar", {"orgPath": "org/acme", "type": "jar"}),
        ("npm-default", "scope/pkg/pkg-1.2.3.tgz", {"module": "pkg", "baseRev": "1.2.3"}),
        ("simple-default", "org/m/m-1.0.tgz", {"module": "m", "baseRev": "1.0"}),
        ("maven-2-default", "not/a/layout", None),
    ],
)
def test_layouts_read_paths_and_write_them(
    platform: Bare, layout: str, path: str, fields: dict[str, str] | None
) -> None:
    found = layouts.of(platform.platform, layout)
    assert found is not None
    read = found.read(path)
    assert (read and {name: read[name] for name in fields or {}}) == fields
    assert read is None or found.write(read) == path


def test_versions_are_sorted_as_people_do() -> None:
    wanted = ["1.0-alpha", "1.0-beta2", "1.0-rc1", "1.0", "1.0.1", "1.2", "1.10", "2.0-SNAPSHOT", "2.0"]
    assert sorted(set(wanted), key=versions.key) == wanted
