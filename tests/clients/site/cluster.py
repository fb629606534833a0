"""A site whose machines are ours, and the values planted in its secrets."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from artifactory_estate.cloud.bundle import digest_of, pack
from artifactory_estate.site.render import bundle
from tests.clients.site.node_machine import Cloud, Machine
from tests.unit.site.site_values import ARTIFACTORY, DATABASE, names, site_of

SECRETS = {
    "acme/us-east/admin-password": 'adm"in\\pass$word&1',
    "acme/us-east/master-key": "ab" * 32,
    "acme/us-east/join-key": "cd" * 32,
    "acme/us-east/database-password": "it's\"a\\$pass&",
    "acme/us-east/licences": "licence-one\n\nlicence-two",
}
MASTER = {"username": "postgres", "password": "mastersecret"}
TOKEN = "eyJ.generated-token.sig"


class Cluster:
    """A site whose machines are ours."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number
        self.cloud = Cloud(folder / "cloud")
        self.machines: list[Machine] = []
        for name, value in SECRETS.items():
            self.cloud.set_secret(name, value)
        self.cloud.set_secret(DATABASE.master_secret, json.dumps(MASTER))
        (self.cloud.folder / "token").write_text(TOKEN)
        self.bundle = folder / "bundle"
        self.bundle.mkdir()
        self.declare()

    def declare(self, **changes: Any) -> None:
        """Renders the bundle of the sample site with `changes` to its plain data."""
        for name, text in bundle(names(), site_of(**changes), ARTIFACTORY, DATABASE, "sandbox", {}).items():
            (self.bundle / name).write_text(text)

    def shelve(self) -> str:
        """Puts the bundle into the site's bucket as the current one; its digest."""
        files = {path.name: path.read_text() for path in self.bundle.iterdir()}
        archive, digest = pack(files), digest_of(files)
        self.cloud.put(f"bundles/{digest}.tar", archive)
        self.cloud.put("bundles/current", digest.encode())
        return digest

    @property
    def script(self) -> Path:
        """The rendered bootstrap."""
        return self.bundle / "bootstrap.sh"

    def machine(self, instance: str, **options: Any) -> Machine:
        """One more machine."""
        address = f"127.77.{self.number}.{len(self.machines) + 1}"
        machine = Machine(self.folder / instance, self.cloud, instance, address, **options)
        self.machines.append(machine)
        return machine


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Its machines stop answering at the end."""
    made = Cluster(folder, os.getpid() % 250 + 1)
    try:
        yield made
    finally:
        for machine in made.machines:
            machine.close()
