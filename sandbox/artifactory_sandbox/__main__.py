"""The command line of the sandbox."""

import sys

from artifactory_sandbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
