"""From an empty account to an artifact that survives its site."""

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console

from artifactory_estate.base import EstateError
from artifactory_estate.base import project as project_folder
from artifactory_estate.cli.demo.client import Client, Outage, sha1, sha256
from artifactory_estate.cli.demo.steps import Memory, Step, Story, Unproven, eventually
from artifactory_estate.cli.progress import Progress
from artifactory_estate.cli.sandbox import post_fault
from artifactory_estate.cli.tables import print_status
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.cloud.session import client as aws
from artifactory_estate.operations import up as operation
from artifactory_estate.operations.project import Project, open_project, sandbox, sandbox_folder
from artifactory_estate.operations.status import status
from artifactory_estate.operations.watch import watch
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import names_of

FEDERATED = "shared-federated/demo/travels.bin"
LOCAL = "libs-local/demo/app/1.0/app-1.0.jar"
AFTER = "libs-local/demo/app/1.1/app-1.1.jar"


class Demo:
    """The steps, over one sandbox in the project's `.sandbox`."""

    def __init__(self, sample: Path, console: Console) -> None:
        self.console = console
        self.story = Story(console)
        self.root = project_folder.root()
        self.folder = sandbox_folder(self.root)
        self.document = self.folder / "estate.yaml"
        self.sample = sample
        self.travels = os.urandom(300_000)
        self.stays = os.urandom(200_000)
        self.later = os.urandom(100_000)

    def run(self) -> None:
        """All steps in order; the first that fails ends it."""
        for name, step in (
            ("start the sandbox", self.start),
            ("estate up: from an empty account", self.up),
            ("watch until proven protected", self.protected),
            ("upload through the service name, read at every site", self.artifacts_travel),
            ("versions in the bucket", self.versions),
            ("a node dies", self.node_dies),
            ("the site and its region die", self.region_dies),
            ("fail over: serving us-west, one stack", self.fail_over),
            ("nothing was lost", self.nothing_lost),
        ):
            with self.story.step(name) as running:
                step(running)

    def start(self, step: Step) -> None:
        _sandbox(self.root, "stop", "--state", str(self.folder))
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        shutil.copyfile(self.root / self.sample, self.document)
        if code := _sandbox(self.root, "start", "--state", str(self.folder), "--document", str(self.document)):
            raise EstateError(f"the sandbox did not start (exit status {code}); see {self.folder}/logs")
        step.note("simulated, not JFrog Artifactory; AWS control plane by moto; all on loopback")

    def up(self, step: Step) -> None:
        project = self.project()
        self._stacks(project, [])
        repositories = sum(len(site.repositories.all()) for site in project.estate.sites.values())
        step.note(
            f"{len(project.estate.sites)} sites, {repositories} repositories, {len(project.estate.federations)} federation, one DR pair"
        )

    def protected(self, step: Step) -> None:
        final = None
        for final in watch(self.project(), [], timeout_s=300):
            self.console.print(f"  {final.sentence}", highlight=False, soft_wrap=True, markup=False)
        if not final or not final.settled:
            raise Unproven("the pair was not proven protected, or the federation not healthy")
        step.note(final.sentence)

    def artifacts_travel(self, step: Step) -> None:
        service = self.service("us-east")
        generated = service.put(FEDERATED, self.travels)
        if not generated.startswith(service.url + "/"):
            raise Unproven(f"the generated URL {generated} does not carry the service name")
        step.note(f"generated URL: {generated}")
        service.put(LOCAL, self.stays)
        for site, path, content in (
            ("eu-west", FEDERATED, self.travels),
            ("lab", FEDERATED, self.travels),
            ("us-west", LOCAL, self.stays),
        ):
            took = eventually(f"{path} at {site}", partial(self.client(site).has, path, content), 60)
            step.note(f"{path} read at {site} after {took:.1f} s, sha256 {sha256(content)[:12]}…")
        self.protected(step)

    def versions(self, step: Step) -> None:
        project = self.project()
        site = project.estate.sites["us-east"]
        if not isinstance(site, ManagedSite):
            raise Unproven("us-east is not a managed site")
        bucket = site.filestore.bucket.name or names_of(project.estate.estate, "us-east", site.aws).filestore_bucket
        for path, content in ((FEDERATED, self.travels), (LOCAL, self.stays)):
            key = f"{site.filestore.path}/{sha1(content)[:2]}/{sha1(content)}"
            found = aws("s3", site.aws.region).list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
            if not found or not found[0].get("VersionId") or found[0]["VersionId"] == "null":
                raise Unproven(f"{path} has no versioned object {key} in {bucket}")
            step.note(f"s3://{bucket}/{key} version {found[0]['VersionId'][:12]}…")

    def node_dies(self, step: Step) -> None:
        nodes = self.nodes("us-east")
        self.fault(kind="kill-node", node=nodes[0])
        service = self.service("us-east")
        took = eventually(
            "read after the loss of a node",
            lambda: service.has(LOCAL, self.stays) and service.has(FEDERATED, self.travels),
            60,
        )
        step.note(f"{nodes[0]} killed; both artifacts read again through the service name after {took:.1f} s")

    def region_dies(self, step: Step) -> None:
        self.outage = Outage(replace(self.service("us-east"), token=""))  # the token is us-east's, the ping anybody's
        self.outage.__enter__()
        eventually("the prober's first answer", lambda: self.outage._last_answer is not None, 20)
        for node in self.nodes("us-east"):
            self.fault(kind="kill-node", node=node)
        self.fault(kind="region-down", region="us-east-1")
        service = self.service("us-west")
        eventually("the service goes away", lambda: not service.answers(), 60)
        step.note("both nodes killed, us-east-1 does not answer, Route 53 and IAM take no writes")

    def fail_over(self, step: Step) -> None:
        text = self.document.read_text(encoding="utf-8")
        changed = re.sub(r"serving: us-east", "serving: us-west", re.sub(r"epoch: 1\b", "epoch: 2", text))
        self.document.write_text(changed, encoding="utf-8")
        self._stacks(self.project(), ["dr-east"])
        service = self.service("us-west")
        eventually("the service is back", service.answers, 120)
        time.sleep(0.6)  # the prober's next two pings
        self.outage.__exit__()
        found = next(pair for pair in status(self.project()).pairs if pair.name == "east")
        self.story.facts["service_away_s"] = round(self.outage.seconds, 1)
        self.story.facts["loss_bound"] = found.loss_bound
        step.note(
            f"the service was away for {self.outage.seconds:.1f} s, from the last answer of us-east to the first of us-west"
        )
        step.note(f"loss bound: {found.loss_bound}")

    def nothing_lost(self, step: Step) -> None:
        service = self.service("us-west")
        if not service.has(LOCAL, self.stays):
            raise Unproven(f"{LOCAL} cannot be read after the failover")
        generated = service.put(AFTER, self.later)
        if not service.has(AFTER, self.later) or not generated.startswith(service.url + "/"):
            raise Unproven(f"{AFTER}: written after the failover, and not read back as it was")
        for site in ("eu-west", "lab"):
            if not self.client(site).has(FEDERATED, self.travels):
                raise Unproven(f"{FEDERATED} is gone at {site}")
        found = status(self.project())
        print_status(self.console, found)
        deferred = [
            federation for federation in found.federations if any("us-east" in text for text in federation.deferred)
        ]
        if not deferred:
            raise Unproven("status does not show the federation as deferred for us-east")
        step.note(f"read and written through {service.url}, served by us-west; nothing was lost")
        step.note(f"federation {deferred[0].name}: {deferred[0].deferred[0]}")

    def project(self) -> Project:
        return open_project(self.document)

    def client(self, site: str) -> Client:
        project = self.project()
        connection = connection_to(project.estate.estate, site, project.estate.sites[site])
        return Client(connection.url, resolve(connection.token or ""), sandbox(self.root)["proxy"])

    def service(self, site: str) -> Client:
        """The service name with the credentials of the site behind it."""
        service = self.project().estate.disaster_recovery["east"].service
        if service is None:
            raise Unproven("the pair has no service name")
        return Client(f"http://{service.name}", self.client(site).token, sandbox(self.root)["proxy"])

    def nodes(self, site: str) -> list[str]:
        """Names of the site's living nodes."""
        found = next(row for row in status(self.project()).sites if row.name == site)
        return [node.name for node in found.nodes if node.serving]

    def fault(self, **wish: object) -> None:
        post_fault(sandbox(self.root)["control"], wish)

    def _stacks(self, project: Project, stacks: list[str]) -> None:
        with Progress.of(self.console, operation.waits_for(project, stacks)) as progress:
            reports = operation.up(project, stacks, progress)
        if bad := [report for report in reports if report.state != "done"]:
            raise EstateError("\n".join(report.error or report.stack for report in bad))


