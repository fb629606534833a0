"""Figures of the process and the machine that every service of a node has (8)."""

import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.metrics.text import Family, one

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_PAGE = os.sysconf("SC_PAGE_SIZE")


def families(platform: "Platform") -> Iterator[Family]:
    """CPU, disk and memory."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    yield one("sys_cpu_totaltime_seconds", "Total CPU time of the process", usage.ru_utime + usage.ru_stime)
    disk = shutil.disk_usage(platform.folders.var)
    yield one("app_disk_total_bytes", "Total bytes for app home directory disk device", disk.total)
    yield one("app_disk_used_bytes", "Used bytes for app home directory disk device", disk.used)
    yield one("app_disk_free_bytes", "Free bytes for app home directory disk device", disk.free)
    used, total = _resident(), usage.ru_maxrss * 1024
    limit = _PAGE * os.sysconf("SC_PHYS_PAGES")
    yield one("jfrt_runtime_heap_freememory_bytes", "Free memory of the runtime", max(0, total - used))
    yield one("jfrt_runtime_heap_maxmemory_bytes", "Most memory that the runtime may take", limit)
    yield one("jfrt_runtime_heap_totalmemory_bytes", "Memory that the runtime has taken", total)
    yield one("jfrt_runtime_heap_processors_total", "Processors of the runtime", os.cpu_count() or 1)


def _resident() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
