"""Repositories: listing, key rules, create, update, delete, batch, configuration JSON (2, 12.2, 12.3, 12.4, 10.2)."""

from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

API = "/artifactory/api/repositories"
BATCH = "/artifactory/api/v2/repositories/batch"
URL = "http://upstream.example/artifactory/x"
JSON = {"Content-Type": "application/json"}
KIND = "application/vnd.org.jfrog.artifactory.repositories."


def put(key: str = "$id", rclass: str = "local", **fields: Any) -> Call:
    """Create Repository."""
    return Call("PUT", f"{API}/{key}", {"rclass": rclass, **fields})


def remote(key: str = "$id", **fields: Any) -> Call:
    """A remote one."""
    return put(key, "remote", **{"url": URL, **fields})


def post(key: str = "$id", **fields: Any) -> Call:
    """Update Repository."""
    return Call("POST", f"{API}/{key}", fields)


def get(key: str = "$id", **options: Any) -> Call:
    """Get Repository Configuration."""
    return Call("GET", f"{API}/{key}", **options)


def delete(key: str = "$id", **options: Any) -> Call:
    """Delete Repository."""
    return Call("DELETE", f"{API}/{key}", **options)


def refused(message: str, status: int = 400) -> dict[str, Any]:
    """The envelope."""
    return {"errors": [{"status": status, "message": message}]}


def read_back(section: str, name: str, made: Call, body: dict[str, Any]) -> Case:
    """What GET returns after a create."""
    return Case(section, name, get(), 200, body, before=(made,))


def changed(section: str, name: str, made: Call, change: Call, body: dict[str, Any]) -> Case:
    """What GET returns after an update."""
    return Case(section, name, get(), 200, body, before=(made, change))


LISTING = (
    Case(
        "2.1",
        "the list names class, package type and address of a repository",
        Call("GET", f"{API}?type=local"),
        200,
        includes(
            {
                "key": "$id",
                "description": "ours",
                "type": "LOCAL",
                "url": matching(r"/artifactory/$id$"),
                "packageType": "Maven",
            }
        ),
        headers={"Content-Type": f"{KIND}RepositoryDetailsList+json", "Cache-Control": "no-store"},
        before=(put(packageType="maven", description="ours"),),
    ),
    Case(
        "2.1",
        "a remote repository is listed with its upstream",
        Call("GET", f"{API}?type=remote&packageType=npm"),
        200,
        includes({"key": "$id", "type": "REMOTE", "url": URL, "packageType": "Npm"}),
        before=(remote(packageType="npm"),),
    ),
    Case(
        "2.1",
        "a shared configuration has its own address in the list",
        Call("GET", f"{API}?type=remote"),
        200,
        includes({"key": "$id", "configuration": matching("/api/repositories/$id/configuration$")}),
        before=(remote(shareConfiguration=True),),
    ),
    Case("2.1", "an unknown class lists nothing", Call("GET", f"{API}?type=nonsense"), 200, []),
    Case("2.1", "an unknown package type lists nothing", Call("GET", f"{API}?packageType=nonsense"), 200, []),
    Case("2.1", "an unknown project lists nothing", Call("GET", f"{API}?project=nowhere"), 200, []),
    Case(
        "12.3.1",
        "empty filters let everything through",
        Call("GET", f"{API}?type=&packageType=&project="),
        200,
        includes({"key": "$id"}, {"key": "artifactory-build-info", "packageType": "Buildinfo"}),
        before=(put(),),
    ),
    Case("2.1", "who may read nothing gets an empty list", Call("GET", API, caller="somebody"), 200, []),
    Case("2.1", "nobody lists anonymously unless it is allowed", Call("GET", API, caller="anonymous"), 401, ANY),
    Case(
        "2.1",
        "configurations come by class",
        Call("GET", f"{API}/configurations?repoType=local,virtual"),
        200,
        {"LOCAL": includes({"key": "$id", "rclass": "local"}), "VIRTUAL": includes({"key": "$id-v"}), "REMOTE": ABSENT},
        headers={"Content-Type": "application/json"},
        before=(put(), put("$id-v", "virtual")),
    ),
    Case(
        "2.1",
        "configurations by package type",
        Call("GET", f"{API}/configurations?packageType=chef"),
        200,
        {"LOCAL": includes({"key": "$id", "packageType": "chef"}), "FEDERATED": ABSENT},
        before=(put(packageType="chef"),),
    ),
    Case(
        "2.1",
        "configurations of an unknown class are none",
        Call("GET", f"{API}/configurations?repoType=x"),
        200,
        exactly({}),
    ),
    Case(
        "2.1",
        "configurations are for administrators",
        Call("GET", f"{API}/configurations", caller="somebody"),
        403,
        refused("Forbidden", 403),
    ),
    Case(
        "2.1",
        "existence of a class",
        Call("GET", f"{API}/existence?type=virtual"),
        200,
        {"exists": True},
        before=(put("$id", "virtual"),),
    ),
    Case(
        "2.1",
        "existence in a project that is not there",
        Call("GET", f"{API}/existence?type=local&projectKey=nowhere"),
        200,
        {"exists": False},
    ),
)

