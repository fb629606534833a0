"""Secrets made once in Secrets Manager: taken over by the next run, never overwritten by it, never handed back."""

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import tenacity
from botocore.exceptions import ClientError

from artifactory_estate.base import EstateError, Owner
from artifactory_estate.cloud.session import client

RECOVERY_DAYS = 7
"""How long a deleted secret can be brought back; making the site again within it brings its secrets back."""
_BEING_DELETED_S = 60
"""Secrets Manager deletes without recovery in the background."""
PASSWORD_LENGTH = 40


class ForeignSecret(EstateError):
    """A secret of this name carries another owner's mark, or none."""


class BeingDeleted(EstateError):
    """Secrets Manager has not finished deleting a secret of this name."""


def new_key() -> str:
    """A master or join key: 64 hexadecimal digits (files reference 4.1)."""
    return secrets.token_hex(32)


def new_password() -> str:
    """40 letters and digits with at least one of each kind, so that no password policy refuses it."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    while True:
        password = "".join(secrets.choice("".join(kinds)) for _ in range(PASSWORD_LENGTH))
        if all(any(character in kind for character in password) for kind in kinds):
            return password


@dataclass(frozen=True)
class Vault:
    """The secrets of one owner in one region. The owner's mark stands in each secret's description."""

    owner: Owner
    region: str
    role: str | None
    tags: Mapping[str, str]
    kms_key: str | None = None
    """ARN or alias; default AWS's own key for Secrets Manager."""

    def ensure(self, name: str, make: Callable[[], str] | None) -> None:
        """There is a secret `name`, with the value of `make` if it had none; `make=None`: without a value, somebody else
        puts it. One scheduled for deletion is brought back with its value. Raises `ForeignSecret`."""
        for attempt in _while_being_deleted():
            with attempt:
                if not self._create(name, make):
                    self._take_over(name, make)

    def put_if_other(self, name: str, value: str) -> None:
        """The secret's value is `value`; nothing is written when it is so already."""
        self.ensure(name, lambda: value)
        if self.value(name) != value:
            self._client.put_secret_value(SecretId=name, SecretString=value)

    def value(self, name: str) -> str | None:
        """Its current value; None when it has none, or is gone."""
        try:
            return str(self._client.get_secret_value(SecretId=name)["SecretString"])
        except ClientError as error:
            if _code(error) in {"ResourceNotFoundException", "InvalidRequestException"}:
                return None
            raise

    def is_there(self, name: str) -> bool:
        """Whether it exists and is not being deleted."""
        found = self._describe(name)
        return found is not None and "DeletedDate" not in found

    def remove(self, name: str, *, recoverable: bool = True) -> None:
        """Schedule its deletion, or delete it at once. Gone, or not ours: nothing to do."""
        found = self._describe(name)
        if found is None or "DeletedDate" in found or not self.owner.marks(found.get("Description")):
            return
        how: dict[str, Any] = (
            {"RecoveryWindowInDays": RECOVERY_DAYS} if recoverable else {"ForceDeleteWithoutRecovery": True}
        )
        self._client.delete_secret(SecretId=name, **how)

    @property
    def _client(self) -> Any:
        return client("secretsmanager", region=self.region, role=self.role)

    def _create(self, name: str, make: Callable[[], str] | None) -> bool:
        value = {"SecretString": make()} if make else {}
        value |= {"KmsKeyId": self.kms_key} if self.kms_key else {}
        tags = [{"Key": key, "Value": text} for key, text in self.tags.items()]
        try:
            self._client.create_secret(Name=name, Description=self.owner.text, Tags=tags, **value)
        except ClientError as error:
            if _code(error) in {"ResourceExistsException", "InvalidRequestException"}:
                return False
            raise
        return True

    def _take_over(self, name: str, make: Callable[[], str] | None) -> None:
        found = self._describe(name)
        if found is None:
            raise BeingDeleted(f"Secrets Manager in {self.region}: {name} is still being deleted")
        if not self.owner.marks(found.get("Description")):
            raise ForeignSecret(
                f"Secrets Manager in {self.region}: {name} exists and is not of this estate. Remove or rename it."
            )
        if "DeletedDate" in found:
            self._client.restore_secret(SecretId=name)
        if self.kms_key and not found.get("KmsKeyId"):
            self._client.update_secret(SecretId=name, KmsKeyId=self.kms_key)
        if make and not found.get("VersionIdsToStages"):
            self._client.put_secret_value(SecretId=name, SecretString=make())

    def _describe(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.describe_secret(SecretId=name)
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                return None
            raise
        return found


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _while_being_deleted() -> tenacity.Retrying:
    return tenacity.Retrying(
        stop=tenacity.stop_after_delay(_BEING_DELETED_S),
        wait=tenacity.wait_fixed(3),
        retry=tenacity.retry_if_exception_type(BeingDeleted),
        reraise=True,
    )
