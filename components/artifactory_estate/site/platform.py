"""What is true over REST, one after another: ready, licensed, its own URL, its repositories."""

from collections.abc import Mapping, Sequence

import pulumi

from artifactory_estate.base import duration_text
from artifactory_estate.cloud.instances import Instances
from artifactory_estate.engine import ManagedResource
from artifactory_estate.filestore.lifecycle import ChecksumTrust, ChecksumTrustDeclaration
from artifactory_estate.repositories.component import Repositories
from artifactory_estate.site.base_url import BaseUrlDeclaration, BaseUrlLifecycle
from artifactory_estate.site.configuration import fronts_of
from artifactory_estate.site.editions import Feature, features_of
from artifactory_estate.site.entitlement import Entitlement
from artifactory_estate.site.licences import after_nodes
from artifactory_estate.site.lifecycle import LicencesLifecycle, ReadinessLifecycle
from artifactory_estate.site.parts import Parts
from artifactory_estate.site.render import apply_script

_FIRST_NODE_S, _NEXT_NODE_S = 1800, 600
"""Nodes start one after another; the first one makes the database's tables."""


def make_platform(
    parts: Parts,
    before: Sequence[pulumi.Resource],
    template: pulumi.Input[str],
    made_elsewhere: Mapping[str, str] | None,
    *,
    looks_before_sending: bool,
) -> Repositories | None:
    """`before`: what serves; `template`: version of the launch template that instances follow. Gives what the site
    declares of repositories, None for nothing."""
    ready = _make_ready(parts, before, template)
    features = features_of(parts.site, federated=bool(made_elsewhere), looks_before_sending=looks_before_sending)
    _make_settings(parts, _make_licences(parts, ready, features))
    return _make_repositories(parts, made_elsewhere)


def _make_ready(parts: Parts, before: Sequence[pulumi.Resource], template: pulumi.Input[str]) -> ManagedResource:
    """Instances of the current template, and all of them in the cluster."""
    nodes = parts.site.nodes
    nodes_of = {
        "bucket": parts.names.site_bucket,
        "group": parts.names.group,
        "script": apply_script(parts.names),
        **parts.where(),
    }
    ready = {
        "connection": parts.connection.to_data(),
        "version": parts.release.version,
        "nodes": nodes.count,
        "deadline": duration_text(_FIRST_NODE_S + _NEXT_NODE_S * (nodes.ceiling - 1)),
        "nodes_of": nodes_of,
        "fronts_of": fronts_of(parts) if parts.site.load_balancer.on_fronts else None,
    }
    replaced = parts.managed("instances", Instances, {"nodes_of": nodes_of, "template": template}, before)
    return parts.managed("readiness", ReadinessLifecycle, ready, [*before, replaced])


def _make_licences(parts: Parts, ready: pulumi.Resource, features: tuple[Feature, ...]) -> ManagedResource:
    """Installed, and enough for what is declared."""
    owner = parts.owner("licence-supply")
    declared = after_nodes(parts.names, parts.site, parts.connection, owner, parts.tags, features=features)
    installed = parts.managed("licences", LicencesLifecycle, declared, [ready])
    needs = {
        "connection": parts.connection.to_data(),
        "licences": installed.observed["ours"],
        "features": list(features),
    }
    return parts.managed("entitlement", Entitlement, needs, [installed])


def _make_settings(parts: Parts, licensed: pulumi.Resource) -> None:
    """Base URL, and whether checksums of the filestore are trusted."""
    site, connection = parts.site, parts.connection
    override = site.load_balancer.override_base_url
    generated = None if override in ("client", "site") else override
    base_url = BaseUrlDeclaration(connection=connection, url=site.url, generated=generated)
    parts.managed("base-url", BaseUrlLifecycle, base_url, [licensed])
    if (days := site.filestore.checksum_replication) is not None:
        trust = ChecksumTrustDeclaration(connection=connection, days=days)
        parts.managed("checksum-trust", ChecksumTrust, trust, [licensed])


def _make_repositories(parts: Parts, made_elsewhere: Mapping[str, str] | None) -> Repositories | None:
    """Behind everything, so that one that must not be lost refuses before anything else of the site is gone."""
    declared = parts.site.repositories
    if not declared.all():
        return None
    name, estate = f"{parts.name}-repositories", parts.names.estate
    opts = parts.opts(parts.made)
    return parts.keep(Repositories(name, estate, parts.connection, declared, opts, made_elsewhere=made_elsewhere))
