"""What runs in the background or takes long: seen by every node while it runs (1.1)."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.system.state import SystemState
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


class Tasks:
    """Tasks of the cluster; those of a node that died are left out, and forgotten when it comes back."""

    def __init__(self, platform: "Platform", state: SystemState) -> None:
        self._platform = platform
        self._state = state

    @contextmanager
    def running(self, kind: str, description: str, refusal: Refused | None = None) -> Iterator[str]:
        """A task for as long as the block runs. With a `refusal`, there is one of its kind at a time."""
        task = str(uuid.uuid4())
        with self._platform.database.transaction():
            if refusal is not None and self.kinds_running(kind):
                raise refusal
            now = self._platform.clock.now()
            self._state.begin_task(task, kind, description, self._platform.node_id, now)
        try:
            yield task
        finally:
            self._state.end_task(task)

    def kinds_running(self, kind: str) -> bool:
        """Whether a task of a kind runs on a node that is alive."""
        live = self._live()
        return any(row["type"] == kind and row["node"] in live for row in self._state.tasks())

    def stopped(self, task: str) -> bool:
        """Whether a task was asked to stop, or its node is stopping."""
        return self._platform.stopping.is_set() or self._state.stopped(task)

    def stop(self, kind: str) -> bool:
        """Asks the running tasks of a kind to stop; False when there is none."""
        return self.kinds_running(kind) and self._state.stop_tasks(kind)

    def forget_own(self) -> None:
        """Forgets what an earlier life of this node left."""
        self._state.end_tasks_of(self._platform.node_id)

    def listed(self) -> list[dict[str, Any]]:
        """The answer of Get Background Tasks: what runs, then what is scheduled."""
        live = self._live()
        shown: list[dict[str, Any]] = [
            {
                "id": row["id"],
                "type": row["type"],
                "state": "running",
                "description": row["description"],
                "nodeId": row["node"],
                "started": iso(row["started"]),
            }
            for row in self._state.tasks()
            if row["node"] in live
        ]
        node = self._platform.node_id
        shown += [
            {
                "id": f"job-{name}",
                "type": name.partition(":")[0],
                "state": "scheduled",
                "description": said,
                "nodeId": node,
            }
            for name, said in self._platform.system.schedule.descriptions().items()
        ]
        return [*shown, *self._of_replication(), *self._of_federation()]

    def _live(self) -> set[str]:
        return {*self._platform.cluster.live(), self._platform.node_id}

    def _of_replication(self) -> Iterator[dict[str, Any]]:
        for row in self._platform.replication.state.all():
            shown = {
                "id": f"replication-{row['replication_key']}",
                "type": "replication",
                "state": "running" if row["status"] == "incomplete" else "scheduled",
                "description": f"{row['kind'].lower()} replication of {row['repo']}",
                "nodeId": self._platform.node_id,
            }
            if row["enabled"] or row["status"] == "incomplete":
                yield shown

    def _of_federation(self) -> Iterator[dict[str, Any]]:
        for row in self._platform.federation.state.remote():
            running = row["state"].startswith("FULL_SYNC")
            if running or row["full_sync"]:
                yield {
                    "id": f"full-sync-{row['id']}",
                    "type": "full-sync",
                    "state": "running" if running else "scheduled",
                    "description": f"full sync of {row['repo']} to {row['url']}",
                    "nodeId": self._platform.node_id,
                }
