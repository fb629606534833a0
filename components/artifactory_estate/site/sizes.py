"""What `nodes.size` means (files reference 7.1; heaps are ours)."""

from dataclasses import dataclass

from artifactory_estate.site.model import Nodes


@dataclass(frozen=True)
class Preset:
    """One row of the reference architecture, with the x86 type of the same size: native packages do not support ARM."""

    instance_type: str
    volume_gib: int
    """gp3."""
    iops: int
    throughput_mib: int
    """MiB/s."""
    heap_gib: int
    """Artifactory's; Access and the other services have theirs besides."""
    artifactory_threads: int
    accept_count: int
    access_threads: int
    """Tomcat's in Access, and `artifactory.access.client.max.connections`: they must be equal (checklist 4)."""
    database_class: str


PRESETS = {
    "small": Preset("m7i.2xlarge", 500, 3000, 500, 8, 300, 600, 75, "db.m8g.2xlarge"),
    "medium": Preset("m7i.2xlarge", 500, 3000, 500, 12, 300, 600, 75, "db.m8g.4xlarge"),
    "large": Preset("m7i.4xlarge", 1000, 6000, 1000, 24, 500, 800, 125, "db.m8g.8xlarge"),
    "xlarge": Preset("m7i.4xlarge", 1000, 6000, 1000, 28, 600, 1200, 150, "db.m8g.12xlarge"),
    "2xlarge": Preset("m7i.4xlarge", 1000, 6000, 1000, 32, 800, 1200, 200, "db.m8g.16xlarge"),
}


def preset_of(nodes: Nodes) -> Preset:
    """The preset of `nodes.size`."""
    return PRESETS[nodes.size]
