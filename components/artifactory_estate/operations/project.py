"""The document, where it stands, and the environment that the engine runs in."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_estate.base import EstateError, refuse_if_any
from artifactory_estate.base import project as project_folder
from artifactory_estate.estate import offered
from artifactory_estate.estate.load import load
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import ManagedSite

NAME = "artifactory-estate"
"""The Pulumi project; part of every URN."""
SCOPE = "ESTATE_RUN_SCOPE"
"""Environment variable that marks every process of a run: backend and stack. See `operations.lock`."""


@dataclass(frozen=True)
class Project:
    """One estate on this machine."""

    root: Path
    """Folder of Pulumi.yaml."""
    document: Path
    estate: Estate
    environment: Mapping[str, str]
    """What the engine and everything it starts needs beside the caller's own environment."""

    @property
    def backend(self) -> str:
        """The state backend with a `file://` path made absolute."""
        return absolute_backend(self.estate.state.backend, self.root)

    def scope(self, stack: str) -> str:
        """What marks the processes of a run on one stack."""
        return hashlib.sha256(f"{self.backend} {stack}".encode()).hexdigest()[:16]

    def engine_environment(self, stack: str) -> dict[str, str]:
        """For one run of the engine."""
        return {
            **self.environment,
            "ESTATE_DOCUMENT": str(self.document),
            project_folder.VARIABLE: str(self.root),
            SCOPE: self.scope(stack),
            "PULUMI_BACKEND_URL": self.backend,
            "PULUMI_PYTHON_CMD": os.environ.get("PULUMI_PYTHON_CMD") or sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        }


def absolute_backend(backend: str, root: Path) -> str:
    """`file://.sandbox/state` below the project's root; other backends as they are. The folder is made."""
    if not backend.startswith("file://"):
        return backend
    folder = root / Path(backend.removeprefix("file://")).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        do = "Name a folder that can be written, or another backend."
        raise EstateError(f"state.backend: {backend}: {folder} cannot be made ({error.strerror}). {do}") from error
    return f"file://{folder}"


def open_project(document: Path) -> Project:
    """Load and validate `document`; for a document of the sandbox, find the running sandbox and take on its environment,
    so that our own calls go where the engine's go.

    Raises `InvalidDocument`, `Refused` for what is not offered yet, or `EstateError` when the sandbox it names does not
    run. A document that does not name the sandbox as its package source never meets it.
    """
    if not document.is_file():
        raise EstateError(f"{document}: there is no such file")
    estate = load(document)
    refuse_if_any(offered.refusals(estate))
    environment = sandbox(project_folder.root())["env"] if is_sandboxed(estate) else {}
    _require_passphrase(estate, environment)
    os.environ.update(environment)
    return Project(project_folder.root(), document.resolve(), estate, environment)


def is_sandboxed(estate: Estate) -> bool:
    """Whether any managed site installs the simulated platform."""
    choices = [
        estate.artifactory,
        *(site.artifactory for site in estate.sites.values() if isinstance(site, ManagedSite)),
    ]
    return any(choice and choice.package and choice.package.source == "sandbox" for choice in choices)


def sandbox_folder(root: Path) -> Path:
    """`$ESTATE_SANDBOX`, else `.sandbox` in the project."""
    return root / os.environ.get("ESTATE_SANDBOX", ".sandbox")


def sandbox(root: Path) -> dict[str, Any]:
    """What the running sandbox says of itself: `pid`, `aws_endpoint`, `proxy`, `control`, `env`.

    The stand-in for the AWS plugin is put on PATH here, for the engine alone, and nowhere else.
    """
    folder = sandbox_folder(root)
    try:
        found: dict[str, Any] = json.loads((folder / "sandbox.json").read_text(encoding="utf-8"))
        os.kill(int(found["pid"]), 0)
    except (OSError, ValueError, KeyError) as error:
        raise EstateError(
            f"the document installs the sandbox's simulated platform, and no sandbox runs in {folder}. "
            "Start it: estate sandbox start"
        ) from error
    env = dict(found["env"])
    if plugin := env.pop("ESTATE_SANDBOX_PLUGIN_PATH", None):
        env["PATH"] = f"{plugin}{os.pathsep}{os.environ.get('PATH', '')}"
        env["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    env.setdefault("PULUMI_CONFIG_PASSPHRASE", os.environ.get("PULUMI_CONFIG_PASSPHRASE", "sandbox"))
    return {**found, "env": env}


def _require_passphrase(estate: Estate, environment: Mapping[str, str]) -> None:
    known = {**os.environ, **environment}
    wanted = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
    if estate.state.secrets_provider == "passphrase" and not any(name in known for name in wanted):
        raise EstateError(
            "state.secrets_provider: passphrase needs PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE in the environment"
        )
