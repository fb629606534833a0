"""AWS as far as moto goes, in this process, on loopback."""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from artifactory_estate.cloud import session

REGION = "us-east-1"
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def running_aws() -> Iterator[str]:
    """A fresh AWS; every client made inside talks to it. Yields its address."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    before = dict(os.environ)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        os.environ.pop(name, None)
    os.environ.update(_ENVIRONMENT, AWS_ENDPOINT_URL=address)
    forget_clients()
    try:
        urllib.request.urlopen(f"{address}/moto-api/reset", data=b"", timeout=60).close()  # moto is one for the process
        yield address
    finally:
        os.environ.clear()
        os.environ.update(before)
        forget_clients()
        server.stop()


def forget_clients() -> None:
    """Clients keep the address that they were made with."""
    session._client.cache_clear()
    session._session.cache_clear()
