"""The environment in which a machine's scripts and units run."""

import os
import sys
from pathlib import Path

from artifactory_sandbox.aws.settings import SECRET_KEY
from artifactory_sandbox.data_plane.machine import Machine

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def for_scripts(machine: Machine, *, stubs: Path, aws: str, control: str, key: str) -> dict[str, str]:
    """For user data and commands: stubs first, then the tools of our environment (`aws`), then the system's. No proxy."""
    tools = Path(sys.executable).parent
    return {
        "PATH": f"{stubs}:{tools}:{_SYSTEM_PATH}",
        "HOME": str(machine.root / "root"),
        "LANG": "C.UTF-8",
        "ESTATE_ROOT": str(machine.root),
        "ESTATE_METADATA": f"{control}/metadata/{machine.id}",
        "SANDBOX_CONTROL": control,
        "SANDBOX_INSTANCE": machine.id,
        **_aws(machine, aws, key),
    }


def for_units(machine: Machine, *, aws: str, proxy: str, key: str) -> dict[str, str]:
    """For the simulated node: AWS directly, everything else through its site's proxy."""
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy)
    direct = f"127.0.0.1,localhost,{machine.address}"
    authority = str(machine.root.parents[1] / "ca.pem")
    return {
        "PATH": f"{Path(sys.executable).parent}:{_SYSTEM_PATH}",
        "HOME": str(machine.root / "root"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",
        "SANDBOX_OBJECT_STORES": str(machine.root.parent.parent / "object-stores"),
        "no_proxy": direct,
        "NO_PROXY": direct,
        "SSL_CERT_FILE": authority,
        "REQUESTS_CA_BUNDLE": authority,
        **proxies,
        **_aws(machine, aws, key),
    }


def _aws(machine: Machine, endpoint: str, key: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": machine.region,
        "AWS_REGION": machine.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "3",
    }
