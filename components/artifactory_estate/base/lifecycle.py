"""How a declared thing becomes true: plain Python, no Pulumi, callable from a test, an operation or the engine."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from artifactory_estate.base.model import Model
from artifactory_estate.base.refusal import Refusal

Declared = TypeVar("Declared", bound=Model)
Observed = TypeVar("Observed", bound=Model)


@dataclass(frozen=True)
class Change:
    """What a difference between two declarations means. Pure: made without any request."""

    changed: bool
    replaces: Sequence[str] = field(default=())
    """Top-level fields of the declaration that cannot be changed in place."""
    delete_first: bool = False
    """A keyed thing cannot exist twice: take the old one away before making the new one."""


class Observation(Model):
    """Base of what a lifecycle reports back. Small: it is stored in state beside the declaration."""

    pending: tuple[str, ...] = ()
    """What the next run still has to do, one sentence each ("us-east is not available"). Not empty makes the next
    `up` an update; a plain preview shows it."""


class Lifecycle(ABC, Generic[Declared, Observed]):
    """Make it true, read it back, take it away.

    Rules for every implementation:
    * no state on the instance: a fresh object is made for each operation;
    * `create` is idempotent and takes over what carries our own mark, so a killed run is finished by the next one;
    * refusals that need the servers come from `preflight`, which `create` and `update` call before the first write;
    * secrets are resolved when a call is made; neither `Declared` nor `Observed` ever holds a value;
    * `delete` sees the last declaration only, so the word that allows a loss must have been applied by an earlier run;
    * nothing here may assume the dynamic provider: a native one will be put on the same classes.
    """

    declared: ClassVar[type[Model]]
    """The declaration's model; the engine validates with it."""
    observed: ClassVar[type[Model]]
    """The observation's model."""

    def plan(self, old: Declared, new: Declared) -> Change:
        """Pure comparison; override to name fields that cannot be changed in place."""
        return Change(changed=old != new)

    def preflight(self, old: Declared | None, new: Declared) -> Sequence[Refusal]:
        """Refusals that need the servers. Reads only. `old` is None for a create. Called by `estate preview` too."""
        del old, new
        return ()

    def notices(self, old: Declared | None, new: Declared) -> Sequence[str]:
        """What a change means that its fields do not say, one sentence each: a downtime, a loss, what is made beforehand.
        Reads only. Called by `estate preview`."""
        del old, new
        return ()

    @abstractmethod
    def create(self, wanted: Declared) -> Observed:
        """Make it true."""

    @abstractmethod
    def read(self, last: Declared, observed: Observed) -> tuple[Declared, Observed] | None:
        """What is there now, in the declaration's own form, so that a difference is drift. None when it is gone."""

    @abstractmethod
    def update(self, old: Declared, wanted: Declared, observed: Observed) -> Observed:
        """Make the difference true. Safe to repeat."""

    @abstractmethod
    def delete(self, last: Declared, observed: Observed) -> None:
        """Take it away. Gone already is success; a loss that nobody allowed is refused."""


AnyLifecycle = Lifecycle[Any, Any]
