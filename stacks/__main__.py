"""The one Pulumi program: the stack's name says which slice of the estate it makes true.

The document is named by ESTATE_DOCUMENT, or by the stack's configuration `artifactory-estate:document`.
"""

import gc
import importlib
import os
from functools import partial

import pulumi

from artifactory_estate.base import EstateError, refuse_if_any
from artifactory_estate.base.project import in_project
from artifactory_estate.cloud.find import TAG, mark_of
from artifactory_estate.estate import offered
from artifactory_estate.estate.load import load
from artifactory_estate.estate.slices import slice_of


def document() -> str:
    """Path of the estate document, relative to the project."""
    return os.environ.get("ESTATE_DOCUMENT") or pulumi.Config("artifactory-estate").require("document")


def main() -> None:
    """Make the slice of the current stack; only its own kind's modules are imported, since those of AWS take seconds."""
    estate = load(in_project(document()))
    refuse_if_any(offered.refusals(estate))
    piece = slice_of(estate, pulumi.get_stack())
    pulumi.runtime.register_resource_transform(partial(tag, estate.estate))
    importlib.import_module(f"kinds.{piece.stack.kind}").make(piece.estate, piece.stack.of)


def tag(estate: str, args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Whatever AWS resource can carry tags carries its name in state, by which an interrupted run's is found again."""
    tags = args.props.get("tags")
    if not args.type_.startswith("aws:") or not isinstance(tags, dict):
        return None
    mark = mark_of(estate, pulumi.get_stack(), args.type_, args.name)
    return pulumi.ResourceTransformResult({**args.props, "tags": {**tags, TAG: mark}}, args.opts)


gc.disable()  # a quarter of the time that the imports take, for nothing: what they make stays
try:
    main()
except EstateError as error:
    raise pulumi.RunError(str(error)) from None
finally:
    gc.freeze()
    gc.enable()
