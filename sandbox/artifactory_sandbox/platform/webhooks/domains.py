"""Domains, their event types, and which criteria a subscription to them has (12.7): data, and what meets the criteria."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from artifactory_sandbox.platform.security import patterns

Criteria = Literal["repo", "build", "bundle", "bundle-v2", "environments", "none"]


@dataclass(frozen=True, slots=True)
class Domain:
    """What can happen, and by what it is selected."""

    events: tuple[str, ...]
    criteria: Criteria


_BUNDLE_V1_TARGET = ("received", "delete_started", "delete_completed", "delete_failed")

DOMAINS: Mapping[str, Domain] = {
    "artifact": Domain(("deployed", "deleted", "moved", "copied", "cached"), "repo"),
    "artifact_property": Domain(("added", "deleted"), "repo"),
    "docker": Domain(("pushed", "deleted", "promoted"), "repo"),
    "build": Domain(("uploaded", "deleted", "promoted"), "build"),
    "release_bundle": Domain(("created", "signed", "deleted"), "bundle"),
    "distribution": Domain(
        (
            *("distribute_started", "distribute_completed", "distribute_aborted", "distribute_failed"),
            *("delete_started", "delete_completed", "delete_failed"),
        ),
        "bundle",
    ),
    "destination": Domain(_BUNDLE_V1_TARGET, "bundle"),
    "artifactory_release_bundle": Domain(_BUNDLE_V1_TARGET, "bundle"),
    "release_bundle_v2": Domain(
        tuple(f"release_bundle_v2_{end}" for end in ("started", "failed", "completed")), "bundle-v2"
    ),
    "release_bundle_v2_promotion": Domain(
        tuple(f"release_bundle_v2_promotion_{end}" for end in ("started", "failed", "completed")), "environments"
    ),
    "artifact_lifecycle": Domain(("archive", "restore"), "none"),
    "user": Domain(("locked",), "none"),
}

REPO_FLAGS = {"local": "anyLocal", "remote": "anyRemote", "federated": "anyFederated"}

_FILE = {"repo_key": "sample_repo", "path": "sample_dir/sample.txt", "name": "sample.txt", "sha256": "sample_checksum"}
_BUNDLE = {"release_bundle_name": "sample_name", "release_bundle_version": "1.0.0"}
SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "artifact": {**_FILE, "size": 0},
    "artifact_property": {**_FILE, "size": 0, "property_key": "sample_key", "property_values": ["sample_value"]},
    "docker": {
        **{**_FILE, "path": "sample_image/sample_tag/manifest.json", "name": "manifest.json"},
        **{"size": 0, "image_name": "sample_image", "tag": "sample_tag", "platforms": [], "image_type": "docker"},
    },
    "build": {
        "build_name": "sample_build_name",
        "build_number": "1",
        "build_started": "1970-01-01T00:00:00.000+0000",
        "build_repo": "artifactory-build-info",
    },
    "release_bundle": {**_BUNDLE, "release_bundle_size": 0},
    "release_bundle_v2": _BUNDLE,
    "release_bundle_v2_promotion": {**_BUNDLE, "environment": "DEV"},
    "user": {"username": "sample_user"},
}
"""What a test sends as data; the bundle of v1 for the domains that are not named."""


def sample(domain: str) -> dict[str, Any]:
    """Data of a test event."""
    return dict(SAMPLES.get(domain, SAMPLES["release_bundle"]))


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about, as far as criteria ask for it."""

    repo: str = ""
    rclass: str = ""
    path: str = ""
    build: str = ""
    bundle: str = ""
    environment: str = ""


def meets(kind: Criteria, criteria: Mapping[str, Any], subject: Subject) -> bool:
    """Whether an event is one that a subscription selects."""
    match kind:
        case "repo":
            flag = REPO_FLAGS.get(subject.rclass, "")
            chosen = bool(criteria.get(flag)) or subject.repo in (criteria.get("repoKeys") or ())
            return chosen and _fits(criteria, subject.path)
        case "build":
            return _named(criteria, "anyBuild", criteria.get("selectedBuilds"), subject.build)
        case "bundle":
            named = criteria.get("registeredReleaseBundlesNames")
            return _named(criteria, "anyReleaseBundle", named, subject.bundle)
        case "bundle-v2":
            selected = criteria.get("selectedReleaseBundles") or {}
            named = [name for names in selected.values() for name in names]
            return _named(criteria, "anyReleaseBundle", named, subject.bundle)
        case "environments":
            selected = criteria.get("selectedEnvironments") or ()
            return not selected or subject.environment in selected
        case "none":
            return True


def _named(criteria: Mapping[str, Any], flag: str, selected: Any, name: str) -> bool:
    """A name that is selected, or that the patterns include where any will do, or where nothing is selected by name."""
    if name in (selected or ()):
        return True
    if criteria.get(flag):
        return _fits(criteria, name)
    return bool(criteria.get("includePatterns")) and _fits(criteria, name)


def _fits(criteria: Mapping[str, Any], path: str) -> bool:
    return patterns.matches(path, criteria.get("includePatterns") or (), criteria.get("excludePatterns") or ())
