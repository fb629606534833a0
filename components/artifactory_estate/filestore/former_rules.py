"""What may not be said of a move from one filestore to another (decision 0012)."""

from collections.abc import Iterator

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.traits import local_directories, mode_of
from artifactory_estate.site.model import ManagedSite

TARGETS = ("s3-storage-v3", "nfs", "cache-fs", "file-system", "cluster-file-system")


def refusals(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """Of the former filestore, and of where its binaries go."""
    former, filestore, place = site.filestore.move_from, site.filestore, (*path, "move_from")
    if former is None:
        return
    if filestore.kind not in TARGETS or mode_of(filestore) != "direct":
        why = f"decision 0012: binaries are moved into one place: {', '.join(TARGETS)}"
        yield Refusal(place, f"into {filestore.kind}", why, "Move to s3-storage-v3 first.")
    elif filestore.kind != "s3-storage-v3" and former.directory == filestore.directory:
        yield Refusal(
            (*place, "directory"), f"{former.directory}, where they go too", "a move into itself (decision 0012)"
        )
    before = Filestore(kind=former.kind, directory=former.directory)
    if local_directories(before) and (site.nodes.ceiling > 1 or site.nodes.data_volume is None):
        why = "seed 004: nodes share one filestore, and another node's disk cannot be read from here (decision 0012)"
        yield Refusal((*place, "directory"), f"{former.directory} is on the node's own disk", why)
    if former.kind == "nfs" and not former.directory.startswith("/"):
        why = "files reference 7.4: nfs is a mount, by its absolute path"
        yield Refusal((*place, "directory"), f"{former.directory} is not absolute", why)
    if former.export and former.efs:
        yield Refusal((*place, "export"), "an export, and efs", "one of the two is mounted (files reference 7.4)")
