"""The toolchain: which Pulumi is taken, what a person is told when none can be had, what a shell gets to evaluate."""

import io
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import go_build
import official_archive
import pulumi_cli
import toolchain
from pulumi_cli import PROGRAMS, VERSION
from python_env import PythonEnvironment
from workshop import Progress, Stop, Unavailable, appearing_whole, locked, run_logged

TOOLS = Path(toolchain.__file__).parent


def script(path: Path, body: str = "exit 0") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def fake_pulumi(folder: Path, version: str = f"v{VERSION}", programs: tuple[str, ...] = PROGRAMS) -> Path:
    for program in programs:
        script(folder / program, f"echo {version}")
    return folder


def making(version: str = f"v{VERSION}", calls: list[str] | None = None) -> pulumi_cli.Way:
    def way(folder: Path, wanted: str, progress: Progress) -> None:
        fake_pulumi(folder, version)
        if calls is not None:
            calls.append(wanted)

    return way


def refusing(reason: str) -> pulumi_cli.Way:
    def way(folder: Path, wanted: str, progress: Progress) -> None:
        raise Unavailable(reason)

    return way


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("v3.259.0", True),
        ("3.259.0\n", True),
        ("v3.259.7", True),
        ("v3.300.1-alpha.4+dirty", True),
        ("v3.258.9", False),
        ("v3.99.0", False),
        ("v4.0.0", False),
        ("v2.300.0", False),
        ("", False),
        ("command not found", False),
    ],
)
def test_a_cli_is_taken_from_the_pinned_minor_on_and_never_from_another_major(text: str, good: bool) -> None:
    assert pulumi_cli.is_new_enough(text) is good


def test_version_pins_move_together() -> None:
    project = (TOOLS.parent / "pyproject.toml").read_text()
    wrapper = (TOOLS / "pulumi" / "cli" / "go.mod").read_text()
    assert f'"pulumi=={VERSION}"' in project
    assert f"github.com/pulumi/pulumi/pkg/v3 v{VERSION}" in wrapper
    assert f"{go_build.SDK} v{VERSION}" in wrapper
    assert f"\ngo {go_build.GO_MINIMUM}\n" in wrapper


