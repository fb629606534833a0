"""The real AWS command line client, loaded once: every `aws` of a machine is a fork of this process.

A first boot gives some fifteen commands, and to load the client and the descriptions of services takes most of the time
of each.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from artifactory_sandbox.processes import Processes

_PROGRAM = ("awscli.clidriver", "awscli.handlers", "awscli.customizations.s3.subcommands")
_KEPT = "AWS_DATA_PATH"
"""The client sets it for itself while it is loaded."""
_SERVICES = ("s3", "secretsmanager", "ec2", "elbv2", "cloudwatch")
"""What machines ask; another one's description is read by the command that needs it."""
_NOBODY = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "-")
_LISTENS_WITHIN_S = 30.0


class NotStarted(Exception):
    """The client does not listen."""


def start(path: Path, running: Processes, log: Path) -> None:
    """Starts the process that listens at `path`. Raises NotStarted."""
    path.unlink(missing_ok=True)
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(path.parent)}
    command = [sys.executable, "-m", __name__, path.name]
    process = running.start(command, env=environment, cwd=path.parent, output=log)
    deadline = time.monotonic() + _LISTENS_WITHIN_S
    while not path.is_socket():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotStarted(f"the AWS command line client did not start; see {log}")
        time.sleep(0.01)


def listen(name: str) -> None:
    """Runs commands that `stubs/aws.py` sends, each in a process of its own, until it is ended."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        listening.listen()
        client = _loaded()
        gc.freeze()  # shared with every fork
        gc.disable()  # a command ends before it would be worth its while
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the processes
        while True:
            connection, _ = listening.accept()
            with connection:
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    listening.close()
                    _answer(connection, client)


def _loaded() -> Any:
    """The client with the descriptions of _SERVICES; credentials, region and addresses come with each command."""
    program, *_ = [importlib.import_module(module) for module in _PROGRAM]
    client = program.create_clidriver()
    for service in _SERVICES:
        client.session.create_client(service, "us-east-1", **_NOBODY)
    return client


def _answer(connection: socket.socket, client: Any) -> None:
    """One command, in the place of whoever sent it; ends this process."""
    code = 1
    try:
        _, streams, *_ = socket.recv_fds(connection, 1, 3)
        with connection.makefile("rb") as reading:
            request: dict[str, Any] = json.loads(reading.readline())
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
        os.chdir(request["directory"])
        kept = os.environ[_KEPT]
        os.environ.clear()
        os.environ.update({**request["environment"], _KEPT: kept})
        sys.argv = ["aws", *request["arguments"]]
        code = int(client.main() or 0)
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:  # noqa: BLE001  as the interpreter does with what a program raises
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(bytes([code & 0xFF]))
        os._exit(0)


def _end_with(connection: socket.socket) -> None:
    """Ends the command when the one who waits for it is gone."""
    if not connection.recv(1):
        os._exit(1)


if __name__ == "__main__":
    listen(sys.argv[1])
