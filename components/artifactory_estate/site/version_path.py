"""From which version of Artifactory one may go to which. Pure."""

from collections.abc import Iterator

from artifactory_estate.base import DocumentPath, Refusal

Release = tuple[int, ...]
_FLOOR = (6, 10, 0)
_LATE = (6, 23, 21)
_LATE_TARGET = (7, 21, 3)
_SEVEN = (7, 0, 0)


def release_of(version: str) -> Release:
    """`7.111.4` as numbers, to compare."""
    return tuple(int(part) for part in version.split("."))


def refusals(path: DocumentPath, old: str, new: str, way_back: str = "") -> Iterator[Refusal]:
    """Why a database that was used by `old` cannot be used by `new`. `path` is that of the wanted version; `way_back` says
    what can be done about a downgrade."""
    before, after = release_of(old), release_of(new)
    if after < before:
        yield Refusal(
            path,
            f"{new} is older than {old}, which has run on the site's database",
            "the database was converted, and an older Artifactory cannot use it",
            way_back or "Declare that version, or a newer one.",
        )
    elif before < _FLOOR and after >= _SEVEN:
        yield Refusal(
            path,
            f"{new}, over {old}",
            "files reference 2.9: an upgrade to 7.x begins with 6.10.x",
            "Upgrade to 6.10 or newer first.",
        )
    elif _LATE <= before < _SEVEN <= after < _LATE_TARGET:
        yield Refusal(
            path, f"{new}, over {old}", "files reference 2.9: from 6.23.21 on an upgrade leads to 7.21.3 or newer"
        )
