"""A lifecycle in a Pulumi program."""

from collections.abc import Mapping
from typing import Any

import pulumi

from artifactory_estate.base import Model
from artifactory_estate.base.lifecycle import AnyLifecycle
from artifactory_estate.engine import border

PROVIDER = "gASVOQAAAAAAAACMHGFydGlmYWN0b3J5X2VzdGF0ZS5lbmdpbmUudjGUjBFMaWZlY3ljbGVQcm92aWRlcpSTlCmBlC4="
"""The pickled provider, by reference. Constant: `pulumi.dynamic.serialize_provider` is never called, since each call nests
the previous one and the program dies at the 981st (pulumi-practice 0.2). A golden test holds it."""


class ManagedResource(pulumi.CustomResource):
    """One lifecycle's declaration as a resource of type `pulumi-python:dynamic/estate:<Class>`.

    The URN's name and the stack make `resource`, the identity in ownership marks.
    """

    observed: pulumi.Output[dict[str, Any]]
    """What the lifecycle reported; unknown in the preview of a create."""

    def __init__(
        self,
        name: str,
        lifecycle: type[AnyLifecycle],
        declared: Model | Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        fields = declared.to_data() if isinstance(declared, Model) else dict(declared)
        super().__init__(
            f"pulumi-python:dynamic/estate:{lifecycle.__name__.removesuffix('Lifecycle')}",
            name,
            {
                "__provider": PROVIDER,
                border.LIFECYCLE: border.name_of(lifecycle),
                border.RESOURCE: identity(name),
                border.OBSERVED: None,
                **fields,
            },
            opts,
        )


def identity(name: str) -> str:
    """`us-east/repositories`: stack and resource name."""
    return f"{pulumi.get_stack()}/{name}"


def platform_provider(name: str, opts: pulumi.ResourceOptions | None = None) -> pulumi.ProviderResource:
    """One explicit provider a platform: its own process, its own four threads, and none of the stack's configuration."""
    return pulumi.ProviderResource("pulumi-python", name, {}, opts)
