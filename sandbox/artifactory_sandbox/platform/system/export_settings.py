"""What an export or an import was asked for (1.8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from artifactory_sandbox.platform.web import Refused

_FLAGS = {
    "includeMetadata": "metadata",
    "createArchive": "archive",
    "bypassFiltering": "bypass_filtering",
    "verbose": "verbose",
    "failOnError": "fail_on_error",
    "failIfEmpty": "fail_if_empty",
    "m2": "m2",
    "incremental": "incremental",
    "excludeContent": "exclude_content",
    "excludeArtifactBundles": "exclude_bundles",
}


@dataclass(slots=True)
class Settings:
    """Flags of the body, by readable names."""

    path: str = ""
    metadata: bool = True
    archive: bool = False
    bypass_filtering: bool = False
    verbose: bool = False
    fail_on_error: bool = False
    fail_if_empty: bool = True
    m2: bool = False
    incremental: bool = False
    exclude_content: bool = False
    exclude_bundles: bool = False
    excluded: frozenset[str] = frozenset()
    """Repositories that are left out."""


def read(sent: Mapping[str, Any], path_name: str) -> Settings:
    """Reads a body; a 400 for a missing path or a flag that is none."""
    path = sent.get(path_name)
    if not isinstance(path, str) or not path.strip():
        raise Refused(400, f"{path_name} is required")
    made = Settings(path.strip())
    for name, attribute in _FLAGS.items():
        value = sent.get(name)
        if value is None:
            continue
        if not isinstance(value, bool):
            raise Refused(400, f"Error parsing json body: {name} is not a boolean")
        setattr(made, attribute, value)
    if made.exclude_content and sent.get("includeMetadata") is None:
        made.metadata = False
    if made.archive and made.incremental:
        raise Refused(400, "An incremental export cannot be archived")
    return made


EXPORT_EXAMPLE: Mapping[str, Any] = {
    "exportPath": "/export/path",
    "includeMetadata": True,
    "createArchive": False,
    "bypassFiltering": False,
    "verbose": False,
    "failOnError": True,
    "failIfEmpty": True,
    "m2": False,
    "incremental": False,
    "excludeContent": False,
    "excludeArtifactBundles": False,
}
IMPORT_EXAMPLE: Mapping[str, Any] = {
    "importPath": "/import/path",
    "includeMetadata": True,
    "verbose": False,
    "failOnError": True,
    "failIfEmpty": True,
}


@dataclass(slots=True)
class Report:
    """What happened, line by line; problems begin with `500 : ` (1.8)."""

    verbose: bool = False
    lines: list[str] = field(default_factory=list)
    problems: int = 0

    def say(self, text: str) -> None:
        """A step."""
        self.lines.append(text)

    def detail(self, text: str) -> None:
        """A line that only a verbose run has."""
        if self.verbose:
            self.lines.append(text)

    def problem(self, text: str) -> None:
        """Something that did not work; the rest goes on."""
        self.problems += 1
        self.lines.append(f"500 : {text}")

    @property
    def text(self) -> str:
        """All lines."""
        return "".join(f"{line}\n" for line in self.lines)
