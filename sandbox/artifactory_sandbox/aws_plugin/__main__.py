"""`python -m artifactory_sandbox.aws_plugin`: serves on loopback, prints the port first, ends with the engine."""

import os
import signal
import sys
import threading
from concurrent import futures
from importlib.util import find_spec
from types import ModuleType

import grpc

_MESSAGE_BYTES = 400 * 1024 * 1024
"""The engine's own limit of a message."""
_GRACE = 5.0
"""Seconds that running operations get when the plugin must end; the engine waits as long."""


def main() -> None:
    """Serves until the engine ends it, or is gone itself (killed: then nobody sends a signal)."""
    engine = os.getppid()  # first of all: once the engine is gone it is another process's
    _leave_out_the_program_side()
    from pulumi.runtime.proto import provider_pb2_grpc  # noqa: PLC0415 - after the line above

    from artifactory_sandbox.aws_plugin.server import AwsStandIn  # noqa: PLC0415

    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=16, thread_name_prefix="rpc"),
        options=[("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsStandIn(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    while not asked.wait(0.5) and os.getppid() == engine:
        pass
    server.stop(_GRACE).wait(_GRACE)


def _leave_out_the_program_side() -> None:
    """Makes `pulumi` and `pulumi.runtime` bare packages: their own imports take 0.25 s and 20 MB, the protocol's none."""
    spec = find_spec("pulumi")
    for root in (spec and spec.submodule_search_locations) or ():
        for name, path in (("pulumi", root), ("pulumi.runtime", f"{root}/runtime")):
            package = ModuleType(name)
            package.__path__ = [path]
            sys.modules.setdefault(name, package)


if __name__ == "__main__":
    main()
