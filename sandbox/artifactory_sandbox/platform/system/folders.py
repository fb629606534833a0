"""The folders of a node, and the server's own paths in them."""

from dataclasses import dataclass
from pathlib import Path

from artifactory_sandbox.platform.web import Refused

_HOME = "/opt/jfrog/artifactory"
_DEEPEST, _LONGEST = 64, 255


@dataclass(frozen=True, slots=True)
class Folders:
    """`root` stands for the machine's `/`: a path that a client names is looked for below it, and nowhere else."""

    root: Path
    var: Path
    log_name: str = "log"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.var / self.log_name

    @property
    def security(self) -> Path:
        """Keys."""
        return self.var / "etc/security"

    @property
    def backup(self) -> Path:
        """Backups without a directory of their own, and those of Access."""
        return self.var / "backup"

    def place(self, path: str, refusal: str) -> Path:
        """Where an absolute path of the server is; a 400 for one that climbs or is none."""
        text = path.strip().replace("$JFROG_HOME", "/opt/jfrog").replace("$ARTIFACTORY_HOME", _HOME)
        parts = text.split("/")
        fits = len(parts) <= _DEEPEST and all(len(part.encode(errors="replace")) <= _LONGEST for part in parts)
        if not text.startswith("/") or text.startswith("//") or ".." in parts or not fits or not text.isprintable():
            raise Refused(400, refusal)
        given = Path(text)
        place = given if given.is_relative_to(self.root) else self.root / text.lstrip("/")
        if not place.resolve().is_relative_to(self.root.resolve()):
            raise Refused(400, refusal)  # a link that leads out
        return place

    def shown(self, path: Path) -> str:
        """A path as the machine knows it."""
        return f"/{path.relative_to(self.root)}" if path.is_relative_to(self.root) else str(path)


def bare(temporary: Path) -> Folders:
    """Those of a node without a machine, beside its working folder; nodes of one platform share all but their logs."""
    return Folders(temporary.parent, temporary.parent, "log" + temporary.name.removeprefix("work"))
