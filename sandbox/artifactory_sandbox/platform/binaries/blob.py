"""`blob`: binaries as rows of the cluster's database, in parts (1.2, `full-db`)."""

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from artifactory_sandbox.platform.binaries.chain import MissingBinary, Part
from artifactory_sandbox.platform.state import Database

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS binary_blobs (sha1 TEXT NOT NULL, part INTEGER NOT NULL, data {bytes} NOT NULL,"
    " PRIMARY KEY (sha1, part))",
)
_PART = 1024 * 1024


class Blob(Part):
    """Parts of one MiB; a binary has its name only when all of them are there."""

    _db: Database

    def attach(self, platform: "Platform") -> None:
        """The database; what a killed node was writing goes."""
        self._db = platform.database
        self._mark = f"upload-{platform.node_id}-"
        self._db.run("DELETE FROM binary_blobs WHERE sha1 LIKE ?", self._mark + "%")

    def put(self, sha1: str, file: Path) -> None:
        """Writes the parts, then names them."""
        if self.has(sha1):
            return
        name = self._mark + secrets.token_hex(8)
        with file.open("rb") as source:
            number = 0
            while (data := source.read(_PART)) or not number:
                self._db.run("INSERT INTO binary_blobs (sha1, part, data) VALUES (?, ?, ?)", name, number, data)
                number += 1
        with self._db.transaction():
            if self.has(sha1):
                self._db.run("DELETE FROM binary_blobs WHERE sha1 = ?", name)
            else:
                self._db.run("UPDATE binary_blobs SET sha1 = ? WHERE sha1 = ?", sha1, name)

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """A stream over the parts."""
        if not self.has(sha1):
            raise MissingBinary(sha1)
        return cast(BinaryIO, io.BufferedReader(_Parts(self._db, sha1, start), _PART))

    def has(self, sha1: str) -> bool:
        """Whether its first part is there."""
        return self._db.value("SELECT part FROM binary_blobs WHERE sha1 = ? AND part = 0", sha1) is not None

    def remove(self, sha1: str) -> None:
        """Deletes the parts."""
        self._db.run("DELETE FROM binary_blobs WHERE sha1 = ?", sha1)

    def all(self) -> Iterator[tuple[str, int]]:
        """Every binary."""
        sql = "SELECT sha1, SUM(LENGTH(data)) FROM binary_blobs WHERE sha1 < 'g' GROUP BY sha1 ORDER BY sha1"
        for row in self._db.rows(sql):
            yield row[0], int(row[1])


class _Parts(io.RawIOBase):
    """Reads part after part."""

    def __init__(self, database: Database, sha1: str, start: int) -> None:
        self._db, self._sha1 = database, sha1
        self._number, skip = divmod(start, _PART)
        self._left = memoryview(self._part()[skip:])

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        """Some bytes."""
        if not self._left:
            self._left = memoryview(self._part())
        taken = min(len(buffer), len(self._left))
        buffer[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken

    def _part(self) -> bytes:
        sql = "SELECT data FROM binary_blobs WHERE sha1 = ? AND part = ?"
        found = self._db.value(sql, self._sha1, self._number)
        self._number += 1
        return bytes(found) if found is not None else b""
