"""The smallest lifecycle: a file that holds a text."""

from pathlib import Path

from artifactory_estate.base import Change, Lifecycle, Model, Observation, Refusal, Refused


class Note(Model):
    path: str
    text: str = ""
    copies: int = 1
    entries: dict[str, str] = {}


class NoteObserved(Observation):
    length: int = 0


class NoteLifecycle(Lifecycle[Note, NoteObserved]):
    declared = Note
    observed = NoteObserved

    def plan(self, old: Note, new: Note) -> Change:
        return Change(old != new, replaces=["path"] if old.path != new.path else [])

    def create(self, wanted: Note) -> NoteObserved:
        if wanted.text == "refused":
            raise Refused([Refusal(("notes", "a"), "refused", "no such text", "Write another.")])
        return self._write(wanted)

    def read(self, last: Note, observed: NoteObserved) -> tuple[Note, NoteObserved] | None:
        path = Path(last.path)
        return (last.model_copy(update={"text": path.read_text()}), observed) if path.exists() else None

    def update(self, old: Note, wanted: Note, observed: NoteObserved) -> NoteObserved:
        return self._write(wanted)

    def delete(self, last: Note, observed: NoteObserved) -> None:
        Path(last.path).unlink(missing_ok=True)

    def _write(self, wanted: Note) -> NoteObserved:
        Path(wanted.path).write_text(wanted.text)
        pending = ("the rest is not written yet",) if wanted.text == "half" else ()
        return NoteObserved(length=len(wanted.text), pending=pending)
