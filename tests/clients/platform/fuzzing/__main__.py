"""Fuzzing by hand: prints what went wrong, and the seed that does it again."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.clients.platform.fuzzing.campaign import campaign
from tests.support import postgres


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.clients.platform.fuzzing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--threads", type=int, default=4)
    wanted = parser.parse_args()
    seed = secrets.randbelow(10**9) if wanted.seed is None else wanted.seed
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as folder, postgres.server() as server:
        report = campaign(Path(folder), seed, wanted.seconds, wanted.threads, server)
    sys.stdout.write(report.text + "\n")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
