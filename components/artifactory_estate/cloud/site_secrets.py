"""What `SiteSecrets` does in Secrets Manager: what it makes once, copies, misses and removes."""

import re
from collections.abc import Callable, Iterator, Sequence

from artifactory_estate.base import Model, Observation, Owner, Refusal, SecretRef
from artifactory_estate.cloud.made_once import Vault, new_key, new_password
from artifactory_estate.cloud.secrets import SecretUnavailable, fingerprint, resolve

ADMIN_TOKEN = "admin-token"  # noqa: S105 (a name)


class SiteSecretsDeclaration(Model):
    """References and names; no value."""

    prefix: str
    """`<estate>/<site>`."""
    region: str
    role: str | None = None
    owner: Owner
    tags: dict[str, str] = {}
    kms_key: str | None = None
    """ARN or alias of the key that new secrets are encrypted by; default AWS's own for Secrets Manager."""
    licences: SecretRef | tuple[SecretRef, ...]
    """Copied into one, with an empty line between, and again when one changes."""
    master_key: SecretRef | None = None
    """Copied once; made by us when not given."""
    join_key: SecretRef | None = None
    """Copied once into the last of `join_keys`; made by us when not given."""
    join_keys: tuple[str, ...] = ("join-key",)
    """Secret of each generation, the current one last. Older ones stay, so that going back is possible."""
    database_password: SecretRef | None = None
    """Of a database that is not ours: copied, and again when it changes. Made by us when not given."""
    rtfs_password: SecretRef | None = None
    """Of the Federation Service's own database: copied, and again when it changes."""
    filestore: dict[str, SecretRef] = {}
    """What nodes' files need, by the secret's name, `filestore-…` or `tls-…`: copied, and again when it changes."""


class SiteSecretsObservation(Observation):
    """Nothing that would help to guess a value."""

    fingerprints: dict[str, str] = {}
    """Keyed fingerprint by name of what was copied."""
    licences: int = 0
    """How many were copied: blocks with an empty line between."""


def ensure(wanted: SiteSecretsDeclaration) -> SiteSecretsObservation:
    """Makes what is missing and copies what is given; nothing that exists is overwritten but what is copied."""
    vault, prefix = _vault(wanted), wanted.prefix
    vault.ensure(f"{prefix}/admin-password", new_password)
    vault.ensure(f"{prefix}/master-key", _given_or(wanted.master_key, new_key))
    vault.ensure(f"{prefix}/{wanted.join_keys[-1]}", _given_or(wanted.join_key, new_key))
    vault.ensure(f"{prefix}/{ADMIN_TOKEN}", None)
    if wanted.database_password:
        vault.put_if_other(f"{prefix}/database-password", resolve(wanted.database_password))
    else:
        vault.ensure(f"{prefix}/database-password", new_password)
    if wanted.rtfs_password:
        vault.put_if_other(f"{prefix}/rtfs-database-password", resolve(wanted.rtfs_password))
    for name, reference in wanted.filestore.items():
        vault.put_if_other(f"{prefix}/{name}", resolve(reference))
    vault.put_if_other(f"{prefix}/licences", _joined(wanted.licences))
    blocks = re.split(r"\n\s*\n", _joined(wanted.licences).strip())
    return SiteSecretsObservation(fingerprints=_fingerprints(wanted), licences=len(blocks))


def pending(last: SiteSecretsDeclaration, observed: SiteSecretsObservation) -> Sequence[str] | None:
    """Missing secrets and changed sources; a source that cannot be read now has not changed. None when all are gone."""
    vault = _vault(last)
    missing = [name for name in _names(last) if not vault.is_there(name)]
    if len(missing) == len(_names(last)):
        return None
    try:
        now = _fingerprints(last)
    except SecretUnavailable:
        now = observed.fingerprints
    changed = [name for name in now if now[name] != observed.fingerprints.get(name)]
    return [*(f"{name} is to be made again" for name in missing), *(f"{name} has changed" for name in changed)]


def remove(last: SiteSecretsDeclaration) -> None:
    """For 7 days it can be undone, except for the token."""
    vault = _vault(last)
    former = [f"{last.prefix}/{name}" for name in last.join_keys[:-1]]
    for name in (*_names(last), *former):
        vault.remove(name, recoverable=not name.endswith(ADMIN_TOKEN))


def _names(declared: SiteSecretsDeclaration) -> Sequence[str]:
    names = ["admin-password", "master-key", declared.join_keys[-1], "database-password", "licences", ADMIN_TOKEN]
    names += ["rtfs-database-password"] if declared.rtfs_password else []
    return [f"{declared.prefix}/{name}" for name in (*names, *declared.filestore)]


def _vault(declared: SiteSecretsDeclaration) -> Vault:
    return Vault(declared.owner, declared.region, declared.role, declared.tags, declared.kms_key)


def _given_or(reference: SecretRef | None, make: Callable[[], str]) -> Callable[[], str]:
    return (lambda: resolve(reference)) if reference else make


def _fingerprints(declared: SiteSecretsDeclaration) -> dict[str, str]:
    copied = {
        "licences": declared.licences,
        "database-password": declared.database_password,
        "rtfs-database-password": declared.rtfs_password,
        **declared.filestore,
    }
    return {
        name: fingerprint(_joined(reference), f"{declared.prefix}/{name}")
        for name, reference in copied.items()
        if reference
    }


def _joined(references: SecretRef | tuple[SecretRef, ...]) -> str:
    return resolve(references) if isinstance(references, str) else "\n\n".join(map(resolve, references))


_NO_MASTER_ROTATION = (
    "files reference 4.1: the master key cannot change after the first start, no way is documented; what it has encrypted"
    " in the database could not be read again"
)
_JOIN_KEY_ONCE = "files reference 4.1: a node takes the join key at its start; a generation has one key"


def key_refusals(declared: SiteSecretsDeclaration) -> Iterator[Refusal]:
    """Keys of the wrong form, and keys that differ from those the site already has."""
    vault, prefix, site = _vault(declared), declared.prefix, declared.prefix.split("/")[-1]
    given = (("master", declared.master_key, "master-key"), ("join", declared.join_key, declared.join_keys[-1]))
    for name, reference, secret in given:
        if not reference:
            continue
        path, key = ("sites", site, "keys", name), resolve(reference)
        if not re.fullmatch(r"([0-9a-fA-F]{32}){1,2}", key):
            yield Refusal(path, f"{reference} is no key", "files reference 4.1: 32 or 64 hexadecimal digits")
        elif vault.value(f"{prefix}/{secret}") not in {None, key}:
            master = name == "master"
            yield Refusal(
                path,
                f"{reference} differs from the key that the site has",
                _NO_MASTER_ROTATION if master else _JOIN_KEY_ONCE,
                "Name the key that the site was made with, or leave it out."
                if master
                else "Raise keys.join_generation to give the nodes another key, one after another.",
            )
        elif name == "join" and key in {vault.value(f"{prefix}/{former}") for former in declared.join_keys[:-1]}:
            found = f"{reference} is a key of an earlier generation"
            yield Refusal(path, found, "a generation is for a new key", "Name a new key, or leave it out.")
