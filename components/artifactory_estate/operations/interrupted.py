"""A killed engine has asked AWS for things that its state does not know. The next run takes them over.

The engine writes down each creation before it begins it ("pending operation"). Of our own lifecycles nothing is lost:
`create` finds its mark. AWS resources are looked up by the mark in their tags, or by the name that the
declaration fixes, and moved into state under their id; the rest are made anew.
"""

from collections.abc import Iterable
from typing import Any

from artifactory_estate.cloud.find import find_id, mark_of
from artifactory_estate.operations.engine_stack import EngineStack

_UNREAD = "artifactoryEstateUnread"
"""Among a resource's outputs: it was taken over and AWS was not asked about it yet. A run that is killed in between leaves
it to the next one; without what AWS says the resource would lack its outputs forever."""


def take_over_interrupted(stack: EngineStack) -> list[str]:
    """Bring the state of an interrupted run in order; the URNs that were taken over. No request when none was."""
    deployment = stack.exported()
    pending = deployment.get("pending_operations") or []
    resources = deployment.get("resources") or []
    if pending:
        resources = [*resources, *_found(stack.project.estate.estate, pending, resources)]
        stack.import_deployment({**deployment, "pending_operations": [], "resources": resources})
    taken = [str(resource["urn"]) for resource in resources if _UNREAD in (resource.get("outputs") or {})]
    if taken:
        stack.refresh_only(taken)
    return taken


def _found(
    estate: str, pending: Iterable[dict[str, Any]], resources: Iterable[dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    known = {resource["urn"] for resource in resources if not resource.get("delete")}
    for operation in pending:
        resource = operation["resource"]
        if operation["type"] != "creating" or resource["urn"] in known or not str(resource["type"]).startswith("aws:"):
            continue
        region = region_of(resource, resources)
        kind, urn = str(resource["type"]), str(resource["urn"])
        mark = mark_of(estate, urn.split(":")[2], kind, urn.rpartition("::")[2])
        if identity := find_id(kind, mark, resource.get("inputs") or {}, region):
            known.add(resource["urn"])
            yield {**resource, "id": identity, "outputs": {**(resource.get("inputs") or {}), _UNREAD: True}}


def region_of(resource: dict[str, Any], resources: Iterable[dict[str, Any]]) -> tuple[str, str | None]:
    """Region and role of the resource's provider."""
    urn = str(resource.get("provider", "")).rpartition("::")[0]
    provider = next((other for other in resources if other["urn"] == urn), {})
    inputs = provider.get("inputs") or {}
    roles = inputs.get("assumeRoles") or []
    role = roles[0].get("roleArn") if roles and isinstance(roles, list) else None
    return str((resource.get("inputs") or {}).get("region") or inputs.get("region") or ""), role
