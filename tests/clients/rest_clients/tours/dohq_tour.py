"""dohq-artifactory: the path API, AQL, checksums, administration, builds, a refusal."""

import hashlib
import json
import os
import sys
from pathlib import Path

from artifactory import ArtifactoryBuildManager, ArtifactoryPath
from dohq_artifactory import (
    Group,
    PermissionTarget,
    Project,
    RepositoryLocal,
    RepositoryRemote,
    RepositoryVirtual,
    Token,
    User,
)
from dohq_artifactory.exception import ArtifactoryException

base = f"{os.environ['URL']}/artifactory"
admin = ("admin", "password")
root = ArtifactoryPath(base, auth=admin)
seen = {}


def at(path, auth=admin):
    return ArtifactoryPath(f"{base}/{path}", auth=auth)


def digest(path):
    with path.open() as stream:
        return hashlib.sha256(stream.read()).hexdigest()


local = RepositoryLocal(root, "dq-local", packageType=RepositoryLocal.GENERIC)
local.create()
RepositoryRemote(root, "dq-remote", url=f"{base}/dq-local", packageType=RepositoryRemote.GENERIC).create()
virtual = RepositoryVirtual(root, "dq-virtual", repositories=["dq-local"], packageType=RepositoryVirtual.GENERIC)
virtual.create()
seen["repositories"] = sorted(repo.name for repo in root.get_repositories(lazy=True) if repo.name.startswith("dq-"))
seen["virtual"] = [repo.name for repo in root.find_repository_virtual("dq-virtual").repositories]

content = os.urandom(150_000)
Path("data.bin").write_bytes(content)
seen["sent"] = hashlib.sha256(content).hexdigest()
deep = at("dq-local/one/two")
deep.mkdir(parents=True, exist_ok=True)
target = deep / "data.bin"
target.deploy_file("data.bin", parameters={"stage": "test", "tags": ["a", "b"]})
stat = target.stat()
seen["stat"] = [stat.sha256, stat.size, stat.is_dir, stat.created_by]
seen["checksums"] = [stat.md5 == hashlib.md5(content).hexdigest(), stat.sha1 == hashlib.sha1(content).hexdigest()]
seen["local"] = digest(target)
seen["through virtual"] = digest(at("dq-virtual/one/two/data.bin"))
seen["far"] = digest(at("lib-virtual/far/data.bin"))
by_checksum = at("dq-local/one/again.bin")
by_checksum.deploy_by_checksum(sha1=stat.sha1)
seen["by checksum"] = digest(by_checksum)
seen["properties"] = target.properties
target.update_properties({"stage": ["release"], "odd": ["a=b;c,d|e"]})
seen["updated"] = target.properties
target.properties = {"only": ["this"]}
seen["replaced"] = target.properties
copy = at("dq-local/three/copy.bin")
target.copy(copy)
copy.move(at("dq-local/three/moved.bin"))
seen["copy gone"] = not copy.exists()
seen["moved"] = digest(at("dq-local/three/moved.bin"))
seen["walk"] = sorted(str(path.path_in_repo) for path in at("dq-local").glob("**/*") if not path.is_dir())
seen["children"] = sorted(path.name for path in at("dq-local"))
rows = root.aql(
    "items.find",
    {"repo": "dq-local", "name": {"$match": "*.bin"}},
    ".include",
    ["name", "path", "repo", "type", "sha256"],
)
seen["aql"] = sorted((row["path"], row["name"], row["sha256"]) for row in rows)
seen["from aql"] = sorted(root.from_aql(row).name for row in rows)
seen["found by property"] = [
    row["name"]
    for row in root.aql("items.find", {"repo": "dq-local", "@only": "this"}, ".include", ["name", "property"])
]
seen["downloads"] = target.download_stats().download_count > 0
at("dq-local/three").rmdir()
seen["folder gone"] = not at("dq-local/three").exists()

group = Group(root, "dq-team")
group.create()
user = User(root, "dq-user", email="dq@acme.example", password="Password1!")
user.add_to_group(group)
user.create()
user.read()
seen["groups"] = [one.name for one in user.groups]
permission = PermissionTarget(root, "dq-read")
permission.add_repository("dq-local")
permission.add_group(group, PermissionTarget.ROLE_READ)
permission.create()
permission.read()
seen["permission"] = [repo.name for repo in permission.repositories]
seen["users"] = "dq-user" in [one.name for one in root.get_users(lazy=True)]
mine = ("dq-user", "Password1!")
seen["read by user"] = digest(at("dq-local/one/two/data.bin", mine))
for name, refused in {
    "deploy": lambda: at("dq-local/mine.bin", mine).deploy_file("data.bin"),
    "read": lambda: digest(at("lib-local/near/data.bin", mine)),
}.items():
    try:
        refused()
        seen[f"refused {name}"] = "let through"
    except (ArtifactoryException, PermissionError, OSError, RuntimeError) as error:
        seen[f"refused {name}"] = type(error).__name__
at("dq-local/one/two/data.bin", mine).unlink()  # this client keeps a 403 to itself
seen["still there"] = target.exists()
token = Token(root, scope="applied-permissions/groups:dq-team", username="dq-user", expires_in=600)
token.create()
seen["token"] = digest(ArtifactoryPath(f"{base}/dq-local/one/two/data.bin", token=token.token["access_token"]))
project = Project(root, "dqp", "A project")
project.create()
seen["project"] = root.find_project("dqp").display_name
project.delete()

build = {
    "version": "1.0.1",
    "name": "dq-build",
    "number": "1",
    "started": "2026-01-31T12:00:00.000+0000",
    "modules": [{"id": "m", "artifacts": [{"type": "bin", "name": "data.bin", "sha1": stat.sha1, "md5": stat.md5}]}],
}
root.session.put(f"{base}/api/build", json=build, auth=admin).raise_for_status()
manager = ArtifactoryBuildManager(base, project=None, auth=admin)
seen["builds"] = [one.name for one in manager.builds]
seen["runs"] = [run.run_number for run in manager.get_build_runs("dq-build")]
seen["build info"] = manager.get_build_info("dq-build", "1")["buildInfo"]["modules"][0]["id"]
for each in (permission, user, group):
    each.delete()
for key in ("dq-virtual", "dq-remote", "dq-local"):
    root.find_repository(key).delete()
seen["repository gone"] = root.find_repository_local("dq-local") is None
json.dump(seen, sys.stdout)
