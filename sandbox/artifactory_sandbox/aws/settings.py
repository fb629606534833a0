"""Settings of moto, pinned. moto reads most of them while it is imported, so `pin()` comes before any import of moto."""

import os
from pathlib import Path

IMAGE_ID = "ami-0a5ab0c5a0d000001"
"""The one machine image there is (images.json): moto's own list costs seconds and has other root devices."""

ACCOUNT = "123456789012"
"""The account of any access key that no AssumeRole gave out."""

CLIENT_KEY = "AKIASANDBOXCLIENT000"
NODE_KEY = "AKIASANDBOXNODE00000"
INTERNAL_KEY = "AKIASANDBOXINTERNAL0"
SECRET_KEY = "sandbox"  # noqa: S105  opens nothing: moto checks no signature

_PINNED = {
    "MOTO_ACM_VALIDATION_WAIT": "0",
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",
    "MOTO_AMIS_PATH": str(Path(__file__).with_name("images.json")),
}


def pin() -> None:
    """Sets moto's environment, whatever the caller had set; `MOTO_IAM_LOAD_MANAGED_POLICIES` is dropped because any text is true."""
    for name in [name for name in os.environ if name.startswith("MOTO_")]:
        del os.environ[name]
    os.environ |= {name: value for name, value in _PINNED.items() if value != "false"}
