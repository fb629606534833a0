"""What the destruction of a site would lose without a word: what `DeletionGuard` refuses."""

from collections.abc import Iterator

from artifactory_estate.base import Model, Refusal
from artifactory_estate.cloud import holdings


class DeletionGuardDeclaration(Model):
    """What must not be lost without a word."""

    site: str
    region: str
    role: str | None = None
    bucket: str | None = None
    """Filestore bucket of ours."""
    more_buckets: tuple[str, ...] = ()
    """Of a filestore of several."""
    file_systems: tuple[str, ...] = ()
    """EFS file systems of ours."""
    database: str | None = None
    """RDS instance of ours."""
    balancer: str | None = None
    """Load balancer of ours."""
    allow_delete_bucket: bool = False
    allow_delete_file_systems: bool = False
    allow_delete_database: bool = False


def losses(guard: DeletionGuardDeclaration) -> Iterator[Refusal]:
    """What is there and has no word that allows its loss."""
    where = (guard.region, guard.role)
    filestore = ("sites", guard.site, "filestore")
    for bucket in (*([guard.bucket] if guard.bucket else []), *guard.more_buckets):
        if not guard.allow_delete_bucket and holdings.has_objects(bucket, *where):
            yield _needs_word((*filestore, "bucket", "allow_delete"), f"{bucket} holds binaries")
    for file_system in guard.file_systems:
        if not guard.allow_delete_file_systems and holdings.has_file_system(file_system, *where):
            yield _needs_word((*filestore, "efs", "allow_delete"), f"{file_system} holds binaries")
    if guard.database and not guard.allow_delete_database and holdings.has_database(guard.database, *where):
        yield _needs_word(("sites", guard.site, "database", "allow_delete"), f"{guard.database} holds the metadata")
    if guard.balancer and holdings.has_protected_balancer(guard.balancer, *where):
        path = ("sites", guard.site, "load_balancer", "deletion_protection")
        do = "Say `deletion_protection: false` there, run `up`, and destroy again."
        yield Refusal(path, f"{guard.balancer} is protected", "AWS would refuse it when half of the site is gone", do)


def _needs_word(path: tuple[str, ...], found: str) -> Refusal:
    do = "Say `allow_delete: true` there, run `up`, and destroy again."
    return Refusal(path, found, "design 3: a loss needs a word that an earlier run has applied", do)
