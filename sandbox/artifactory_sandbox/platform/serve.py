"""Listening: several applications in one process, each at its own address, until a signal says stop."""

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn


@dataclass(frozen=True, slots=True)
class Listener:
    """An application and the socket it listens on; `certificate` and `key`: files with which it ends TLS."""

    app: Any
    socket: socket.socket
    certificate: Path | None = None
    key: Path | None = None


class CannotListen(Exception):
    """The address is taken or not this machine's."""


def bind(address: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    # The protocol is named because asyncio switches Nagle's algorithm off only then: 40 ms an answer otherwise.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address, port))
    except OSError as error:
        made.close()
        raise CannotListen(f"cannot listen on {address}:{port}: {error.strerror}") from error
    made.listen(1024)
    return made


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the whole process's matter."""
        yield


def server(listener: Listener) -> tuple[uvicorn.Server, socket.socket]:
    """A server that is not running yet."""
    config = uvicorn.Config(
        listener.app,
        log_config=None,
        access_log=False,
        lifespan="off",
        http="h11",
        loop="asyncio",
        server_header=False,
        date_header=True,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=3,
        ws="none",
        ssl_certfile=listener.certificate,
        ssl_keyfile=listener.key,
    )
    return _Server(config), listener.socket


def _more_files() -> None:
    """A connection is a file: as many as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def run(listeners: Sequence[Listener], ready: Callable[[], Awaitable[None]], end: asyncio.Event) -> None:
    """Serves until SIGTERM, SIGINT or `end`."""
    _more_files()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    await serve(listeners, ready, end)


async def serve(listeners: Sequence[Listener], ready: Callable[[], Awaitable[None]], end: asyncio.Event) -> None:
    """Serves until `end`; calls `ready` once everything listens."""
    servers = [server(listener) for listener in listeners]
    tasks = [asyncio.create_task(one.serve(sockets=[made])) for one, made in servers]
    while not all(one.started for one, _ in servers) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    await ready()
    await end.wait()
    for one, _ in servers:
        one.should_exit = True
    await asyncio.gather(*tasks, return_exceptions=True)
