"""The border between the engine's loose values and our strict models."""

import importlib
from collections.abc import Mapping
from typing import Any

import pulumi
from pydantic import ValidationError

from artifactory_estate.base import DocumentPath, EstateError, dotted
from artifactory_estate.base.lifecycle import AnyLifecycle

LIFECYCLE = "lifecycle"
"""Property: which lifecycle, `<module>:<Class>`. Names are state: keep an alias when one moves."""
RESOURCE = "resource"
"""Property: `<stack>/<name>`, the resource's identity for ownership marks and its id."""
OBSERVED = "observed"
"""Output: what the lifecycle reported."""
OURS = frozenset({LIFECYCLE, RESOURCE, OBSERVED, "__provider"})

Properties = Mapping[str, Any]


def lifecycle_of(properties: Properties) -> AnyLifecycle:
    """A fresh lifecycle for one operation.

    Raises `EstateError` when state names one that this version does not have.
    """
    name = str(properties[LIFECYCLE])
    module, _, cls = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), cls)
    except (ImportError, AttributeError) as error:
        raise EstateError(
            f"state names the lifecycle {name}, which this version of artifactory-estate does not have. "
            "Use the version that wrote the state, or a newer one that still carries the name."
        ) from error
    lifecycle: AnyLifecycle = found()
    return lifecycle


def name_of(lifecycle: type[AnyLifecycle]) -> str:
    """`artifactory_estate.repositories.lifecycle:RepositoriesLifecycle`, the value that `lifecycle_of` reads."""
    return f"{lifecycle.__module__}:{lifecycle.__name__}"


def plain(value: Any) -> Any:
    """The engine's numbers are floats; ours are what they were: 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether a preview cannot know all of it yet."""
    if isinstance(value, pulumi.output.Unknown) or value == pulumi.runtime.rpc.UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return False


def declaration(properties: Properties) -> dict[str, Any]:
    """The declaration's fields, without ours."""
    return {key: plain(value) for key, value in properties.items() if key not in OURS}


def mistakes(error: ValidationError) -> list[tuple[str, DocumentPath, str]]:
    """Top-level property, whole path, and text of each mistake."""
    return [
        (
            str(detail["loc"][0]) if detail["loc"] else "",
            tuple(detail["loc"]),
            f"{dotted(tuple(detail['loc']))}: {detail['msg']}",
        )
        for detail in error.errors(include_input=False, include_url=False)
    ]


def parse(lifecycle: AnyLifecycle, properties: Properties) -> Any:
    """The declaration as its model."""
    return lifecycle.declared.from_data(declaration(properties))


def parse_last(lifecycle: AnyLifecycle, properties: Properties) -> Any:
    """The declaration that state holds. Raises `EstateError` when another version wrote what this one does not read."""
    try:
        return parse(lifecycle, properties)
    except ValidationError as error:
        raise _of_another_version(properties, error) from error


def parse_observed(lifecycle: AnyLifecycle, properties: Properties) -> Any:
    """The observation that state holds. Raises as `parse_last`."""
    try:
        return lifecycle.observed.from_data(plain(properties.get(OBSERVED) or {}))
    except ValidationError as error:
        raise _of_another_version(properties, error) from error


def _of_another_version(properties: Properties, error: ValidationError) -> EstateError:
    texts = "; ".join(text for *_, text in mistakes(error))
    return EstateError(
        f"state holds {properties.get(RESOURCE)} as another version of artifactory-estate wrote it ({texts}). "
        "Use that version, or a newer one that still reads it."
    )


def outputs(properties: Properties, declared: Any, observed: Any) -> dict[str, Any]:
    """What goes into state: the declaration in its normal form and the observation."""
    return {
        LIFECYCLE: properties[LIFECYCLE],
        RESOURCE: properties[RESOURCE],
        **declared.to_data(),
        OBSERVED: observed.to_data(),
    }
