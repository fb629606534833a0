"""A tiny process that outlives the supervisor by a moment: whatever ends that one, what it started is ended too.

The kernel ends direct children of a killed supervisor (PR_SET_PDEATHSIG), not what those started: an `aws` of a boot script, say.
The guardian reads the ids of process groups from a pipe and, when the pipe closes, kills those that are left.
"""

import os
import subprocess
import threading
from contextlib import suppress

_SCRIPT = """
trap '' TERM INT HUP
groups=' '
while read -r verb id; do
  case $verb in
    add) groups="$groups$id " ;;
    drop) before=${groups%%" $id "*}; groups="$before ${groups#*" $id "}" ;;
  esac
done
for id in $groups; do kill -s KILL -- "-$id" 2>/dev/null; done
"""


class Guardian:
    """Knows the process groups that run now."""

    def __init__(self) -> None:
        reading, self._pipe = os.pipe()
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(reading)
        self._lock = threading.Lock()

    def add(self, group: int) -> None:
        """A process group began."""
        self._tell(f"add {group}\n")

    def drop(self, group: int) -> None:
        """It is over; its number may be another's soon."""
        self._tell(f"drop {group}\n")

    def close(self) -> None:
        """Ends the groups that are left, and the guardian."""
        with self._lock:
            if self._pipe >= 0:
                os.close(self._pipe)
            self._pipe = -1
        self._process.wait()

    def _tell(self, line: str) -> None:
        with self._lock, suppress(OSError):
            os.write(self._pipe, line.encode())
