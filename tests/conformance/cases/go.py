"""Go modules: publishing and the proxy protocol (12.10.3)."""

import io
import zipfile

from tests.conformance.case import Call, Case, matching

S = "12.10.3"
MODULE, NAME = "example.test/!acme/lib", "example.test/Acme/lib"
BASE = f"/artifactory/api/go/$id/{MODULE}"


def packed(version: str, name: str = NAME, mod: str = NAME) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for file, content in (("go.mod", f"module {mod}\n\ngo 1.20\n"), ("lib.go", "package lib\n")):
            archive.writestr(zipfile.ZipInfo(f"{name}@{version}/{file}"), content)
    return data.getvalue()


def put(version: str) -> Call:
    return Call("PUT", f"{BASE}/@v/{version}.zip", packed(version))


MAKE = Call("PUT", "/artifactory/api/repositories/$id", {"rclass": "local", "packageType": "go"})
INFO = Call("PUT", f"{BASE}/@v/v1.0.0.info", '{"Version":"v1.0.0","Time":"2026-01-31T12:00:00Z"}')
MOD = Call("PUT", f"{BASE}/@v/v1.0.0.mod", f"module {NAME}\n")

CASES = (
    Case(
        S,
        "a module is published",
        put("v1.0.0"),
        201,
        {"repo": "$id", "path": f"/{MODULE}/@v/v1.0.0.zip"},
        before=(MAKE,),
    ),
    Case(
        S,
        "published files are items",
        Call("GET", f"/artifactory/$id/{MODULE}/@v/v1.0.0.mod"),
        200,
        f"module {NAME}\n",
        before=(MAKE, MOD),
    ),
    Case(
        S,
        "a module says its name and version",
        Call("GET", f"/artifactory/api/storage/$id/{MODULE}/@v/v1.0.0.zip?properties"),
        200,
        {"properties": {"go.name": [NAME], "go.version": ["v1.0.0"]}},
        before=(MAKE, put("v1.0.0")),
    ),
    Case(
        S,
        "properties in the path are kept",
        Call("GET", f"/artifactory/api/storage/$id/{MODULE}/@v/v1.0.0.zip?properties=x"),
        200,
        {"properties": {"x": ["y"]}},
        before=(MAKE, Call("PUT", f"{BASE}/@v/v1.0.0.zip;x=y", packed("v1.0.0"))),
    ),
    Case(
        S,
        "versions in order, one a line",
        Call("GET", f"{BASE}/@v/list"),
        200,
        "v1.2.0\nv1.10.0\n",
        {"Content-Type": matching("text/plain")},
        before=(MAKE, put("v1.10.0"), put("v1.2.0")),
    ),
    Case(
        S,
        "commits are not listed",
        Call("GET", f"{BASE}/@v/list"),
        200,
        "v1.0.0\n",
        before=(MAKE, put("v1.0.0"), put("v1.0.1-0.20260131120000-0123456789ab")),
    ),
    Case(S, "an unknown module", Call("GET", f"{BASE}/@v/list"), 404, matching("^not found"), before=(MAKE,)),
    Case(
        S,
        "the latest is a release",
        Call("GET", f"{BASE}/@latest"),
        200,
        {"Version": "v1.0.0"},
        {"Content-Type": "application/json"},
        before=(MAKE, put("v1.0.0"), put("v2.0.0-rc.1"), INFO),
    ),
    Case(
        S,
        "without a release the latest is a pre-release",
        Call("GET", f"{BASE}/@latest"),
        200,
        {"Version": "v1.0.0-rc.2"},
        before=(MAKE, put("v1.0.0-rc.1"), put("v1.0.0-rc.2")),
    ),
    Case(S, "no latest of an unknown module", Call("GET", f"{BASE}/@latest"), 404, before=(MAKE,)),
    Case(
        S,
        "an info file comes back",
        Call("GET", f"{BASE}/@v/v1.0.0.info"),
        200,
        {"Version": "v1.0.0", "Time": "2026-01-31T12:00:00Z"},
        before=(MAKE, INFO),
    ),
    Case(
        S,
        "an info file is made where only the archive was published",
        Call("GET", f"{BASE}/@v/v1.0.0.info"),
        200,
        {"Version": "v1.0.0"},
        before=(MAKE, put("v1.0.0")),
    ),
    Case(
        S,
        "a go.mod is read out of the archive",
        Call("GET", f"{BASE}/@v/v1.0.0.mod"),
        200,
        f"module {NAME}\n\ngo 1.20\n",
        before=(MAKE, put("v1.0.0")),
    ),
    Case(
        S,
        "the archive comes back",
        Call("GET", f"{BASE}/@v/v1.0.0.zip"),
        200,
        packed("v1.0.0"),
        before=(MAKE, put("v1.0.0")),
    ),
    Case(
        S,
        "an unknown version",
        Call("GET", f"{BASE}/@v/v9.0.0.info"),
        404,
        matching("^not found"),
        before=(MAKE, put("v1.0.0")),
    ),
    Case(
        S,
        "a branch is no version of a local repository",
        Call("GET", f"{BASE}/@v/main.info"),
        404,
        before=(MAKE, put("v1.0.0")),
    ),
    Case(
        S,
        "an archive of another module",
        Call("PUT", f"{BASE}/@v/v1.0.0.zip", packed("v1.0.0", "example.test/other")),
        400,
        matching("Invalid Go module archive"),
        before=(MAKE,),
    ),
    Case(
        S,
        "an archive with another go.mod",
        Call("PUT", f"{BASE}/@v/v1.0.0.zip", packed("v1.0.0", mod="else.test/x")),
        400,
        before=(MAKE,),
    ),
    Case(S, "an archive that is none", Call("PUT", f"{BASE}/@v/v1.0.0.zip", "no zip"), 400, before=(MAKE,)),
    Case(
        S,
        "an info file of another version",
        Call("PUT", f"{BASE}/@v/v1.0.0.info", '{"Version":"v2.0.0"}'),
        400,
        before=(MAKE,),
    ),
    Case(S, "a version that is none", Call("PUT", f"{BASE}/@v/one.zip", packed("one")), 400, before=(MAKE,)),
    Case(
        S,
        "a checksum database is not passed on without an upstream",
        Call("GET", "/artifactory/api/go/$id/sumdb/sum.golang.org/supported"),
        404,
        before=(MAKE,),
    ),
    Case(
        S,
        "who may not read is refused",
        Call("GET", f"{BASE}/@v/list", caller="somebody"),
        403,
        before=(MAKE, put("v1.0.0")),
    ),
    Case(
        S, "nobody has to log in", Call("GET", f"{BASE}/@v/list", caller="anonymous"), 401, before=(MAKE, put("v1.0.0"))
    ),
    Case(
        S,
        "who may not write is refused",
        Call("PUT", f"{BASE}/@v/v1.0.0.zip", packed("v1.0.0"), caller="somebody"),
        403,
        before=(MAKE,),
    ),
    Case(
        S,
        "a repository of another type",
        Call("GET", "/artifactory/api/go/$id/m/@v/list"),
        400,
        before=(Call("PUT", "/artifactory/api/repositories/$id", {"rclass": "local", "packageType": "npm"}),),
    ),
    Case(
        "12.3.5",
        "a virtual repository merges its members",
        Call("GET", f"/artifactory/api/go/$id-v/{MODULE}/@v/list"),
        200,
        "v1.0.0\nv1.1.0\n",
        before=(
            MAKE,
            Call("PUT", "/artifactory/api/repositories/$id-b", {"rclass": "local", "packageType": "go"}),
            Call(
                "PUT",
                "/artifactory/api/repositories/$id-v",
                {"rclass": "virtual", "packageType": "go", "repositories": ["$id", "$id-b"]},
            ),
            put("v1.1.0"),
            Call("PUT", f"/artifactory/api/go/$id-b/{MODULE}/@v/v1.0.0.zip", packed("v1.0.0")),
        ),
    ),
)
