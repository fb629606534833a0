"""Hands an `aws` command to the client that `data_plane/aws_client.py` has loaded. Runs on a machine: standard library only."""

import json
import os
import socket
import sys


def main(path: str, arguments: list[str]) -> int:
    """`aws.py <socket> <argument>...`; the exit code of the command."""
    request = {"arguments": arguments, "directory": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109  speed
    directory, name = os.path.split(path)
    os.chdir(directory)  # the path of a socket has at most 107 bytes
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(name)
        socket.send_fds(connection, [b"\n"], [0, 1, 2])
        connection.sendall(json.dumps(request).encode() + b"\n")
        code = connection.recv(1)
    return code[0] if code else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
