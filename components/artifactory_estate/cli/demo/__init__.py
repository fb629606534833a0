"""`make demo`: the main job on the embedded sandbox, proven step by step."""

from artifactory_estate.cli.demo.story import run

__all__ = ["run"]
