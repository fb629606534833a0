"""A project of its own with a sandbox of its own, and the `estate` command run in it as a user would."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3

from tests.support.processes import processes_in

REPOSITORY = Path(__file__).parents[2]


@dataclass
class SandboxProject:
    """`folder` becomes a Pulumi project whose program is ours and whose document is `text`."""

    folder: Path
    text: str

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(
            f"name: artifactory-estate\nmain: {REPOSITORY / 'stacks'}\nstackConfigDir: config\nruntime: python\n",
            encoding="utf-8",
        )
        self.document = self.folder / "estate.yaml"
        self.write(self.text)

    def write(self, text: str) -> None:
        """Change the document."""
        self.text = text
        self.document.write_text(text, encoding="utf-8")

    def replace(self, old: str, new: str) -> None:
        """Change one place of the document."""
        assert self.text.count(old) == 1, f"{old!r} stands {self.text.count(old)} times in the document"
        self.write(self.text.replace(old, new))

    @property
    def sandbox_folder(self) -> Path:
        return self.folder / ".sandbox"

    @property
    def log(self) -> Path:
        """What the last `begin` said."""
        return self.folder / "estate.log"

    @property
    def about(self) -> dict[str, Any]:
        """sandbox.json."""
        found: dict[str, Any] = json.loads((self.sandbox_folder / "sandbox.json").read_text(encoding="utf-8"))
        return found

    def environment(self, **more: str) -> dict[str, str]:
        own = {
            "PULUMI_PYTHON_CMD": sys.executable,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        unset = {"ESTATE_PROJECT", "ESTATE_SANDBOX", "AWS_ENDPOINT_URL", "HTTP_PROXY", "http_proxy"}
        return {**{key: value for key, value in os.environ.items() if key not in unset}, **own, **more}

    def start(self) -> None:
        self._run(
            sys.executable,
            "-m",
            "artifactory_sandbox",
            "start",
            "--state",
            str(self.sandbox_folder),
            "--document",
            str(self.document),
        )

    def stop(self) -> None:
        """End the sandbox; no process of the project may be left."""
        self._run(sys.executable, "-m", "artifactory_sandbox", "stop", "--state", str(self.sandbox_folder))
        eventually("every process of the project has ended", lambda: not processes_in(self.folder), 20)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Stopped whatever happens."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def estate(self, *arguments: str, fails: bool = False, **env: str) -> str:
        """Run `estate <arguments>` with the document after the command's name, which may be two words; its output. `fails`:
        whether it must."""
        command, *rest = arguments
        done = subprocess.run(
            [sys.executable, "-m", "artifactory_estate.cli.main", *command.split(), str(self.document), *rest],
            cwd=self.folder,
            env=self.environment(**env),
            capture_output=True,
            text=True,
            timeout=580,
            check=False,
        )
        text = done.stdout + done.stderr
        assert "Traceback" not in text, text
        assert (done.returncode != 0) == fails, f"estate {' '.join(arguments)} ended with {done.returncode}:\n{text}"
        return text

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `estate <arguments>` in a process group of its own and return at once; it speaks to `self.log`."""
        command, *rest = arguments
        with self.log.open("w", encoding="utf-8") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "artifactory_estate.cli.main", command, str(self.document), *rest],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.estate("status", "--json"))
        return found

    def fault(self, **wish: Any) -> Any:
        return self.control("faults", wish)

    def counters(self) -> dict[str, Any]:
        found: dict[str, Any] = self.control("counters")
        return found

    def aws(self, service: str, region: str = "us-east-1") -> Any:
        """A client of the sandbox's AWS."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.about["env"]["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def site(self, name: str) -> dict[str, Any]:
        """What `estate status` says of a site."""
        found: dict[str, Any] = next(site for site in self.status()["sites"] if site["name"] == name)
        return found

    def control(self, path: str, body: Any = None) -> Any:
        """The sandbox's control API."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.about['control']}/{path}", data, {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"


def eventually(what: str, check: Callable[[], Any], within_s: float = 60, every_s: float = 0.2) -> Any:
    """The first true answer of `check`, or a failure that says what was awaited."""
    deadline = time.monotonic() + within_s
    while True:
        if found := check():
            return found
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        time.sleep(every_s)
