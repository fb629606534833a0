"""The only place that knows how a lifecycle becomes a Pulumi resource."""

from artifactory_estate.engine.resource import ManagedResource, platform_provider

__all__ = ["ManagedResource", "platform_provider"]
