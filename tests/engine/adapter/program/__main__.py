"""One note, and as many more as COUNT says."""

import json
import os

import pulumi
from note import NoteLifecycle

from artifactory_estate.engine import ManagedResource, platform_provider

opts = pulumi.ResourceOptions(provider=platform_provider("platform"))
fields = {"path": os.environ["NOTE"], **json.loads(os.environ.get("FIELDS", "{}"))}
if os.environ.get("LOST") != "yes":
    note = ManagedResource("note", NoteLifecycle, fields, opts)
    pulumi.export("length", note.observed["length"])
for number in range(int(os.environ.get("COUNT", "0"))):
    ManagedResource(f"note-{number}", NoteLifecycle, {"path": f"{os.environ['NOTE']}-{number}"}, opts)
