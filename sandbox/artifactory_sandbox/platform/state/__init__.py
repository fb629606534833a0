"""The cluster's database, shared by its nodes; a service's own SQL stands in its `state.py`."""

from artifactory_sandbox.platform.state.database import Database
from artifactory_sandbox.platform.state.driver import Row, Unreachable, Unstorable
from artifactory_sandbox.platform.state.locks import Locks
from artifactory_sandbox.platform.state.settings import Settings

__all__ = ["Database", "Locks", "Row", "Settings", "Unreachable", "Unstorable"]
