"""What clients send to items, searches and the system that no other room has: encodings, older calls, layouts of answers."""

from tests.conformance.calls.artifacts import LOCAL, ONE, api, got, made, messages, put, refused
from tests.conformance.case import ANY, Call, Case, includes, matching

_PLACE = "storage/$id/a/b.txt?properties"
_ANYTHING = {
    "name": "Anything",
    "includesPattern": "**",
    "repositories": ["ANY"],
}
_KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBFX=\n-----END PGP PUBLIC KEY BLOCK-----\n"
_MODULE = "org/acme/tool"


def _pom(version: str) -> str:
    names = f"<groupId>org.acme</groupId><artifactId>tool</artifactId><version>{version}</version>"
    return f"<project><modelVersion>4.0.0</modelVersion>{names}</project>"


_UP = (
    made(packageType="maven", repoLayoutRef="maven-2-default"),
    *(put(f"$id/{_MODULE}/{version}/tool-{version}.pom", _pom(version)) for version in ("1.9", "1.10")),
    made(
        "$id-r",
        **{"rclass": "remote", "packageType": "maven", "repoLayoutRef": "maven-2-default"},
        **{"url": "$url/artifactory/$id", "username": "admin", "password": "password"},
    ),
)


def _kept(name: str, sent: str, shown: dict[str, list[str]]) -> Case:
    before = (*ONE, api("PUT", f"storage/$id/a/b.txt?{sent}"))
    return Case("6.2", name, api("GET", _PLACE), 200, {"properties": shown}, before=before)


_PROPERTIES = (
    _kept("an encoded comma belongs to the value", "properties=k=a%2C+b;m=c,d;", {"k": ["a, b"], "m": ["c", "d"]}),
    _kept("so do other encoded separators", "properties=k=a%3Db%7Cc%3Bd", {"k": ["a=b|c;d"]}),
    _kept("an encoded semicolon before a name divides", "properties=k=a%3Bm=b", {"k": ["a"], "m": ["b"]}),
    _kept("what is encoded as a whole is divided", "properties=k%3Da%2Cb%3Bm%3Dc", {"k": ["a", "b"], "m": ["c"]}),
    _kept("a backslash still takes the meaning away", "properties=k=a%5C%2Cb", {"k": ["a,b"]}),
    Case(
        "6.1",
        "a property in the path is encoded as a form is",
        api("GET", "storage/$id/x.txt?properties"),
        200,
        {"properties": {"k": ["a b", "c+d"]}},
        before=(LOCAL, put("$id/x.txt;k=a+b,c%2Bd")),
    ),
    Case(
        "12.10.3",
        "an encoded comma of a search belongs to the value",
        api("GET", "search/prop?k=a%2Cb&repos=$id"),
        200,
        {"results": []},
        before=(LOCAL, put("$id/x.txt;k=a,b")),
    ),
    Case(
        "12.10.3",
        "a plain one divides",
        api("GET", "search/prop?k=a,b&repos=$id"),
        200,
        {"results": [ANY]},
        before=(LOCAL, put("$id/x.txt;k=a,b")),
    ),
)
_ITEMS = (
    Case(
        "6.1",
        "a download by another value of a property",
        got("$id/x.txt;k=b"),
        404,
        before=(LOCAL, put("$id/x.txt;k=a")),
    ),
    Case("6.1", "by the same value", got("$id/x.txt;k=a"), 200, before=(LOCAL, put("$id/x.txt;k=a"))),
    Case(
        "6.1", "by a property that it has not got", got("$id/x.txt;other=b"), 200, before=(LOCAL, put("$id/x.txt;k=a"))
    ),
    Case("6.1", "a folder that was made", put("$id/new/", ""), 201, {"path": "/new/", "repo": "$id"}, before=(LOCAL,)),
    Case(
        "6.2",
        "a copy of what is not there has messages",
        api("POST", "copy/$id/none?to=/$id/other"),
        404,
        messages("ERROR", matching("Could not find item at $id:none")),
        before=ONE,
    ),
    Case(
        "0.4",
        "JSON has the elements of an array beside each other",
        got("$id/none"),
        404,
        matching(r'^\{\n  "errors" : \[ \{\n    "status" : 404,\n    "message" : "[^"]+"\n  \} \]\n\}$'),
        before=(LOCAL,),
    ),
    Case(
        "6.3",
        "the latest version that a remote repository's upstream has",
        api("GET", "search/latestVersion?g=org.acme&a=tool&repos=$id-r"),
        200,
        "1.10",
        before=_UP,
    ),
)
_SYSTEM = (
    Case(
        "1.1",
        "what the node runs on, in numbers",
        api("GET", "system/info"),
        200,
        {"numberOfCores": ANY, "heapMemoryMax": ANY, "jvmUpTime": ANY},
    ),
    Case("1.1", "for administrators", api("GET", "system/info", caller="somebody"), 403),
    Case(
        "1.3",
        "the lists of repositories are named",
        api("GET", "system/configuration"),
        200,
        includes("<localRepositories", "<remoteRepositories", "<virtualRepositories"),
    ),
    Case(
        "4.6",
        "the permission of a fresh server grants nobody anything",
        api("GET", "security/permissions/Anything"),
        200,
        _ANYTHING,
    ),
    Case("12.11", "no user plugins", api("GET", "plugins"), 200, {}),
    Case("12.11", "none of a kind", api("GET", "plugins/executions"), 200, {}),
    Case("12.11", "an unknown kind", api("GET", "plugins/none"), 404),
    Case("12.11", "an unknown execution", api("POST", "plugins/execute/none"), 404, refused(404, matching("none"))),
    Case("12.11", "reloading finds none", api("POST", "plugins/reload"), 200, matching("No new user plugins")),
    Case(
        "12.5.5",
        "the key that indices are signed with",
        api("GET", "gpg/key/public"),
        200,
        matching("BEGIN PGP"),
        before=(Call("PUT", "/artifactory/api/gpg/key/public", _KEY),),
    ),
    Case("12.5.5", "a text that is no key", api("PUT", "gpg/key/public", "none"), 400),
    Case("12.5.5", "setting it is for administrators", api("PUT", "gpg/key/public", _KEY, caller="somebody"), 403),
)
_WEBDAV = (
    Case(
        "6.1",
        "what WebDAV knows",
        got("$id/", "OPTIONS"),
        200,
        headers={"DAV": "1,2", "Allow": matching("MKCOL")},
        before=(LOCAL,),
    ),
    Case("6.1", "a new collection", got("$id/new/deep", "MKCOL"), 201, {"path": "/new/deep/"}, before=(LOCAL,)),
    Case("6.1", "a collection that is there", got("$id/a", "MKCOL"), 405, before=ONE),
    Case("6.1", "a collection without a permission", got("$id/new", "MKCOL", caller="somebody"), 403, before=(LOCAL,)),
    Case(
        "6.1",
        "what a collection holds",
        got("$id/a", "PROPFIND", headers={"Depth": "1"}),
        207,
        matching(r"<D:href>/artifactory/$id/a/</D:href>.*<D:collection />.*<D:href>/artifactory/$id/a/b.txt</D:href>"),
        before=ONE,
    ),
    Case(
        "6.1",
        "the collection alone",
        got("$id/a", "PROPFIND", headers={"Depth": "0"}),
        207,
        matching(r"(?s)^((?!b\.txt).)*$"),
        before=ONE,
    ),
    Case("6.1", "a resource that is not there", got("$id/none", "PROPFIND"), 404, before=(LOCAL,)),
)

CASES: tuple[Case, ...] = (*_PROPERTIES, *_ITEMS, *_WEBDAV, *_SYSTEM)
