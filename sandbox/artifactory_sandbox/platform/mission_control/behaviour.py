"""Mission Control as one service: JPDs, buckets, and its own backup (7.3)."""

import base64
import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.mission_control.buckets import Buckets
from artifactory_sandbox.platform.mission_control.jpds import Jpds
from artifactory_sandbox.platform.mission_control.state import MissionControlState
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_FOLDER, _EXPORT, _IMPORT = "data/mc", "export.json", "import.json"
_BAD = "The import file is missing, is of another master key, or is no export of Mission Control"


class MissionControl:
    """Its rows live in the cluster's database."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = MissionControlState(platform.database)
        self.jpds = Jpds(platform, self.state)
        self.buckets = Buckets(platform, self.state, self.jpds)

    def export(self) -> bytes:
        """Writes `export.json`, sealed with the master key, into this node's folder; its bytes."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  several MB that most nodes never need

        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self._key()).encrypt(nonce, json.dumps(self.state.dump()).encode(), None)
        data = json.dumps({"version": 1, "data": base64.b64encode(nonce + sealed).decode()}).encode()
        folder = self._platform.folders.var / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f"{_EXPORT}.{self._platform.node_id}.new"
        beside.write_bytes(data)
        beside.replace(folder / _EXPORT)
        return data

    def restore(self) -> None:
        """Reads `import.json` from this node's folder and replaces everything; a 400 when it cannot be used."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        try:
            packed = base64.b64decode(json.loads((self._platform.folders.var / _FOLDER / _IMPORT).read_bytes())["data"])
            tables: dict[str, Any] = json.loads(AESGCM(self._key()).decrypt(packed[:12], packed[12:], None))
            self.state.load(tables)
        except (OSError, ValueError, KeyError, TypeError, InvalidTag):
            raise Refused(400, _BAD) from None

    def _key(self) -> bytes:
        """From the cluster's master key, or from a secret of its own where there is none."""
        settings = self._platform.settings
        mark = settings.get("master-key") or settings.once("mission-control-key", lambda: secrets.token_hex(32))
        return hashlib.sha256(f"mission control\n{mark}".encode()).digest()
