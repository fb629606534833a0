"""The Artifactory key: secrets of the descriptor are kept and shown encrypted with it (1.9)."""

import base64
import hashlib
import re
import secrets
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_SETTING, _FILE, _OFF = "artifactory-key", "artifactory.key", ""
_KEY = re.compile(r"[0-9a-f]{64}\Z")
_MARK = "AM"


class Encryption:
    """One key a cluster, shared through its database and written as a file to every node. On in a new installation."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._written: str | None = None

    @property
    def key(self) -> str:
        """The key as hexadecimal digits; empty while the encryption is off."""
        found: str = self._platform.settings.once(_SETTING, lambda: secrets.token_hex(32))
        return found

    def activate(self) -> None:
        """Encrypts with the key that is on, or lies in this node's key file, or is made now."""
        with self._platform.database.transaction():
            if not self.key:
                self._platform.settings.set(_SETTING, self._from_file() or secrets.token_hex(32))
                self._platform.configuration.rewrite()
        self.write_file()

    def deactivate(self) -> None:
        """Decrypts; a 409 in plain text when there is no key."""
        self.write_file()
        with self._platform.database.transaction():
            if not self.key:
                raise Refused(409, "Cannot decrypt without artifactory key file", "text")
            tree = self._platform.configuration.tree()
            self._platform.settings.set(_SETTING, _OFF)
            self._platform.configuration.store(tree)
        self.write_file()

    def take(self, key: str) -> None:
        """Makes the key of an import ours, so that its secrets can be read; nothing when it has none."""
        if _KEY.match(key):
            with self._platform.database.transaction():
                tree = self._platform.configuration.tree()
                self._platform.settings.set(_SETTING, key)
                self._platform.configuration.store(tree)
            self.write_file()

    def encrypt(self, text: str) -> str:
        """A secret as it is kept; the same text gives the same result, so that a descriptor compares equal to itself."""
        key = self.key  # read once: another call may switch the encryption off meanwhile
        return _sealed(key, text) if key and not text.startswith(f"{_MARK}.") else text

    def decrypt(self, text: str) -> str:
        """A secret that was encrypted with our key; any other text as it is."""
        mark, _, rest = text.partition(".")
        name, _, sealed = rest.partition(".")
        key = self.key
        if mark != _MARK or not key or name != key_id(key):
            return text
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  several MB that most nodes never need

        try:
            return bytes(_cipher(key).decrypt(base64.urlsafe_b64decode(sealed), [name.encode()])).decode()
        except (ValueError, InvalidTag):
            raise Refused(400, "A secret of the configuration descriptor cannot be decrypted", "text") from None

    def write_file(self) -> None:
        """Makes this node's key file that of the cluster; an old one is put aside when the encryption is off."""
        key = self.key
        if key == self._written:
            return
        path = self._platform.folders.security / _FILE
        if key:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f"{_FILE}.{secrets.token_hex(4)}.new")
            beside.touch(mode=0o600)
            beside.write_text(f"{key}\n")
            beside.replace(path)
        elif self._written and path.exists():
            path.rename(path.with_name(f"{_FILE}.{self._platform.clock.now()}"))
        self._written = key

    def _from_file(self) -> str:
        path = self._platform.folders.security / _FILE
        text = path.read_text().strip() if path.is_file() else ""
        return text if _KEY.match(text) else ""


def _sealed(key: str, text: str) -> str:
    name = key_id(key)
    return f"{_MARK}.{name}.{base64.urlsafe_b64encode(_cipher(key).encrypt(text.encode(), [name.encode()])).decode()}"


def key_id(key: str) -> str:
    """Six letters that name a key and tell nothing of it."""
    return hashlib.sha256(f"artifactory key {key}".encode()).hexdigest()[:6]


def _cipher(key: str):  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # noqa: PLC0415

    return AESSIV(bytes.fromhex(key))
