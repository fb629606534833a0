"""Where a node's files are (configuration files reference 0.3), below the root that stands for the machine's."""

from dataclasses import dataclass
from pathlib import Path

from artifactory_sandbox.platform.boot.refusal import CannotStart
from artifactory_sandbox.platform.version import DEFAULT, Version


@dataclass(frozen=True, slots=True)
class Files:
    """Paths of one node."""

    root: Path

    @property
    def home(self) -> Path:
        """The installed program and its data."""
        return self.root / "opt/jfrog/artifactory"

    @property
    def var(self) -> Path:
        """The data tree."""
        return self.home / "var"

    @property
    def etc(self) -> Path:
        """Configuration."""
        return self.var / "etc"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.var / "log"

    def front_conf(self, web_server: str) -> Path:
        """The part for Artifactory of `nginx` or `httpd`."""
        return self.root / "etc" / web_server / "conf.d/artifactory.conf"

    def front_running(self, web_server: str) -> Path:
        """There while that web server runs; written anew when it reads its configuration again."""
        return self.root / "run" / f"{web_server}.pid"

    def inside(self, path: str, base: Path) -> Path:
        """A path of a configuration file: absolute ones stand below the root, others below `base`."""
        return self.root / path.lstrip("/") if path.startswith("/") else base / path

    def version(self) -> Version:
        """The version that the package left in `app/version.txt`."""
        file = self.home / "app/version.txt"
        try:
            return Version(file.read_text().strip())
        except FileNotFoundError:
            return DEFAULT
        except ValueError as error:
            raise CannotStart(f"{self.shown(file)}: {error}") from error

    def check_program(self) -> None:
        """Stops the node when the installed version is one that cannot start."""
        if (self.home / "app/broken").exists():
            raise CannotStart(
                f"Artifactory {self.version()}: application initialization failed: error creating bean 'artifactoryContext'"
            )

    def read(self, path: Path) -> str:
        """A file's text; stops the node when it is there and cannot be read."""
        try:
            return path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise CannotStart(f"cannot read {self.shown(path)}: {error}") from error

    def shown(self, path: Path) -> str:
        """A path as the machine knows it."""
        return f"/{path.relative_to(self.root)}" if path.is_relative_to(self.root) else str(path)
