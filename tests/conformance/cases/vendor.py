"""What the vendor's Go client and its command line send and compare, call by call (12.1.2 to 12.11)."""

import base64
from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

API = "/artifactory/api"
REPOSITORIES = f"{API}/repositories"
OLD_TOKENS = f"{API}/security/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = {"Content-Type": "text/plain"}
SHOWN = (
    '.include("name","repo","path","actual_md5","actual_sha1","sha256","size","type","modified","created","property")'
)


def repository(key: str = "$id", rclass: str = "local", package_type: str = "generic", **fields: Any) -> Call:
    """Create Repository with the media type of the client."""
    kind = f"application/vnd.org.jfrog.artifactory.repositories.{rclass.title()}RepositoryConfiguration+json"
    sent = {"key": key, "rclass": rclass, "packageType": package_type, **fields}
    return Call("PUT", f"{REPOSITORIES}/{key}", sent, headers={"Content-Type": kind})


def deploy(path: str, content: str = "x of $id") -> Call:
    """Puts a file."""
    return Call("PUT", f"/artifactory/{path}", content)


def aql(query: str) -> Call:
    """A search."""
    return Call("POST", f"{API}/search/aql", query, headers=TEXT)


def publish(name: str, number: str = "7", **fields: Any) -> Call:
    """Publishes a build-info."""
    sent = {"name": name, "number": number, "started": "2014-09-30T12:00:19.893+0300", **fields}
    return Call("PUT", f"{API}/build", sent, headers={"Content-Type": "application/vnd.org.jfrog.artifactory+json"})


def old_token(**keep: str) -> Call:
    """The older Create Token."""
    sent = "username=anonymous&scope=api%3A*+member-of-groups%3Areaders&refreshable=true&grant_type=client_credentials"
    return Call("POST", OLD_TOKENS, sent, headers=FORM, keep=keep)


def revoke(form: str) -> Call:
    """The older Revoke Token."""
    return Call("POST", f"{OLD_TOKENS}/revoke", form, headers=FORM)


TOKENS = (
    Case(
        "12.5.4",
        "a token is revoked by what refreshes it",
        revoke("token=$refresh"),
        200,
        "Token revoked",
        before=(old_token(refresh="refresh_token"),),
    ),
    Case(
        "12.5.4",
        "a token of a few seconds that can be refreshed is revoked too",
        revoke("token=$refresh"),
        200,
        "Token revoked",
        before=(
            Call(
                "POST",
                "/access/api/v1/tokens",
                {"expires_in": 60, "refreshable": True, "audience": "*@*"},
                keep={"refresh": "refresh_token"},
            ),
        ),
    ),
    Case("12.5.4", "revoking nothing is told in words, with a 200", revoke("token=faketoken"), 200, "Token not found"),
    Case("12.5.4", "so is an unknown id", revoke("token_id=$id"), 200, "Token not found"),
    Case(
        "12.5.4",
        "what was revoked refreshes nothing",
        Call("POST", OLD_TOKENS, "grant_type=refresh_token&refresh_token=$refresh", headers=FORM),
        400,
        before=(old_token(refresh="refresh_token"), revoke("token=$refresh")),
    ),
)

_MANAGERS = {"watchManager": False, "reportsManager": False, "policyManager": False, "shouldInvite": False}
_USER = {"name": "$id", "email": "c@acme.example", "password": "Password1*", "realm": "internal", **_MANAGERS}
_MADE = Call("PUT", f"{API}/security/users/$id", _USER)
_GROUP = {"name": "$id", "description": "hello", "auto_join": False, "admin_privileges": True, "realm": "internal"}
_TARGET: dict[str, Any] = {
    "name": "$id",
    "repo": {"repositories": ["ANY"], "exclude-patterns": ["dir/*"], "actions": {"users": {"anonymous": ["read"]}}},
    "build": {"repositories": ["artifactory-build-info"], "actions": {"users": {"anonymous": ["annotate"]}}},
}
_SIGNER = {"alias": "$id", "public_key": "no key"}

