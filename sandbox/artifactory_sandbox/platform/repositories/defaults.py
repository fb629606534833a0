"""What the server fills in (2.7, 2.8, 12.3): data, not code. A field's default also says its type."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.version import Version

LAYOUTS = frozenset(
    {
        "simple-default",
        "maven-1-default",
        "maven-2-default",
        "terraform-module-default",
        "terraform-provider-default",
        *(
            f"{kind}-default"
            for kind in (
                *("ansible", "bower", "build", "cargo", "composer", "conan", "go", "gradle", "ivy", "nix", "npm"),
                *("nuget", "puppet", "sbt", "swift", "vcs"),
            )
        ),
    }
)

Fields = Mapping[str, Any]

BASE: Fields = {
    "projectKey": "",
    "environments": [],
    "description": "",
    "notes": "",
    "includesPattern": "**/*",
    "excludesPattern": "",
    "repoLayoutRef": "maven-2-default",
}

STORING: Fields = {
    "blackedOut": False,
    "xrayIndex": False,
    "propertySets": [],
    "archiveBrowsingEnabled": False,
    "downloadRedirect": False,
    "cdnRedirect": False,
    "priorityResolution": False,
    "signedUrlTtl": 90,
}

REMOTE: Fields = {
    "url": "",
    "username": "",
    "password": "",
    "proxy": "",
    "disableProxy": False,
    "remoteRepoLayoutRef": "",
    "hardFail": False,
    "offline": False,
    "queryParams": "",
    "storeArtifactsLocally": True,
    "socketTimeoutMillis": 15000,
    "localAddress": "",
    "retrievalCachePeriodSecs": 7200,
    "metadataRetrievalTimeoutSecs": 60,
    "missedRetrievalCachePeriodSecs": 1800,
    "unusedArtifactsCleanupPeriodHours": 0,
    "assumedOfflinePeriodSecs": 300,
    "shareConfiguration": False,
    "synchronizeProperties": False,
    "blockMismatchingMimeTypes": False,
    "mismatchingMimeTypesOverrideList": "",
    "allowAnyHostAuth": False,
    "enableCookieManagement": False,
    "bypassHeadRequests": False,
    "clientTlsCertificate": "",
    "listRemoteFolderItems": False,
    "disableUrlNormalization": False,
    "contentSynchronisation": {
        "enabled": False,
        "statistics": {"enabled": False},
        "properties": {"enabled": False},
        "source": {"originAbsenceDetection": False},
    },
}

VIRTUAL: Fields = {
    "repositories": [],
    "artifactoryRequestsCanRetrieveRemoteArtifacts": False,
    "defaultDeploymentRepo": "",
}

FEDERATED: Fields = {"members": [], "proxy": "", "disableProxy": False}

_JAVA = ("maven", "gradle", "ivy", "sbt")
_JAVA_STORED: Fields = {
    "checksumPolicyType": "client-checksums",
    "handleReleases": True,
    "handleSnapshots": True,
    "maxUniqueSnapshots": 0,
    "snapshotVersionBehavior": "unique",
    "suppressPomConsistencyChecks": True,
}
_JAVA_FETCHED: Fields = {
    "fetchJarsEagerly": False,
    "fetchSourcesEagerly": False,
    "remoteRepoChecksumPolicyType": "generate-if-absent",
    "handleReleases": True,
    "handleSnapshots": True,
    "maxUniqueSnapshots": 0,
    "rejectInvalidJars": False,
    "suppressPomConsistencyChecks": True,
}
_JAVA_VIRTUAL: Fields = {
    "forceMavenAuthentication": False,
    "pomRepositoryReferencesCleanupPolicy": "discard_active_reference",
    "keyPair": "",
}
_KEY_PAIR: Fields = {"primaryKeyPairRef": ""}
_KEY_PAIRS: Fields = {"primaryKeyPairRef": "", "secondaryKeyPairRef": ""}
_TAGS: Fields = {"maxUniqueTags": 0, "dockerTagRetention": 1}
_CARGO: Fields = {"cargoAnonymousAccess": False, "cargoInternalIndex": False}
_CONAN: Fields = {"enableConanSupport": True, "forceConanAuthentication": False}
_EXTERNAL: Fields = {"externalDependenciesEnabled": False, "externalDependenciesPatterns": []}
_EXTERNAL_VIRTUAL: Fields = {**_EXTERNAL, "externalDependenciesRemoteRepo": ""}
_GIT: Fields = {"vcsGitProvider": "GITHUB"}
_CURATED: Fields = {"curated": False, "passThrough": False}
_QUERY: Fields = {"propagateQueryParams": False, "retrieveSha256FromServer": False}
_OCI_FETCHED: Fields = {**_EXTERNAL, "enableTokenAuthentication": True, "dockerProjectId": ""}
_PERIOD: Fields = {"virtualRetrievalCachePeriodSecs": 7200}
_RPM: Fields = {
    **_KEY_PAIRS,
    "yumRootDepth": 0,
    "calculateYumMetadata": False,
    "enableFileListsIndexing": False,
    "yumGroupFileNames": "",
}

_STORED_BY_TYPE: Mapping[str, Fields] = {
    "alpine": _KEY_PAIR,
    "ansible": _KEY_PAIR,
    "hex": _KEY_PAIR,
    "cargo": _CARGO,
    "conan": _CONAN,
    "debian": {**_KEY_PAIRS, "debianTrivialLayout": False, "optionalIndexCompressionFormats": ["bz2"]},
    "docker": {"dockerApiVersion": "V2", **_TAGS, "blockPushingSchema1": True},
    "helmoci": _TAGS,
    "oci": {"dockerApiVersion": "V2", **_TAGS},
    "maven": {**_JAVA_STORED, "suppressPomConsistencyChecks": False},
    **dict.fromkeys(("gradle", "ivy", "sbt"), _JAVA_STORED),
    "nuget": {"maxUniqueSnapshots": 0, "forceNugetAuthentication": False},
    "rpm": _RPM,
    "terraform": {"terraformType": "module"},
}

_FETCHED_BY_TYPE: Mapping[str, Fields] = {
    "aieditorextensions": {
        **{"externalDependenciesEnabled": True, "externalDependenciesPatterns": ["**/**vsassets.io/**"]},
        **{"enableTokenAuthentication": False, **_QUERY, **_CURATED},
    },
    "bower": {"bowerRegistryUrl": "", **_GIT},
    "cargo": {"gitRegistryUrl": "", **_CARGO},
    "cocoapods": {"podsSpecsRepoUrl": "", **_GIT},
    "composer": {"composerRegistryUrl": "", **_GIT},
    "conan": {**_CONAN, **_CURATED},
    "docker": {
        **_EXTERNAL,
        **_CURATED,
        "enableTokenAuthentication": False,
        "blockPushingSchema1": False,
        "dockerProjectId": "",
    },
    "gems": {**_QUERY, **_CURATED},
    "generic": _QUERY,
    "go": {"vcsGitProvider": "ARTIFACTORY", **_QUERY, **_CURATED},
    "helm": {"chartsBaseUrl": "", **_EXTERNAL},
    "helmoci": _OCI_FETCHED,
    "oci": _OCI_FETCHED,
    "hex": {"primaryKeyPairRef": "", "hexPublicKey": ""},
    "maven": {**_JAVA_FETCHED, **_CURATED, "suppressPomConsistencyChecks": False},
    "gradle": {**_JAVA_FETCHED, **_CURATED},
    **dict.fromkeys(("ivy", "sbt"), _JAVA_FETCHED),
    **dict.fromkeys(("huggingfaceml", "npm"), _CURATED),
    "nimmodel": {"enableTokenAuthentication": True},
    "nuget": {
        "feedContextPath": "api/v2",
        "downloadContextPath": "api/v2/package",
        "v3FeedUrl": "",
        "forceNugetAuthentication": False,
        **_CURATED,
    },
    "pypi": {"pyPIRegistryUrl": "", "pyPIRepositorySuffix": "simple", **_CURATED},
    "terraform": {"terraformRegistryUrl": "", "terraformProvidersUrl": "", **_GIT},
    "vcs": {**_GIT, "maxUniqueSnapshots": 0},
}

_VIRTUAL_BY_TYPE: Mapping[str, Fields] = {
    "alpine": {**_PERIOD, **_KEY_PAIR},
    **dict.fromkeys(("ansible", "chef", "composer", "conda", "cran", "terraform"), _PERIOD),
    "bower": _EXTERNAL_VIRTUAL,
    "npm": {**_EXTERNAL_VIRTUAL, **_PERIOD},
    "conan": {**_PERIOD, **_CONAN},
    "debian": {
        **_PERIOD,
        **_KEY_PAIRS,
        "optionalIndexCompressionFormats": ["bz2"],
        "debianDefaultArchitectures": "amd64,i386",
    },
    **{kind: {"resolveDockerTagsByTimestamp": False} for kind in ("docker", "helmoci", "oci")},
    "go": _EXTERNAL,
    "helm": {**_PERIOD, "useNamespaces": False},
    "hex": _KEY_PAIR,
    **dict.fromkeys(_JAVA, _JAVA_VIRTUAL),
    "nuget": {"forceNugetAuthentication": False},
    "p2": {"p2Urls": []},
    "rpm": {**_PERIOD, **_KEY_PAIRS},
}

_COMPOSER: Fields = {"enableComposerSupport": False}
_OPTIONAL: Fields = {
    **dict.fromkeys(("primaryKeyPairRef", "secondaryKeyPairRef", "terraformType"), ""),
    "optionalIndexCompressionFormats": [],
    "symbolServerUrl": "",
    **_COMPOSER,
}
"""Accepted anywhere and echoed once sent (12.3.3)."""
_OPTIONAL_FETCHED: Fields = {**dict.fromkeys(("vcsGitDownloadUrl", "vcsType"), ""), **_JAVA_FETCHED}
_OPTIONAL_BY_TYPE: Mapping[tuple[str, str], Fields] = {
    ("remote", "bower"): _EXTERNAL_VIRTUAL,
    ("remote", "huggingfaceml"): {"enableTokenAuthentication": True},
    **{(rclass, kind): {"dockerApiVersion": "V2"} for rclass in ("remote", "virtual") for kind in ("docker", "oci")},
}
_PRINTED_BY_TYPE: Mapping[tuple[str, str], Fields] = {
    ("remote", "debian"): {"debianTrivialLayout": False},
    ("remote", "go"): {"externalDependenciesEnabled": False},
}
"""Constants, whatever was sent."""
_SINCE: tuple[tuple[str, str, str, str, Any], ...] = (
    ("local", "helm", "7.104.0", "forceNonDuplicateChart", False),
    ("local", "helm", "7.104.0", "forceMetadataNameVersion", False),
    ("local", "debian", "7.104.0", "ddebSupported", False),
    ("remote", "generic", "7.146.0", "customHttpHeaders", []),
)
"""Class, package type, first version, name, empty value: fields that are there only once they were sent."""

PATTERNS = "externalDependenciesPatterns"
UNSET_IS_ABSENT = frozenset({"vcsGitDownloadUrl", "symbolServerUrl", "externalDependenciesRemoteRepo"})
"""Clients take an empty text for a change (12.2): these are left out of answers while they are not set."""


def defaults(rclass: str, package_type: str, version: Version) -> dict[str, Any]:
    """Every field that the package type has in a class, with its default."""
    if rclass == "virtual":  # its members have layouts: it has one only when it was sent
        return {**BASE, "repoLayoutRef": "", **VIRTUAL, **_VIRTUAL_BY_TYPE.get(package_type, {})}
    if rclass == "remote":
        headless = {"bypassHeadRequests": True} if package_type == "ansible" else {}
        listing = {"listRemoteFolderItems": not version.at_least("7.94.0")}
        extras = _FETCHED_BY_TYPE.get(package_type, {})
        return {**BASE, **STORING, **REMOTE, **listing, **extras, **headless}
    federated = FEDERATED if rclass == "federated" else {}
    return {**BASE, **STORING, **federated, **_STORED_BY_TYPE.get(package_type, {})}


def printed_anyway(rclass: str, package_type: str) -> Fields:
    """Fields of other package types that the first version of the read call prints for every package (2.7)."""
    if rclass == "remote":
        return {**_CURATED, **_PRINTED_BY_TYPE.get((rclass, package_type), {})}
    return {**_JAVA_STORED, **_COMPOSER} if rclass in {"local", "federated"} else {}


def optional(rclass: str, package_type: str, version: Version) -> Fields:
    """Fields without a default: known, stored when sent; those of Java packages wherever there are files."""
    newer = {
        name: empty
        for known_class, known_type, since, name, empty in _SINCE
        if (known_class, known_type) == (rclass, package_type) and version.at_least(since)
    }
    by_class = {"remote": _OPTIONAL_FETCHED, "virtual": {}}.get(rclass, _JAVA_STORED)
    return {**_OPTIONAL, **by_class, **_OPTIONAL_BY_TYPE.get((rclass, package_type), {}), **newer}
