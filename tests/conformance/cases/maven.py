"""Maven: deployment checks, snapshots, metadata (2.7, 2.8, 12.3.3, 12.3.5)."""

import hashlib
from typing import Any

from tests.conformance.case import ABSENT, Call, Case, includes, matching

ART = "/artifactory/$id/org/acme/lib"
STAMPED = "20260131.120000"


def make(key: str = "$id", **fields: Any) -> Call:
    return Call("PUT", f"/artifactory/api/repositories/{key}", {"rclass": "local", "packageType": "maven", **fields})


def pom(version: str, artifact: str = "lib", more: str = "") -> str:
    ids = f"<groupId>org.acme</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
    return f"<project><modelVersion>4.0.0</modelVersion>{ids}{more}</project>"


def put(version: str, repository: str = "$id") -> Call:
    return Call("PUT", f"/artifactory/{repository}/org/acme/lib/{version}/lib-{version}.pom", pom(version))


def build(number: int, ending: str = ".pom") -> Call:
    text = pom("1.0-SNAPSHOT") if ending == ".pom" else f"jar {number}"
    return Call("PUT", f"{ART}/1.0-SNAPSHOT/lib-1.0-2026013{number}.120000-{number}{ending}", text)


JAR = Call("PUT", f"{ART}/1.0/lib-1.0.jar", "jar")
REPOSITORIES = "<repositories><repository><id>x</id><url>http://x.example</url></repository></repositories>"

