"""PyArtifactory: repositories, artifacts, users, groups, permissions, tokens, a refusal."""

import hashlib
import json
import os
import sys
from pathlib import Path

from pyartifactory import Artifactory
from pyartifactory.exception import ArtifactNotFoundError, ArtifactoryError, RepositoryNotFoundError, UserNotFoundError
from pyartifactory.models import (
    Group,
    LocalRepository,
    NewUser,
    Permission,
    PermissionV2,
    RemoteRepository,
    VirtualRepository,
)
from pydantic import SecretStr
from requests import HTTPError

url = f"{os.environ['URL']}/artifactory"
near = Artifactory(url=url, auth=("admin", SecretStr("password")))
seen = {}

near.repositories.create_repo(LocalRepository(key="py-local"))
near.repositories.create_repo(
    VirtualRepository(key="py-virtual", repositories=["py-local"], defaultDeploymentRepo="py-local")
)
near.repositories.create_repo(RemoteRepository(key="py-remote", url=f"{url}/py-local"))
changed = near.repositories.get_repo("py-local")
seen["class"] = changed.rclass
changed.description = "changed"
seen["description"] = near.repositories.update_repo(LocalRepository(key="py-local", description="changed")).description
seen["virtual"] = near.repositories.get_repo("py-virtual").repositories
seen["remote"] = near.repositories.get_repo("py-remote").url
seen["listed"] = sorted(repo.key for repo in near.repositories.list() if repo.key.startswith("py-"))

content = os.urandom(200_000)
Path("data.bin").write_bytes(content)
seen["sent"] = hashlib.sha256(content).hexdigest()
seen["deployed"] = near.artifacts.deploy("data.bin", "py-local/a b/data.bin").checksums.sha256
Path("back").mkdir()
near.artifacts.download("py-virtual/a b/data.bin", "back")
seen["back"] = hashlib.sha256((Path("back") / "data.bin").read_bytes()).hexdigest()
seen["far"] = hashlib.sha256(b"".join(near.artifacts.stream("lib-virtual/far/data.bin"))).hexdigest()
near.artifacts.set_properties("py-local/a b/data.bin", {"one": ["1"], "two": ["x", "y z"]})
near.artifacts.update_properties("py-local/a b/data.bin", {"one": ["3"]})
seen["properties"] = near.artifacts.properties("py-local/a b/data.bin").properties
seen["one property"] = near.artifacts.properties("py-local/a b/data.bin", ["two"]).properties
seen["copied"] = near.artifacts.copy("py-local/a b/data.bin", "py-local/c/copy.bin").checksums.sha256
seen["moved"] = near.artifacts.move("py-local/c/copy.bin", "py-local/d/moved.bin").checksums.sha256
seen["files"] = sorted(file.uri for file in near.artifacts.list("py-local", recursive=True, list_folders=False).files)
seen["children"] = sorted(child.uri for child in near.artifacts.info("py-local").children)
seen["downloads"] = near.artifacts.stats("py-local/a b/data.bin").downloadCount
near.artifacts.delete("py-local/d")
try:
    near.artifacts.info("py-local/d/moved.bin")
except ArtifactNotFoundError:
    seen["gone"] = True

near.groups.create(Group(name="py-team", description="team"))
near.users.create(
    NewUser(name="py-user", password=SecretStr("Password1!"), email="py@acme.example", groups=["py-team"])
)
seen["groups"] = near.users.get("py-user").groups
seen["members"] = near.groups.get("py-team").userNames
seen["users"] = "py-user" in [user.name for user in near.users.list()]
near.users.unlock("py-user")
near.permissions.create(
    Permission(
        name="py-read",
        repositories=["py-local"],
        principals={"users": {}, "groups": {"py-team": ["r"]}},
    )
)
seen["permission"] = near.permissions.get("py-read").principals.groups["py-team"]
second = Artifactory(url=url, auth=("admin", SecretStr("password")), api_version=2)
repo = {"repositories": ["py-local"], "actions": {"users": {"py-user": ["read", "annotate"]}, "groups": {}}}
second.permissions.create(PermissionV2.model_validate({"name": "py-second", "repo": repo}))
seen["permissions"] = sorted(one.name for one in second.permissions.list() if one.name.startswith("py-"))

user = Artifactory(url=url, auth=("py-user", SecretStr("Password1!")))
seen["read by user"] = user.artifacts.info("py-local/a b/data.bin").checksums.sha256
for name, refused in {
    "deploy": lambda: user.artifacts.deploy("data.bin", "py-local/mine.bin"),
    "download": lambda: user.artifacts.download("lib-local/near/data.bin", "back"),
    "create": lambda: user.repositories.create_repo(LocalRepository(key="py-mine")),
}.items():
    try:
        refused()
    except (HTTPError, ArtifactoryError) as error:
        seen[f"refused {name}"] = getattr(error, "response", getattr(error.__cause__, "response", None)).status_code
seen["key"] = user.security.create_api_key().apiKey == user.security.get_api_key().apiKey
second.permissions.delete("py-second")
near.permissions.delete("py-read")
near.users.delete("py-user")
try:
    near.users.get("py-user")
except UserNotFoundError:
    seen["user gone"] = True
near.groups.delete("py-team")
for key in ("py-virtual", "py-remote", "py-local"):
    near.repositories.delete(key)
try:
    near.repositories.get_repo("py-local")
except RepositoryNotFoundError:
    seen["repository gone"] = True
json.dump(seen, sys.stdout)
