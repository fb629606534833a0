"""What every room shares."""

from artifactory_estate.base.lifecycle import Change, Lifecycle, Observation
from artifactory_estate.base.model import Model
from artifactory_estate.base.owner import Owner, mark_in, without_mark
from artifactory_estate.base.quantity import Duration, Size, duration_text, size_text
from artifactory_estate.base.refusal import DocumentPath, EstateError, Refusal, Refused, dotted, refuse_if_any
from artifactory_estate.base.secret_ref import ParsedReference, SecretRef

__all__ = [
    "Change",
    "DocumentPath",
    "Duration",
    "EstateError",
    "Lifecycle",
    "Model",
    "Observation",
    "Owner",
    "ParsedReference",
    "Refusal",
    "Refused",
    "SecretRef",
    "Size",
    "dotted",
    "duration_text",
    "mark_in",
    "refuse_if_any",
    "size_text",
    "without_mark",
]
