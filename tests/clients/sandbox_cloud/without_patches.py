"""Runs every patch's check against stock moto and prints, as JSON, the names of those that pass: a process of its own."""

import json
import sys

from artifactory_sandbox.aws import settings

settings.pin()

from artifactory_sandbox.aws import patches  # noqa: E402  moto reads its settings while it is imported
from artifactory_sandbox.aws.patches.scratch import Scratch  # noqa: E402
from artifactory_sandbox.aws.server import AwsServer  # noqa: E402


def main() -> None:
    server = AwsServer(0, lambda call: None, lambda: None)
    server.start()
    passed = []
    for patch in patches.PATCHES:
        try:
            patch.check(Scratch(server.url))
            passed.append(patch.__name__.rpartition(".")[2])
        except Exception:  # noqa: BLE001  stock moto fails in many ways, each of them is the expected one
            pass
    server.stop()
    json.dump({"passed": passed, "all": len(patches.PATCHES)}, sys.stdout)


if __name__ == "__main__":
    main()
