"""binarystore.xml against the schema that was written from the reference, by a validator that is not ours."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import xmlschema

SCHEMA = Path(__file__).with_name("binarystore.xsd")


@lru_cache(maxsize=1)
def schema() -> Any:
    """Read once; XSD 1.1."""
    return xmlschema.XMLSchema11(SCHEMA)


def complaints(xml: str) -> list[str]:
    """What the schema says against the file; nothing against a good one."""
    return [f"{error.path}: {error.reason}" for error in schema().iter_errors(xml)]
