"""Recipe and package references, their folders in Artifactory's layout, and how they are written."""

import re
from dataclasses import dataclass

from artifactory_sandbox.platform.web import Refused

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+.\-]{0,100}\Z")
_REVISION = re.compile(r"[A-Za-z0-9_.\-]{1,64}\Z")
NONE = "_"
"""Stands for a user or channel that a reference does not have."""
MANIFEST = "conanmanifest.txt"
INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe reference, with or without a revision."""

    name: str
    version: str
    user: str = NONE
    channel: str = NONE
    revision: str = ""

    @property
    def folder(self) -> str:
        """Where all revisions are kept."""
        return f"{self.user}/{self.name}/{self.version}/{self.channel}"

    @property
    def revision_folder(self) -> str:
        """Where one revision is kept, its packages included."""
        return f"{self.folder}/{self.revision}"

    @property
    def files(self) -> str:
        """Where the files of the recipe itself are kept."""
        return f"{self.revision_folder}/export"

    def __str__(self) -> str:
        """As Artifactory writes it: `zlib/1.3@_/_`."""
        return f"{self.name}/{self.version}@{self.user}/{self.channel}"


@dataclass(frozen=True, slots=True)
class Package:
    """One binary package of a recipe revision, with or without a revision of its own."""

    recipe: Recipe
    package_id: str
    revision: str = ""

    @property
    def folder(self) -> str:
        """Where all revisions of the package are kept."""
        return f"{self.recipe.revision_folder}/package/{self.package_id}"

    @property
    def files(self) -> str:
        """Where the files of one revision are kept."""
        return f"{self.folder}/{self.revision}"

    def __str__(self) -> str:
        """As Artifactory writes it: `zlib/1.3@_/_#rrev:id`."""
        return f"{self.recipe}#{self.recipe.revision}:{self.package_id}"


def recipe(name: str, version: str, user: str, channel: str, revision: str = "") -> Recipe:
    """A checked reference; a 400 for what can be none."""
    for text in (name, version, user, channel):
        if not _NAME.match(text):
            raise Refused(400, f"Invalid conan reference: '{text[:100]}'", "text")
    return Recipe(name, version, user, channel, _checked(revision))


def package(of: Recipe, package_id: str, revision: str = "") -> Package:
    """A checked package reference."""
    return Package(of, _checked(package_id), _checked(revision))


def of_path(path: str) -> Recipe | None:
    """The recipe revision that a stored file belongs to."""
    parts = path.split("/")
    if len(parts) < 6 or parts[5] not in {"export", "package"}:
        return None
    user, name, version, channel, revision = parts[:5]
    return Recipe(name, version, user, channel, revision)


def _checked(revision: str) -> str:
    if revision and not _REVISION.match(revision):
        raise Refused(400, f"Invalid conan revision: '{revision[:100]}'", "text")
    return revision
