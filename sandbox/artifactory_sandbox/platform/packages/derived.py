"""Answers whose bytes are worked out: with the checksum headers of a stored file, and not sent to who has them."""

import hashlib

from artifactory_sandbox.platform.web import Answer, Call


def answer(call: Call, data: bytes, media: str) -> Answer:
    """The bytes, or a 304."""
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    headers = {
        "X-Checksum-Sha1": sha1,
        "X-Checksum-Sha256": hashlib.sha256(data).hexdigest(),
        "X-Checksum-Md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "ETag": sha1,
        "X-Artifactory-Filename": call.path.rpartition("/")[2].encode("ascii", "replace").decode(),
    }
    known = {one.strip().removeprefix("W/").strip('"') for one in call.headers.get("if-none-match", "").split(",")}
    return Answer(304, headers=headers) if sha1 in known else Answer(200, data, media, headers)
