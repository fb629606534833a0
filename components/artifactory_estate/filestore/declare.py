"""What a site's stack declares of where its binaries are."""

from artifactory_estate.filestore.lifecycle import PlaceDeclaration
from artifactory_estate.filestore.moves import former_place, place_of
from artifactory_estate.filestore.traits import copies_of, in_use
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames


def place_declaration(names: SiteNames, site: ManagedSite) -> PlaceDeclaration:
    """From the document alone."""
    used = in_use(site.filestore)
    return PlaceDeclaration(
        site=names.site,
        bucket=names.site_bucket,
        region=names.region,
        role=names.role,
        place=place_of(used, names.filestore_bucket),
        former=former_place(site.filestore),
        members=tuple(sorted(used.shards)),
        copies=copies_of(used, site.nodes.ceiling),
    )
