"""Conan: the protocol with revisions (12.3.2, 12.3.3)."""

import hashlib

from tests.conformance.case import ABSENT, Call, Case, exactly, includes, matching

S = "12.3.2"
BASE = "/artifactory/api/conan/$id"
REF = f"{BASE}/v2/conans/zlib/1.3/_/_"
RREV, PREV, ID = "1" * 32, "2" * 32, "3" * 40
INFO = "[settings]\nos=Linux\narch=x86_64\n\n[options]\nshared=False\n"
MAKE = Call("PUT", "/artifactory/api/repositories/$id", {"rclass": "local", "packageType": "conan"})


def recipe(revision: str = RREV) -> tuple[Call, ...]:
    files = {"conanfile.py": "# a recipe", "conanmanifest.txt": "manifest"}
    return tuple(Call("PUT", f"{REF}/revisions/{revision}/files/{name}", text) for name, text in files.items())


def package(revision: str = PREV) -> tuple[Call, ...]:
    files = {"conan_package.tgz": "binary", "conaninfo.txt": INFO, "conanmanifest.txt": "manifest"}
    folder = f"{REF}/revisions/{RREV}/packages/{ID}/revisions/{revision}/files"
    return tuple(Call("PUT", f"{folder}/{name}", text) for name, text in files.items())


BOTH = (MAKE, *recipe(), *package())
PACKAGE = f"{REF}/revisions/{RREV}/packages/{ID}"

