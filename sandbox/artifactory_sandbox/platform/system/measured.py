"""What a node runs on, in numbers (beside the text of 1.1)."""

import os
import resource
import time
from pathlib import Path

from artifactory_sandbox.platform.web import Answer, Call, Route, json_answer

_STARTED = time.monotonic()


def measured(call: Call) -> Answer:
    """System information as JSON: bytes, nanoseconds of processor time, milliseconds since the start."""
    usage, page = resource.getrusage(resource.RUSAGE_SELF), os.sysconf("SC_PAGE_SIZE")
    held, most = usage.ru_maxrss * 1024, os.sysconf("SC_PHYS_PAGES") * page
    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    return json_answer(
        {
            "committedVirtualMemorySize": held,
            "totalSwapSpaceSize": 0,
            "freeSwapSpaceSize": 0,
            "processCpuTime": int((usage.ru_utime + usage.ru_stime) * 1e9),
            "totalPhysicalMemorySize": most,
            "openFileDescriptorCount": _count("fd"),
            "maxFileDescriptorCount": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            "processCpuLoad": min(load / cores, 1.0),
            "systemCpuLoad": min(load / cores, 1.0),
            "freePhysicalMemorySize": os.sysconf("SC_AVPHYS_PAGES") * page,
            "numberOfCores": cores,
            "heapMemoryUsage": held,
            "noneHeapMemoryUsage": 0,
            "threadCount": _count("task"),
            "noneHeapMemoryMax": 0,
            "heapMemoryMax": most,
            "jvmUpTime": int((time.monotonic() - _STARTED) * 1000),
        }
    )


def _count(of: str) -> int:
    """Entries of a folder about this process; none where there is no such folder."""
    folder = Path("/proc/self") / of
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


ROUTES = (Route("GET", "/artifactory/api/system/info", "1.1", measured),)