READING = (
    Case("10.2", "a missing repository is a bad request", get("$id-none"), 400, refused("Bad Request")),
    Case("2.1", "HEAD of a missing repository", Call("HEAD", f"{API}/$id-none"), 400),
    Case("2.1", "HEAD of a repository", Call("HEAD", f"{API}/$id"), 200, before=(put(),)),
    Case(
        "2.1",
        "the second version of a missing repository",
        Call("GET", "/artifactory/api/v2/repositories/$id-none"),
        400,
        refused("Bad Request"),
    ),
    Case(
        "2.7",
        "the second version leaves out what other package types have",
        Call("GET", "/artifactory/api/v2/repositories/$id"),
        200,
        {"key": "$id", "rclass": "local", "handleReleases": ABSENT, "checksumPolicyType": ABSENT},
        before=(put(),),
    ),
    Case(
        "2.7",
        "the first version prints them for every package type",
        get(),
        200,
        {"handleReleases": True, "suppressPomConsistencyChecks": True, "checksumPolicyType": "client-checksums"},
        before=(put(),),
    ),
    *(
        Case(
            "2.1",
            f"the content type names the class {rclass}",
            get(),
            200,
            {"rclass": rclass},
            headers={"Content-Type": f"{KIND}{rclass.capitalize()}RepositoryConfiguration+json"},
            before=(made,),
        )
        for rclass, made in (
            ("local", put()),
            ("remote", remote()),
            ("virtual", put("$id", "virtual")),
            ("federated", put("$id", "federated", members=[])),
        )
    ),
    Case(
        "2.1",
        "who may not read a repository does not see its configuration",
        get(caller="somebody"),
        403,
        before=(put(),),
    ),
    Case(
        "12.1.1", "a GET with a JSON content type is answered", get(headers=JSON), 200, {"key": "$id"}, before=(put(),)
    ),
    Case(
        "2.1",
        "several by name",
        Call("GET", f"{BATCH}?names=$id,$id-none,$id-b"),
        200,
        [{"key": "$id"}, {"key": "$id-b"}],
        before=(put(), put("$id-b")),
    ),
    Case("2.1", "several by name, and none named", Call("GET", BATCH), 400),
)

KEYS = (
    *(
        Case("2.2", f"a key with {letter!r} is refused", put(f"$id{code}x"), 400, {"errors": [{"status": 400}]})
        for letter, code in (
            (" ", "%20"),
            ("@", "@"),
            ("+", "+"),
            ("#", "%23"),
            ("*", "*"),
            ("?", "%3F"),
            ("|", "%7C"),
            ("~", "~"),
            (",", ","),
            ("\\", "%5C"),
        )
    ),
    Case("2.2", "65 characters are too many", put("x" * 65), 400),
    Case("2.2", "64 characters are not", put("$id" + "x" * 55), 200),
    Case("2.2", "a reserved name", put("api"), 400),
    Case("2.2", "another reserved name", put("webapp"), 400),
    Case(
        "2.2",
        "a Docker key in upper case",
        put("$id-UP", packageType="docker"),
        400,
        refused("Docker Repository $id-UP key must be in lower case"),
    ),
    Case(
        "2.3",
        "keys are unique whatever their case",
        Call("PUT", f"{API}/X$id-x", {"rclass": "local"}),
        400,
        refused("error when validating repository name: X$id-x : Repository key already exists"),
        before=(put("x$id-X"),),
    ),
    Case(
        "2.2",
        "the cache of a remote repository has its key for itself",
        put("$id-cache"),
        400,
        {"errors": [{"message": matching("already exists")}]},
        before=(remote(),),
    ),
)

