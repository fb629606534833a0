"""What a site's stack declares of where its binaries are."""

from artifactory_estate.filestore.lifecycle import PlaceDeclaration
from artifactory_estate.filestore.moves import former_place, place_of, shard_places
from artifactory_estate.filestore.traits import copies_of, in_use, is_made_elsewhere
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
        shards=shard_places(used, names.filestore_bucket),
        drained=tuple(sorted(name for name, shard in used.shards.items() if not shard.write_enabled)),
        on_every_node=used.kind == "sharding-cluster",
        buckets_stay=used.kind == "s3-sharding" and not (is_made_elsewhere(used) or used.bucket.allow_delete),
        copies=copies_of(used, site.nodes.ceiling),
    )
