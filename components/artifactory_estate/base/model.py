"""The one base of everything a user declares and every fact a lifecycle reads back."""

import json
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Strict and frozen; unknown keys are refused, and so is a value of another type than the documented one.

    Field documentation stands below each field (unit, default, source) and is carried into the JSON Schema.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
    )

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Validate plain data (as YAML, JSON or the engine hand it over): lists become tuples, texts quantities.

        Raises `pydantic.ValidationError` with the path of every mistake.
        """
        return cls.model_validate_json(json.dumps(data))

    def to_data(self) -> dict[str, Any]:
        """Plain data that `from_data` reads back to an equal model, defaults written out."""
        data: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        return data