SECURITY = (
    Case(
        "12.5.1",
        "a user who never logged in and runs no project",
        Call("GET", f"{API}/security/users/$id"),
        200,
        {
            **{name: value for name, value in _USER.items() if name != "password"},
            **dict.fromkeys(("lastLoggedIn", "projectAdmin", "source"), ABSENT),
        },
        before=(_MADE,),
    ),
    Case(
        "12.5.1",
        "a user without groups has no list of them",
        Call("GET", f"{API}/security/users/$id"),
        200,
        {"groups": ABSENT},
        before=(_MADE, Call("POST", f"{API}/security/users/$id", {**_USER, "groups": []})),
    ),
    Case(
        "12.5.4",
        "nobody is invited twice",
        Call("POST", "/access/api/v1/users/invite", {"invited_email": "$id@acme.example", "source": "cli"}),
        400,
        before=(Call("POST", "/access/api/v1/users/invite", {"invited_email": "$id@acme.example", "source": "cli"}),),
    ),
    Case(
        "4.6",
        "a group without members has no list of them",
        Call("GET", "/access/api/v2/groups/$id"),
        200,
        {**_GROUP, "members": ABSENT},
        before=(Call("POST", "/access/api/v2/groups", _GROUP),),
    ),
    Case(
        "12.5.3",
        "patterns of a permission target are filled in, kinds of principals are not",
        Call("GET", f"{API}/v2/security/permissions/$id"),
        200,
        exactly(
            {
                "name": "$id",
                "repo": {**_TARGET["repo"], "include-patterns": ["**"]},
                "build": {**_TARGET["build"], "include-patterns": ["**"], "exclude-patterns": []},
            }
        ),
        before=(Call("POST", f"{API}/v2/security/permissions/$id", _TARGET),),
    ),
    Case(
        "12.5.5",
        "a trusted key may be called public_key, and is still read",
        Call("POST", f"{API}/security/keys/trusted", _SIGNER),
        400,
        {"errors": includes({"status": 400, "message": matching("^(?!key is required)")})},
    ),
)

REPOSITORY = (
    Case(
        "12.3.5",
        "a virtual repository of any type takes a generic member",
        Call("GET", f"{REPOSITORIES}/$id"),
        200,
        {"repositories": ["$id-l"], "defaultDeploymentRepo": "$id-l", "repoLayoutRef": "maven-1-default"},
        before=(
            repository("$id-l"),
            repository(
                "$id",
                "virtual",
                "maven",
                repositories=["$id-l"],
                defaultDeploymentRepo="$id-l",
                repoLayoutRef="maven-1-default",
            ),
        ),
    ),
    Case(
        "12.3.5",
        "but none of another type",
        repository("$id", "virtual", "npm", repositories=["$id-l"]),
        400,
        before=(repository("$id-l", package_type="maven"),),
    ),
    Case(
        "12.3.3",
        "what is sent for Docker V1 comes back",
        Call("GET", f"{REPOSITORIES}/$id"),
        200,
        {"dockerApiVersion": "V1", "maxUniqueTags": 18, "dockerTagRetention": 10, "blockPushingSchema1": False},
        before=(
            repository(
                package_type="docker",
                **{
                    "dockerApiVersion": "V1",
                    "maxUniqueTags": 18,
                    "dockerTagRetention": 10,
                    "blockPushingSchema1": False,
                },
            ),
        ),
    ),
    Case(
        "12.4.2",
        "a replication to an address without a path",
        Call(
            "PUT",
            f"{API}/replications/$id",
            {"url": "http://target.acme.example", "username": "u", "password": "p", "cronExp": "0 0 14 * * ?"},
            headers={
                "Content-Type": "application/vnd.org.jfrog.artifactory.replications.ReplicationConfigRequest+json"
            },
        ),
        201,
        before=(repository(),),
    ),
)

_ODD = "$id / \\ | \t * ? : ; \\ / %b"
_ODD_PATH = "$id%20%2F%20%5C %7C   %2A %3F %3A %3B %5C%20%2F%20%25b"

BUILDS = (
    Case(
        "12.10.4",
        "a run lies where the client looks for it, whatever letters its name has",
        aql(
            f'items.find({{"repo": "artifactory-build-info","path": {{"$match": "{_ODD_PATH}"}},'
            '"name": {"$match": "7-1412067619893.json"}}).include("name","repo","path","actual_sha1","actual_md5")'
        ),
        200,
        {"results": [{"path": _ODD_PATH, "actual_sha1": ANY, "actual_md5": ANY}]},
        before=(publish(_ODD),),
    ),
    Case(
        "12.10.4",
        "a run is deleted by the address that the list gives it",
        Call("POST", f"{API}/build/delete", {"buildName": "$id", "buildNumbers": ["/7"]}),
        200,
        before=(publish("$id"),),
    ),
    Case(
        "12.10.4",
        "another number is unknown still",
        Call("POST", f"{API}/build/delete", {"buildName": "$id", "buildNumbers": ["/8"]}),
        404,
        before=(publish("$id"),),
    ),
    Case(
        "12.10.3",
        "items of a build by its properties",
        aql('items.find({"$or":[{"$and":[{"@build.name":"$id","@build.number":"1"}]}]})' + SHOWN),
        200,
        {"results": [{"name": "a.txt"}]},
        before=(repository(), deploy("$id/a.txt;build.name=$id;build.number=1"), deploy("$id/b.txt")),
    ),
)

