"""The dynamic provider. FROZEN PATH: state refers to `artifactory_estate.engine.v1:LifecycleProvider` by name.

By the recipe of pulumi-practice 1.10: importable class, no instance state, constant `__provider`, pure `check` and
`diff`, pydantic at the border. Renaming or moving this module or class breaks refresh and destroy of every stack.
"""

import logging
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pydantic import ValidationError

from artifactory_estate.engine import border

# gRPC logs a traceback of whatever a servicer raises; our errors are for people, and the engine prints their text.
logging.getLogger("grpc._server").disabled = True


class LifecycleProvider(ResourceProvider):
    """Every lifecycle as a Pulumi resource. A new lifecycle adds no code here."""

    serialize_as_secret_always = False  # it holds no data, so there is nothing to hide

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse what the model refuses; bring the rest into normal form. Unknown values pass through untouched."""
        if border.has_unknown(border.declaration(news)):
            return CheckResult(dict(news), [])
        lifecycle = border.lifecycle_of(news)
        try:
            declared = border.parse(lifecycle, news)
        except ValidationError as error:
            return CheckResult(dict(news), [CheckFailure(key, text) for key, _, text in border.mistakes(error)])
        ours = {key: news[key] for key in (border.LIFECYCLE, border.RESOURCE)}
        return CheckResult({**ours, **declared.to_data()}, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Pure. `changes=None` lets the engine work out, and show, just the properties that differ."""
        if border.has_unknown(border.declaration(news)):
            return DiffResult(changes=None)
        lifecycle = border.lifecycle_of(news)
        change = lifecycle.plan(border.parse_last(lifecycle, olds), border.parse(lifecycle, news))
        if change.changed:
            return DiffResult(
                changes=None, replaces=list(change.replaces), delete_before_replace=change.delete_first or None
            )
        return DiffResult(changes=bool((olds.get(border.OBSERVED) or {}).get("pending")))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Never called by a preview."""
        lifecycle = border.lifecycle_of(props)
        declared = border.parse(lifecycle, props)
        observed = lifecycle.create(declared)
        return CreateResult(str(props[border.RESOURCE]), border.outputs(props, declared, observed))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Refresh: live values as outputs and inputs, so that drift shows whichever way the engine compares."""
        lifecycle = border.lifecycle_of(props)
        found = lifecycle.read(border.parse_last(lifecycle, props), border.parse_observed(lifecycle, props))
        if found is None:
            return ReadResult("", {})
        outs = border.outputs(props, *found)
        inputs = {key: value for key, value in outs.items() if key != border.OBSERVED}
        return ReadResult(id_, outs, inputs)

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """All outputs again: what is left out would be wiped."""
        lifecycle = border.lifecycle_of(news)
        declared = border.parse(lifecycle, news)
        last = border.parse_last(lifecycle, olds)
        observed = lifecycle.update(last, declared, border.parse_observed(lifecycle, olds))
        return UpdateResult(border.outputs(news, declared, observed))

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Sees old outputs only."""
        lifecycle = border.lifecycle_of(props)
        lifecycle.delete(border.parse_last(lifecycle, props), border.parse_observed(lifecycle, props))
