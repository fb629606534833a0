"""Artifactory Query Language (6.3): text to tree, tree to SQL, rows to nested results."""

from artifactory_sandbox.platform.search.aql.run import Result, find, query

__all__ = ["Result", "find", "query"]