_SEEN = '"$or":[{"$and":[{"repo":"$id","path":{"$match":"*"},"name":{"$match":"*"}}]}]'
_FILES = (repository(), deploy("$id/a/one.txt;k=v1;k=v2"), deploy("$id/two.txt"))
_BUNDLE = Call(
    "POST",
    "/lifecycle/api/v2/release_bundle?async=false",
    {
        "release_bundle_name": "$id-b",
        "release_bundle_version": "1",
        "source_type": "artifacts",
        "source": {"artifacts": [{"path": "$id/two.txt"}]},
    },
)

SEARCH = (
    Case(
        "12.10.3",
        "every value of a property at once",
        aql('items.find({"$and":[{"@k":"v1"},{"@k":"v2"}],' + _SEEN + "})" + SHOWN),
        200,
        {"results": [{"path": "a", "name": "one.txt", "properties": ANY}]},
        before=_FILES,
    ),
    Case(
        "12.10.3",
        "folders too, the repository's own among them",
        aql('items.find({"type":"any",' + _SEEN + '}).include("name","path","type")'),
        200,
        {"results": includes({"name": ".", "path": ".", "type": "folder"})},
        before=_FILES,
    ),
    Case(
        "12.10.3",
        "criteria of one object are alternatives below $or, so that a path and a name leave out what meets both",
        aql('items.find({"$or":[{"path":{"$nmatch":"a"},"name":{"$nmatch":"*"}}],' + _SEEN + "})" + SHOWN),
        200,
        {"results": [{"path": ".", "name": "two.txt"}]},
        before=_FILES,
    ),
    Case(
        "12.10.3",
        "criteria of one object are met together below $and",
        aql('items.find({"$and":[{"path":"a","name":"two.txt"}],' + _SEEN + "})" + SHOWN),
        200,
        {"results": []},
        before=_FILES,
    ),
    Case(
        "12.10.3",
        "items of a release bundle",
        aql(
            'items.find({"$and":[{"release_artifact.release.name":"$id-b","release_artifact.release.version":"1"}],'
            f"{_SEEN}}}){SHOWN}"
        ),
        200,
        {"results": [{"name": "two.txt"}]},
        before=(*_FILES, _BUNDLE),
    ),
    Case(
        "12.10.3",
        "a release bundle that is none has no items",
        aql('items.find({"$and":[{"release_artifact.release.name":"$id-c"}],' + _SEEN + "})" + SHOWN),
        200,
        {"results": []},
        before=(*_FILES, _BUNDLE),
    ),
    Case(
        "6.3",
        "release bundles with what is in them",
        aql('releases.find({"name":"$id-b"}).include("name","version","release_artifact.path")'),
        200,
        {
            "results": [
                {
                    "release.name": "$id-b",
                    "release.version": "1",
                    "release_artifacts": [{"release_artifact.path": "two.txt"}],
                }
            ]
        },
        before=(*_FILES, _BUNDLE),
    ),
    Case(
        "6.3",
        "statistics by themselves",
        aql('stats.find({"item.repo":"$id"})'),
        200,
        {"results": includes({"downloads": 0, "remote_downloads": 0})},
        before=_FILES,
    ),
    Case(
        "12.8.2",
        "names of release bundles, with their projects",
        Call("GET", "/lifecycle/api/v2/release_bundle/names"),
        200,
        {
            "release_bundles": includes(
                {"repository_key": "release-bundles-v2", "project_key": "default", "release_bundle_name": "$id-b"}
            )
        },
        before=(*_FILES, _BUNDLE),
    ),
    Case(
        "12.8.2", "which need a login", Call("GET", "/lifecycle/api/v2/release_bundle/names", caller="anonymous"), 401
    ),
)

_STATEMENT = base64.b64encode(
    b'{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://acme.example/t"}'
).decode()
_SIGNED = {"payload": _STATEMENT, "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": "eA=="}]}
_EVIDENCE = (
    repository(),
    deploy("$id/a/b.txt"),
    Call("POST", "/evidence/api/v1/subject/$id/a/b.txt", _SIGNED, keep={"uri": "uri"}),
)

EVIDENCE = (
    Case(
        "12.11",
        "evidence is an item of its subject's repository",
        Call("GET", "/artifactory/$uri"),
        200,
        {"payload": _STATEMENT},
        before=_EVIDENCE,
    ),
    Case(
        "12.11",
        "evidence that is none cannot be deleted",
        Call("DELETE", "/evidence/api/v1/evidence/$id/a/b.txt/none.json"),
        404,
        before=_EVIDENCE,
    ),
)

CASES = (*TOKENS, *SECURITY, *REPOSITORY, *BUILDS, *SEARCH, *EVIDENCE)
