"""A node killed at any moment of a maintenance step: what a seed draws, and what must hold afterwards."""

import random
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support import cluster_site
from tests.support.cluster_site import healthy, members, versions
from tests.support.sandbox import SandboxProject, eventually

NODES, MORE_NODES = 3, 4
_ATTEMPTS = 4
_LONGEST_MOMENT_S = 40.0
_NOTICED_WITHIN_S = 20.0


@dataclass(frozen=True)
class Drawn:
    """What one seed says."""

    step: str
    moment: float
    """0 to 1 of a step's usual duration."""
    kill: str
    victim: float

    @classmethod
    def by(cls, seed: int) -> "Drawn":
        dice = random.Random(seed)
        return cls(dice.choice(list(STEPS)), dice.random(), dice.choice(list(KILLS)), dice.random())

    def __str__(self) -> str:
        return f"{self.step}, {self.kill} after {self.moment * _LONGEST_MOMENT_S:.0f} s"


def upgrade(project: SandboxProject) -> None:
    """To the next patch."""
    found = re.search(r"version: 7\.(\d+)\.(\d+)", project.text)
    assert found
    project.replace(found[0], f"version: 7.{found[1]}.{int(found[2]) + 1}")


def change_a_property(project: SandboxProject) -> None:
    found = re.search(r"artifactory.search.maxResults: (\d+)", project.text)
    assert found
    project.replace(found[0], f"artifactory.search.maxResults: {int(found[1]) + 1}")


def change_the_configuration(project: SandboxProject) -> None:
    """Pools: system.yaml, and nothing of AWS."""
    found = re.search(r"metadata: (\d+)", project.text)
    assert found
    project.replace(found[0], f"metadata: {int(found[1]) + 1}")


def rotate_the_join_key(project: SandboxProject) -> None:
    found = re.search(r"join_generation: (\d+)", project.text)
    assert found
    project.replace(found[0], f"join_generation: {int(found[1]) + 1}")


def change_the_machine_type(project: SandboxProject) -> None:
    """Every instance is replaced."""
    found = re.search(r"instance_type: (m7i.\w+)", project.text)
    assert found
    project.replace(found[0], f"instance_type: {'m7i.xlarge' if found[1] == 'm7i.2xlarge' else 'm7i.2xlarge'}")


def scale_out(project: SandboxProject) -> None:
    _nodes(project, NODES, MORE_NODES)


def scale_in(project: SandboxProject) -> None:
    """From four, which are made first."""
    _nodes(project, NODES, MORE_NODES)
    project.estate("up")
    _nodes(project, MORE_NODES, NODES)


def _nodes(project: SandboxProject, before: int, after: int) -> None:
    if f"count: {after}, max" not in project.text:
        project.replace(f"count: {before}, max", f"count: {after}, max")


STEPS: dict[str, Callable[[SandboxProject], None]] = {
    "upgrade": upgrade,
    "property": change_a_property,
    "configuration": change_the_configuration,
    "join key": rotate_the_join_key,
    "machine type": change_the_machine_type,
    "scale out": scale_out,
    "scale in": scale_in,
}


def crash(project: SandboxProject, node: str) -> None:
    project.fault(kind="kill-node", node=node)


def terminate(project: SandboxProject, node: str) -> None:
    project.fault(kind="kill-node", node=node, instance=True)


def power_off(project: SandboxProject, node: str) -> None:
    """Auto Scaling sees it and replaces it."""
    project.aws("ec2").stop_instances(InstanceIds=[node])


KILLS: dict[str, Callable[[SandboxProject, str], None]] = {
    "the process is killed": crash,
    "the instance is terminated": terminate,
    "the instance is switched off": power_off,
}


def run_killed(project: SandboxProject, drawn: Drawn) -> Any:
    """One step with its kill, under load; the load. By `estate up` alone the site is whole again."""
    if drawn.step == "scale out" and f"count: {MORE_NODES}, max" in project.text:
        _nodes(project, MORE_NODES, NODES)
        project.estate("up")
    STEPS[drawn.step](project)
    with cluster_site.load(project, rate=10) as load:
        running = project.begin("up")
        _wait(running, drawn.moment * _LONGEST_MOMENT_S)
        nodes = members(project)
        KILLS[drawn.kill](project, nodes[int(drawn.victim * len(nodes))])
        running.wait()
        converge(project)
    assert load.acknowledged, load.failures[:3]
    assert load.lost() == []
    return load


def _wait(running: "subprocess.Popen[str]", seconds: float) -> None:
    """That long, or until the run is over."""
    deadline = time.monotonic() + seconds
    while running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)


def converge(project: SandboxProject) -> None:
    """`estate up`, again when it fails or somebody has died since; nothing else."""
    wanted = int(re.findall(r"count: (\d+), max", project.text)[0])
    version = re.findall(r"version: (7\.\d+\.\d+)", project.text)[0]
    said = ""
    for _ in range(_ATTEMPTS):
        running = project.begin("up")
        failed, said = running.wait() != 0, project.log.read_text()
        assert "Traceback" not in said, said
        time.sleep(0 if failed else _NOTICED_WITHIN_S / 4)
        if not failed and len(healthy(project)) == wanted:
            break
    assert len(members(project)) == wanted, said
    eventually(f"{wanted} nodes serve", lambda: len(healthy(project)) == wanted, _NOTICED_WITHIN_S)
    assert set(versions(project).values()) == {version}
    assert project.site("us-east")["state"] == "serving"
