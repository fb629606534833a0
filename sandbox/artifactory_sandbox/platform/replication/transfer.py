"""Moving what differs between a repository here and one elsewhere, over the documented calls of a platform."""

import json
import logging
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.replication.far import WIRE, Far
from artifactory_sandbox.platform.security import patterns
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

_CHUNK = 256 * 1024
_ASK = 500
_MOST_PROBLEMS = 1000
Properties = dict[str, list[str]]


class Stopped(Exception):
    """The run was cut short: replication was blocked, or the node stops."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which paths take part, and what of them."""

    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    deletes: bool = False
    properties: bool = True
    statistics: bool = False
    existence: bool = False
    """Whether the target may be asked for binaries that it has without knowing them (1.7)."""

    @staticmethod
    def of(config: dict[str, Any]) -> "Filter":
        """From a replication's configuration."""
        includes = _patterns(config["includePathPrefixPattern"])
        if config["pathPrefix"] and not includes:
            includes = [config["pathPrefix"].rstrip("/") + "/**", config["pathPrefix"]]
        return Filter(
            tuple(includes),
            tuple(_patterns(config["excludePathPrefixPattern"])),
            config["syncDeletes"],
            config["syncProperties"],
            bool(config.get("syncStatistics")),
            config["checkBinaryExistenceInFilestore"],
        )

    def takes(self, path: str) -> bool:
        """Whether a path takes part."""
        return patterns.matches(path, self.includes, self.excludes)


