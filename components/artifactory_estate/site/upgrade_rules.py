"""What a document may not say of upgrades."""

import re
from collections.abc import Iterator

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.site import version_path
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.model import ManagedSite

_NAMED = re.compile(r"artifactory-pro-(\d+\.\d+\.\d+)")


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every managed site."""
    for name, site in estate.managed_sites.items():
        chosen = estate.artifactory_of(name)
        if chosen is None:
            continue
        release = ("sites", name, "artifactory") if site.artifactory else ("artifactory",)
        yield from _package(chosen, release)
        yield from _words(("sites", name, "upgrade"), site)
        if site.upgrade.from_version:
            yield from _taken_over(name, site, chosen, (*release, "version"))


def _package(chosen: Artifactory, path: DocumentPath) -> Iterator[Refusal]:
    """An upgrade that changes the version and forgets the package installs the old one again."""
    named = _NAMED.search(chosen.package.source) if chosen.package else None
    if named and named[1] != chosen.version:
        yield Refusal(
            (*path, "package", "source"),
            f"a package of {named[1]}, with version {chosen.version}",
            "the version that nodes install is the package's",
            "Give the package of that version and its sha256.",
        )


def _words(path: DocumentPath, site: ManagedSite) -> Iterator[Refusal]:
    words, external = site.upgrade, site.database.external
    if words.snapshot and not external:
        yield Refusal(
            (*path, "snapshot"),
            "given, with a database of ours",
            "we make its snapshot before the first node is upgraded, and name it",
            "Leave it out.",
        )
    if words.from_version and not external:
        yield Refusal(
            (*path, "from_version"),
            "given, with a database of ours",
            "a database that we make is empty, and we know what has run on it since",
            "Leave it out.",
        )
    if words.restored and words.restored == words.snapshot:
        yield Refusal(
            (*path, "snapshot"),
            f"{words.snapshot} was restored",
            "what was written since is in no snapshot",
            "Make a new one before the next upgrade.",
        )
    if words.restored and words.from_version:
        yield Refusal(
            (*path, "from_version"), "given, with restored", "a restored database has the version that is declared"
        )


def _taken_over(name: str, site: ManagedSite, chosen: Artifactory, version: DocumentPath) -> Iterator[Refusal]:
    """A database that an earlier installation has used."""
    words, path = site.upgrade, ("sites", name, "upgrade")
    old = str(words.from_version)
    yield from version_path.refusals(version, old, chosen.version)
    if site.keys.master is None:
        yield Refusal(
            ("sites", name, "keys", "master"),
            "missing",
            "files reference 4.1: the database is encrypted with the master key of the installation that used it",
            "Give a reference to that key.",
        )
    if old != chosen.version and not words.snapshot:
        yield Refusal(
            (*path, "snapshot"),
            "missing",
            f"{chosen.version} converts the database of {old}, and only a snapshot leads back",
            "Make one, and give its name.",
        )
    if site.nodes.count > 1 and version_path.release_of(old) < (7, 0, 0):
        yield Refusal(
            ("sites", name, "nodes", "count"),
            f"{site.nodes.count} nodes, over {old}",
            "files reference 4.2: nodes start one at a time, and the first converts the database of 6.x alone",
            "Begin with one node, and add the others when it serves.",
        )
