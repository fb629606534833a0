"""What the histories share: calls by turns to the nodes of the cluster, names that no other history uses."""

import secrets
from typing import Any

import requests
from hypothesis.stateful import RuleBasedStateMachine

from tests.conformance.runner import ADMIN, Cluster


class History(RuleBasedStateMachine):
    """One random history; `cluster` is set on a subclass by the test that runs it."""

    cluster: Cluster

    def __init__(self) -> None:
        super().__init__()
        self.mark = f"h{secrets.token_hex(4)}"

    def call(self, method: str, path: str, auth: Any = ADMIN, **options: Any) -> requests.Response:
        """A call to the node whose turn it is; the server may refuse, and never fail."""
        nodes = self.cluster.nodes
        url = nodes[next(self.cluster.turn) % len(nodes)]
        answer = self.cluster.session.request(method, f"{url}{path}", auth=auth, timeout=30, **options)
        assert answer.status_code < 500, f"{method} {path} answered {answer.status_code} {answer.text[:500]}"
        return answer

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call below `/artifactory/api`."""
        return self.call(method, f"/artifactory/api/{path}", **options)