def run(sample: Path, keep: bool) -> int:
    """Run the story; the exit status."""
    console = Console()
    demo = Demo(sample, console)
    began = time.monotonic()
    report = demo.root / "report.json"
    with Memory(lambda: [os.getpid(), *_sandbox_pid(demo.root)]) as memory:
        try:
            demo.run()
        except Exception as error:  # noqa: BLE001  whatever it was, the report says which step it ended
            console.print(
                f"{type(error).__name__}: {error}", style="red", highlight=False, soft_wrap=True, markup=False
            )
        finally:
            if not keep:
                with demo.story.step("everything stops"):
                    _sandbox(demo.root, "stop", "--state", str(demo.folder))
    demo.story.facts = {
        "seconds": round(time.monotonic() - began, 1),
        "peak_memory_mib": round(memory.peak_mib),
        **demo.story.facts,
    }
    demo.story.write(report)
    console.print(demo.story.table())
    console.print(
        f"{demo.story.facts['seconds']} s, at most {memory.peak_mib:.0f} MiB; report: {report}",
        highlight=False,
        soft_wrap=True,
    )
    if keep:
        _say_next(console, demo)
    return 0 if demo.story.passed else 1


def _say_next(console: Console, demo: Demo) -> None:
    project = demo.project()
    for name, site in project.estate.sites.items():
        connection = connection_to(project.estate.estate, name, site)
        console.print(f"{name}: {site.url}  token: {connection.token}", highlight=False, soft_wrap=True, markup=False)
    console.print(
        f"source {demo.folder}/env                 # the sandbox's AWS, proxy and engine for this shell\n"
        f"estate status {demo.document}\nestate sandbox fault region-up region=us-east-1\nestate sandbox stop",
        highlight=False,
        soft_wrap=True,
    )


def _sandbox(root: Path, *arguments: str) -> int:
    return subprocess.call([sys.executable, "-m", "artifactory_sandbox", *arguments], cwd=root)


def _sandbox_pid(root: Path) -> list[int]:
    try:
        return [int(sandbox(root)["pid"])]
    except EstateError:
        return []