CREATING = (
    Case(
        "2.3",
        "the answer is text",
        put(),
        200,
        matching(r"^Successfully created repository '$id'\s*$"),
        headers={"Content-Type": matching("^text/plain")},
    ),
    Case(
        "2.3",
        "the class is mandatory",
        Call("PUT", f"{API}/$id", {"packageType": "npm"}),
        400,
        refused("Missing repository type"),
    ),
    Case(
        "2.3",
        "the class is asked for before the key is looked at",
        Call("PUT", f"{API}/$id", {}),
        400,
        refused("Missing repository type"),
        before=(put(),),
    ),
    Case(
        "2.3",
        "an existing key is refused",
        put(description="other"),
        400,
        refused("error when validating repository name: $id : Repository key already exists"),
        before=(put(),),
    ),
    Case(
        "10.2",
        "and nothing of it is changed",
        get(),
        200,
        {"description": "first"},
        before=(put(description="first"), post(notes="n")),
    ),
    Case(
        "2.3",
        "a wrong content type",
        Call("PUT", f"{API}/$id", "{}", headers={"Content-Type": "text/plain"}),
        415,
        refused("Unsupported Media Type", 415),
    ),
    Case(
        "2.3",
        "the vendor's content type",
        Call(
            "PUT",
            f"{API}/$id",
            '{"rclass":"local"}',
            headers={"Content-Type": f"{KIND}LocalRepositoryConfiguration+json"},
        ),
        200,
    ),
    Case(
        "0.4",
        "malformed JSON",
        Call("PUT", f"{API}/$id", "{", headers=JSON),
        400,
        {"errors": [{"message": matching("^Error parsing json body")}]},
    ),
    Case(
        "2.3",
        "administrators only",
        Call("PUT", f"{API}/$id", {"rclass": "local"}, caller="somebody"),
        403,
        refused("Forbidden", 403),
    ),
    Case("2.3", "nobody anonymously", Call("PUT", f"{API}/$id", {"rclass": "local"}, caller="anonymous"), 401),
    read_back("2.3", "the package type is generic unless named", put(), {"packageType": "generic"}),
    read_back(
        "2.3",
        "capital letters of class and package type do not matter",
        put(rclass="LOCAL", packageType="PyPI"),
        {"rclass": "local", "packageType": "pypi"},
    ),
    Case("2.3", "another key in the body", Call("PUT", f"{API}/$id", {"rclass": "local", "key": "other"}), 400),
    Case("2.7", "an unknown package type", put(packageType="nonsense"), 400),
    Case("12.3.2", "cargo has no virtual repositories", put("$id", "virtual", packageType="cargo"), 400),
    Case("12.3.2", "vcs is remote only", put(packageType="vcs"), 400),
    Case("12.3.2", "p2 has no local repositories", put(packageType="p2"), 400),
    Case("2.9", "Terraform backends cannot be federated", put("$id", "federated", packageType="terraformbackend"), 400),
    read_back(
        "12.12",
        "a create that names no layout gets the server's",
        put(packageType="npm"),
        {"repoLayoutRef": "maven-2-default"},
    ),
    *(
        read_back(
            "12.3.2",
            f"the layout {layout} is there",
            put(packageType=kind, repoLayoutRef=layout),
            {"repoLayoutRef": layout},
        )
        for kind, layout in (
            ("npm", "npm-default"),
            ("go", "go-default"),
            ("conan", "conan-default"),
            ("nuget", "nuget-default"),
            ("ivy", "ivy-default"),
            ("sbt", "sbt-default"),
            ("bower", "bower-default"),
            ("composer", "composer-default"),
            ("ansible", "ansible-default"),
            ("puppet", "puppet-default"),
            ("swift", "swift-default"),
            ("generic", "simple-default"),
        )
    ),
    Case(
        "2.4",
        "an unknown layout",
        put(repoLayoutRef="nonsense"),
        400,
        refused("Unable to find repository layout by the name: nonsense"),
    ),
    Case(
        "2.4",
        "a wrong number",
        remote(socketTimeoutMillis="many"),
        500,
        {"errors": [{"message": matching("^Error converting from 'String' to 'Integer'")}]},
    ),
    Case(
        "2.4",
        "a wrong boolean",
        put(xrayIndex="maybe"),
        400,
        refused("Can't convert value 'maybe' to type class java.lang.Boolean"),
    ),
    read_back(
        "2.4", "yes and on are booleans", put(xrayIndex="yes", blackedOut="on"), {"xrayIndex": True, "blackedOut": True}
    ),
    Case(
        "2.4",
        "a wrong checksum policy",
        put(packageType="maven", checksumPolicyType="none"),
        400,
        refused("No checksum policy type found for type: none"),
    ),
    Case("2.8", "a remote repository needs a url", put("$id", "remote"), 400),
    Case("12.3.4", "a url of another scheme", remote(url="ftp://upstream.example"), 400),
    Case(
        "2.4",
        "a virtual repository of an unknown member",
        put("$id", "virtual", repositories=["nowhere"]),
        400,
        refused("Repository 'nowhere' does not exist"),
    ),
    Case(
        "2.8",
        "members share the package type",
        put("$id", "virtual", packageType="npm", repositories=["$id-l"]),
        400,
        before=(put("$id-l", packageType="pypi"),),
    ),
    Case("12.3.3", "a key pair that does not exist", put(packageType="debian", primaryKeyPairRef="nowhere"), 400),
    Case("2.8", "a proxy that does not exist", remote(proxy="nowhere"), 400),
)

