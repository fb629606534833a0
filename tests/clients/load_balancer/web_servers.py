"""The real nginx and the real Apache httpd with a file of ours, at a loopback address of their own."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from artifactory_estate.load_balancer.render import TLS_FOLDER
from artifactory_sandbox.network.authority import Authority
from tests.clients.platform.machines import until
from tests.support.programs import program

Kind = Literal["nginx", "apache"]
KINDS: tuple[Kind, ...] = ("nginx", "apache")
MODULES = Path("/usr/lib/apache2/modules")
USED = (
    *("mpm_event", "proxy", "proxy_http", "proxy_balancer", "lbmethod_byrequests", "slotmem_shm", "rewrite", "headers"),
    *("reqtimeout", "ssl", "socache_shmcb", "authz_core"),
)
"""Of those that Amazon Linux's httpd and mod_ssl load; ours needs no other."""

_NGINX = """pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 2;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    include {folder}/site.conf;
}}
"""
_APACHE = """ServerRoot {folder}
ServerName localhost
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
{user}
{modules}
Include {folder}/site.conf
"""


@dataclass
class WebServer:
    """A running one. `tls` is the folder of `site.crt` and `site.key`."""

    kind: Kind
    folder: Path
    address: str
    process: subprocess.Popen[bytes]

    @property
    def tls(self) -> Path:
        return self.folder / "tls"

    def reload(self) -> None:
        """As `systemctl reload`: nobody's connection ends."""
        self.process.send_signal(signal.SIGHUP if self.kind == "nginx" else signal.SIGUSR1)

    def listens(self, port: int) -> bool:
        """Whether somebody accepts connections there."""
        assert self.process.poll() is None, (self.folder / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex((self.address, port)) == 0


def written(kind: Kind, folder: Path, text: str, address: str = "127.0.0.1") -> Path:
    """The main file that includes ours, whose ports are those of `address` and whose certificate is in `folder`."""
    for name in ("tls", "body", "proxy"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    root = os.geteuid() == 0
    text = text.replace(TLS_FOLDER, str(folder / "tls"))
    if kind == "nginx":
        text = re.sub(r"listen (\d+)", rf"listen {address}:\1", text)
        main = _NGINX.format(folder=folder, user="user root;" if root else "")
    else:
        text = re.sub(r"(?m)^Listen (\d+)", rf"Listen {address}:\1", text)
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in USED)
        user = "User nobody\nGroup nogroup" if root else ""
        main = _APACHE.format(folder=folder, user=user, modules=modules)
    (folder / "site.conf").write_text(text)
    (folder / "main.conf").write_text(main)
    return folder / "main.conf"


def command(kind: Kind, main: Path, *more: str) -> list[str]:
    """What starts it with a main file."""
    if kind == "nginx":
        return [str(program("nginx")), "-p", str(main.parent), "-c", str(main), *more]
    return [str(program("apache2")), "-d", str(main.parent), "-f", str(main), *more]


def certify(folder: Path, authority: Authority, *names: str) -> None:
    """Lays a certificate where the web server looks for it."""
    certificate, key = authority.issue(names)
    (folder / "site.crt").write_text(certificate)
    (folder / "site.key").write_text(key)


@contextmanager
def running(
    kind: Kind, folder: Path, text: str, address: str, port: int, authority: Authority | None = None, *names: str
) -> Iterator[WebServer]:
    """One that listens at `port`, and ends with the block."""
    main = written(kind, folder, text, address)
    if authority:
        certify(folder / "tls", authority, *names)
    foreground = ("-g", "daemon off;") if kind == "nginx" else ("-DFOREGROUND",)
    with (folder / "said.log").open("ab") as said:
        process = subprocess.Popen(command(kind, main, *foreground), stdout=said, stderr=said)
    server = WebServer(kind, folder, address, process)
    try:
        until(lambda: server.listens(port), f"{kind} to listen")
        yield server
    finally:
        process.terminate()
        process.wait(20)
