"""A master password that RDS manages is random and names the real master user: stock moto's is one constant for `admin`."""

import json
import secrets
from typing import Any

from moto.rds.models import MasterUserSecret

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """Makes the secret's text of the instance's own user and a random password."""
    del hooks

    def secret_string(self: Any) -> str:
        return json.dumps({"username": self.resource.master_username, "password": secrets.token_urlsafe(24)})

    MasterUserSecret._generate_secret_string = secret_string


def check(aws: Scratch) -> None:
    """Two instances have two passwords, and the secret names the user."""
    rds, store = aws.client("rds"), aws.client("secretsmanager")
    read = []
    for name in ("check-one", "check-two"):
        made = rds.create_db_instance(
            DBInstanceIdentifier=name, Engine="postgres", EngineVersion="15.4", DBInstanceClass="db.m6g.large", AllocatedStorage=20,
            MasterUsername="owner", ManageMasterUserPassword=True,
        )["DBInstance"]  # fmt: skip
        read.append(json.loads(store.get_secret_value(SecretId=made["MasterUserSecret"]["SecretArn"])["SecretString"]))
    expect([secret["username"] for secret in read] == ["owner", "owner"], "the secret names the master user")
    expect(read[0]["password"] != read[1]["password"], "passwords differ")
