"""What the package protocols ask the database themselves."""

from artifactory_sandbox.platform.state import Database


def stamp(database: Database, repo: str) -> tuple[int, int, int]:
    """A mark of a repository's items that is another one after each change of an item or of its properties."""
    found = database.row(
        "SELECT COUNT(*), COALESCE(MAX(id), 0), COALESCE(SUM(updated), 0) FROM items WHERE repo = ?", repo
    )
    return (int(found[0]), int(found[1]), int(found[2])) if found else (0, 0, 0)
