"""Maven: versions, paths, metadata of members and upstreams (reference 2.7, 2.8)."""

import hashlib
import re

import pytest

from artifactory_sandbox.platform.packages.maven import layout, metadata
from tests.platform.running import Bare

ART = "org/acme/lib"


def pom(version: str, more: str = "") -> bytes:
    ids = f"<groupId>org.acme</groupId><artifactId>lib</artifactId><version>{version}</version>"
    return f"<project>{ids}{more}</project>".encode()


def deploy(platform: Bare, repository: str, version: str, more: str = "") -> None:
    made = platform.put(f"{repository}/{ART}/{version}/lib-{version}.pom", pom(version, more))
    assert made.status_code == 201, made.text


def listed(platform: Bare, repository: str) -> list[str]:
    return re.findall("<version>(.*)</version>", platform.get(f"{repository}/{ART}/maven-metadata.xml").text)


def test_versions_are_sorted_as_maven_does() -> None:
    wanted = ["1.0-alpha-1", "1.0-beta", "1.0-rc1", "1.0-SNAPSHOT", "1.0", "1.0-sp", "1.0.1", "1.2", "1.10", "2"]
    assert sorted(wanted[3:] + wanted[:3], key=layout.order) == wanted
    assert layout.order("1.0.0") == layout.order("1") == layout.order("1.0.Final")
    assert layout.order("1.0") != layout.order("1.1")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"{ART}/1.0/lib-1.0.jar", ("1.0", "", "jar")),
        (f"{ART}/1.0/lib-1.0-sources.jar", ("1.0", "sources", "jar")),
        (f"{ART}/1.0/lib-1.0-bin.tar.gz", ("1.0", "bin", "tar.gz")),
        (f"{ART}/1.0/lib-1.0.jar.asc", ("1.0", "", "jar.asc")),
        (f"{ART}/1-SNAPSHOT/lib-1-20260131.120000-7-x.jar", ("1-20260131.120000-7", "x", "jar")),
    ],
)
def test_paths_are_read_and_written_back(path: str, found: tuple[str, str, str]) -> None:
    file = layout.read(path)
    assert file is not None
    assert (file.value, file.classifier, file.extension, file.path) == (*found, path)


@pytest.mark.parametrize(
    "path", ["a.jar", f"{ART}/maven-metadata.xml", f"{ART}/1.0/other-1.0.jar", f"{ART}/1.0/lib-2.0.jar"]
)
def test_other_paths_are_none_of_the_layout(path: str) -> None:
    assert layout.read(path) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"<other/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><metadata>&a;</metadata>',
        '<!DOCTYPE x [<!ENTITY a "b">]><metadata>&a;</metadata>'.encode("utf-16"),
        b"<metadata>",
    ],
)
def test_documents_that_are_none_are_not_read(data: bytes) -> None:
    assert metadata.parsed(data) is None
    assert metadata.pom(data) is None
    assert metadata.without_repositories(data, True) == data


def test_references_to_repositories_are_cut_out() -> None:
    listed = "<repositories><repository/></repositories>"
    active = f"<profile><activation><activeByDefault>true</activeByDefault></activation>{listed}</profile>"
    passive = f"<profile><id>p</id>{listed}</profile>"
    data = pom("1", f"<!-- kept -->{listed}<pluginRepositories/><profiles>{active}{passive}</profiles>")
    some = metadata.without_repositories(data, anywhere=False)
    assert (some.count(b"<repositories>"), b"<!-- kept -->" in some, b"pluginRepositories" in some) == (1, True, False)
    assert b"repositor" not in metadata.without_repositories(data, anywhere=True)


def test_metadata_has_the_checksums_that_it_says(platform: Bare) -> None:
    platform.make("m-local", packageType="maven")
    deploy(platform, "m-local", "1.0")
    got = platform.get(f"m-local/{ART}/maven-metadata.xml")
    assert got.headers["X-Checksum-Sha1"] == hashlib.sha1(got.content).hexdigest()
    for kind in ("md5", "sha1", "sha256", "sha512"):
        side = platform.get(f"m-local/{ART}/maven-metadata.xml.{kind}").text
        assert side == hashlib.new(kind, got.content).hexdigest()
    head = platform("HEAD", f"/artifactory/m-local/{ART}/maven-metadata.xml")
    assert (head.status_code, head.content) == (200, b"")