class Transfer:
    """One run between a repository here and one elsewhere. `go_on` is asked between items and raises `Stopped`.

    An item that cannot be moved does not hold back the others: it is in `problems` when the run is over.
    """

    def __init__(self, platform: "Platform", repo: str, far: Far, wanted: Filter, go_on: Callable[[], None]) -> None:
        self._platform = platform
        self._repo = repo
        self._far = far
        self._filter = wanted
        self._go_on = go_on
        self.moved = 0
        self.problems: list[str] = []

    def push(self) -> None:
        """Sends what is here and missing or different there; removes the surplus there if asked to."""
        state = self._platform.artifacts.state
        there = self._far_files()
        properties_there = self._far_properties() if self._filter.properties else {}
        properties_here = state.properties_below(self._repo)
        here = [row for row in state.files(self._repo) if self._filter.takes(row["path"])]
        if self._filter.existence:
            self._tell_of(row for row in here if there.get(row["path"]) != row["sha1"])
        for row in here:
            self._go_on()
            path = row["path"]

            def move(row: Row = row, path: str = path) -> None:
                if there.get(path) != row["sha1"]:
                    self.send(row)
                    properties_there.pop(path, None)
                if self._filter.properties:
                    self.send_properties(path, properties_here.get(path, {}), properties_there.get(path, {}))

            self._try(path, move)
        if self._filter.deletes:
            self._remove_surplus(there.keys() - {row["path"] for row in here})
        if self._filter.statistics:
            self._send_statistics(here)

    def _remove_surplus(self, surplus: Iterable[str]) -> None:
        for path in surplus:
            self._go_on()
            if self._filter.takes(path):
                self._try(path, lambda path=path: self.send_delete(path))  # type: ignore[misc]

    def _try(self, path: str, move: Callable[[], None]) -> None:
        """Moves one item; a platform that is away, or lets nobody in, ends the run, anything else is the item's problem."""
        try:
            move()
            self.moved += 1
        except (PeerFailed, MissingBinary, Refused) as error:
            if isinstance(error, PeerFailed) and (error.unreachable or error.status in {401, 403}):
                raise
            if len(self.problems) < _MOST_PROBLEMS:
                self.problems.append(f"{path}: {error}")
            log.warning("replication of %s:%s: %s", self._repo, path, error)

    def push_one(self, kind: str, path: str) -> None:
        """Sends one event."""
        if not self._filter.takes(path):
            return
        item = self._platform.artifacts.state.item(self._repo, path)
        if item is None:
            if self._filter.deletes:
                self.send_delete(path)
            return
        if item["folder"]:
            if path:
                self._put(f"{self._far.item(path)}/", b"")  # nothing happens when it is there
        elif kind == "create" and self._far_sha1(path) != item["sha1"]:
            self.send(item)
        if kind in {"create", "properties"} and self._filter.properties:
            here = self._platform.artifacts.state.properties(item["id"])
            self.send_properties(path, here, self._far_properties_of(path))

    def pull(self) -> None:
        """Fetches into the cache what the upstream has; removes the surplus here if asked to."""
        artifacts = self._platform.artifacts
        there = self._far_files()
        properties = self._far_properties() if self._filter.properties else {}
        here = {row["path"]: row["sha1"] for row in artifacts.state.files(self._repo)}
        wanted = {path: sha1 for path, sha1 in there.items() if self._filter.takes(path)}
        for path, sha1 in wanted.items():
            self._go_on()

            def move(path: str = path, sha1: str = sha1) -> None:
                if here.get(path) != sha1:
                    self._fetch(path, sha1)
                if self._filter.properties:
                    artifacts.replace_properties(self._repo, path, properties.get(path, {}), Origin("_system_"))

            self._try(path, move)
        if self._filter.deletes:
            for path in here.keys() - wanted.keys():
                if self._filter.takes(path):
                    artifacts.delete(self._repo, path, Origin("_system_"))

    def pull_one(self, kind: str, path: str, folder: bool) -> None:
        """Takes over one event of the upstream."""
        artifacts = self._platform.artifacts
        if not path or not self._filter.takes(path):
            return
        sha1 = None if folder else self._far_sha1(path)
        if sha1 is None and not folder:
            if self._filter.deletes:
                artifacts.delete(self._repo, path, Origin("_system_"))
            return
        if folder:
            if kind == "delete" and self._filter.deletes:
                artifacts.delete(self._repo, path, Origin("_system_"))
            return
        known = artifacts.state.item(self._repo, path)
        if known is None or known["sha1"] != sha1:
            self._fetch(path, str(sha1))
        if self._filter.properties:
            there = self._far_properties_of(path)
            artifacts.replace_properties(self._repo, path, there, Origin("_system_"))

    def send(self, row: Row) -> None:
        """A file: by checksum first, in full when the other end lacks the binary."""
        headers = {
            "X-Checksum-Sha1": row["sha1"],
            "X-Checksum-Sha256": row["sha256"],
            "X-Checksum-Md5": row["md5"],
            "X-Artifactory-Created": iso(row["created"]),
            "X-Artifactory-Created-By": row["created_by"],
            "X-Artifactory-Last-Modified": iso(row["modified"]),
            "X-Artifactory-Modified-By": row["modified_by"],
        }
        url = self._far.item(row["path"])
        try:
            self._put(url, b"", {**headers, "X-Checksum-Deploy": "true"})
        except PeerFailed as error:
            if error.status != 404:
                raise
            with closing(self._platform.binaries.store.open(row["sha1"])) as file:
                self._put(url, Sized(file, row["size"]), headers)

    def send_properties(self, path: str, here: Properties, there: Properties) -> None:
        """Makes the properties there equal to those here."""
        if here == there:
            return
        props: dict[str, Any] = dict.fromkeys(there.keys() - here.keys())
        props.update({name: values for name, values in here.items() if there.get(name) != values})
        url = f"{self._far.base}/api/metadata/{quote(self._far.repo)}/{quote(path)}"
        self._far.call("PATCH", url, json={"props": props}, params={"recursiveProperties": "0"})

    def send_delete(self, path: str) -> None:
        """Removes an item there; fine when there is none."""
        self._far.call("DELETE", self._far.item(path), allowed=(404,))

    def _tell_of(self, rows: Iterable[Row]) -> None:
        """Makes known to the target which binaries its filestore may hold already, by another way than ours."""
        wanted = {row["sha1"]: {name: row[name] for name in ("sha1", "sha256", "md5", "size")} for row in rows}
        listed = list(wanted.values())
        for start in range(0, len(listed), _ASK):
            body = {"binaries": listed[start : start + _ASK]}
            self._far.call("POST", f"{self._far.base}{WIRE}/binaries", json=body, allowed=(403, 404, 405))

    def _send_statistics(self, rows: Iterable[Row]) -> None:
        counted = [
            {"path": row["path"], "downloads": row["downloads"], "at": row["downloaded"], "by": row["downloaded_by"]}
            for row in rows
            if row["downloads"]
        ]
        url = f"{self._far.base}{WIRE}/statistics/{quote(self._far.repo)}"
        for start in range(0, len(counted), _ASK):
            body = {"origin": self._platform.service_id, "repo": self._repo, "files": counted[start : start + _ASK]}
            self._far.call("POST", url, json=body, allowed=(404, 405))

    def _put(self, url: str, data: Any, headers: dict[str, str] | None = None) -> None:
        self._far.call("PUT", url, data=data, headers=headers)

    def _far_files(self) -> dict[str, str]:
        params = {"list": "", "deep": "1", "listFolders": "0"}
        answer = self._far.call("GET", self._far.storage(), params=params)
        return {entry["uri"].lstrip("/"): entry["sha1"] for entry in answer.json()["files"] if not entry["folder"]}

    def _far_sha1(self, path: str) -> str | None:
        answer = self._far.call("HEAD", self._far.item(path), allowed=(404,))
        return answer.headers.get("X-Checksum-Sha1") if answer.status_code == 200 else None

    def _far_properties(self) -> dict[str, Properties]:
        """Properties of all files there, by path: one query."""
        query = f'items.find({json.dumps({"repo": self._far.repo})}).include("repo","path","name","property")'
        answer = self._far.call(
            "POST",
            f"{self._far.base}/api/search/aql",
            data=query.encode(),
            headers={"Content-Type": "text/plain"},
        )
        found: dict[str, Properties] = {}
        for row in answer.json()["results"]:
            path = row["name"] if row["path"] == "." else f"{row['path']}/{row['name']}"
            found[path] = _gathered(row.get("properties", ()))
        return found

    def _far_properties_of(self, path: str) -> Properties:
        answer = self._far.call("GET", self._far.storage(path), params={"properties": ""}, allowed=(404,))
        return dict(answer.json()["properties"]) if answer.status_code == 200 else {}

    def _fetch(self, path: str, sha1: str) -> None:
        artifacts = self._platform.artifacts
        digests = artifacts.known("sha1", sha1)
        if digests is None:
            hashing = Hashing(self._platform.temporary)
            try:
                with self._far.call("GET", self._far.item(path), stream=True) as answer:
                    for chunk in answer.iter_content(_CHUNK):
                        hashing.write(chunk)
            except BaseException:
                hashing.discard()
                raise
            upload = hashing.done()
            try:
                if upload.sha1 != sha1:
                    raise PeerFailed(0, f"{path}: received {upload.sha1}, the list said {sha1}")
                digests = artifacts.store(upload)
            finally:
                upload.path.unlink(missing_ok=True)
        declared = {"sha1": sha1}
        whole = Digests(digests.sha1, digests.sha256, digests.md5, digests.size, declared)
        artifacts.put_file(self._repo, path, whole, Origin("_system_"))


class Sized:
    """A stream whose length is known, so that it is sent with one instead of in chunks."""

    def __init__(self, file: Any, length: int) -> None:
        self._file = file
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Any:
        while chunk := self._file.read(_CHUNK):
            yield chunk

    def read(self, size: int = -1) -> bytes:
        """Some bytes."""
        data: bytes = self._file.read(size if size and size > 0 else _CHUNK)
        return data


def _patterns(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _gathered(properties: Iterable[dict[str, str]]) -> Properties:
    found: Properties = {}
    for entry in properties:
        found.setdefault(entry["key"], []).append(entry.get("value", ""))
    return found
