"""What changes a registry: publishing, deprecation, tags, unpublishing."""

import base64
import binascii
import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.archives import BadArchive
from artifactory_sandbox.platform.packages.deploying import demand_deploy
from artifactory_sandbox.platform.packages.npm import packages
from artifactory_sandbox.platform.packages.npm.names import is_name, is_version
from artifactory_sandbox.platform.packages.npm.packages import Package
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.web import Call, Refused

_TAG = "npm.disttag"
_DEPRECATED = "npm.deprecated"


@dataclass(frozen=True, slots=True)
class _Sent:
    number: str
    manifest: Mapping[str, Any]
    file: str
    data: bytes


def target(call: Call) -> Source:
    """The local repository that takes changes."""
    key = call.platform.artifacts.deploy_target(call.args["repo"])
    return Source(key, "local", key, call.platform.repositories.get(key))


def held(call: Call, source: Source, name: str) -> Package:
    """The package as the repository that takes changes holds it."""
    return packages.stored(call.platform, source).get(name) or Package(name)


def publish(call: Call, source: Source, name: str, document: Mapping[str, Any]) -> None:
    """Stores the version of a publish document, and its tags; nothing of it when anything is wrong."""
    if not is_name(name) or document.get("name", name) != name:
        raise Refused(400, f"The document is not one of the package '{name[:214]}'")
    sent = _sent(name, document)
    path = f"{name}/-/{sent.file}"
    demand_deploy(call, source.store, path, hashlib.sha256(sent.data).hexdigest())
    _check_tarball(call, name, sent)
    tags = _tags(document)
    if any(number != sent.number for number in tags.values()):
        raise Refused(400, "A tag of the document names a version that is not in it")
    with call.platform.database.transaction():
        for tag in tags:
            _untag(call, source, name, tag)
        noted = {**packages.properties(sent.manifest), **call.matrix}
        if tags:
            noted[_TAG] = sorted(tags)
        sources.put_bytes(call.platform, source.store, path, sent.data, Origin(call.caller.name), noted)


def _sent(name: str, document: Mapping[str, Any]) -> _Sent:
    versions, attached = document.get("versions"), document.get("_attachments")
    if not isinstance(versions, dict) or len(versions) != 1 or not isinstance(attached, dict):
        raise Refused(400, "A publish document has one version and its tarball")
    number, manifest = next(iter(versions.items()))
    tarballs = {file: one for file, one in attached.items() if str(file).endswith(".tgz") and isinstance(one, dict)}
    if not is_version(number) or not isinstance(manifest, dict) or len(tarballs) != 1:
        raise Refused(400, "A publish document has one version and its tarball")
    file, attachment = next(iter(tarballs.items()))
    if file not in {f"{name}-{number}.tgz", f"{name.rpartition('/')[2]}-{number}.tgz"}:
        raise Refused(400, f"'{str(file)[:200]}' is not the tarball of '{name}@{number}'")
    data = _decoded(attachment)
    _check_digests(f"{name}@{number}", manifest.get("dist"), data)
    return _Sent(number, {**manifest, "name": name, "version": number}, file, data)


def _decoded(attachment: Mapping[str, Any]) -> bytes:
    try:
        data = base64.b64decode(str(attachment.get("data", "")), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "The tarball is not base64") from None
    length = attachment.get("length")
    if not data or (isinstance(length, int) and length != len(data)):
        raise Refused(400, f"The tarball has {len(data)} bytes, not {length}")
    return data


def _check_digests(place: str, dist: Any, data: bytes) -> None:
    wanted = dist if isinstance(dist, dict) else {}
    shasum = wanted.get("shasum")
    actual = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    if shasum and shasum != actual:
        raise Refused(409, f"Checksum error for '{place}': received '{shasum}' but actual is '{actual}'")
    for one in str(wanted.get("integrity") or "").split():
        kind, _, value = one.partition("-")
        if kind in {"sha256", "sha384", "sha512"}:
            actual = base64.b64encode(hashlib.new(kind, data).digest()).decode()
            if value.split("?")[0] != actual:
                raise Refused(409, f"Checksum error for '{place}': received '{value[:200]}' but actual is '{actual}'")


def _check_tarball(call: Call, name: str, sent: _Sent) -> None:
    call.platform.temporary.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=call.platform.temporary) as file:
        file.write(sent.data)
        file.seek(0)
        try:
            found = packages.read(file, whole=True)
        except BadArchive as error:
            raise Refused(400, f"The tarball cannot be read: {error}") from None
    if found is None:
        raise Refused(400, "The tarball has no package.json with a name and a version")
    inside = f"{found.manifest['name']}@{found.manifest['version']}"
    if inside != f"{name}@{sent.number}":
        raise Refused(400, f"The tarball is '{inside}', not '{name}@{sent.number}'")


