"""Key pairs that repositories sign with, keys that are trusted, and certificates for remote repositories (12.5.5)."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.keys import openpgp, reading
from artifactory_sandbox.platform.security.keys.state import KeyState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

KINDS = ("RSA", "GPG")
_LONGEST = 255


class Keys:
    """Asked by others: `exists`, `pair`, `public_key_of`, `secret_of`."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = KeyState(platform.database)

    def exists(self, name: str) -> bool:
        """Whether there is a key pair of this name."""
        return self.state.pair(name) is not None

    def pair(self, name: str) -> Row:
        """One key pair; a 404 without."""
        found = self.state.pair(name)
        if found is None:
            raise Refused(404, f"Could not find key pair '{name}'")
        return found

    def public_key_of(self, repo: str, secondary: bool = False) -> str:
        """The public key that a repository's signatures are checked with; a 404 when it has none."""
        config = self._platform.repositories.find(repo)
        if config is None:
            raise Refused(404, f"Repository '{repo}' was not found")
        name = config.get("secondaryKeyPairRef" if secondary else "primaryKeyPairRef")
        found = self.state.pair(str(name)) if name else None
        if found is None:
            raise Refused(404, f"No key pair is set for repository '{repo}'")
        return str(found["public_key"])

    def secret_of(self, name: str) -> tuple[str, str]:
        """The private key of a pair and its passphrase, for whoever signs with it."""
        found = self.pair(name)
        return str(found["private_key"]), str(found["passphrase"])

    def checked(self, sent: Mapping[str, Any]) -> dict[str, str]:
        """A pair whose two halves belong together; a 400 for any other."""
        made = {name: sent.get(name) for name in ("pairName", "pairType", "alias", "publicKey", "privateKey")}
        for name, value in made.items():
            if not isinstance(value, str) or not value.strip():
                raise Refused(400, f"{name} is required")
        passphrase = sent.get("passphrase") or ""
        if not isinstance(passphrase, str):
            raise Refused(400, "passphrase is not a text")
        pair = {**{name: str(value) for name, value in made.items()}, "passphrase": passphrase}
        if pair["pairType"] not in KINDS:
            raise Refused(400, f"Unknown key pair type '{pair['pairType'][:50]}': RSA or GPG is expected")
        if len(pair["pairName"]) > _LONGEST or len(pair["alias"]) > _LONGEST:
            raise Refused(400, f"pairName and alias have at most {_LONGEST} characters")
        reading.check_pair(pair["pairType"], pair["publicKey"], pair["privateKey"], passphrase)
        return pair

    def add_pair(self, sent: Mapping[str, Any]) -> None:
        """Create Key Pair; a 409 when the name or the alias is taken."""
        pair = self.checked(sent)
        with self._platform.database.transaction():
            if self.state.pair(pair["pairName"]) is not None:
                raise Refused(409, f"Key pair '{pair['pairName']}' already exists")
            if self.state.pair_with_alias(pair["alias"]) is not None:
                raise Refused(409, f"A key pair with alias '{pair['alias']}' already exists")
            self.state.put_pair(
                *(pair["pairName"], pair["pairType"], pair["alias"]),
                *(pair["publicKey"], pair["privateKey"], pair["passphrase"]),
            )

    def trust(self, sent: Mapping[str, Any]) -> Row:
        """Sets a trusted key; a 409 when it, or one of its alias, is there."""
        alias, text = sent.get("alias"), sent.get("key", sent.get("public_key"))
        if not isinstance(alias, str) or not alias.strip() or len(alias) > _LONGEST:
            raise Refused(400, "alias is required")
        if not isinstance(text, str) or not text.strip():
            raise Refused(400, "key is required")
        found = reading.trusted(text)
        kid = hashlib.sha256(found["fingerprint"].encode()).hexdigest()[:6]
        with self._platform.database.transaction():
            if self.state.trusted_like(kid, alias) is not None:
                raise Refused(409, f"A trusted key with the alias '{alias}' or the same fingerprint already exists")
            self.state.put_trusted({**found, "kid": kid, "alias": alias, "public_key": text})
        made = self.state.trusted_like(kid, alias)
        if made is None:
            raise Refused(404, f"Could not find trusted key '{kid}'")
        return made

    def add_certificate(self, alias: str, text: str) -> None:
        """Adds or replaces a client certificate, with its private key."""
        if len(alias) > _LONGEST:
            raise Refused(400, f"An alias has at most {_LONGEST} characters")
        self.state.put_certificate({**reading.certificate(text), "alias": alias, "pem": text})


__all__ = ["KINDS", "Keys", "openpgp"]
