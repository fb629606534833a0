"""One licence a node, from a pool in the cluster's database."""

import contextlib
import time
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.licence import InvalidLicence, Licence, parse
from artifactory_sandbox.platform.licences.state import LicenceState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_NOT_IN_USE = "Not in use"
_INVALID = "Invalid Artifactory license."
_NOT_FOR_HA = "Invalid Artifactory license for High Availability environment."
_HA_TYPES = ("enterprise", "trial")


class NoLicence(Exception):
    """This node cannot have a licence; the text says why. `waiting` when a holder may be dead."""

    def __init__(self, reason: str, waiting: bool = False) -> None:
        self.waiting = waiting
        super().__init__(reason)


class Licences:
    """The pool, and this node's licence in it."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = LicenceState(platform.database)
        self._checked = 0.0
        self._valid = True

    def fill(self, licences: list[Licence]) -> None:
        """Puts licences of a file into the pool; those that are there stay as they are. Raises `InvalidLicence`."""
        for number, licence in enumerate(licences):
            if not self._fits(licence):
                raise InvalidLicence(_NOT_FOR_HA)
            self.state.add(licence.hash, licence.text, int(time.time() * 1000) + number)

    def claim(self) -> None:
        """Gives this node its licence, or raises `NoLicence`."""
        node = self._platform.node_id
        with self._platform.database.transaction():
            pool = self.state.all()
            if not pool:
                raise NoLicence("no licence: the cluster's licence pool is empty")
            valid = [row for row in pool if not self._expired(row)]
            if not valid:
                raise NoLicence(f"no valid licence: all {len(pool)} licences of the pool have expired")
            if any(row["node"] == node for row in valid):
                return
            live = self._platform.cluster.live()
            free = [row for row in valid if row["node"] is None or row["node"] not in live]
            if not free:
                holders = ", ".join(sorted(row["node"] for row in valid))
                raise NoLicence(f"no licence for this node: the licence is already in use by {holders}", waiting=True)
            self.state.release(node)
            self.state.assign(free[0]["hash"], node)
            self._platform.cluster.join()  # a holder that is not in the node list counts as dead
        self._checked = 0.0

    @property
    def valid(self) -> bool:
        """Whether this node may serve; looked up once a second."""
        if time.monotonic() - self._checked > 1:
            row = self.state.of(self._platform.node_id)
            self._valid = row is not None and not self._expired(row)
            self._checked = time.monotonic()
        return self._valid

    def expire(self, node: str) -> None:
        """Fault: a node's licence is over."""
        self.state.expire(node)
        self._checked = 0.0

    def own(self) -> Licence | None:
        """This node's licence."""
        row = self.state.of(self._platform.node_id)
        return parse(row["text"]) if row else None

    def single(self) -> dict[str, str]:
        """The answer of License Information."""
        licence = self.own()
        if licence is None:
            return {"type": "N/A", "validThrough": "", "licensedTo": ""}
        return {"type": licence.type, "validThrough": licence.shown_until, "licensedTo": licence.licensed_to}

    def pool(self) -> list[dict[str, Any]]:
        """The answer of HA License Information."""
        urls = {node["id"]: node["url"] for node in self._platform.cluster.nodes()}
        listed = []
        for row in self.state.all():
            licence = parse(row["text"])
            listed.append(
                {
                    "type": licence.type,
                    "validThrough": licence.shown_until,
                    "licensedTo": licence.licensed_to,
                    "licenseHash": row["hash"],
                    "nodeId": row["node"] or _NOT_IN_USE,
                    "nodeUrl": urls.get(row["node"], _NOT_IN_USE),
                    "expired": self._expired(row),
                }
            )
        return listed

    def install(self, keys: list[str]) -> tuple[bool, dict[str, str]]:
        """Adds keys; whether any was accepted, and a message for each."""
        messages: dict[str, str] = {}
        for key in keys:
            try:
                licence = parse(key)
            except InvalidLicence as error:
                messages[key] = str(error)
                continue
            messages[key] = self._add(licence, len(messages))
        if "OK" in messages.values():
            self._claim_if_needed()
        return "OK" in messages.values(), messages

    def install_single(self, key: str) -> str | None:
        """Install License: into the pool of a cluster, in place of the old one elsewhere. Why it failed, None when it did not."""
        if self._platform.ha:
            accepted, messages = self.install([key])
            return None if accepted else messages[key]
        try:
            licence = parse(key)
        except InvalidLicence as error:
            return str(error)
        if licence.expired(self._platform.clock.now()):
            return _INVALID
        with self._platform.database.transaction():
            for row in self.state.all():
                self.state.remove(row["hash"])
            self.state.add(licence.hash, licence.text, int(time.time() * 1000))
            self.state.assign(licence.hash, self._platform.node_id)
        self._checked = 0.0
        return None

    def tick(self) -> None:
        """A node that has no licence takes one when the pool has one; what has expired stays until somebody acts."""
        if self.state.of(self._platform.node_id) is None:
            with contextlib.suppress(NoLicence):
                self.claim()

    def remove(self, hashes: list[str]) -> tuple[bool, dict[str, str]]:
        """Removes licences; one in use is swapped for a free one first."""
        messages = {}
        for hashed in hashes:
            with self._platform.database.transaction():
                messages[hashed] = self._remove_one(hashed)
        self._checked = 0.0
        return "OK" in messages.values(), messages

    def _remove_one(self, hashed: str) -> str:
        pool = self.state.all()
        row = next((row for row in pool if row["hash"] == hashed), None)
        if row is None:
            return "The license could not be found in the pool."
        if row["node"] in self._platform.cluster.live():
            spare = next((other for other in pool if other["node"] is None and not self._expired(other)), None)
            if spare is None:
                return (
                    "Artifactory could not find an available license to replace the selected license with:"
                    f" {hashed} is in use by {row['node']}."
                )
            self.state.assign(spare["hash"], row["node"])
        self.state.remove(hashed)
        return "OK"

    def _add(self, licence: Licence, place: int) -> str:
        if licence.expired(self._platform.clock.now()):
            return _INVALID
        if not self._fits(licence):
            return _NOT_FOR_HA
        added = self.state.add(licence.hash, licence.text, int(time.time() * 1000) + place)
        return "OK" if added else "The license already exists in the pool."

    def _fits(self, licence: Licence) -> bool:
        return not self._platform.ha or licence.type.lower().startswith(_HA_TYPES)

    def _claim_if_needed(self) -> None:
        self._checked = 0.0
        if not self.valid:
            try:
                self.claim()
            except NoLicence as error:
                raise Refused(400, str(error)) from None

    def _expired(self, row: Row) -> bool:
        return bool(row["expired"]) or parse(row["text"]).expired(self._platform.clock.now())
