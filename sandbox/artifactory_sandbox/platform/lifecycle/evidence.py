"""Evidence: signed statements about stored files, kept beside them (12.11)."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.rows import Origin
from artifactory_sandbox.platform.builds import documents
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.lifecycle.evidence_state import EvidenceState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_FOLDER = ".evidence"
_SLUG = re.compile(r"[^a-z0-9]+")


class EvidenceService:
    """An envelope (DSSE) about a file becomes an item below `.evidence` of its repository."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = EvidenceState(platform.database)

    def add(self, place: str, envelope: Mapping[str, Any], provider: str, caller: Caller) -> dict[str, Any]:
        """Keeps an envelope; what the call answers."""
        platform = self._platform
        repo, _, path = place.strip("/").partition("/")
        store = platform.artifacts.store_of(repo) if repo else None
        item = platform.artifacts.state.item(store, path) if store else None
        if store is None or item is None or item["folder"]:
            raise Refused(404, f"Subject '{place[:300]}' was not found")
        platform.security.demand(caller, "annotate", repo, path)
        statement, signatures = _opened(envelope)
        kind = str(statement.get("predicateType") or "unknown")
        slug = _SLUG.sub("-", kind.lower().rpartition("//")[2]).strip("-")[:80] or "evidence"
        now = platform.clock.now()
        key = str(signatures[0].get("keyid") or "")
        stored = f"{_FOLDER}/{item['sha256']}/{slug}-{now}.json"
        row = {
            **{"repo": repo, "subject": path, "sha256": item["sha256"], "path": stored, "predicate_type": kind},
            **{
                "predicate_slug": slug,
                "provider": provider,
                "key_name": key,
                "created": now,
                "created_by": caller.name,
            },
            "predicate": json.dumps(statement.get("predicate")),
            "verified": 0,
        }
        with platform.database.transaction():
            documents.put(platform, (store, stored), dict(envelope), caller.name)
            self.state.add(row)
        return self.shown(row)

    def remove(self, place: str, caller: Caller) -> None:
        """Takes away a piece of evidence, named after its subject."""
        subject, _, name = place.strip("/").rpartition("/")
        repo, _, path = subject.partition("/")
        platform = self._platform
        found = [row for row in self.state.about(repo, path) if row["path"].rpartition("/")[2] == name]
        store = platform.artifacts.store_of(repo) if found else None
        if store is None:
            raise Refused(404, f"Evidence '{place[:300]}' was not found")
        platform.security.demand(caller, "delete", repo, path)
        with platform.database.transaction():
            for row in found:
                platform.artifacts.delete(store, row["path"], Origin(caller.name))
                self.state.delete(row["id"])

    @staticmethod
    def shown(row: Mapping[str, Any] | Row) -> dict[str, Any]:
        """A piece of evidence as the call answers it."""
        return {
            "repository": row["repo"],
            "path": row["subject"].rpartition("/")[0],
            "name": row["subject"].rpartition("/")[2],
            "uri": f"{row['repo']}/{row['path']}",
            "sha256": row["sha256"],
            "predicate_category": "",
            "predicate_type": row["predicate_type"],
            "predicate_slug": row["predicate_slug"],
            "created_at": iso(row["created"]),
            "created_by": row["created_by"],
            "verified": bool(row["verified"]),
            "provider_id": row["provider"],
        }

    def node(self, row: Row) -> dict[str, Any]:
        """The same as GraphQL asks for it."""
        path, _, name = str(row["subject"]).rpartition("/")
        subject = {"repositoryKey": row["repo"], "path": path, "name": name, "sha256": row["sha256"]}
        return {
            "id": str(row["id"]),
            "subject": {**subject, "fullPath": f"{row['repo']}/{row['subject']}"},
            "repositoryKey": row["repo"],
            "path": row["path"].rpartition("/")[0],
            "name": row["path"].rpartition("/")[2],
            "downloadPath": f"{row['repo']}/{row['path']}",
            "predicateType": row["predicate_type"],
            "predicateSlug": row["predicate_slug"],
            "predicateCategory": "",
            "predicate": json.loads(row["predicate"]),
            "createdAt": iso(row["created"]),
            "createdBy": row["created_by"],
            "verified": bool(row["verified"]),
            "providerId": row["provider"],
            "signingKey": {"alias": row["key_name"], "publicKey": None},
        }


def _opened(envelope: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mapping[str, Any]]]:
    """Statement and signatures of an envelope; a 400 for anything else."""
    payload, signatures = envelope.get("payload"), envelope.get("signatures")
    if not isinstance(payload, str) or not isinstance(signatures, list) or not signatures:
        raise Refused(400, "The evidence is no DSSE envelope: payload and signatures are required")
    if not all(isinstance(one, dict) and isinstance(one.get("sig"), str) for one in signatures):
        raise Refused(400, "The evidence is no DSSE envelope: a signature needs sig")
    try:
        statement = json.loads(base64.b64decode(payload, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise Refused(400, "The payload of the evidence is no JSON in base64") from None
    if not isinstance(statement, dict):
        raise Refused(400, "The payload of the evidence is no statement")
    return statement, signatures
