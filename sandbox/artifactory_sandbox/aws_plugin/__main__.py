"""`python -m artifactory_sandbox.aws_plugin`: serves on loopback, prints the port first, ends with the engine."""

import os
import signal
import sys
import threading
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from artifactory_sandbox.aws_plugin.server import AwsStandIn

_MESSAGE_BYTES = 400 * 1024 * 1024
"""The engine's own limit of a message."""
_GRACE = 5.0
"""Seconds that running operations get when the plugin must end; the engine waits as long."""


def main() -> None:
    """Serves until the engine ends it, or is gone itself (killed: then nobody sends a signal)."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=32, thread_name_prefix="rpc"),
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
    engine = os.getppid()
    while not asked.wait(0.5) and os.getppid() == engine:
        pass
    server.stop(_GRACE).wait(_GRACE)


if __name__ == "__main__":
    main()
