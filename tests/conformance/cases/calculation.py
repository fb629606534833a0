"""Calculating metadata of every package type, and older calls about one item (12.3.2, 2.7, 6.1, 6.2)."""

from tests.conformance.case import Call, Case, matching

_ADDRESSES = {
    "rpm": ("yum/$id", "yum/$id?path=folder&async=1"),
    "nuget": ("nuget/$id/reindex",),
    "bower": ("bower/$id/reindex",),
    "gems": ("gems/$id/reindex",),
    "opkg": ("opkg/reindex/$id", "opkg/reindex/$id?writeProps=0"),
    "cran": ("cran/reindex/$id",),
    "conda": ("conda/reindex/$id", "conda/$id/reindex"),
    "cargo": ("cargo/$id/reindex",),
    "chef": ("chef/$id/reindex",),
    "cocoapods": ("pods/$id/reindex",),
    "puppet": ("puppet/$id/reindex",),
}
_SHA256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"


def _make(kind: str = "generic") -> Call:
    return Call("PUT", "/artifactory/api/repositories/$id", {"rclass": "local", "packageType": kind})


_FILE = (_make(), Call("PUT", "/artifactory/$id/a.txt", "hello\n"))
_NOTED = Call("POST", "/artifactory/api/checksum/sha256", {"repoKey": "$id", "path": "a.txt"})

CASES = (
    *(
        Case(
            "12.3.2",
            f"calculating {kind} at {address}",
            Call("POST", f"/artifactory/api/{address}"),
            202,
            matching("scheduled to run"),
            {"Content-Type": matching("^text/plain")},
            before=(_make(kind),),
        )
        for kind, addresses in _ADDRESSES.items()
        for address in addresses
    ),
    Case(
        "12.3.2",
        "a calculation that is waited for",
        Call("POST", "/artifactory/api/yum/$id?async=0"),
        200,
        before=(_make("rpm"),),
    ),
    Case(
        "12.3.2",
        "calculating another type of repository",
        Call("POST", "/artifactory/api/nuget/$id/reindex"),
        400,
        before=(_make("rpm"),),
    ),
    Case(
        "12.3.2",
        "calculating needs the permission to manage",
        Call("POST", "/artifactory/api/yum/$id", caller="somebody"),
        403,
        before=(_make("rpm"),),
    ),
    Case(
        "2.7",
        "the other spelling of calculating Maven metadata",
        Call("POST", "/artifactory/api/maven/calculateMetadata/$id"),
        200,
        before=(_make("maven"),),
    ),
    Case("6.1", "a sync download", Call("GET", "/artifactory/api/download/$id/a.txt"), 200, "hello\n", before=_FILE),
    Case(
        "6.1",
        "a sync download without content",
        Call("GET", "/artifactory/api/download/$id/a.txt?content=none"),
        200,
        "",
        before=_FILE,
    ),
    Case(
        "6.1",
        "the progress of a sync download",
        Call("GET", "/artifactory/api/download/$id/a.txt?content=progress&mark=2"),
        200,
        matching("^####\nCompleted 6/6 bytes"),
        {"Content-Type": matching("^text/plain")},
        before=_FILE,
    ),
    Case("6.1", "a sync download of nothing", Call("GET", "/artifactory/api/download/$id/b"), 404, before=_FILE),
    Case(
        "6.1",
        "a sync download needs the permission",
        Call("GET", "/artifactory/api/download/$id/a.txt", caller="anonymous"),
        401,
        before=_FILE,
    ),
    Case("6.2", "noting a SHA-256", _NOTED, 200, before=_FILE),
    Case(
        "6.2",
        "a noted SHA-256 is a property",
        Call("GET", "/artifactory/api/storage/$id/a.txt?properties=sha256"),
        200,
        {"properties": {"sha256": [_SHA256]}},
        before=(*_FILE, _NOTED),
    ),
    Case(
        "6.2",
        "the licences of a file",
        Call("GET", "/artifactory/api/compliance/$id/b.txt"),
        200,
        {"licenses": [{"name": "MIT"}], "vulnerabilities": []},
        before=(_make(), Call("PUT", "/artifactory/$id/b.txt;artifactory.licenses=MIT", "b")),
    ),
    Case("6.2", "no licences of nothing", Call("GET", "/artifactory/api/compliance/$id/c.txt"), 404, before=_FILE),
    Case(
        "6.2",
        "noting the SHA-256 of nothing",
        Call("POST", "/artifactory/api/checksum/sha256", {"repoKey": "$id", "path": "b"}),
        404,
        before=_FILE,
    ),
    Case(
        "12.6",
        "no snippet of a server that is not set up",
        Call("GET", "/artifactory/api/system/configuration/reverseProxy/apache"),
        400,
    ),
    Case(
        "4.6",
        "a permission without repositories",
        Call("PUT", "/artifactory/api/security/permissions/$id", {"name": "$id", "repositories": [], "principals": {}}),
        201,
    ),
    Case(
        "4.6",
        "a permission without repositories is shown",
        Call("GET", "/artifactory/api/security/permissions/$id"),
        200,
        {"name": "$id", "includesPattern": "**", "repositories": []},
        before=(Call("PUT", "/artifactory/api/security/permissions/$id", {"name": "$id", "repositories": []}),),
    ),
)
