"""Nodes that stopped serving since the last run: nothing in the document says so, and yet the next `up` puts them right."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.lifecycle import Bundle
from artifactory_estate.engine import border
from artifactory_estate.operations.engine_stack import EngineStack


def read_back_bundles(stack: EngineStack) -> list[str]:
    """Refresh what rolls a site's nodes when one of them does not serve, or a killed run left it out of the load balancer;
    the URNs. A region that does not answer is left for the engine to complain of."""
    if stack.name not in stack.project.estate.managed_sites:
        return []
    resources = stack.exported().get("resources") or []
    found = [str(resource["urn"]) for resource in resources if _is_pending(resource)]
    if found:
        stack.refresh_only(found)
    return found


def _is_pending(resource: dict[str, Any]) -> bool:
    outputs = resource.get("outputs") or {}
    if outputs.get(border.LIFECYCLE) != border.name_of(Bundle) or resource.get("delete"):
        return False
    bundle = Bundle()
    try:
        read = bundle.read(border.parse_last(bundle, outputs), border.parse_observed(bundle, outputs))
    except (EstateError, ClientError, BotoCoreError):
        return False
    return read is not None and bool(read[1].pending)
