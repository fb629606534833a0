"""Licences of a bucket: acquired one by one, kept in a secret of the site, returned when a node is gone for good."""

from collections.abc import Sequence

from artifactory_estate.base import EstateError, Model, Owner, SecretRef
from artifactory_estate.cloud import secrets
from artifactory_estate.cloud.made_once import Vault
from artifactory_estate.rest import Connection, Platform, buckets
from artifactory_estate.rest.licences import pool


class HeldLicences(Model):
    """The bucket, and the secret that holds what we have of it: licence n of the text goes by `<label>-<n>`."""

    bucket: str
    """Name of the bucket."""
    url: str
    """Platform whose Mission Control has it."""
    token: SecretRef
    """Its administrator's."""
    label: str
    """`<estate>/<site>`."""
    secret: str
    """Name in Secrets Manager."""
    region: str
    role: str | None = None
    owner: Owner
    tags: dict[str, str] = {}
    kms_key: str | None = None
    """ARN or alias; default AWS's own key for Secrets Manager."""


def held(place: HeldLicences) -> Sequence[str]:
    """What we have; nothing before the first."""
    return pool(_vault(place).value(place.secret) or "")


def acquire_up_to(place: HeldLicences, count: int) -> Sequence[str]:
    """All that we have, `count` at least. Each is stored before the next is asked for; one that a killed run got and did
    not store goes back first."""
    keys = list(held(place))
    while len(keys) < count:
        platform, label = _mission_control(place), _label(place, len(keys) + 1)
        buckets.release(platform, place.bucket, label)
        try:
            keys.append(buckets.acquire(platform, place.bucket, label))
        except EstateError as error:
            raise EstateError(
                f"licence {len(keys) + 1} of {count} cannot be had from the bucket {place.bucket}: {error}"
            ) from error
        _vault(place).put_if_other(place.secret, "\n\n".join(keys))
    return tuple(keys)


def give_back_beyond(place: HeldLicences, count: int) -> None:
    """Returns what is more than `count`, the last first; nothing may use them any more."""
    keys = list(held(place))
    while len(keys) > count:
        buckets.release(_mission_control(place), place.bucket, _label(place, len(keys)))
        keys.pop()
        if keys:
            _vault(place).put_if_other(place.secret, "\n\n".join(keys))
    if not keys:
        _vault(place).remove(place.secret, recoverable=False)


def _label(place: HeldLicences, number: int) -> str:
    return f"{place.label}-{number}"


def _vault(place: HeldLicences) -> Vault:
    return Vault(place.owner, place.region, place.role, place.tags, place.kms_key)


def _mission_control(place: HeldLicences) -> Platform:
    return Platform(Connection(site="Mission Control", url=place.url, token=place.token), secrets.resolve)
