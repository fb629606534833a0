"""How long a large document takes, beside plain YAML: `python -m tests.bench.estate_document [REPOSITORIES]`."""

import sys
import time
from collections.abc import Callable

import yaml

from artifactory_estate.estate.load import loads
from tests.unit.estate.documents import with_repositories


def seconds(work: Callable[[], object]) -> float:
    """The best of three."""
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def main(arguments: list[str]) -> None:
    """Print the seconds of both and their ratio."""
    count = int(arguments[0]) if arguments else 8000
    text = with_repositories(count)
    ours, plain = seconds(lambda: loads(text)), seconds(lambda: yaml.load(text, Loader=yaml.CSafeLoader))
    print(
        f"{count} repositories, {len(text) >> 10} KiB: loaded in {ours:.2f} s, plain YAML {plain:.2f} s, ratio {ours / plain:.2f}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
