"""moto's gaps that a site of ours would fall into, closed one module each (facts, section 0).

Every module has `apply(hooks)`, which changes moto's classes once, and `check(aws)`, which proves the behaviour through boto3
and raises when it is missing. The sandbox applies all and checks all before it says that it is ready, so a change of moto
breaks loudly.
"""

from collections.abc import Callable
from types import ModuleType

from artifactory_sandbox.aws.patches import (
    alarms,
    bucket_policy,
    bucket_replication,
    cheap_versions,
    conditional_writes,
    database_failover,
    database_parameters,
    database_subnets,
    delete_markers,
    file_system_policy,
    group_targets,
    group_zones,
    health_checks,
    images,
    instance_refresh,
    managed_password,
    node_commands,
    replication_status,
    target_health,
    template_user_data,
    volumes,
)
from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch

PATCHES: tuple[ModuleType, ...] = (
    alarms,
    bucket_policy,
    bucket_replication,
    cheap_versions,
    conditional_writes,
    database_failover,
    database_parameters,
    database_subnets,
    delete_markers,
    file_system_policy,
    group_targets,
    group_zones,
    health_checks,
    images,
    instance_refresh,
    managed_password,
    node_commands,
    replication_status,
    target_health,
    template_user_data,
    volumes,
)


class PatchFailed(Exception):
    """A behaviour that the sandbox relies on is missing."""


def apply(hooks: Hooks) -> None:
    """Changes moto, once a process."""
    for patch in PATCHES:
        patch.apply(hooks)


def check(endpoint: str, reset: Callable[[], None]) -> None:
    """Proves every patch against a served moto, then empties moto again.

    Raises PatchFailed that names the first module whose behaviour is missing.
    """
    try:
        for patch in PATCHES:
            try:
                patch.check(Scratch(endpoint))
            except Exception as error:
                raise PatchFailed(f"{patch.__name__}: {type(error).__name__}: {error}") from error
    finally:
        reset()