DEFAULTS = (
    read_back(
        "12.3.6",
        "a generic local repository",
        put(),
        {
            **dict.fromkeys(("projectKey", "description", "notes", "excludesPattern"), ""),
            "environments": [],
            "propertySets": [],
            **dict.fromkeys(
                (
                    "blackedOut",
                    "xrayIndex",
                    "archiveBrowsingEnabled",
                    "downloadRedirect",
                    "cdnRedirect",
                    "priorityResolution",
                ),
                False,
            ),
            "includesPattern": "**/*",
        },
    ),
    read_back(
        "12.3.6",
        "an npm remote repository",
        remote(packageType="npm"),
        {
            **dict.fromkeys(
                ("remoteRepoLayoutRef", "username", "password", "proxy", "localAddress", "clientTlsCertificate"), ""
            ),
            **dict.fromkeys(("mismatchingMimeTypesOverrideList", "description", "notes"), ""),
            **dict.fromkeys(
                ("hardFail", "offline", "shareConfiguration", "synchronizeProperties", "allowAnyHostAuth"), False
            ),
            **dict.fromkeys(
                ("enableCookieManagement", "bypassHeadRequests", "disableUrlNormalization", "disableProxy"), False
            ),
            **dict.fromkeys(("curated", "passThrough", "listRemoteFolderItems", "blockMismatchingMimeTypes"), False),
            "storeArtifactsLocally": True,
            "url": URL,
            "socketTimeoutMillis": 15000,
            "retrievalCachePeriodSecs": 7200,
            "metadataRetrievalTimeoutSecs": 60,
            "missedRetrievalCachePeriodSecs": 1800,
            "unusedArtifactsCleanupPeriodHours": 0,
            "assumedOfflinePeriodSecs": 300,
            "contentSynchronisation": exactly(
                {
                    "enabled": False,
                    "statistics": {"enabled": False},
                    "properties": {"enabled": False},
                    "source": {"originAbsenceDetection": False},
                }
            ),
        },
    ),
    read_back(
        "12.3.6",
        "a maven virtual repository",
        put("$id", "virtual", packageType="maven"),
        {
            "repositories": [],
            "artifactoryRequestsCanRetrieveRemoteArtifacts": False,
            "defaultDeploymentRepo": "",
            "forceMavenAuthentication": False,
            "pomRepositoryReferencesCleanupPolicy": "discard_active_reference",
            "keyPair": "",
        },
    ),
    *(
        read_back("12.3.3", f"what a local {kind} repository has", put(packageType=kind), fields)
        for kind, fields in (
            (
                "docker",
                {"dockerApiVersion": "V2", "maxUniqueTags": 0, "dockerTagRetention": 1, "blockPushingSchema1": True},
            ),
            (
                "maven",
                {"suppressPomConsistencyChecks": False, "snapshotVersionBehavior": "unique", "maxUniqueSnapshots": 0},
            ),
            ("gradle", {"suppressPomConsistencyChecks": True, "handleReleases": True, "handleSnapshots": True}),
            ("conan", {"enableConanSupport": True, "forceConanAuthentication": False}),
            ("cargo", {"cargoAnonymousAccess": False, "cargoInternalIndex": False}),
            (
                "debian",
                {"debianTrivialLayout": False, "optionalIndexCompressionFormats": ["bz2"], "ddebSupported": ABSENT},
            ),
            (
                "rpm",
                {
                    "yumRootDepth": 0,
                    "calculateYumMetadata": False,
                    "enableFileListsIndexing": False,
                    "yumGroupFileNames": "",
                },
            ),
            ("nuget", {"maxUniqueSnapshots": 0, "forceNugetAuthentication": False}),
            ("oci", {"dockerApiVersion": "V2", "maxUniqueTags": 0, "dockerTagRetention": 1}),
            ("helmoci", {"maxUniqueTags": 0, "dockerTagRetention": 1}),
            ("terraform", {"terraformType": "module"}),
        )
    ),
    *(
        read_back("12.3.4", f"what a remote {kind} repository has", remote(packageType=kind), fields)
        for kind, fields in (
            (
                "docker",
                {"externalDependenciesEnabled": False, "enableTokenAuthentication": False, "dockerProjectId": ""},
            ),
            ("oci", {"enableTokenAuthentication": True}),
            (
                "nuget",
                {"feedContextPath": "api/v2", "downloadContextPath": "api/v2/package", "symbolServerUrl": ABSENT},
            ),
            ("pypi", {"pyPIRepositorySuffix": "simple"}),
            ("go", {"vcsGitProvider": "ARTIFACTORY", "vcsGitDownloadUrl": ABSENT}),
            ("bower", {"vcsGitProvider": "GITHUB", "vcsGitDownloadUrl": ABSENT}),
            ("generic", {"propagateQueryParams": False, "retrieveSha256FromServer": False}),
            (
                "maven",
                {
                    "remoteRepoChecksumPolicyType": "generate-if-absent",
                    "fetchJarsEagerly": False,
                    "rejectInvalidJars": False,
                },
            ),
            ("ansible", {"bypassHeadRequests": True}),
        )
    ),
    *(
        read_back("12.3.5", f"what a virtual {kind} repository has", put("$id", "virtual", packageType=kind), fields)
        for kind, fields in (
            (
                "npm",
                {
                    "externalDependenciesEnabled": False,
                    "externalDependenciesRemoteRepo": ABSENT,
                    "virtualRetrievalCachePeriodSecs": 7200,
                },
            ),
            ("helm", {"virtualRetrievalCachePeriodSecs": 7200, "useNamespaces": False}),
            ("composer", {"virtualRetrievalCachePeriodSecs": 7200}),
            ("terraform", {"virtualRetrievalCachePeriodSecs": 7200}),
            ("debian", {"debianDefaultArchitectures": "amd64,i386"}),
            ("docker", {"resolveDockerTagsByTimestamp": False}),
            ("generic", {"blackedOut": ABSENT, "xrayIndex": ABSENT}),
        )
    ),
    read_back(
        "12.3.3",
        "a Docker V1 repository keeps what is sent",
        put(packageType="docker", dockerApiVersion="V1", maxUniqueTags=5, blockPushingSchema1=False),
        {"dockerApiVersion": "V1", "maxUniqueTags": 5, "blockPushingSchema1": False},
    ),
    read_back(
        "12.3.3",
        "the two switches of helm come back once they were sent",
        put(packageType="helm", forceNonDuplicateChart=True),
        {"forceNonDuplicateChart": True, "forceMetadataNameVersion": ABSENT},
    ),
    read_back(
        "12.3.4",
        "patterns of external dependencies are filled in when enabled",
        remote(packageType="docker", externalDependenciesEnabled=True),
        {"externalDependenciesPatterns": ["**"]},
    ),
    read_back(
        "12.3.4",
        "custom headers are not known before 7.146",
        remote(customHttpHeaders=[{"name": "a", "value": "b"}]),
        {"customHttpHeaders": ABSENT},
    ),
    read_back(
        "12.2",
        "no answer shows a password",
        remote(username="u", password="secret"),
        {"username": "u", "password": matching("^[^s]")},
    ),
    read_back(
        "12.3.4",
        "an Ansible repository asks by HEAD when it is told to",
        remote(packageType="ansible", bypassHeadRequests=False),
        {"bypassHeadRequests": False},
    ),
    *(
        read_back("12.3.2", f"yum is another name of rpm for a {rclass} repository", made, {"packageType": "rpm"})
        for rclass, made in (
            ("local", put(packageType="yum")),
            ("remote", remote(packageType="yum")),
            ("virtual", put("$id", "virtual", packageType="yum")),
        )
    ),
    *(
        read_back("12.3.4", f"a remote {kind} repository, sent {sent}", remote(packageType=kind, **sent), shown)
        for kind, sent, shown in (
            ("nimmodel", {}, {"enableTokenAuthentication": True}),
            ("nimmodel", {"enableTokenAuthentication": False}, {"enableTokenAuthentication": False}),
            ("huggingfaceml", {"enableTokenAuthentication": True}, {"enableTokenAuthentication": True}),
            ("bazelmodules", {}, {"packageType": "bazelmodules"}),
        )
    ),
    read_back(
        "12.3.2",
        "models are gathered too",
        put("$id", "virtual", packageType="huggingfaceml"),
        {"packageType": "huggingfaceml"},
    ),
    read_back(
        "12.2",
        "the symbol server is told once it is set",
        remote(packageType="nuget", symbolServerUrl="http://s.example"),
        {"symbolServerUrl": "http://s.example"},
    ),
    read_back(
        "12.2",
        "the url stays as it was sent",
        remote(url="http://upstream.example/x/"),
        {"url": "http://upstream.example/x/"},
    ),
    read_back("12.2", "environments are ignored outside projects", put(environments=["PROD"]), {"environments": []}),
    read_back(
        "12.2",
        "numbers are numbers whatever was sent",
        remote(socketTimeoutMillis="20000", hardFail="true"),
        {"socketTimeoutMillis": 20000, "hardFail": True},
    ),
    read_back(
        "12.3.3",
        "every federated type takes an empty terraformType",
        put("$id", "federated", packageType="npm", terraformType="", members=[]),
        {"packageType": "npm"},
    ),
)

