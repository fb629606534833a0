"""Licence buckets: uploading, giving licences to platforms and labels, taking them back (7.2)."""

import csv
import hashlib
import io
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.licence import parse
from artifactory_sandbox.platform.mission_control.bucket_file import Bucket, UnusableBucket, opened
from artifactory_sandbox.platform.mission_control.jpds import HOME, Jpds
from artifactory_sandbox.platform.mission_control.state import MissionControlState
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_PRODUCT = ("JFrog Platform", 1)
_COLUMNS = ("license_hash", "license_type", "valid_through", "used_by", "jpd_name", "since")


class Buckets:
    """A licence is free, with a JPD, or handed out under a label."""

    def __init__(self, platform: "Platform", state: MissionControlState, jpds: Jpds) -> None:
        self._platform = platform
        self.state = state
        self._jpds = jpds

    def listed(self) -> list[dict[str, Any]]:
        """The answer of Get License Buckets."""
        return [
            {
                "identifier": row["id"],
                "name": row["name"],
                "size": row["size"],
                "used": row["used"],
                "license_type": json.loads(row["contents"])["license_type"],
                "type": json.loads(row["contents"])["license_type"],
            }
            for row in self.state.buckets()
        ]

    def add(self, name: Any, key: Any, *, url: str = "", data: bytes | None = None) -> dict[str, Any]:
        """Add License Bucket, from a file or an address."""
        for label, value in (("name", name), ("key", key)):
            if not isinstance(value, str) or not value.strip():
                raise Refused(400, f"{label} is required")
        self._demand_new(name, url)
        try:
            found = opened(self._fetched(url) if data is None else data, key)
        except UnusableBucket as error:
            raise Refused(400, str(error)) from None
        bucket = _described(found, name, url)
        with self._platform.database.transaction():
            self._demand_new(name, url)
            self.state.add_bucket(bucket, list(found.licences), self._platform.clock.now())
        return bucket

    def report(self, name: str) -> dict[str, Any]:
        """Which licence is where."""
        row = self._bucket(name)
        contents = json.loads(row["contents"])
        licences = [self._reported(one) for one in self.state.licences(row["id"])]
        used = [one for one in licences if one["used_by"]]
        return {
            "identifier": row["id"],
            "name": row["name"],
            "subject": contents["subject"],
            "license_type": contents["license_type"],
            "valid_date": contents["valid_date"],
            "size": len(licences),
            "used": len(used),
            "available": len(licences) - len(used),
            "licenses": licences,
        }

    def report_csv(self, name: str) -> str:
        """The same as a table."""
        out = io.StringIO()
        writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.report(name)["licenses"])
        return out.getvalue()

    def deploy(self, name: str, sent: Mapping[str, Any]) -> str:
        """Attach: installs licences on a platform; what it says."""
        bucket, count = self._bucket(name), _count(sent)
        jpd = str(sent.get("jpd_id") or "")
        if jpd != HOME and self.state.jpd(jpd) is None:
            raise Refused(400, f"JPD with id {jpd} was not found.")
        failed = Refused(500, f"Cannot deploy licenses from bucket {bucket['name']} to {jpd}")
        with self._platform.database.transaction():
            chosen = self._take(bucket, count, jpd, failed)
        try:
            self._install(jpd, [row["text"] for row in chosen])
        except (PeerFailed, Refused):
            self._give_back(chosen)
            raise failed from None
        word = "license" if count == 1 else "licenses"
        return f"Assigned {count} {word} from bucket {bucket['name']} to {jpd}."

    def acquire(self, name: str, sent: Mapping[str, Any], one_line: bool) -> list[str]:
        """Hands out licence keys under a label."""
        bucket, count = self._bucket(name), _count(sent)
        label = sent.get("name")
        if not isinstance(label, str) or not label.strip():
            raise Refused(400, "name is required")
        short = Refused(400, f"Not enough available licenses in bucket {bucket['name']}")
        with self._platform.database.transaction():
            chosen = self._take(bucket, count, label, short)
        return [row["text"].replace("\n", "") if one_line else row["text"] for row in chosen]

    def release(self, name: str, sent: Mapping[str, Any]) -> None:
        """Detach: frees the licences of a label, or of a platform that is offline."""
        bucket = self._bucket(name)
        label = sent.get("name")
        if not isinstance(label, str) or not label:
            raise Refused(400, "name is required")
        held = [row for row in self.state.licences(bucket["id"]) if row["used_by"] == label]
        if not held:
            raise Refused(409, f"No licenses to release for bucket: {bucket['id']}, instance name: {label}")
        is_jpd = label == HOME or self.state.jpd(label) is not None
        if is_jpd and self._jpds.get(label)["status"]["code"] != "OFFLINE":
            raise Refused(409, "The Jpd must be offline before you can detach its license")
        self._give_back(held)

    def delete(self, name: str) -> None:
        """Removes a bucket."""
        self.state.delete_bucket(self._bucket(name)["id"])

    def _bucket(self, name: str) -> Row:
        for row in self.state.buckets():
            if name in {row["name"], row["id"]}:
                return row
        raise Refused(404, f"The entity 'LicenseBucket' with identifier '{name}' was not found")

    def _demand_new(self, name: str, url: str) -> None:
        rows = self.state.buckets()
        if any(row["name"] == name for row in rows):
            raise Refused(409, f"Name '{name}' already exists")
        if url and any(row["url"] == url for row in rows):
            raise Refused(409, f"Url '{url}' already exists")

    def _take(self, bucket: Row, count: int, by: str, short: Refused) -> list[Row]:
        free = [row for row in self.state.licences(bucket["id"]) if not row["used_by"]]
        if len(free) < count:
            raise short
        for row in free[:count]:
            self.state.use(bucket["id"], row["place"], by, self._platform.clock.now())
        return free[:count]

    def _give_back(self, rows: list[Row]) -> None:
        with self._platform.database.transaction():
            for row in rows:
                self.state.use(row["bucket"], row["place"], "", 0)

    def _install(self, jpd: str, texts: list[str]) -> None:
        if jpd == HOME:
            accepted, messages = self._platform.licences.install(texts)
            if not accepted:
                raise Refused(400, "; ".join(messages.values()))
            return
        body = [{"licenseKey": text} for text in texts]
        self._jpds.call(jpd, "POST", "artifactory/api/system/licenses", json=body)
        self.state.saw(jpd, json.loads(self._jpds.row(jpd)["seen"]), 0)  # the next look is a fresh one

    def _fetched(self, url: str) -> bytes:
        if not url.startswith(("http://", "https://")):
            raise Refused(400, f"Invalid url: {url[:100]}")
        try:
            return self._platform.peers.call("GET", url).content
        except PeerFailed as error:
            raise Refused(400, f"The license bucket cannot be fetched: {error}") from None

    def _reported(self, row: Row) -> dict[str, Any]:
        licence = parse(row["text"])
        known = row["used_by"] == HOME or self.state.jpd(row["used_by"]) is not None
        return {
            "license_hash": licence.hash,
            "license_type": licence.type,
            "valid_through": licence.valid_through,
            "used_by": row["used_by"],
            "jpd_name": self._jpds.get(row["used_by"])["name"] if known else "",
            "since": row["since"],
        }


def _described(found: Bucket, name: str, url: str) -> dict[str, Any]:
    body = "\n".join(found.licences).encode()
    return {
        "identifier": secrets.token_hex(16),
        "subject": found.subject,
        "product_name": _PRODUCT[0],
        "product_id": _PRODUCT[1],
        "license_type": found.license_type,
        "issued_date": found.issued_date,
        "valid_date": found.valid_date,
        "quantity": len(found.licences),
        "signature": hashlib.sha256(body).hexdigest(),
        "name": name,
        "used": 0,
        "url": url,
    }


def _count(sent: Mapping[str, Any]) -> int:
    count = sent.get("license_count", 1)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise Refused(400, "license_count must be a positive number")
    return count