CASES = (
    Case(
        S,
        "the server says what it can do",
        Call("GET", f"{BASE}/v1/ping"),
        200,
        "",
        {"X-Conan-Server-Capabilities": matching("revisions")},
        before=(MAKE,),
    ),
    Case(
        S,
        "it says so to nobody too",
        Call("GET", f"{BASE}/v1/ping", caller="anonymous"),
        200,
        None,
        {"X-Conan-Server-Capabilities": matching("checksum_deploy")},
        before=(MAKE,),
    ),
    Case(S, "no server in an unknown repository", Call("GET", f"{BASE}/v1/ping"), 404),
    Case(
        S,
        "credentials are exchanged for a token",
        Call("GET", f"{BASE}/v2/users/authenticate"),
        200,
        matching(r"^\S+\.\S+\.\S+$"),
        {"Content-Type": matching("text/plain")},
        before=(MAKE,),
    ),
    Case(
        S,
        "no token for wrong credentials",
        Call("GET", f"{BASE}/v2/users/authenticate", caller="admin:no"),
        401,
        before=(MAKE,),
    ),
    Case(
        S, "no token for nobody", Call("GET", f"{BASE}/v2/users/authenticate", caller="anonymous"), 401, before=(MAKE,)
    ),
    Case(S, "credentials are checked", Call("GET", f"{BASE}/v2/users/check_credentials"), 200, "admin", before=(MAKE,)),
    Case(
        S,
        "nobody's credentials are none",
        Call("GET", f"{BASE}/v1/users/check_credentials", caller="anonymous"),
        401,
        before=(MAKE,),
    ),
    Case(S, "a file is taken", recipe()[0], 201, {"path": f"/_/zlib/1.3/_/{RREV}/export/conanfile.py"}, before=(MAKE,)),
    Case(
        S,
        "a file comes back",
        Call("GET", f"{REF}/revisions/{RREV}/files/conanfile.py"),
        200,
        "# a recipe",
        {"X-Checksum-Sha1": hashlib.sha1(b"# a recipe").hexdigest()},
        before=BOTH,
    ),
    Case(S, "an unknown file", Call("GET", f"{REF}/revisions/{RREV}/files/none"), 404, before=BOTH),
    Case(
        S,
        "a file that is there already is not sent again",
        Call(
            "PUT",
            f"{REF}/revisions/{'9' * 32}/files/conanfile.py",
            "",
            headers={"X-Checksum-Deploy": "true", "X-Checksum-Sha1": hashlib.sha1(b"# a recipe").hexdigest()},
        ),
        201,
        before=BOTH,
    ),
    Case(
        S,
        "a file that is not there has to be sent",
        Call(
            "PUT",
            f"{REF}/revisions/{RREV}/files/x",
            "",
            headers={"X-Checksum-Deploy": "true", "X-Checksum-Sha1": "0" * 40},
        ),
        404,
        before=(MAKE,),
    ),
    Case(
        S,
        "a file that is not what was declared",
        Call("PUT", f"{REF}/revisions/{RREV}/files/x", "data", headers={"X-Checksum-Sha1": "0" * 40}),
        409,
        before=(MAKE,),
    ),
    Case(
        S,
        "files of a recipe",
        Call("GET", f"{REF}/revisions/{RREV}/files"),
        200,
        exactly({"files": exactly({"conanfile.py": {}, "conanmanifest.txt": {}})}),
        before=BOTH,
    ),
    Case(
        S,
        "files of a package",
        Call("GET", f"{PACKAGE}/revisions/{PREV}/files"),
        200,
        {"files": {"conan_package.tgz": {}, "conaninfo.txt": {}, "conanmanifest.txt": {}}},
        before=BOTH,
    ),
    Case(S, "files of an unknown revision", Call("GET", f"{REF}/revisions/{'8' * 32}/files"), 404, before=BOTH),
    Case(
        S,
        "the latest revision of a recipe",
        Call("GET", f"{REF}/latest"),
        200,
        {"revision": "7" * 32, "time": matching(r"^\d{4}-\d\d-\d\dT\S+\+0000$")},
        before=(*BOTH, *recipe("7" * 32)),
    ),
    Case(
        S,
        "revisions, the latest first",
        Call("GET", f"{REF}/revisions"),
        200,
        {"revisions": [{"revision": "7" * 32}, {"revision": RREV}]},
        before=(*BOTH, *recipe("7" * 32)),
    ),
    Case(S, "an unknown recipe", Call("GET", f"{REF}/latest"), 404, before=(MAKE,)),
    Case(
        S,
        "a recipe without its manifest is not there yet",
        Call("GET", f"{REF}/latest"),
        404,
        before=(MAKE, recipe()[0]),
    ),
    Case(S, "the latest revision of a package", Call("GET", f"{PACKAGE}/latest"), 200, {"revision": PREV}, before=BOTH),
    Case(
        S,
        "revisions of a package",
        Call("GET", f"{PACKAGE}/revisions"),
        200,
        {"revisions": [{"revision": PREV}]},
        before=BOTH,
    ),
    Case(S, "an unknown package", Call("GET", f"{REF}/revisions/{RREV}/packages/{'0' * 40}/latest"), 404, before=BOTH),
    Case(
        S,
        "packages of a recipe",
        Call("GET", f"{REF}/revisions/{RREV}/search"),
        200,
        {ID: {"settings": {"os": "Linux", "arch": "x86_64"}, "options": {"shared": "False"}, "content": INFO}},
        before=BOTH,
    ),
    Case(
        S,
        "packages of a recipe by name only",
        Call("GET", f"{REF}/revisions/{RREV}/search?list_only=True"),
        200,
        {ID: exactly({})},
        before=BOTH,
    ),
    Case(
        S,
        "recipes by pattern",
        Call("GET", f"{BASE}/v2/conans/search?q=zl*"),
        200,
        exactly({"results": ["zlib/1.3"]}),
        before=BOTH,
    ),
    Case(
        S,
        "no recipe meets the pattern",
        Call("GET", f"{BASE}/v2/conans/search?q=boost*"),
        200,
        exactly({"results": []}),
        before=BOTH,
    ),
    Case(
        "6.2",
        "a package says what it is",
        Call("GET", f"/artifactory/api/storage/$id/_/zlib/1.3/_/{RREV}/package/{ID}/{PREV}/conaninfo.txt?properties"),
        200,
        {"properties": {"conan.package.name": ["zlib"], "conan.settings.os": ["Linux"]}},
        before=BOTH,
    ),
    Case(
        "6.1",
        "the layout's index",
        Call("GET", "/artifactory/$id/_/zlib/1.3/_/index.json"),
        200,
        {"reference": "zlib/1.3@_/_", "revisions": [{"revision": RREV}]},
        before=BOTH,
    ),
    Case(S, "a revision is removed", Call("DELETE", f"{REF}/revisions/{RREV}"), 200, before=BOTH),
    Case(
        S,
        "a removed revision is gone",
        Call("GET", f"{REF}/revisions"),
        404,
        before=(*BOTH, Call("DELETE", f"{REF}/revisions/{RREV}")),
    ),
    Case(
        S,
        "packages are removed, the recipe stays",
        Call("GET", f"{REF}/revisions/{RREV}/search"),
        200,
        {ID: ABSENT},
        before=(*BOTH, Call("DELETE", f"{REF}/revisions/{RREV}/packages")),
    ),
    Case(
        S,
        "one package revision is removed",
        Call("GET", f"{PACKAGE}/latest"),
        404,
        before=(*BOTH, Call("DELETE", f"{PACKAGE}/revisions/{PREV}")),
    ),
    Case(S, "an unknown revision is not removed", Call("DELETE", f"{REF}/revisions/{'0' * 32}"), 404, before=BOTH),
    Case(S, "who may not read is refused", Call("GET", f"{REF}/latest", caller="somebody"), 403, before=BOTH),
    Case(
        S,
        "who may not write is refused",
        Call("PUT", f"{REF}/revisions/{RREV}/files/conanfile.py", "x", caller="somebody"),
        403,
        before=(MAKE,),
    ),
    Case(
        S,
        "who may not delete is refused",
        Call("DELETE", f"{REF}/revisions/{RREV}", caller="somebody"),
        403,
        before=BOTH,
    ),
    Case(
        "12.3.3",
        "a repository that wants credentials of everybody",
        Call("GET", f"{REF}/latest", caller="anonymous"),
        401,
        before=(
            Call(
                "PUT",
                "/artifactory/api/repositories/$id",
                {"rclass": "local", "packageType": "conan", "forceConanAuthentication": True},
            ),
        ),
    ),
    Case(
        "12.3.5",
        "a virtual repository",
        Call("GET", "/artifactory/api/conan/$id-v/v2/conans/zlib/1.3/_/_/revisions"),
        200,
        {"revisions": includes({"revision": RREV})},
        before=(
            *BOTH,
            Call(
                "PUT",
                "/artifactory/api/repositories/$id-v",
                {"rclass": "virtual", "packageType": "conan", "repositories": ["$id"]},
            ),
        ),
    ),
)