CHANGING = (
    Case(
        "2.4",
        "the answer is text without quotes",
        post(notes="n"),
        200,
        matching(r"^Repository $id update successfully\.\s*$"),
        headers={"Content-Type": matching("^text/plain")},
        before=(put(),),
    ),
    Case(
        "2.4",
        "a missing repository",
        post("$id-none", notes="n"),
        404,
        refused("No repository '$id-none' was found.", 404),
    ),
    Case(
        "2.4",
        "with a charset nothing is found",
        Call("POST", f"{API}/$id", "{}", headers={"Content-Type": "application/json;charset=utf-8"}),
        404,
        refused("No repository $id was found.", 404),
        before=(put(),),
    ),
    changed(
        "2.4",
        "what is not sent stays",
        put(description="a", notes="b"),
        post(notes="c"),
        {"description": "a", "notes": "c"},
    ),
    changed("2.4", "the url of a remote repository stays too", remote(), post(notes="c"), {"url": URL, "notes": "c"}),
    changed("2.4", "null clears a text", put(description="a"), post(description=None), {"description": ""}),
    changed(
        "2.4",
        "an empty text clears a text",
        put(excludesPattern="a/**"),
        post(excludesPattern=""),
        {"excludesPattern": ""},
    ),
    changed(
        "2.4",
        "an empty array keeps",
        put(propertySets=["artifactory"]),
        post(propertySets=[]),
        {"propertySets": ["artifactory"]},
    ),
    changed(
        "2.4",
        "a null array keeps",
        put(propertySets=["artifactory"]),
        post(propertySets=None),
        {"propertySets": ["artifactory"]},
    ),
    changed(
        "2.4",
        "an explicit 0 is stored",
        remote(),
        post(retrievalCachePeriodSecs=0, storeArtifactsLocally=False),
        {"retrievalCachePeriodSecs": 0, "storeArtifactsLocally": False},
    ),
    changed(
        "2.4",
        "an empty object resets",
        remote(contentSynchronisation={"enabled": True, "statistics": {"enabled": True}}),
        post(contentSynchronisation={}),
        {"contentSynchronisation": {"enabled": False, "statistics": {"enabled": False}}},
    ),
    changed(
        "2.4",
        "a null object keeps",
        remote(contentSynchronisation={"enabled": True}),
        post(contentSynchronisation=None),
        {"contentSynchronisation": {"enabled": True}},
    ),
    changed(
        "12.3.4",
        "an absent member of a sent object is false",
        remote(contentSynchronisation={"enabled": True, "properties": {"enabled": True}}),
        post(contentSynchronisation={"enabled": True, "properties": {}}),
        {"contentSynchronisation": {"enabled": True, "properties": {"enabled": False}}},
    ),
    changed(
        "2.4",
        "the remote layout stays once it is set",
        remote(remoteRepoLayoutRef="npm-default"),
        post(remoteRepoLayoutRef=""),
        {"remoteRepoLayoutRef": "npm-default"},
    ),
    Case(
        "2.4",
        "an empty text does not unset a deployment repository",
        get("$id-v"),
        200,
        {"defaultDeploymentRepo": "$id"},
        before=(
            put(),
            put("$id-v", "virtual", repositories=["$id"], defaultDeploymentRepo="$id"),
            post("$id-v", defaultDeploymentRepo=""),
        ),
    ),
    Case(
        "12.12",
        "a name that does not exist does",
        get("$id-v"),
        200,
        {"defaultDeploymentRepo": ""},
        before=(
            put(),
            put("$id-v", "virtual", repositories=["$id"], defaultDeploymentRepo="$id"),
            post("$id-v", defaultDeploymentRepo="no-such"),
        ),
    ),
    Case(
        "2.4",
        "a new list of members replaces the old one, in its order",
        get("$id-v"),
        200,
        {"repositories": ["$id-b", "$id"]},
        before=(
            put(),
            put("$id-b"),
            put("$id-v", "virtual", repositories=["$id"]),
            post("$id-v", repositories=["$id-b", "$id"]),
        ),
    ),
    changed(
        "12.2",
        "while proxies are disabled none is shown",
        remote(),
        post(disableProxy=True),
        {"disableProxy": True, "proxy": ABSENT},
    ),
    changed("2.4", "unknown fields are nothing", put(), post(nonsense=1), {"nonsense": ABSENT}),
    Case("2.4", "the class cannot change", post(rclass="virtual"), 400, before=(put(),)),
    Case("2.4", "the package type cannot change", post(packageType="npm"), 400, before=(put(),)),
    Case(
        "12.3.3",
        "a switch of helm cannot change once it is set",
        post(forceNonDuplicateChart=False),
        400,
        before=(put(packageType="helm", forceNonDuplicateChart=True),),
    ),
    Case(
        "2.4",
        "administrators only",
        Call("POST", f"{API}/$id", {"notes": "n"}, caller="somebody"),
        403,
        before=(put(),),
    ),
)