def test_metadata_that_a_client_sends_does_not_rule(platform: Bare) -> None:
    platform.make("m-sent", packageType="maven")
    deploy(platform, "m-sent", "1.0")
    sent = b"<metadata><versioning><versions><version>9.9</version></versions></versioning></metadata>"
    assert platform.put(f"m-sent/{ART}/maven-metadata.xml", sent).status_code == 201
    assert (
        platform.put(f"m-sent/{ART}/maven-metadata.xml.sha1", hashlib.sha1(sent).hexdigest().encode()).status_code
        == 201
    )
    assert listed(platform, "m-sent") == ["1.0"]


def test_the_checksum_of_a_renamed_snapshot_finds_it(platform: Bare) -> None:
    platform.make("m-unique", packageType="maven")
    path = f"m-unique/{ART}/1-SNAPSHOT/lib-1-SNAPSHOT.jar"
    assert platform.put(path, b"jar").status_code == 201
    assert platform.put(f"{path}.sha1", hashlib.sha1(b"jar").hexdigest().encode()).status_code == 201
    assert platform.put(f"{path}.sha1", b"0" * 40).status_code == 409
    assert platform.put(f"m-unique/{ART}/2-SNAPSHOT/lib-2-SNAPSHOT.jar.sha1", b"0" * 40).status_code == 404


def test_plugins_of_a_group(platform: Bare) -> None:
    platform.make("m-plugins", packageType="maven")
    text = "<project><groupId>org.acme</groupId><artifactId>{0}</artifactId><version>1</version>{1}</project>"
    for name, more in (("fun-maven-plugin", "<packaging>maven-plugin</packaging><name>Fun</name>"), ("plain", "")):
        assert (
            platform.put(f"m-plugins/org/acme/{name}/1/{name}-1.pom", text.format(name, more).encode()).status_code
            == 201
        )
    found = platform.get("m-plugins/org/acme/maven-metadata.xml").text
    assert re.findall("<prefix>(.*)</prefix>", found) == ["fun"]
    assert "<name>Fun</name>" in found


def test_a_remote_repository_asks_for_metadata_anew(pair: tuple[Bare, Bare]) -> None:
    far, near = pair
    far.make("m-far", packageType="maven")
    deploy(far, "m-far", "1.0")
    fields = {"username": "admin", "password": "password", "retrievalCachePeriodSecs": 60}
    near.make("m-near", "remote", packageType="maven", url=f"{far.url}/artifactory/m-far", **fields)
    near.make("m-mine", packageType="maven")
    near.make(
        "m-all", "virtual", packageType="maven", repositories=["m-mine", "m-near"], defaultDeploymentRepo="m-mine"
    )
    deploy(near, "m-all", "3.0")
    assert (listed(near, "m-near"), listed(near, "m-all")) == (["1.0"], ["1.0", "3.0"])
    deploy(far, "m-far", "2.0")
    assert listed(near, "m-near") == ["1.0"]
    near.platform.clock.advance(61)
    assert (listed(near, "m-near"), listed(near, "m-all")) == (["1.0", "2.0"], ["1.0", "2.0", "3.0"])
    assert near.get(f"m-all/{ART}/2.0/lib-2.0.pom").content == pom("2.0")
    assert near.get(f"m-all/{ART}/[RELEASE]/lib-[RELEASE].pom").content == pom("3.0")


def test_snapshots_come_through_a_remote_repository(pair: tuple[Bare, Bare]) -> None:
    far, near = pair
    far.make("s-far", packageType="maven")
    folder = f"{ART}/1-SNAPSHOT"
    for number in (1, 2):
        build = f"s-far/{folder}/lib-1-2026013{number}.120000-{number}"
        far.put(f"{build}.jar", b"jar %d" % number)
        far.put(f"{build}.pom", pom("1-SNAPSHOT"))
    url = f"{far.url}/artifactory/s-far"
    near.make("s-near", "remote", packageType="maven", url=url, username="admin", password="password")
    assert "<buildNumber>2</buildNumber>" in near.get(f"s-near/{folder}/maven-metadata.xml").text
    assert near.get(f"s-near/{folder}/lib-1-SNAPSHOT.jar").content == b"jar 2"
    assert near.get(f"s-near/{folder}/lib-1-20260131.120000-1.jar").content == b"jar 1"
    assert near.get(f"s-near/{folder}/lib-1-SNAPSHOT-sources.jar").status_code == 404
