"""Fields of repositories beyond their package type's own, and numbers without bounds (2.7, 2.8, 12.3)."""

from typing import Any

from tests.conformance.case import ABSENT, Call, Case

_KEY = "/artifactory/api/repositories/$id"
_FAR = {"url": "http://upstream.example"}


def _read(section: str, name: str, sent: dict[str, Any], shown: dict[str, Any], *before: Call) -> Case:
    return Case(section, name, Call("GET", _KEY), 200, shown, before=(*before, Call("PUT", _KEY, sent)))


_MEMBERS = (
    Call("PUT", f"{_KEY}-m", {"rclass": "local", "packageType": "maven"}),
    Call("PUT", f"{_KEY}-g", {"rclass": "local"}),
)
_ODD = {
    "socketTimeoutMillis": -5,
    "retrievalCachePeriodSecs": -1_700_000_000,
    "missedRetrievalCachePeriodSecs": 2_000_000_000,
    "assumedOfflinePeriodSecs": -6_000_000_000_000_000_000,
}
_VCS = {"vcsType": "GIT", "vcsGitDownloadUrl": "http://git.example", "vcsGitProvider": "CUSTOM"}
_JAVA = {"fetchJarsEagerly": True, "rejectInvalidJars": True, "maxUniqueSnapshots": 7, "handleReleases": False}

CASES: tuple[Case, ...] = (
    _read("2.8", "periods are any numbers of 64 bits", {"rclass": "remote", **_FAR, **_ODD}, _ODD),
    Case(
        "2.8",
        "a period of more than 64 bits is refused",
        Call("PUT", _KEY, {"rclass": "remote", **_FAR, "assumedOfflinePeriodSecs": 1 << 63}),
        400,
    ),
    *(
        _read(
            "2.7",
            f"a {kind} repository keeps how many snapshots it is told to",
            {"rclass": "local", "packageType": kind, "maxUniqueSnapshots": 7},
            {"maxUniqueSnapshots": 7},
        )
        for kind in ("bower", "cocoapods", "composer")
    ),
    _read(
        "2.8",
        "a remote p2 repository keeps the Java fields",
        {"rclass": "remote", "packageType": "p2", **_FAR, **_JAVA},
        _JAVA,
    ),
    _read(
        "12.3.3",
        "a local repository has no Git host",
        {"rclass": "local", "packageType": "bower", **_VCS},
        dict.fromkeys(_VCS, ABSENT),
    ),
    _read("12.3.4", "a remote one has", {"rclass": "remote", "packageType": "bower", **_FAR, **_VCS}, _VCS),
    *(
        _read(
            "12.3.4",
            f"a {rclass} {kind} repository keeps its API version",
            {"rclass": rclass, "packageType": kind, "dockerApiVersion": "V1", **far},
            {"dockerApiVersion": "V1"},
        )
        for kind in ("docker", "oci")
        for rclass, far in (("remote", _FAR), ("virtual", {}))
    ),
    _read(
        "12.3.4",
        "a remote Go repository has no external dependencies",
        {"rclass": "remote", "packageType": "go", **_FAR, "externalDependenciesEnabled": True},
        {"externalDependenciesEnabled": False},
    ),
    _read(
        "12.3.4",
        "a remote Debian repository is never trivial",
        {"rclass": "remote", "packageType": "debian", **_FAR, "debianTrivialLayout": True},
        {"debianTrivialLayout": False},
    ),
    _read("2.7", "an older flag is printed", {"rclass": "local"}, {"enableComposerSupport": False}),
    *(
        _read(
            "2.7",
            f"an older flag of a {rclass} repository is kept",
            {"rclass": rclass, "enableComposerSupport": True, **far},
            {"enableComposerSupport": True},
        )
        for rclass, far in (("local", {}), ("remote", _FAR), ("virtual", {}))
    ),
    _read("2.7", "a virtual repository has a layout when it was sent", {"rclass": "virtual"}, {"repoLayoutRef": ""}),
    _read(
        "2.8",
        "a generic virtual repository takes members of any type",
        {"rclass": "virtual", "repositories": ["$id-m", "$id-g"]},
        {"packageType": "generic", "repositories": ["$id-m", "$id-g"]},
        *_MEMBERS,
    ),
    Case(
        "2.8",
        "one of a type does not",
        Call("PUT", _KEY, {"rclass": "virtual", "packageType": "npm", "repositories": ["$id-m"]}),
        400,
        before=_MEMBERS,
    ),
)
