"""Objects of a versioned bucket that were deleted or replaced, and the way back. An object's name ends with its SHA-1."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from artifactory_estate.cloud.session import client

_CHECKSUM = re.compile(r"[0-9a-f]{40}")
_BLOCK = 1 << 20

Outcome = Literal["restored", "intact", "damaged"]


@dataclass
class Changed:
    """A key whose current state is younger than the moment asked for."""

    key: str
    markers: list[str] = field(default_factory=list)
    """Version ids of the delete markers above the newest version; none: it was replaced."""
    versions: list[str] = field(default_factory=list)
    """Version ids of what was stored, newest first."""
    size: int = 0
    """Bytes of the newest."""

    @property
    def is_deleted(self) -> bool:
        """Whether readers find nothing."""
        return bool(self.markers)


@dataclass(frozen=True)
class Versions:
    """The versions below a prefix of one bucket."""

    bucket: str
    prefix: str
    region: str
    role: str | None

    def changed_since(self, moment: datetime) -> Iterator[Changed]:
        """Deleted after `moment` (with a time zone), or replaced then; in the order of keys, with bounded memory. What was
        uploaded for the first time after it is no loss."""
        for key, rows in self._by_key():
            if not _CHECKSUM.fullmatch(key.rpartition("/")[2]) or rows[0]["LastModified"] <= moment:
                continue
            above = next((at for at, row in enumerate(rows) if "Size" in row), len(rows))
            stored = [row for row in rows if "Size" in row]
            if stored and (above or (stored[-1]["LastModified"] <= moment and len(stored) > 1)):
                markers, ids = [row["VersionId"] for row in rows[:above]], [row["VersionId"] for row in stored]
                yield Changed(key, markers, ids, stored[0]["Size"])

    def restore(self, changed: Changed) -> Outcome:
        """Make the newest version current whose content has the checksum that its key names.

        Safe to repeat and to kill: content is verified before anything is written, and one write makes it current.
        `damaged`: no version has that checksum; nothing was written.
        """
        good = next((version for version in changed.versions if self._has_checksum(changed.key, version)), None)
        if good is None:
            return "damaged"
        if good != changed.versions[0]:
            source = {"Bucket": self.bucket, "Key": changed.key, "VersionId": good}
            self._s3.copy(source, self.bucket, changed.key)
        elif not changed.is_deleted:
            return "intact"
        for marker in changed.markers if good == changed.versions[0] else ():
            self._s3.delete_object(Bucket=self.bucket, Key=changed.key, VersionId=marker)
        return "restored"

    @property
    def _s3(self) -> Any:
        return client("s3", region=self.region, role=self.role)

    def _by_key(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Every key with all its versions and delete markers, newest first. A page ends anywhere, so the last key of one
        waits for the next; markers are listed apart from versions."""
        waiting: dict[str, list[dict[str, Any]]] = {}
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=self.prefix):
            for row in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                waiting.setdefault(row["Key"], []).append(row)
            last = max(waiting, default="")
            for key in sorted(waiting.keys() - {last}):
                yield key, _newest_first(waiting.pop(key))
        for key in sorted(waiting):
            yield key, _newest_first(waiting[key])

    def _has_checksum(self, key: str, version: str) -> bool:
        body = self._s3.get_object(Bucket=self.bucket, Key=key, VersionId=version)["Body"]
        digest = hashlib.sha1(usedforsecurity=False)
        for block in body.iter_chunks(_BLOCK):
            digest.update(block)
        return digest.hexdigest() == key.rpartition("/")[2]


def _newest_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """S3 lists each kind newest first; the two are merged by time, and what is current wins a draw."""
    return sorted(rows, key=lambda row: (row["LastModified"], row["IsLatest"]), reverse=True)
