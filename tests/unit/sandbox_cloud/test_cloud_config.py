"""User data as cloud-init takes it: what the sandbox plays of it, and what it refuses instead of ignoring."""

import subprocess
from pathlib import Path

import pytest

from artifactory_sandbox.data_plane import cloud_config

GOOD = b"""#cloud-config
write_files:
  - path: /usr/local/sbin/hello
    permissions: "0750"
    content: |
      #!/bin/sh
      echo "$1" >"$ESTATE_ROOT/said"
  - {path: /etc/encoded, encoding: b64, content: aGVsbG8=}
runcmd:
  - [/usr/local/sbin/hello, "two words; $HOME"]
  - echo more >>"$ESTATE_ROOT/said"
"""


def test_files_are_written_below_the_root_and_commands_run_in_order(tmp_path: Path) -> None:
    script = cloud_config.apply(tmp_path, GOOD)
    assert (tmp_path / "usr/local/sbin/hello").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "etc/encoded").read_text() == "hello"
    subprocess.run(["/bin/sh"], input=script, env={"ESTATE_ROOT": str(tmp_path)}, check=True)
    assert (tmp_path / "said").read_text() == "two words; $HOME\nmore\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"#cloud-config\nwrite_file: []\n", "not write_file"),
        (b"#cloud-config\nwrite_files: [{path: /a, permissions: 0750}]\n", "are no text"),
        (b"#cloud-config\nwrite_files: [{path: /a, append: true}]\n", "does not play append"),
        (b"#cloud-config\n- a list\n", "a mapping is wanted"),
        (b"#cloud-config\nruncmd: [\n", "not YAML"),
    ],
)
def test_what_it_does_not_play_it_refuses(tmp_path: Path, text: bytes, why: str) -> None:
    with pytest.raises(cloud_config.NotUnderstood, match=why):
        cloud_config.apply(tmp_path, text)
