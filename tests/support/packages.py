"""Small packages of every kind, made here: the same bytes for the same arguments."""

import base64
import gzip
import hashlib
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Any


def wheel(name: str, version: str, **metadata: str) -> tuple[str, bytes]:
    """File name and bytes; `metadata` are more fields, such as `requires_python=">=3.8"`."""
    module = name.lower().replace("-", "_").replace(".", "_")
    info = f"{module}-{version}.dist-info"
    members = {
        f"{module}/__init__.py": f'VERSION = "{version}"\n',
        f"{info}/METADATA": _core(name, version, metadata),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    members[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*members, f"{info}/RECORD"))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in members.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return f"{module}-{version}-py3-none-any.whl", made.getvalue()


def sdist(name: str, version: str, **metadata: str) -> tuple[str, bytes]:
    """File name and bytes."""
    top = f"{name.lower().replace('-', '_')}-{version}"
    return f"{top}.tar.gz", tgz({f"{top}/PKG-INFO": _core(name, version, metadata), f"{top}/setup.py": ""})


def _core(name: str, version: str, metadata: Mapping[str, str]) -> str:
    fields = {"Metadata-Version": "2.1", "Name": name, "Version": version}
    fields |= {key.replace("_", "-").capitalize(): value for key, value in metadata.items()}
    return "".join(f"{key}: {value}\n" for key, value in fields.items()) + "\nAbout it.\n"


def tgz(members: Mapping[str, str | bytes]) -> bytes:
    """A gzipped tar."""
    return gzip.compress(tar(members), mtime=0)


def tar(members: Mapping[str, str | bytes]) -> bytes:
    """A tar."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for path, content in members.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def npm_tarball(name: str, version: str, **manifest: Any) -> bytes:
    """A package as `npm pack` makes it."""
    said = {"name": name, "version": version, "description": "made here", "main": "index.js", **manifest}
    return tgz({"package/package.json": json.dumps(said), "package/index.js": f'module.exports = "{version}"\n'})


def npm_document(name: str, version: str, tag: str = "latest", **manifest: Any) -> dict[str, Any]:
    """What `npm publish` sends."""
    data = npm_tarball(name, version, **manifest)
    said = {"name": name, "version": version, "description": "made here", "main": "index.js", **manifest}
    file = f"{name}-{version}.tgz"
    dist = {
        "shasum": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "integrity": f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}",
        "tarball": f"http://127.0.0.1/{name}/-/{file}",
    }
    attached = {
        "content_type": "application/octet-stream",
        "data": base64.b64encode(data).decode(),
        "length": len(data),
    }
    return {
        "_id": name,
        "name": name,
        "dist-tags": {tag: version},
        "versions": {version: {**said, "_id": f"{name}@{version}", "dist": dist}},
        "_attachments": {file: attached},
    }


def chart(name: str, version: str, **fields: str) -> bytes:
    """A Helm chart."""
    said = {"apiVersion": "v2", "name": name, "version": version, "description": "made here", **fields}
    text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in said.items())
    return tgz({f"{name}/Chart.yaml": text, f"{name}/values.yaml": "{}\n", f"{name}/templates/NOTES.txt": "hello\n"})


def deb(name: str, version: str, architecture: str = "amd64", compression: str = "xz", **fields: str) -> bytes:
    """A Debian package with one file in it."""
    said = {"Package": name, "Version": version, "Architecture": architecture, "Maintainer": "Here <here@acme.example>"}
    said |= {key.replace("_", "-").capitalize(): value for key, value in fields.items()}
    control = "".join(f"{key}: {value}\n" for key, value in said.items()) + "Description: made here\n and for this\n"
    pack = {"xz": lzma.compress, "gz": lambda data: gzip.compress(data, mtime=0)}[compression]
    members = {
        "debian-binary": b"2.0\n",
        f"control.tar.{compression}": pack(tar({"./control": control})),
        f"data.tar.{compression}": pack(tar({f"./usr/share/{name}/about": "hello\n"})),
    }
    return b"!<arch>\n" + b"".join(_member(file, data) for file, data in members.items())


def _member(name: str, data: bytes) -> bytes:
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n"
    return head.encode() + data + b"\n" * (len(data) % 2)
