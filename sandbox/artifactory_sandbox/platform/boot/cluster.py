"""Joining the cluster: its database, its keys, a licence, the first administrator (configuration files reference 4)."""

import hashlib
import json
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from artifactory_sandbox.licence import InvalidLicence, parse_file
from artifactory_sandbox.platform.boot.database import Database
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart
from artifactory_sandbox.platform.licences.behaviour import NoLicence
from artifactory_sandbox.platform.platform import Platform
from artifactory_sandbox.platform.security.tokens import ADMIN_SCOPE
from artifactory_sandbox.platform.version import Version

_TIMEOUT_S = 10
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def database_of(control: str, database: Database) -> Path | str:
    """The file that stands for the database, or the URL of a real PostgreSQL, once the password was right."""
    where = f"{control.rstrip('/')}/databases/{quote(database.host)}"
    status, found = _ask("GET", where)
    if status != 200 or not found.get("reachable"):
        raise CannotStart(f"cannot reach the database at {database.host}: connection attempt failed")
    if found.get("kind", database.kind) != database.kind:
        raise CannotStart(
            f"the database at {database.host} does not speak {database.kind}: Communications link failure"
        )
    status, _ = _ask("POST", f"{where}/login", {"user": database.user, "password": database.password})
    if status != 200:
        raise CannotStart(f'the database at {database.host}: password authentication failed for user "{database.user}"')
    if found.get("reads_only"):
        raise CannotStart(f"the database at {database.host}: cannot execute CREATE TABLE in a read-only transaction")
    return str(found["url"]) if found.get("url") else Path(str(found["path"]))


def convert_database(platform: Platform) -> None:
    """The first node of a newer version converts the database; an older one cannot start on it any more, and those that run
    already go on."""
    with platform.database.transaction():
        converted = Version(platform.settings.get("schema-version", platform.version))
        if not platform.version.at_least(converted):
            raise CannotStart(
                f"the database was converted by Artifactory {converted}: {platform.version} is older and cannot use it"
                " (downgrade is not supported; restore the backup that was made before the upgrade)"
            )
        platform.settings.set("schema-version", platform.version)


def check_keys(platform: Platform, master: str, join: str) -> None:
    """The master key must be the one with which the cluster began. A member may come back with another join key, which
    is the cluster's from then on; while the others still have the old one, that is as good (inferred: no page says it)."""
    if platform.settings.once("master-key", partial(str, _mark("master", master))) != _mark("master", master):
        raise CannotStart("the master key differs from that of the cluster")
    mark, settings = _mark("join", join), platform.settings
    with platform.database.transaction():
        keys = settings.get("join-keys", {})
        if keys and mark not in keys.values() and platform.node_id not in keys:
            raise CannotStart("the join key differs from that of the cluster")
        settings.set("join-keys", {**keys, platform.node_id: mark})
        settings.set("join-key", mark)


def _mark(name: str, key: str) -> str:
    return hashlib.sha256(f"{name}\n{key}".encode()).hexdigest()


def take_licence(platform: Platform, files: Files) -> None:
    """Fills the pool from this node's file and takes one; waits for the heartbeat of a dead holder to grow old."""
    for name in ("artifactory.cluster.license", "artifactory.lic"):
        path = files.etc / "artifactory" / name
        if path.exists():
            try:
                platform.licences.fill(parse_file(files.read(path)))
            except InvalidLicence as error:
                raise CannotStart(f"{files.shown(path)}: {error}") from error
    before = platform.cluster.beats()
    began = time.monotonic()
    while True:
        try:
            platform.licences.claim()
            return
        except NoLicence as error:
            now = platform.cluster.beats()
            watched = time.monotonic() - began > 1.5 * platform.cluster.beat_seconds
            all_beat = all(beat > before[node] for node, beat in now.items() if node in before)
            if not error.waiting or (watched and all_beat):
                raise CannotStart(str(error)) from error
        time.sleep(0.2)


def check_filestore(platform: Platform) -> None:
    """Sharding needs an Enterprise licence, sharding over buckets a higher one (configuration files reference 1.10, 1.12)."""
    held, allowed = str(platform.licences.single()["type"]), platform.binaries.licences
    if allowed and not held.startswith(tuple(allowed)):
        raise CannotStart(
            f"a sharded filestore needs a licence of the kind {' or '.join(allowed)}; this node's is {held}"
        )


def first_administrator(platform: Platform, files: Files) -> None:
    """`bootstrap.creds`, if it is there: the password of admin at the first start, or its reset."""
    path = files.etc / "access/bootstrap.creds"
    password = None
    if path.exists():
        mode = path.stat().st_mode & 0o777
        if mode != 0o600:
            raise CannotStart(f"{files.shown(path)}: the mode is {mode:04o}, it must be 0600")
        name, _, password = files.read(path).strip().partition("=")
        if name.partition("@")[0] not in {"admin", "access-admin"} or not password:
            raise CannotStart(f"{files.shown(path)}: not of the form admin@*=PASSWORD")
    platform.security.first_users(password)
    platform.repositories.first_repositories()


def write_token(platform: Platform, files: Files) -> None:
    """`generate.token.json` asks for an administrator's token: it is written beside it."""
    folder = files.var / "bootstrap/etc/access/keys"
    asked, made = folder / "generate.token.json", folder / "token.json"
    if not asked.exists() or made.exists():
        return
    token = platform.security.tokens.create("admin", ADMIN_SCOPE, 0, description="generated at first start")
    beside = folder / "token.json.new"
    beside.touch(mode=0o600)
    beside.write_text(json.dumps({"token": token["access_token"], "token_id": token["token_id"]}))
    beside.replace(made)


def _ask(method: str, url: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
    try:
        with _DIRECT.open(request, timeout=_TIMEOUT_S) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith(b"{") else {}
    except urllib.error.HTTPError as error:
        return error.code, {}
    except OSError as error:
        raise CannotStart(f"the sandbox does not answer: {error}") from error
