"""Uploads as twine sends them: a form with the file, its checksums and its metadata."""

import re
from collections.abc import Mapping

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.packages import multipart, sources
from artifactory_sandbox.platform.packages.archives import BadArchive
from artifactory_sandbox.platform.packages.deploying import demand_deploy
from artifactory_sandbox.platform.packages.multipart import Form
from artifactory_sandbox.platform.packages.pypi import metadata
from artifactory_sandbox.platform.packages.pypi.metadata import Metadata
from artifactory_sandbox.platform.packages.pypi.names import is_distribution, is_project, normalised
from artifactory_sandbox.platform.web import Answer, Call, Refused, Upload

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.!+_-]{0,99}\Z")
_DIGESTS = {"md5_digest": "md5", "sha256_digest": "sha256"}


def upload(call: Call) -> Answer:
    """`file_upload` stores a distribution; `submit` (register) is answered, as there is nothing to register."""
    body = call.upload
    if body is None:
        raise Refused(400, "No content")
    target = call.platform.artifacts.deploy_target(call.args["repo"])
    with multipart.form(body.path, call.headers.get("content-type", ""), call.platform.temporary) as form:
        action = form.first(":action")
        if action == "submit":
            call.platform.security.demand(call.caller, "write", target, form.first("name"))
            return Answer(200)
        if action != "file_upload":
            raise Refused(400, f"Unsupported action: '{action[:50]}'")
        _store(call, target, form)
    return Answer(200)


def _store(call: Call, target: str, form: Form) -> None:
    name, version = form.first("name").strip(), form.first("version").strip()
    if not is_project(name):
        raise Refused(400, f"Illegal project name: '{name[:100]}'")
    if not _VERSION.match(version):
        raise Refused(400, f"Illegal version: '{version[:100]}'")
    if "content" not in form.files:
        raise Refused(400, "The form has no file 'content'")
    file, content = form.files["content"]
    if not is_distribution(file) or not normalised(file).startswith(normalised(name)):
        raise Refused(400, f"'{file[:100]}' is not the name of a distribution of '{name}'")
    path = f"{name}/{version}/{file}"
    demand_deploy(call, target, path, content.sha256)
    declared = _checked(form, content, f"{target}:{path}")
    found = _read(content, file)
    if found is not None:
        _agree(found, name, version)
    noted = metadata.properties(name, version, form.first("summary"), _requires_python(form, found))
    _put(call, target, path, content, noted, declared)
    if "gpg_signature" in form.files:
        _put(call, target, f"{path}.asc", form.files["gpg_signature"][1], {}, {})


def _checked(form: Form, content: Upload, place: str) -> dict[str, str]:
    declared = {kind: form.first(name).lower() for name, kind in _DIGESTS.items() if form.first(name)}
    for kind, value in declared.items():
        actual = getattr(content, kind)
        if value != actual:
            raise Refused(409, f"Checksum error for '{place}': received '{value}' but actual is '{actual}'")
    return declared


def _read(content: Upload, file: str) -> Metadata | None:
    if file.endswith(".egg"):
        return None
    try:
        with content.path.open("rb") as opened:
            found = metadata.read(opened, whole=True)
    except BadArchive as error:
        raise Refused(400, f"'{file}' cannot be read: {error}") from None
    if found is None and file.endswith(".whl"):
        raise Refused(400, f"'{file}' has no .dist-info/METADATA")
    return found


def _agree(found: Metadata, name: str, version: str) -> None:
    message = found.message
    inside, its_version = metadata.value(message, "Name"), metadata.value(message, "Version")
    if inside and normalised(inside) != normalised(name):
        raise Refused(400, f"The package is '{inside[:100]}', not '{name}'")
    if its_version and its_version != version and normalised(its_version) != normalised(version):
        raise Refused(400, f"The package is of version '{its_version[:100]}', not '{version}'")


def _requires_python(form: Form, found: Metadata | None) -> str:
    return form.first("requires_python") or (metadata.value(found.message, "Requires-Python") if found else "")


def _put(
    call: Call,
    target: str,
    path: str,
    content: Upload,
    noted: Mapping[str, list[str]],
    declared: Mapping[str, str],
) -> None:
    origin = Origin(call.caller.name)
    sources.put_upload(call.platform, target, path, content, origin, {**noted, **call.matrix}, declared)
