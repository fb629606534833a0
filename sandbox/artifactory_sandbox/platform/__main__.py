"""`python -m artifactory_sandbox.platform node|front|bare`."""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from artifactory_sandbox.platform import bare, node
from artifactory_sandbox.platform.cluster.behaviour import STALE_S
from artifactory_sandbox.platform.front import remote
from artifactory_sandbox.platform.version import DEFAULT, Version


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a node or bare platforms; the exit code of the process."""
    wanted = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if wanted.kind == "bare":
        return _bare(wanted)
    if wanted.kind == "front":
        return remote.main(wanted.root, wanted.address)
    return node.main(wanted.root, wanted.address, wanted.control, wanted.stale)


def _bare(wanted: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="artifactory-sandbox-") as temporary:
        place = bare.Place(
            root=wanted.data or Path(temporary),
            address=wanted.address,
            port=wanted.port,
            version=wanted.version,
            rtfs=wanted.rtfs,
            nodes=wanted.nodes,
            first_node=wanted.first_node,
            database=wanted.database,
        )
        asyncio.run(bare.main(wanted.count, wanted.ready_file, place))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="artifactory_sandbox.platform", description="simulated, not JFrog Artifactory"
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    one = kinds.add_parser("node", help="a node of a cluster, from the files below a root")
    one.add_argument("--root", type=Path, required=True)
    one.add_argument("--address", required=True, help="its own loopback address")
    one.add_argument("--control", required=True, help="URL of the sandbox's control API")
    one.add_argument(
        "--stale", type=float, default=STALE_S, help="seconds without a heartbeat after which a node is gone"
    )
    before = kinds.add_parser("front", help="a web server in front of nodes, from the files below a root")
    before.add_argument("--root", type=Path, required=True)
    before.add_argument("--address", required=True, help="its own loopback address")
    lone = kinds.add_parser("bare", help="platforms without a machine")
    lone.add_argument("--count", type=int, default=1)
    lone.add_argument("--nodes", type=int, default=1, help="nodes of each platform; each has its own port")
    lone.add_argument("--first-node", type=int, default=0, help="number of the first one here; others run elsewhere")
    lone.add_argument("--database", default="", help="postgresql://… instead of a file for each platform")
    lone.add_argument("--ready-file", type=Path, required=True)
    lone.add_argument("--data", type=Path, help="keep state here; default: a temporary folder")
    lone.add_argument("--version", type=Version, default=DEFAULT)
    lone.add_argument("--no-rtfs", dest="rtfs", action="store_false", help="legacy federation")
    lone.add_argument("--address", default="127.0.0.1")
    lone.add_argument("--port", type=int, default=0, help="port of the first node; 0 takes free ones")
    return parser


if __name__ == "__main__":
    sys.exit(main())
