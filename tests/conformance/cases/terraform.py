"""Create, read back, change and read back as the vendor's Terraform providers do: whatever comes back changed is drift (12.2)."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

REPOSITORIES = "/artifactory/api/repositories"
REPLICATIONS = "/artifactory/api/replications"
HOOKS = "/event/api/v1/subscriptions"
USERS, GROUPS = "/access/api/v2/users", "/access/api/v2/groups"
PERMISSIONS, PROJECTS = "/access/api/v2/permissions", "/access/api/v1/projects"
CONFIGURATION = "/artifactory/api/system/configuration"
CLIENT = {"Content-Type": "application/json", "Accept": "*/*"}
YAML = {"Content-Type": "application/yaml"}
BASE = {"description": "d", "notes": "n", "includesPattern": "a/**", "excludesPattern": "b/**", "projectKey": ""}
LOCAL = {"blackedOut": True, "xrayIndex": True, "archiveBrowsingEnabled": True, "downloadRedirect": True,
         "cdnRedirect": True, "priorityResolution": True, "propertySets": ["artifactory"]}  # fmt: skip
REMOTE = {"url": "https://upstream.example/x/", "username": "u", "hardFail": True, "offline": True,
          "storeArtifactsLocally": False, "socketTimeoutMillis": 1, "localAddress": "127.0.0.1", "queryParams": "a=b",
          "retrievalCachePeriodSecs": 0, "metadataRetrievalTimeoutSecs": 7, "missedRetrievalCachePeriodSecs": 0,
          "unusedArtifactsCleanupPeriodHours": 5, "assumedOfflinePeriodSecs": 0, "synchronizeProperties": True,
          "blockMismatchingMimeTypes": False, "mismatchingMimeTypesOverrideList": "a/b", "allowAnyHostAuth": True,
          "enableCookieManagement": True, "bypassHeadRequests": True, "listRemoteFolderItems": True,
          "disableUrlNormalization": True, "disableProxy": True}  # fmt: skip
CURATION = {"curated": True, "passThrough": True}
GIT = {"vcsGitProvider": "CUSTOM", "vcsGitDownloadUrl": "https://git.example/{0}/{1}/tar?ref={2}"}
JAVA = {"checksumPolicyType": "server-generated-checksums", "snapshotVersionBehavior": "deployer",
        "maxUniqueSnapshots": 4, "handleReleases": False, "handleSnapshots": True}  # fmt: skip
JAVA_REMOTE = {"fetchJarsEagerly": True, "fetchSourcesEagerly": True, "remoteRepoChecksumPolicyType": "pass-thru",
               "handleReleases": True, "handleSnapshots": False, "rejectInvalidJars": True, "maxUniqueSnapshots": 3}  # fmt: skip
JAVA_VIRTUAL = {"forceMavenAuthentication": True, "pomRepositoryReferencesCleanupPolicy": "nothing"}
TAGS = {"maxUniqueTags": 5, "dockerTagRetention": 3}
OUTSIDE = {"externalDependenciesEnabled": True, "externalDependenciesPatterns": ["**/b/**", "**/a/**"]}
TOKEN = {"enableTokenAuthentication": False, "dockerProjectId": "p"}
QUERY = {"propagateQueryParams": True, "retrieveSha256FromServer": True}
CARGO = {"cargoAnonymousAccess": True, "cargoInternalIndex": True}
CONAN = {"enableConanSupport": True, "forceConanAuthentication": True}
CACHE = {"virtualRetrievalCachePeriodSecs": 0}
RPM = {
    "yumRootDepth": 2,
    "calculateYumMetadata": True,
    "enableFileListsIndexing": True,
    "yumGroupFileNames": "a.xml,b.xml",
}

TYPES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "local": {
        "cargo": CARGO,
        "conan": CONAN,
        "debian": {
            "debianTrivialLayout": True,
            "optionalIndexCompressionFormats": ["lzma", "xz"],
            "ddebSupported": True,
        },
        "docker": {"dockerApiVersion": "V2", **TAGS, "blockPushingSchema1": False},
        "helm": {"forceNonDuplicateChart": True, "forceMetadataNameVersion": True},
        "helmoci": TAGS,
        "oci": {"dockerApiVersion": "V2", **TAGS},
        "maven": {**JAVA, "suppressPomConsistencyChecks": True},
        "gradle": {**JAVA, "suppressPomConsistencyChecks": False},
        "nuget": {"maxUniqueSnapshots": 4, "forceNugetAuthentication": True},
        "rpm": RPM,
        "terraform": {"terraformType": "provider"},
        "machinelearning": {},
        "terraformbackend": {},
    },
    "remote": {
        "ansible": {},
        "bower": {"bowerRegistryUrl": "https://registry.example", **GIT},
        "cargo": {"gitRegistryUrl": "https://index.example", **CARGO},
        "cocoapods": {"podsSpecsRepoUrl": "https://specs.example", **GIT},
        "composer": {"composerRegistryUrl": "https://packages.example", **GIT},
        "conan": {**CONAN, **CURATION},
        "docker": {**OUTSIDE, **TOKEN, "blockPushingSchema1": True, **CURATION},
        "gems": {**QUERY, **CURATION},
        "generic": QUERY,
        "go": {"vcsGitProvider": "GITHUB", **QUERY, **CURATION},
        "gradle": {**JAVA_REMOTE, **CURATION},
        "helm": {"chartsBaseUrl": "https://charts.example", **OUTSIDE},
        "helmoci": {**OUTSIDE, **TOKEN},
        "oci": {**OUTSIDE, **TOKEN},
        "maven": {**JAVA_REMOTE, **CURATION},
        "npm": CURATION,
        "nuget": {
            "feedContextPath": "x",
            "downloadContextPath": "y",
            "v3FeedUrl": "",
            "forceNugetAuthentication": True,
        },
        "pypi": {"pyPIRegistryUrl": "https://pypi.example", "pyPIRepositorySuffix": "other", **CURATION},
        "terraform": {
            "terraformRegistryUrl": "https://tf.example",
            "terraformProvidersUrl": "https://releases.example",
        },
        "vcs": {**GIT, "maxUniqueSnapshots": 5},
    },
    "virtual": {
        "alpine": CACHE,
        "bower": OUTSIDE,
        "conan": {**CONAN, **CACHE},
        "debian": {"debianDefaultArchitectures": "arm64,i386", "optionalIndexCompressionFormats": ["xz"], **CACHE},
        "docker": {"resolveDockerTagsByTimestamp": True},
        "go": OUTSIDE,
        "helm": {"useNamespaces": True, **CACHE},
        "maven": JAVA_VIRTUAL,
        "sbt": JAVA_VIRTUAL,
        "npm": {**OUTSIDE, **CACHE},
        "nuget": {"forceNugetAuthentication": True},
        "rpm": CACHE,
    },
}
COMMON = {
    "local": LOCAL,
    "remote": {**REMOTE, **LOCAL},
    "virtual": {"artifactoryRequestsCanRetrieveRemoteArtifacts": True},
}
SECTIONS = {"local": "12.3.3", "remote": "12.3.4", "virtual": "12.3.5"}
SETS = {"optionalIndexCompressionFormats"}


def repository(rclass: str, kind: str, method: str = "PUT", **fields: Any) -> Call:
    """Creates or changes a repository as the client sends it, with all its fields."""
    sent = {"key": "$id", "rclass": rclass, "packageType": kind, "repoLayoutRef": "simple-default", **fields}
    return Call(method, f"{REPOSITORIES}/$id", sent, headers=CLIENT)


def echo(rclass: str, kind: str) -> Case:
    """What was sent comes back; lists that are sets in any order."""
    sent = {**BASE, **COMMON[rclass], **TYPES[rclass][kind]}
    back = {name: includes(*value) if name in SETS else value for name, value in sent.items()}
    call = Call("GET", f"{REPOSITORIES}/$id", headers=CLIENT)
    said = f"every field of a {rclass} {kind} repository comes back as it was sent"
    return Case(SECTIONS[rclass], said, call, 200, back, before=(repository(rclass, kind, **sent),))


def changed(rclass: str, kind: str) -> Case:
    """And so it does after an update that sends them all."""
    sent = {**BASE, **COMMON[rclass], **TYPES[rclass][kind]}
    back = {name: includes(*value) if name in SETS else value for name, value in sent.items()}
    first = repository(rclass, kind, **({"url": "https://other.example"} if rclass == "remote" else {}))
    call = Call("GET", f"{REPOSITORIES}/$id", headers=CLIENT)
    said = f"an update of every field of a {rclass} {kind} repository comes back"
    return Case(SECTIONS[rclass], said, call, 200, back, before=(first, repository(rclass, kind, "POST", **sent)))


REPOSITORY_CASES = tuple(
    case for rclass, kinds in TYPES.items() for kind in kinds for case in (echo(rclass, kind), changed(rclass, kind))
)


def user(name: str = "$id") -> Call:
    """Makes a user."""
    return Call("POST", USERS, {"username": name, "email": "a@acme.example", "password": "Passw0rd!"})


def group(**fields: Any) -> Call:
    """Makes a group."""
    return Call("POST", GROUPS, {"name": "$id", "auto_join": False, "admin_privileges": False, **fields})


def members(add: list[str] | None, remove: list[str] | None) -> Call:
    """Changes who is in the group; the client sends null for none."""
    return Call("PATCH", f"{GROUPS}/$id/members", {"add": add, "remove": remove})


def project(method: str = "POST", path: str = PROJECTS, **fields: Any) -> Call:
    """Makes or changes a project."""
    sent = {"project_key": "$id", "display_name": "$id", "storage_quota_bytes": -1, "soft_limit": True, **fields}
    return Call(method, path, sent)


MAPPINGS = "/access/api/v1/oidc/$id/identity_mappings"
PROVIDER = {
    "name": "$id",
    "issuer_url": "https://i.example/",
    "provider_type": "Generic OpenID Connect",
    "audience": "",
}
IAM, ROLE = "/access/api/v1/aws/iam_role", "arn:aws:iam::000000000000:role/example"
PATTERN = {"groups_pattern": "{{groups}}", "scope": "", "audience": "*@*", "expires_in": 60}
MAPPING = {"name": "m", "provider_name": "$id", "priority": 1, "claims": {"sub": "x", "n": [1]}, "token_spec": PATTERN}
NO_ACTIONS = {"artifact": {"targets": {"$id-l": {"include_patterns": ["**"], "exclude_patterns": None}}}}
MAKE = Call("PUT", f"{REPOSITORIES}/$id-l", {"rclass": "local", "packageType": "generic"})
STATUS = Call("GET", f"{PROJECTS}/_/repositories/$id-l")

ACCESS_CASES = (
    Case("4.6", "a group's texts that were never set are absent", Call("GET", f"{GROUPS}/$id"), 200,
         {"name": "$id", "description": ABSENT, "external_id": ABSENT, "realm_attributes": ABSENT, "realm": "internal"},
         before=(group(),)),
    Case("4.6", "and those that were are there", Call("GET", f"{GROUPS}/$id"), 200,
         {"description": "d", "external_id": "e"}, before=(group(description="d", external_id="e"),)),
    Case("4.6", "a change of members answers the members", members(["$id"], None), 200, exactly({"members": ["$id"]}),
         before=(user(), group())),
    Case("4.6", "nobody is left", members(None, ["$id"]), 200, exactly({"members": []}),
         before=(user(), group(members=["$id"]))),
    Case("4.6", "a change of members that names none", members(None, None), 400, before=(group(),)),
    Case("4.6", "one that comes and leaves", members(["$id"], ["$id"]), 400, before=(user(), group())),
    Case("12.5.1", "a change of groups answers the groups", Call("PATCH", f"{USERS}/$id/groups", {"add": ["$id"], "remove": []}),
         200, exactly({"groups": includes("$id", "readers")}), before=(user(), group())),
    Case("12.5.1", "a change of groups that names none", Call("PATCH", f"{USERS}/$id/groups", {}), 400, before=(user(),)),
    Case("4.6", "a permission that gives nobody anything has no actions", Call("GET", f"{PERMISSIONS}/$id"), 200,
         {"resources": {"artifact": {"actions": ABSENT, "targets": {"$id-l": {"include_patterns": ["**"]}}}}},
         before=(MAKE, Call("POST", PERMISSIONS, {"name": "$id", "resources": NO_ACTIONS}))),
    Case("4.6", "one resource of it neither", Call("GET", f"{PERMISSIONS}/$id/artifact"), 200, {"actions": ABSENT},
         before=(MAKE, Call("POST", PERMISSIONS, {"name": "$id", "resources": NO_ACTIONS}))),
    Case("12.1.1", "a mapping by a pattern needs no scope", Call("GET", f"{MAPPINGS}/m"), 200,
         {"claims": exactly({"sub": "x", "n": [1]}), "token_spec": {"groups_pattern": "{{groups}}", "expires_in": 60}},
         before=(Call("POST", "/access/api/v1/oidc", PROVIDER), Call("POST", MAPPINGS, MAPPING))),
    Case("12.1.1", "a provider may be called through the proxy", Call("GET", "/access/api/v1/oidc/$id"), 200,
         {"name": "$id", "use_default_proxy": True},
         before=(Call("POST", "/access/api/v1/oidc", {**PROVIDER, "use_default_proxy": True}),)),
    Case("4.6", "a user signs on by a role of the cloud", Call("GET", f"{IAM}/$id"), 200,
         exactly({"username": "$id", "iam_role": ROLE}), before=(user(), Call("PUT", IAM, {"username": "$id", "iam_role": ROLE}))),
    Case("4.6", "and no longer once it is taken away", Call("GET", f"{IAM}/$id"), 400, {"errors": ANY},
         before=(user(), Call("PUT", IAM, {"username": "$id", "iam_role": ROLE}), Call("DELETE", f"{IAM}/$id"))),
    Case("4.6", "what is no role of the cloud", Call("PUT", IAM, {"username": "$id", "iam_role": "r"}), 400, {"errors": ANY},
         before=(user(),)),
    Case("4.6", "nobody has a role", Call("PUT", IAM, {"username": "$id", "iam_role": ROLE}), 404, {"errors": ANY}),
    Case("12.5.8", "mail about the quota is asked for", Call("GET", f"{PROJECTS}/$id"), 200,
         {"storage_quota_email_notification": True, "soft_limit": True, "storage_quota_bytes": -1},
         before=(project(storage_quota_email_notification=True),)),
    Case("12.5.8", "or not", Call("GET", f"{PROJECTS}/$id"), 200, {"storage_quota_email_notification": False},
         before=(project(storage_quota_email_notification=False),)),
    Case("12.5.8", "and may change", Call("GET", f"{PROJECTS}/$id"), 200, {"storage_quota_email_notification": False},
         before=(project(), project("PUT", f"{PROJECTS}/$id", storage_quota_email_notification=False))),
    Case("12.5.8", "it is true or false", project(storage_quota_email_notification="often"), 400),
    Case("4.6", "whom a repository belongs to", STATUS, 200,
         {"resource_name": "$id-l", "assigned_to": "$id", "shared_with_projects": [], "shared_with_all_projects": False},
         before=(MAKE, project(), Call("PUT", f"{PROJECTS}/_/attach/repositories/$id-l/$id?force=true"))),
    Case("4.6", "and who shares it", STATUS, 200, {"shared_with_projects": ["$id"], "shared_read_only": True},
         before=(MAKE, project(), Call("PUT", f"{PROJECTS}/_/share/repositories/$id-l/$id?readOnly=true"))),
)  # fmt: skip


def hook(domain: str, event: str, criteria: Mapping[str, Any] | None, **handler: Any) -> Call:
    """Makes a webhook."""
    events = {"domain": domain, "event_types": [event], **({} if criteria is None else {"criteria": criteria})}
    first = {"handler_type": "webhook", "url": "https://h.example/x", **handler}
    return Call(
        "POST", HOOKS, {"key": "$id", "description": "", "enabled": True, "event_filter": events, "handlers": [first]}
    )


UNSET = (
    "secret",
    "use_secret_for_signing",
    "proxy",
    "custom_http_headers",
    "secrets",
    "http_headers",
    "payload",
    "method",
)
CRITERIA: tuple[tuple[str, str, Mapping[str, Any] | None], ...] = (
    ("artifact", "deployed", {"anyLocal": True, "anyRemote": False, "anyFederated": False, "repoKeys": []}),
    ("artifact_property", "added", {"anyLocal": False, "anyRemote": True, "anyFederated": False, "repoKeys": []}),
    ("docker", "pushed", {"anyLocal": False, "anyRemote": False, "anyFederated": True, "repoKeys": []}),
    ("build", "uploaded", {"anyBuild": True}),
    ("release_bundle", "created", {"anyReleaseBundle": True, "registeredReleaseBundlesNames": []}),
    ("distribution", "distribute_started", {"anyReleaseBundle": False, "registeredReleaseBundlesNames": ["b"]}),
    ("destination", "received", {"anyReleaseBundle": True, "registeredReleaseBundlesNames": []}),
    ("artifactory_release_bundle", "received", {"anyReleaseBundle": True, "registeredReleaseBundlesNames": []}),
    (
        "release_bundle_v2",
        "release_bundle_v2_started",
        {"anyReleaseBundle": False, "selectedReleaseBundles": {"r": ["b"]}},
    ),
    ("release_bundle_v2_promotion", "release_bundle_v2_promotion_failed", {"selectedEnvironments": ["PROD"]}),
    ("artifact_lifecycle", "archive", None),
    ("user", "locked", None),
)


def hooked(domain: str, event: str, criteria: Mapping[str, Any] | None) -> Case:
    """The webhook comes back as it was, and with nothing that was not set."""
    back = ABSENT if criteria is None else {**criteria, "includePatterns": ABSENT, "excludePatterns": ABSENT}
    shown = {"key": "$id", "enabled": True, "event_filter": {"domain": domain, "event_types": [event], "criteria": back},
             "handlers": [{"url": "https://h.example/x", **dict.fromkeys(UNSET, ABSENT)}]}  # fmt: skip
    said = f"a webhook of {domain} comes back with nothing that was not set"
    return Case("12.7", said, Call("GET", f"{HOOKS}/$id"), 200, shown, before=(hook(domain, event, criteria),))


def patch(text: str) -> Call:
    """Changes the configuration descriptor."""
    return Call("PATCH", CONFIGURATION, text, headers=YAML)


def pushes(*names: str, method: str = "PUT") -> Call:
    """Several targets at once."""
    each = {
        "username": "u",
        "password": "p",
        "cronExp": "0 0 2 * * ?",
        "enabled": True,
        "repoKey": "$id-l",
        "proxy": "",
    }
    sent = [{**each, "url": f"http://{name}.example/artifactory/r", "socketTimeoutMillis": 9} for name in names]
    body = {"cronExp": "0 0 2 * * ?", "enableEventReplication": True, "replications": sent}
    return Call(method, f"{REPLICATIONS}/multiple/$id-l", body)


OTHER_CASES = (
    Case("12.4.1", "targets come back in the order in which they were made", Call("GET", f"{REPLICATIONS}/$id-l"), 200,
         [{"url": f"http://{name}.example/artifactory/r", "socketTimeoutMillis": 9, "enableEventReplication": True,
           "cronExp": "0 0 2 * * ?"} for name in ("c", "a", "b")],
         before=(MAKE, pushes("c", "a", "b"), pushes("c", "a", "b", method="POST"))),
    Case("12.6", "settings of mail that are null vanish", Call("GET", CONFIGURATION, headers={"Accept": "*/*"}), 200,
         matching(r"(?s)<mailServer>(?!.*<from>.*</mailServer>).*<port>26</port>.*</mailServer>"),
         before=(patch("mailServer: {enabled: true, host: m, port: 25, from: f@x.y, subjectPrefix: p}"),
                 patch("mailServer: {enabled: true, host: m, port: 26, from: ~, subjectPrefix: ~}"))),
    Case("12.10.1", "a comma makes several values", Call("GET", "/artifactory/api/storage/$id-l?properties="), 200,
         {"properties": exactly({"k1": includes("x", "y"), "k3": ["z"]})},
         before=(MAKE, Call("PUT", "/artifactory/api/storage/$id-l?properties=k1=v;k2=v&recursive=0"),
                 Call("PATCH", "/artifactory/api/metadata/$id-l?recursiveProperties=0",
                      {"props": {"k1": "x,y", "k2": None, "k3": "z"}}))),
)  # fmt: skip
CASES = (*REPOSITORY_CASES, *ACCESS_CASES, *(hooked(*row) for row in CRITERIA), *OTHER_CASES)