class TestOrderOfWays:
    def test_a_new_enough_cli_on_path_wins_over_the_cache(self, tmp_path: Path) -> None:
        pulumi_cli.install("", tmp_path / "cache", Progress(), [("fake", making())])
        mine = fake_pulumi(tmp_path / "mine", "v3.300.0")
        cli = pulumi_cli.install(str(mine), tmp_path / "cache", Progress(), [("never", refusing("asked"))])
        assert (cli.origin, cli.version, cli.folders) == ("PATH", "v3.300.0", (mine,))

    @pytest.mark.parametrize(
        ("version", "programs"),
        [("v3.258.0", PROGRAMS), (f"v{VERSION}", ("pulumi",)), ("broken", PROGRAMS)],
        ids=["too old", "no Python host", "answers no version"],
    )
    def test_an_unusable_cli_on_path_is_passed_over(
        self, tmp_path: Path, version: str, programs: tuple[str, ...]
    ) -> None:
        theirs = fake_pulumi(tmp_path / "theirs", version, programs)
        cli = pulumi_cli.install(str(theirs), tmp_path / "cache", Progress(), [("fake", making())])
        assert cli.origin == "fake"

    def test_the_host_may_lie_in_another_folder_of_path(self, tmp_path: Path) -> None:
        engine = fake_pulumi(tmp_path / "engine", programs=("pulumi",))
        host = fake_pulumi(tmp_path / "host", programs=("pulumi-language-python",))
        cli = pulumi_cli.on_path(f"{engine}{os.pathsep}{host}")
        assert cli is not None
        assert cli.folders == (engine, host)

    def test_the_second_way_is_tried_when_the_first_cannot(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ways = [("archive", refusing("no route")), ("build", making())]
        assert pulumi_cli.install("", tmp_path, Progress(), ways).origin == "build"
        assert "Pulumi CLI by archive: not possible (no route)" in capsys.readouterr().err

    def test_a_second_install_makes_nothing(self, tmp_path: Path) -> None:
        calls: list[str] = []
        for _ in range(2):
            pulumi_cli.install("", tmp_path, Progress(), [("fake", making(calls=calls))])
        assert calls == [VERSION]

    def test_two_at_a_time_make_it_once(self, tmp_path: Path) -> None:
        calls: list[str] = []
        ways = [("fake", making(calls=calls))]
        runs = [threading.Thread(target=pulumi_cli.install, args=("", tmp_path, Progress(), ways)) for _ in range(4)]
        for run in runs:
            run.start()
        for run in runs:
            run.join(timeout=60)
        assert calls == [VERSION]

    def test_a_result_of_another_version_or_with_a_part_missing_is_refused(self, tmp_path: Path) -> None:
        def half(folder: Path, wanted: str, progress: Progress) -> None:
            fake_pulumi(folder, programs=PROGRAMS[:2])

        with pytest.raises(Stop) as told:
            pulumi_cli.install("", tmp_path, Progress(), [("old", making("v3.1.0")), ("half", half)])
        assert f"old: it answers version v3.1.0, not {VERSION}" in str(told.value)
        assert f"half: it lacks {PROGRAMS[2]}, {PROGRAMS[3]}" in str(told.value)
        assert pulumi_cli.cached(tmp_path) is None

    def test_when_no_way_works_every_reason_and_the_way_out_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(Stop) as told:
            pulumi_cli.install("", tmp_path, Progress(), [("a", refusing("closed network")), ("b", refusing("no go"))])
        text = str(told.value)
        assert "a: closed network" in text
        assert "b: no go" in text
        assert f"Install Go {go_build.GO_MINIMUM} or newer" in text

    def test_the_official_archive_comes_before_the_build(self) -> None:
        assert [way for _, way in pulumi_cli.WAYS] == [official_archive.fetch, go_build.build]


class TestOfficialArchive:
    def archive(self, path: Path, names: tuple[str, ...]) -> str:
        with tarfile.open(path, "w:gz") as content:
            for name in names:
                body = f"#!/bin/sh\necho v{VERSION}\n".encode()
                member = tarfile.TarInfo(name)
                member.size = len(body)
                content.addfile(member, io.BytesIO(body))
        return path.as_uri()

    def test_its_programs_become_executable(self, tmp_path: Path) -> None:
        url = self.archive(tmp_path / "a.tar.gz", tuple(f"pulumi/{name}" for name in PROGRAMS))
        cli = pulumi_cli.install(
            "", tmp_path / "cache", Progress(), [("archive", lambda *rest: official_archive.fetch(*rest, url))]
        )
        assert sorted(path.name for path in cli.folders[0].iterdir()) == sorted(PROGRAMS)

    def test_a_path_in_it_that_leaves_the_folder_does_not(self, tmp_path: Path) -> None:
        folder = tmp_path / "deep" / "folder"
        folder.mkdir(parents=True)
        official_archive.fetch(folder, VERSION, Progress(), self.archive(tmp_path / "a.tar.gz", ("../../escaped",)))
        assert (folder / "escaped").exists()
        assert not (tmp_path / "escaped").exists()

    @pytest.mark.parametrize("broken", ["missing", "no archive at all"])
    def test_what_cannot_be_fetched_or_read_is_unavailable(self, tmp_path: Path, broken: str) -> None:
        path = tmp_path / "a.tar.gz"
        if broken != "missing":
            path.write_text(broken)
        with pytest.raises(Unavailable, match=r"a\.tar\.gz"):
            official_archive.fetch(tmp_path, VERSION, Progress(), path.as_uri())


class TestGoBuild:
    @pytest.fixture
    def sdk(self, tmp_path: Path) -> Path:
        for name in go_build.SCRIPTS:
            script(tmp_path / "sdk" / name)
        return tmp_path / "sdk"

    def go(self, folder: Path, sdk: Path, install: str) -> None:
        """A `go` that answers `list` with the SDK's folder and does `install` otherwise, noting its arguments."""
        script(folder / "go", f'[ "$1" = list ] && echo {sdk} && exit\necho "$PWD $*" >> {folder}/calls\n{install}')

    def test_the_engine_comes_from_one_wrapper_and_the_host_from_the_other(
        self, tmp_path: Path, sdk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.go(tmp_path / "go", sdk, 'for last; do :; done; cp /bin/true "$GOBIN/${last##*/}"')
        monkeypatch.setenv("PATH", f"{tmp_path / 'go'}:/usr/bin:/bin")
        made = tmp_path / "made"
        made.mkdir()
        go_build.build(made, VERSION, Progress())
        engine, host = (tmp_path / "go" / "calls").read_text().splitlines()
        assert sorted(path.name for path in made.iterdir()) == sorted(PROGRAMS)
        assert engine.startswith(f"{go_build.WRAPPERS / 'cli'} install")
        assert f"version.Version={VERSION} {go_build.CLI_PACKAGE}" in engine
        assert host.startswith(f"{go_build.WRAPPERS / 'host'} install")

    def test_a_failed_build_says_what_the_compiler_said(
        self, tmp_path: Path, sdk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.go(tmp_path / "go", sdk, "echo module not served >&2; exit 1")
        monkeypatch.setenv("PATH", f"{tmp_path / 'go'}:/usr/bin:/bin")
        with pytest.raises(Unavailable, match="module not served"):
            go_build.build(tmp_path, VERSION, Progress())

    def test_without_go_it_says_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(Unavailable, match="no `go` on PATH"):
            go_build.build(tmp_path, VERSION, Progress())


class TestExports:
    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        script(tmp_path / "checkout" / ".venv" / "bin" / "python")
        return tmp_path / "checkout"

    @pytest.fixture
    def environ(self, tmp_path: Path) -> Callable[..., dict[str, str]]:
        pulumi_cli.install("", tmp_path / "artifactory-estate", Progress(), [("fake", making())])
        return lambda *path: {"XDG_CACHE_HOME": str(tmp_path), "PATH": os.pathsep.join(map(str, path))}

    def test_the_environment_and_the_cli_come_first(
        self, tmp_path: Path, checkout: Path, environ: Callable[..., dict[str, str]]
    ) -> None:
        exports = toolchain.exports(environ("/usr/bin"), checkout)
        venv, cli, rest = exports["PATH"].split(os.pathsep)
        assert (venv, Path(cli).parent, rest) == (
            str(checkout / ".venv" / "bin"),
            tmp_path / "artifactory-estate",
            "/usr/bin",
        )
        assert exports["PULUMI_PYTHON_CMD"] == str(checkout / ".venv" / "bin" / "python")

    def test_the_stand_in_aws_plugin_is_never_on_path(
        self, checkout: Path, environ: Callable[..., dict[str, str]]
    ) -> None:
        plugin = checkout / "sandbox" / "plugins"
        script(plugin / "pulumi-resource-aws")
        path = toolchain.exports(environ(plugin, "/usr/bin"), checkout)["PATH"]
        assert not [folder for folder in path.split(os.pathsep) if (Path(folder) / "pulumi-resource-aws").exists()]

    def test_evaluating_it_twice_changes_nothing(self, checkout: Path, environ: Callable[..., dict[str, str]]) -> None:
        given = environ("/usr/bin", "/bin")
        once = toolchain.exports(given, checkout)
        assert toolchain.exports({**given, **once}, checkout) == once

    def test_before_install_it_names_the_command(self, tmp_path: Path, checkout: Path) -> None:
        with pytest.raises(Stop, match=r"python3 tools/toolchain\.py install"):
            toolchain.exports({"XDG_CACHE_HOME": str(tmp_path / "empty"), "PATH": ""}, checkout)


class TestPythonEnvironment:
    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        requirements = tmp_path / "requirements"
        requirements.mkdir()
        for name in ("runtime", "sandbox", "dev", "build"):
            (requirements / f"{name}.txt").write_text(f"# {name}\n")
        (tmp_path / "pyproject.toml").write_text("")
        return tmp_path

    @pytest.fixture
    def pips(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The levels that pip was asked for; nothing is downloaded."""
        levels: list[str] = []
        monkeypatch.setattr(PythonEnvironment, "_pip", lambda self, level, progress: levels.append(level))
        return levels

    def install(self, checkout: Path, level: str) -> None:
        PythonEnvironment(checkout, checkout / "cache").install(level, Progress())

    def test_what_is_unchanged_is_skipped_and_a_lower_level_is_within_a_higher(
        self, checkout: Path, pips: list[str]
    ) -> None:
        for level in ("sandbox", "sandbox", "runtime", "dev", "runtime"):
            self.install(checkout, level)
        assert pips == ["sandbox", "dev"]

    def test_a_changed_requirement_is_installed_at_the_level_that_was_there(
        self, checkout: Path, pips: list[str]
    ) -> None:
        self.install(checkout, "dev")
        (checkout / "requirements" / "dev.txt").write_text("# newer\n")
        self.install(checkout, "runtime")
        assert pips == ["dev", "dev"]

    def test_an_environment_whose_interpreter_is_gone_is_made_again(self, checkout: Path, pips: list[str]) -> None:
        self.install(checkout, "runtime")
        (checkout / ".venv" / "bin" / "python").unlink()
        self.install(checkout, "runtime")
        assert pips == ["runtime", "runtime"]
        assert (checkout / ".venv" / "bin" / "python").exists()

    def test_every_requirement_of_ours_has_a_hash_and_no_address(self) -> None:
        for path in (TOOLS.parent / "requirements").glob("*.txt"):
            lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
            assert all("==" in line or line.startswith("    --hash=sha256:") for line in lines), path
            assert "://" not in path.read_text(), path


class TestWorkshop:
    def test_a_folder_appears_whole_or_not_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError), appearing_whole(tmp_path / "tool") as draft:
            (draft / "half").touch()
            raise RuntimeError
        assert list(tmp_path.iterdir()) == []

    def test_a_failed_command_shows_the_end_of_its_output(self) -> None:
        with pytest.raises(Stop, match="status 3\nthe reason"):
            run_logged("trying", ["sh", "-c", "echo the reason; exit 3"], Progress())

    def test_the_lock_of_a_killed_holder_is_free(self, tmp_path: Path) -> None:
        held = f"import fcntl, sys; f = open({str(tmp_path / 'lock')!r}, 'w'); fcntl.flock(f, 2); print(1, flush=True)"
        holder = subprocess.Popen([sys.executable, "-c", f"{held}; sys.stdin.read()"], stdin=-1, stdout=-1)
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        holder.communicate()
        with locked(tmp_path / "lock", Progress()):
            pass


def test_a_command_run_within_it_ends_with_its_own_status(tmp_path: Path) -> None:
    command = [sys.executable, TOOLS / "toolchain.py", "run", "sh", "-c", 'echo "$PULUMI_PYTHON_CMD"; exit 7']
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 7, answer.stderr
    assert answer.stdout.strip().endswith(".venv/bin/python")