def _tags(document: Mapping[str, Any]) -> dict[str, str]:
    found = document.get("dist-tags")
    if not isinstance(found, dict):
        return {}
    tags = {str(tag): str(number) for tag, number in found.items()}
    for tag in tags:
        check_tag(tag)
    return tags


def check_tag(tag: str) -> None:
    """Refuses a tag that could be taken for a version or a path."""
    if not tag or len(tag) > 200 or is_version(tag) or "/" in tag or tag[0].isdigit() or not sources.storable(tag):
        raise Refused(400, f"Illegal tag: '{tag[:200]}'")


def change(call: Call, source: Source, name: str, document: Mapping[str, Any], exactly: bool) -> None:
    """Takes over the deprecations of a packument, and with `exactly` its tags; what is as it was needs no permission."""
    package = held(call, source, name)
    if not package.versions:
        raise Refused(404, f"Package '{name}' not found")
    versions = document.get("versions")
    for number, manifest in versions.items() if isinstance(versions, dict) else ():
        version = package.versions.get(number)
        if version is not None and isinstance(manifest, dict):
            _note(call, source, version.path, _DEPRECATED, version.deprecated, _said(manifest.get("deprecated")))
    if not exactly or not isinstance(document.get("dist-tags"), dict):
        return
    wanted = {tag: number for tag, number in _tags(document).items() if number in package.versions}
    for tag, number in wanted.items():
        if package.tags.get(tag) != number:
            tag_version(call, source, name, tag, number)


def _said(message: Any) -> str:
    """A deprecation on one line, as a property can hold it."""
    text = " ".join(str(message or "").split())[:1000]
    if not sources.storable(text):
        raise Refused(400, "The deprecation is not a text")
    return text


def _note(call: Call, source: Source, path: str, name: str, was: str, wanted: str) -> None:
    if was == wanted:
        return
    call.platform.security.demand(call.caller, "annotate", source.repo, path)
    value = [wanted] if wanted else None
    call.platform.artifacts.set_properties(source.store, path, {name: value}, Origin(call.caller.name))


def tag_version(call: Call, source: Source, name: str, tag: str, number: str) -> None:
    """Puts a tag on a version, away from another one."""
    check_tag(tag)
    version = held(call, source, name).versions.get(number)
    if version is None:
        raise Refused(404, f"Version '{number[:200]}' of '{name}' not found")
    call.platform.security.demand(call.caller, "annotate", source.repo, version.path)
    with call.platform.database.transaction():
        _untag(call, source, name, tag)
        has = _tags_of(call, source, version.path)
        wanted: dict[str, list[str] | None] = {_TAG: sorted({*has, tag})}
        call.platform.artifacts.set_properties(source.store, version.path, wanted, Origin(call.caller.name))


def untag(call: Call, source: Source, name: str, tag: str) -> None:
    """Takes a tag away; a 404 when there is none."""
    package = held(call, source, name)
    version = package.versions.get(package.tags.get(tag, ""))
    if version is None or tag not in _tags_of(call, source, version.path):
        raise Refused(404, f"Tag '{tag[:200]}' of '{name}' not found")
    call.platform.security.demand(call.caller, "annotate", source.repo, version.path)
    with call.platform.database.transaction():
        _untag(call, source, name, tag)


def _untag(call: Call, source: Source, name: str, tag: str) -> None:
    for version in held(call, source, name).versions.values():
        has = _tags_of(call, source, version.path)
        if tag in has:
            left: dict[str, list[str] | None] = {_TAG: [one for one in has if one != tag] or None}
            call.platform.artifacts.set_properties(source.store, version.path, left, Origin(call.caller.name))


def _tags_of(call: Call, source: Source, path: str) -> list[str]:
    state = call.platform.artifacts.state
    item = state.item(source.store, path)
    return state.properties(item["id"]).get(_TAG, []) if item is not None else []


def unpublish(call: Call, source: Source, name: str) -> None:
    """Removes all versions of a package."""
    package = held(call, source, name)
    if not package.versions:
        raise Refused(404, f"Package '{name}' not found")
    for version in package.versions.values():
        call.platform.security.demand(call.caller, "delete", source.repo, version.path)
    with call.platform.database.transaction():
        for version in package.versions.values():
            remove(call, source, version.path)


def remove(call: Call, source: Source, path: str) -> bool:
    """Removes a tarball, and the folders that it leaves empty; False when there is none."""
    artifacts, origin = call.platform.artifacts, Origin(call.caller.name)
    item = artifacts.state.item(source.store, path)
    if item is None or item["folder"]:
        return False
    with call.platform.database.transaction():
        artifacts.delete(source.store, path, origin)
        above = Path(path).parent.as_posix()
        while above != "." and not artifacts.state.children(source.store, above):
            artifacts.delete(source.store, above, origin)
            above = Path(above).parent.as_posix()
    return True
