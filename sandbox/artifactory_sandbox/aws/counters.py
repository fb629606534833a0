"""How often AWS was asked and told, by whom: clients (the engine, the command) apart from nodes and from the sandbox itself."""

import threading
from collections import Counter
from typing import Any

from artifactory_sandbox.aws.request import AwsCall
from artifactory_sandbox.aws.settings import INTERNAL_KEY, NODE_KEY


class AwsCounters:
    """Reads and writes since the last reset. Only clients count as `reads` and `writes`; nodes stand apart; our own calls nowhere."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._node_keys = {NODE_KEY}
        self.reset()

    def reset(self) -> None:
        """Starts again at zero."""
        with self._lock:
            self._clients: Counter[tuple[bool, str]] = Counter()
            self._nodes: Counter[bool] = Counter()

    def add_node_key(self, key: str) -> None:
        """Calls signed with this access key are a node's."""
        self._node_keys.add(key)

    def count(self, call: AwsCall) -> None:
        """Counts one request."""
        if call.key == INTERNAL_KEY:
            return
        with self._lock:
            if call.key in self._node_keys:
                self._nodes[call.reads] += 1
            else:
                self._clients[call.reads, f"{call.service}:{call.action}"] += 1

    def data(self) -> dict[str, Any]:
        """`{"reads", "writes", "actions": {"ec2:RunInstances": 2}, "nodes": {"reads", "writes"}}`."""
        with self._lock:
            return {
                "reads": sum(count for (reads, _), count in self._clients.items() if reads),
                "writes": sum(count for (reads, _), count in self._clients.items() if not reads),
                "actions": {
                    name: count for (_, name), count in sorted(self._clients.items(), key=lambda row: row[0][1])
                },
                "nodes": {"reads": self._nodes[True], "writes": self._nodes[False]},
            }