DELETING = (
    Case(
        "2.5",
        "the answer has its own shape",
        delete(),
        200,
        {
            "repoKey": "$id",
            "statusMsg": "Repository '$id' and all its content have been removed successfully.",
            "deletedArtifactsCount": 1,
            "success": True,
        },
        before=(put(), Call("PUT", "/artifactory/$id/a.txt", "a")),
    ),
    Case(
        "2.5",
        "a virtual repository has no content",
        delete(),
        200,
        {"statusMsg": "Repository '$id' has been removed successfully."},
        before=(put("$id", "virtual"),),
    ),
    Case(
        "2.5",
        "a missing one has that shape too",
        delete("$id-none"),
        404,
        exactly(
            {
                "repoKey": "$id-none",
                "statusMsg": "Cannot delete repository: '$id-none', repository config does not exist",
                "deletedArtifactsCount": 0,
                "success": False,
            }
        ),
    ),
    Case(
        "2.5",
        "it leaves the virtual repositories",
        get("$id-v"),
        200,
        {"repositories": ["$id-b"], "defaultDeploymentRepo": ""},
        before=(
            put(),
            put("$id-b"),
            put("$id-v", "virtual", repositories=["$id", "$id-b"], defaultDeploymentRepo="$id"),
            delete(),
        ),
    ),
    Case(
        "2.5",
        "its replications go with it",
        Call("GET", "/artifactory/api/replications/$id"),
        404,
        before=(
            put(),
            Call("PUT", "/artifactory/api/replications/$id", {"url": URL, "username": "u", "cronExp": "0 0 12 * * ?"}),
            delete(),
            put(),
        ),
    ),
    Case("2.5", "it is gone", get(), 400, before=(put(), delete())),
    Case(
        "2.5",
        "its files are gone",
        Call("GET", "/artifactory/$id/a.txt"),
        404,
        before=(put(), Call("PUT", "/artifactory/$id/a.txt", "a"), delete(), put()),
    ),
    Case("2.5", "administrators only", delete(caller="somebody"), 403, before=(put(),)),
)

