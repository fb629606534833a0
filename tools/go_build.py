"""Builds the Pulumi CLI and its Python host from Go modules: the way for machines that reach only a module proxy.

Two wrapper modules under tools/pulumi/ pin every dependency by hash. `cli` holds the engine, with the two
replacements that Pulumi's own repository makes and that a dependency cannot hand on. `host` holds the Python host,
which left the SDK module after 3.79. Pulumi publishes neither as something `go install …@version` could take.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from workshop import Progress, Stop, Unavailable, run_logged

WRAPPERS = Path(__file__).parent / "pulumi"
GO_MINIMUM = "1.25.11"
SDK = "github.com/pulumi/pulumi/sdk/v3"
CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
HOST_PACKAGE = f"{SDK}/python/cmd/pulumi-language-python"
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


def build(folder: Path, version: str, progress: Progress) -> None:
    """Fill `folder` with the four programs. Costs 4 minutes on 2 cores and, in Go's own caches, about 3.5 GB."""
    go = shutil.which("go")
    if go is None:
        raise Unavailable("there is no `go` on PATH")
    environ = _environment(folder)
    stamp = f"-s -w -X {SDK}/go/common/version.Version={version}"
    steps = (
        (f"Pulumi CLI {version} from Go modules (about 4 minutes on 2 cores)", "cli", stamp, CLI_PACKAGE),
        ("Pulumi's Python host from Go modules", "host", "-s -w", HOST_PACKAGE),
    )
    for title, wrapper, flags, package in steps:
        try:
            run_logged(title, [go, "install", "-ldflags", flags, package], progress, WRAPPERS / wrapper, environ)
        except Stop as failure:
            raise Unavailable(str(failure)) from failure
    _copy_scripts(go, folder, environ)


def _environment(folder: Path) -> dict[str, str]:
    """The caller's, except what would change the result: flags, workspaces, another target, a C compiler or none."""
    kept = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOENV"}}
    return {**kept, "GOBIN": str(folder), "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}


def _copy_scripts(go: str, folder: Path, environ: dict[str, str]) -> None:
    """The two scripts that the host starts come from the SDK module of the CLI's version, never from this repository."""
    asked = [go, "list", "-m", "-f", "{{.Dir}}", SDK]
    answer = subprocess.run(asked, cwd=WRAPPERS / "cli", env=environ, capture_output=True, text=True, check=False)
    if answer.returncode != 0 or not answer.stdout.strip():
        raise Unavailable(f"the module {SDK} was not found: {answer.stderr.strip()}")
    for script in SCRIPTS:
        target = folder / Path(script).name
        shutil.copyfile(Path(answer.stdout.strip()) / script, target)
        target.chmod(0o755)
