"""A machine for the bootstrap: a root directory, programs on PATH that stand in for AWS and the operating system, and the
addresses that a node asks. Everything it runs is recorded, so that a test can look for secrets in arguments."""

import http.server
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

RECORDED = (
    "curl",
    "sed",
    "tr",
    "tail",
    "grep",
    "date",
    "mkdir",
    "cat",
    "tee",
    "chmod",
    "mv",
    "rm",
    "sha256sum",
    "tar",
    "cp",
    "head",
)
STUBS = Path(__file__).parent / "stubs"


@dataclass
class Cloud:
    """What the stand-in `aws` program works on: objects and secrets as files."""

    folder: Path

    def __post_init__(self) -> None:
        for part in ("objects", "meta", "secrets"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)

    def object(self, key: str) -> Path:
        """The file that holds the object `key`."""
        return self.folder / "objects" / key

    def put(self, key: str, content: bytes, owner: str = "", age_s: int = 0) -> None:
        """Put an object; a lock says who renewed it `age_s` seconds ago."""
        path = self.object(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        meta = self.folder / "meta" / key
        meta.parent.mkdir(parents=True, exist_ok=True)
        meta.write_text(f"owner={owner},renewed={int(time.time()) - age_s}")

    def secret(self, name: str) -> str:
        """Value of a secret, or nothing."""
        path = self.folder / "secrets" / name.replace("/", "%")
        return path.read_text() if path.exists() else ""

    def set_secret(self, name: str, value: str) -> None:
        """Set a secret."""
        (self.folder / "secrets" / name.replace("/", "%")).write_text(value)


@dataclass
class Machine:
    """One instance."""

    folder: Path
    cloud: Cloud
    instance: str
    address: str
    writes_token: bool = True
    """Whether the Artifactory of this machine starts well."""
    real_aws: str = ""
    """Address of an AWS that the real command line talks to, instead of the stub."""
    is_ready: Callable[[], bool] = lambda: True
    """Asked at each look at the node's health, once it runs."""
    zone: str = "us-east-1a"
    servers: list[http.server.ThreadingHTTPServer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.folder / "root"
        self.var = self.root / "opt/jfrog/artifactory/var"
        self.log = self.root / "var/log/artifactory-estate/bootstrap.log"
        self.calls = self.folder / "calls"
        self.root.mkdir(parents=True)
        self._make_path()
        self._serve()

    def run(self, script: Path, *, digest: str = "d" * 64, wait_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a script as user data would."""
        process = self.start(script, digest=digest)
        out, _ = process.communicate(timeout=wait_s)
        return subprocess.CompletedProcess(str(script), process.returncode, out, "")

    def start(self, script: Path, *, digest: str = "d" * 64) -> subprocess.Popen[str]:
        """Start a script in a process group of its own."""
        return subprocess.Popen(
            ["/bin/bash", str(script)],
            env=self.environment(digest),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def environment(self, digest: str) -> dict[str, str]:
        """What the script sees."""
        return {
            "PATH": f"{self.folder / 'path'}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "ESTATE_ROOT": str(self.root),
            "ESTATE_METADATA": f"http://127.0.0.1:{self.servers[0].server_port}",
            "ESTATE_BUNDLE": digest,
            "STUB_CLOUD": str(self.cloud.folder),
            "STUB_MACHINE": str(self.folder),
            "AWS_ENDPOINT_URL": self.real_aws,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

    @property
    def metadata(self) -> dict[str, str]:
        """What the instance's metadata say, by the last part of the path."""
        return {"instance-id": self.instance, "local-ipv4": self.address, "availability-zone": self.zone}

    def recorded(self) -> str:
        """Every program that ran, with its arguments."""
        return self.calls.read_text() if self.calls.exists() else ""

    def close(self) -> None:
        """Stop answering."""
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def _make_path(self) -> None:
        path = self.folder / "path"
        path.mkdir()
        for stub in STUBS.iterdir():
            if self.real_aws and stub.name == "aws":
                continue
            (path / stub.name).symlink_to(stub)
        for name in RECORDED:
            real = shutil.which(name)
            wrapper = path / name
            wrapper.write_text(
                f'#!/bin/bash\nprintf \'%s %s\\n\' {name} "$*" >>"$STUB_MACHINE/calls"\nexec {real} "$@"\n'
            )
            wrapper.chmod(0o755)
        (self.folder / "starts-well").write_text("yes" if self.writes_token else "no")

    def _serve(self) -> None:
        machine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                self._answer("token")

            def do_GET(self) -> None:
                name = self.path.rsplit("/", 1)[-1]
                if name == "health":
                    running = (machine.folder / "artifactory.active").exists()
                    ready = running and machine.is_ready()
                    self.send_response(200 if ready else 503)
                    self.end_headers()
                else:
                    self._answer(machine.metadata[name])

            def _answer(self, text: str) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None: ...

        for address in (("127.0.0.1", 0), (self.address, 8082)):
            self.servers.append(http.server.ThreadingHTTPServer(address, Handler))
            threading.Thread(target=self.servers[-1].serve_forever, args=(0.05,), daemon=True).start()