CASES = (
    Case(
        "6.1",
        "a file is deployed",
        JAR,
        201,
        {"path": "/org/acme/lib/1.0/lib-1.0.jar", "mimeType": "application/java-archive"},
        before=(make(),),
    ),
    Case(
        "6.1",
        "a checksum file sets the client's checksum",
        Call("GET", "/artifactory/api/storage/$id/org/acme/lib/1.0/lib-1.0.jar"),
        200,
        {"originalChecksums": {"sha1": hashlib.sha1(b"jar").hexdigest()}},
        before=(make(), JAR, Call("PUT", f"{ART}/1.0/lib-1.0.jar.sha1", hashlib.sha1(b"jar").hexdigest())),
    ),
    Case(
        "2.7",
        "a wrong checksum file is refused",
        Call("PUT", f"{ART}/1.0/lib-1.0.jar.sha1", "0" * 40),
        409,
        matching("Checksum error"),
        before=(make(), JAR),
    ),
    Case(
        "2.7",
        "a wrong checksum file is taken where the server makes them",
        Call("PUT", f"{ART}/1.0/lib-1.0.jar.sha1", "0" * 40),
        201,
        before=(make(checksumPolicyType="server-generated-checksums"), JAR),
    ),
    Case(
        "6.1",
        "checksums can be asked for",
        Call("GET", f"{ART}/1.0/lib-1.0.jar.sha1"),
        200,
        hashlib.sha1(b"jar").hexdigest(),
        before=(make(), JAR),
    ),
    Case(
        "2.7",
        "no releases where they are not handled",
        JAR,
        409,
        matching("snapshot/release handling policy"),
        before=(make(handleReleases=False),),
    ),
    Case(
        "2.7",
        "no snapshots where they are not handled",
        build(1, ".jar"),
        409,
        matching("snapshot/release handling policy"),
        before=(make(handleSnapshots=False),),
    ),
    Case(
        "2.7", "snapshots where releases are not handled", build(1, ".jar"), 201, before=(make(handleReleases=False),)
    ),
    Case(
        "2.7",
        "a project file in the wrong place",
        Call("PUT", f"{ART}/2.0/lib-2.0.pom", pom("1.0")),
        409,
        matching("does not match the POM's expected path prefix 'org/acme/lib/1.0'"),
        before=(make(),),
    ),
    Case("2.7", "a project file that is none", Call("PUT", f"{ART}/2.0/lib-2.0.pom", "no xml"), 409, before=(make(),)),
    Case(
        "2.7",
        "anything where the check is suppressed",
        Call("PUT", f"{ART}/2.0/lib-2.0.pom", pom("1.0")),
        201,
        before=(make(suppressPomConsistencyChecks=True),),
    ),
    Case(
        "12.3.3",
        "Gradle suppresses the check unless told otherwise",
        Call("PUT", f"{ART}/2.0/lib-2.0.pom", pom("1.0")),
        201,
        before=(make(packageType="gradle"),),
    ),
    Case(
        "2.7",
        "metadata lists the versions in order",
        Call("GET", f"{ART}/maven-metadata.xml"),
        200,
        matching(r"(?s)<version>1\.2</version>\s*<version>1\.10</version>"),
        {"Content-Type": "application/xml"},
        before=(make(), put("1.10"), put("1.2")),
    ),
    Case(
        "2.7",
        "metadata names the latest and the release",
        Call("GET", f"{ART}/maven-metadata.xml"),
        200,
        includes("<latest>2.0-SNAPSHOT</latest>", "<release>1.10</release>", "<groupId>org.acme</groupId>"),
        before=(make(snapshotVersionBehavior="deployer"), put("1.10"), put("1.2"), put("2.0-SNAPSHOT")),
    ),
    Case(
        "2.7",
        "metadata has checksums",
        Call("GET", f"{ART}/maven-metadata.xml.sha1"),
        200,
        matching("^[0-9a-f]{40}$"),
        before=(make(), put("1.0")),
    ),
    Case("2.7", "no metadata of nothing", Call("GET", f"{ART}/maven-metadata.xml"), 404, before=(make(),)),
    Case(
        "2.7",
        "metadata follows a deletion",
        Call("GET", f"{ART}/maven-metadata.xml"),
        200,
        matching(r"(?s)<release>1\.0</release>\s*<versions>\s*<version>1\.0</version>\s*</versions>"),
        before=(make(), put("1.0"), put("2.0"), Call("DELETE", f"{ART}/2.0")),
    ),
    Case(
        "6.2",
        "metadata is an item as well",
        Call("GET", "/artifactory/api/storage/$id/org/acme/lib"),
        200,
        {"children": includes({"uri": "/maven-metadata.xml", "folder": False})},
        before=(make(), put("1.0")),
    ),
    Case(
        "2.7",
        "metadata of a snapshot names its newest build",
        Call("GET", f"{ART}/1.0-SNAPSHOT/maven-metadata.xml"),
        200,
        includes(
            "<timestamp>20260132.120000</timestamp>",
            "<buildNumber>2</buildNumber>",
            "<value>1.0-20260132.120000-2</value>",
            "<extension>jar</extension>",
        ),
        before=(make(), build(1, ".jar"), build(1), build(2, ".jar"), build(2)),
    ),
    Case(
        "2.7",
        "the newest build by the plain name",
        Call("GET", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar"),
        200,
        "jar 2",
        before=(make(), build(1, ".jar"), build(1), build(2, ".jar"), build(2)),
    ),
    Case(
        "2.7",
        "the newest build by the plain name, without any project file",
        Call("GET", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar"),
        200,
        "jar 2",
        before=(make(), build(1, ".jar"), build(2, ".jar"), build(3, "-sources.jar")),
    ),
    Case(
        "2.7",
        "builds of another kind of file are not taken for it",
        Call("GET", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar"),
        404,
        before=(make(), build(3, "-sources.jar")),
    ),
    Case(
        "2.7",
        "unique snapshots get a build's name",
        Call("PUT", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar", "jar"),
        201,
        {"path": matching(r"/lib-1\.0-\d{8}\.\d{6}-1\.jar$")},
        before=(make(),),
    ),
    Case(
        "2.7",
        "the files of one deployment share a build",
        Call("PUT", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.pom", pom("1.0-SNAPSHOT")),
        201,
        {"path": matching(r"-1\.pom$")},
        before=(make(), Call("PUT", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar", "jar")),
    ),
    Case(
        "2.7",
        "the next deployment is the next build",
        Call("PUT", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar", "jar 2"),
        201,
        {"path": matching(r"-2\.jar$")},
        before=(
            make(),
            Call("PUT", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar", "jar"),
            Call("PUT", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.pom", pom("1.0-SNAPSHOT")),
        ),
    ),
    Case(
        "2.7",
        "snapshots that are not unique lose a build's name",
        build(1, ".jar"),
        201,
        {"path": "/org/acme/lib/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar"},
        before=(make(snapshotVersionBehavior="non-unique"),),
    ),
    Case(
        "2.7",
        "metadata of snapshots that are not unique has no timestamp",
        Call("GET", f"{ART}/1.0-SNAPSHOT/maven-metadata.xml"),
        200,
        matching(r"(?s)<snapshot>\s*<buildNumber>1</buildNumber>\s*</snapshot>"),
        before=(make(snapshotVersionBehavior="non-unique"), build(1, ".jar"), build(1)),
    ),
    Case(
        "2.7",
        "the deployer decides",
        Call("PUT", f"{ART}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar", "jar"),
        201,
        {"path": "/org/acme/lib/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar"},
        before=(make(snapshotVersionBehavior="deployer"),),
    ),
    Case(
        "2.7",
        "only so many builds as the repository keeps",
        Call("GET", f"{ART}/1.0-SNAPSHOT/lib-1.0-20260131.120000-1.jar"),
        404,
        before=(make(maxUniqueSnapshots=1), build(1, ".jar"), build(1), build(2, ".jar"), build(2)),
    ),
    Case(
        "2.7",
        "the latest release by its token",
        Call("GET", f"{ART}/[RELEASE]/lib-[RELEASE].pom"),
        200,
        pom("1.10"),
        before=(make(), put("1.2"), put("1.10")),
    ),
    Case(
        "12.3.5",
        "a virtual repository merges metadata",
        Call("GET", "/artifactory/$id-v/org/acme/lib/maven-metadata.xml"),
        200,
        includes("<version>1.0</version>", "<version>2.0</version>", "<release>2.0</release>"),
        before=(
            make(),
            make("$id-b"),
            Call(
                "PUT",
                "/artifactory/api/repositories/$id-v",
                {"rclass": "virtual", "packageType": "maven", "repositories": ["$id", "$id-b"]},
            ),
            put("2.0"),
            put("1.0", "$id-b"),
        ),
    ),
    Case(
        "12.3.5",
        "a virtual repository drops references to repositories",
        Call("GET", "/artifactory/$id-v/org/acme/lib/1.0/lib-1.0.pom"),
        200,
        pom("1.0"),
        before=(
            make(),
            Call(
                "PUT",
                "/artifactory/api/repositories/$id-v",
                {"rclass": "virtual", "packageType": "maven", "repositories": ["$id"]},
            ),
            Call("PUT", f"{ART}/1.0/lib-1.0.pom", pom("1.0", more=REPOSITORIES)),
        ),
    ),
    Case(
        "12.3.5",
        "and keeps them where it is told so",
        Call("GET", "/artifactory/$id-v/org/acme/lib/1.0/lib-1.0.pom"),
        200,
        pom("1.0", more=REPOSITORIES),
        before=(
            make(),
            Call(
                "PUT",
                "/artifactory/api/repositories/$id-v",
                {
                    "rclass": "virtual",
                    "packageType": "maven",
                    "repositories": ["$id"],
                    "pomRepositoryReferencesCleanupPolicy": "nothing",
                },
            ),
            Call("PUT", f"{ART}/1.0/lib-1.0.pom", pom("1.0", more=REPOSITORIES)),
        ),
    ),
    Case(
        "2.7",
        "metadata can be calculated",
        Call("POST", "/artifactory/api/maven/calculateMetaData/$id/org/acme"),
        200,
        matching("calculation"),
        before=(make(), put("1.0")),
    ),
    Case(
        "2.7",
        "not of what is not there",
        Call("POST", "/artifactory/api/maven/calculateMetaData/$id/none"),
        404,
        before=(make(),),
    ),
    Case(
        "2.7",
        "not by who may not write",
        Call("POST", "/artifactory/api/maven/calculateMetaData/$id", caller="somebody"),
        403,
        before=(make(),),
    ),
    Case(
        "6.1",
        "who may not deploy is refused",
        Call("PUT", f"{ART}/1.0/lib-1.0.jar", "jar", caller="somebody"),
        403,
        before=(make(),),
    ),
    Case(
        "6.1",
        "who may not read metadata is refused",
        Call("GET", f"{ART}/maven-metadata.xml", caller="somebody"),
        403,
        before=(make(), put("1.0")),
    ),
    Case(
        "6.1",
        "nobody has to log in",
        Call("GET", f"{ART}/maven-metadata.xml", caller="anonymous"),
        401,
        {"errors": includes({"status": 401, "code": ABSENT})},
        before=(make(), put("1.0")),
    ),
)