_TWO = [{"key": "$id-a", "rclass": "local"}, {"key": "$id-b", "rclass": "remote", "url": URL}]

BATCHES = (
    Case(
        "2.6",
        "several are made at once",
        Call("PUT", BATCH, _TWO),
        201,
        includes("Successfully created repository '$id-a'", "Successfully created repository '$id-b'"),
    ),
    Case(
        "2.6",
        "one bad element and none is made",
        Call("PUT", BATCH, [*_TWO, {"key": "$id-c"}]),
        400,
        refused("Missing repository type"),
    ),
    Case(
        "2.6",
        "an existing key and none is made",
        Call("PUT", BATCH, _TWO),
        400,
        {"errors": [{"message": matching("already exists")}]},
        before=(put("$id-b"),),
    ),
    Case(
        "2.6",
        "each bad element is named",
        Call("PUT", BATCH, [{"key": "$id-a"}, {"key": "b d", "rclass": "local"}]),
        400,
        {"errors": [{"message": "Missing repository type"}, {"message": matching("b d")}]},
    ),
    Case("2.6", "more than 100", Call("PUT", BATCH, [{"key": f"$id-{n}", "rclass": "local"} for n in range(101)]), 400),
    Case("2.6", "no array", Call("PUT", BATCH, {"key": "$id"}), 400),
    Case(
        "2.6",
        "several are changed at once",
        Call("POST", BATCH, [{"key": "$id-a", "notes": "x"}]),
        200,
        before=(Call("PUT", BATCH, _TWO),),
    ),
    Case(
        "2.6",
        "the change is there",
        get("$id-b"),
        200,
        {"notes": "y"},
        before=(Call("PUT", BATCH, _TWO), Call("POST", BATCH, [{"key": "$id-b", "notes": "y"}])),
    ),
    Case("2.6", "none of them is known", Call("POST", BATCH, [{"key": "$id-none", "notes": "x"}]), 404),
    Case(
        "2.6",
        "a bad change and none is done",
        Call("POST", BATCH, [{"key": "$id-a", "notes": "x"}, {"key": "$id-b", "repoLayoutRef": "nonsense"}]),
        400,
        before=(Call("PUT", BATCH, _TWO),),
    ),
    Case("2.6", "administrators only", Call("PUT", BATCH, _TWO, caller="somebody"), 403),
    Case("2.6", "there is no batch deletion", Call("DELETE", BATCH), 405),
)

CASES = (*LISTING, *READING, *KEYS, *CREATING, *DEFAULTS, *CHANGING, *DELETING, *BATCHES)
