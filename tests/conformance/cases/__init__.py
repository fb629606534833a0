"""The cases, a file a room; each is written from a section of the reference."""

import importlib
import pkgutil

from tests.conformance.case import Case


def gathered() -> list[tuple[str, Case]]:
    """Every case with the name of its file."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [(name, case) for name in names for case in importlib.import_module(f"{__name__}.{name}").CASES]
