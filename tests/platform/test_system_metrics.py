"""Metrics, and the logs of requests (reference 8; design: nothing secret in a log)."""

import re
from pathlib import Path

import pytest

from artifactory_sandbox.platform.metrics.text import Family, Sample, rendered, several
from artifactory_sandbox.platform.system.request_log import RotatingFile
from tests.platform.running import Bare, running, until
from tests.platform.test_federation import federate, has, trust

LINE = re.compile(r'[a-z_:][a-z0-9_:]*(\{[a-zA-Z_]+="([^"\\]|\\.)*"(,[a-zA-Z_]+="([^"\\]|\\.)*")*\})? \S+ \d{13}\Z')


def value(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
    return float(line.rpartition(" ")[0].rpartition(" ")[2])


@pytest.mark.parametrize("path", ["/artifactory/api/v1/metrics", "/rtfs/api/v1/metrics", "/access/api/v1/metrics"])
def test_each_family_has_help_time_and_type_once_before_its_samples(platform: Bare, path: str) -> None:
    text = platform("GET", path).text
    names = []
    for block in text.split("# HELP ")[1:]:
        about, updated, kind, *samples = block.strip().splitlines()
        name = about.partition(" ")[0]
        names.append(name)
        assert re.fullmatch(rf"# UPDATED {name} \d{{13}}", updated)
        assert re.fullmatch(rf"# TYPE {name} (gauge|counter|summary)", kind)
        assert samples and all(LINE.match(line) and line.startswith(name) for line in samples)
    assert len(names) == len(set(names)) > 5


def test_transfers_and_repositories_are_counted(platform: Bare) -> None:
    before = platform.api("GET", "v1/metrics").text
    platform.make("counted-local")
    platform.put("counted-local/a", b"12345")
    platform.get("counted-local/a")
    after = platform.api("GET", "v1/metrics").text

    def grown(name: str) -> float:
        return value(after, name) - value(before, name)

    assert (grown("jfsh_binaries_upload_total"), grown("jfsh_binaries_bytes_upload_total")) == (1, 5)
    assert (grown("jfsh_binaries_download_total"), grown("jfsh_binaries_bytes_download_total")) == (1, 5)
    assert grown('jfrt_repo_by_type_total{type="local"}'.partition("{")[0] + '{type="local"}') == 1


def test_a_collection_that_ran_is_measured(platform: Bare) -> None:
    platform.api("POST", "system/storage/gc")
    text = platform.api("GET", "v1/metrics").text
    assert re.search(
        r'jfrt_artifacts_gc_duration_seconds\{end="\d+",start="\d+",status="COMPLETED",type="\w+"\} ', text
    )


def test_metrics_of_federations_need_their_property(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        assert "jfrt_federation" not in platform.api("GET", "v1/metrics").text
        platform.platform.properties = {"artifactory.federated.metrics.enabled": "true"}
        text = platform.api("GET", "v1/metrics").text
        assert value(text, "jfrt_federation_max_lag_ms_total") == 0
        assert value(text, 'jfrt_federation_num_repos_status_total{status="healthy"}') == 0


def test_a_federation_is_measured_on_both_sides(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    trust(first, second)
    first.make("measured-local")  # a full sync has something to bring
    assert federate("measured", first, first, second).status_code == 200
    first.put("measured/a.bin", b"12345")
    until(lambda: has(second, "measured/a.bin", b"12345"), "the file at the other member")

    def rtfs(platform: Bare, name: str) -> float:
        return value(platform("GET", "/rtfs/api/v1/metrics").text, name)

    until(lambda: rtfs(first, "pq_queue_events_left") == 0, "the queue to be empty")
    assert rtfs(first, "jfrtfs_events_received_from_artifactory_total") >= 1
    assert rtfs(second, "jfrtfs_events_received_from_remote_rtfs_total") >= 1
    assert rtfs(first, "jfrtfs_full_sync_e2e_member_execution_seconds_count") >= 1
    sent = [line for line in first("GET", "/rtfs/api/v1/metrics").text.splitlines() if "events_sent_to_remote" in line]
    assert any('propagation_type="events"' in line for line in sent)
    first.platform.properties = {"artifactory.federated.metrics.enabled": "true"}
    text = first.api("GET", "v1/metrics").text
    assert 'jfrt_federation_num_repos_status_total{status="healthy"} 1 ' in text
    first.platform.properties = {}


def test_metrics_that_are_off_are_empty(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        platform.platform.properties = {"artifactory.metrics.enabled": "false"}
        answer = platform.api("GET", "v1/metrics")
        assert (answer.status_code, answer.content) == (200, b"")
        assert platform.api("GET", "v1/metrics", auth=None).status_code == 401


def test_a_token_for_metrics_reads_them(platform: Bare) -> None:
    sent = {"scope": "system:metrics:r", "username": "prometheus"}
    token = platform("POST", "/access/api/v1/tokens", json=sent).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert platform.api("GET", "v1/metrics", auth=None, headers=headers).status_code == 200
    assert platform.api("GET", "system/status", auth=None, headers=headers).status_code == 403


def test_labels_are_escaped_and_a_family_without_samples_is_left_out() -> None:
    families = [several("a_total", "a\nb", [Sample(1.5, {"l": 'x"\\\n'})]), Family("none", "gauge", "nothing", ())]
    assert rendered(families, 7).decode() == (
        '# HELP a_total a\\nb\n# UPDATED a_total 7\n# TYPE a_total counter\na_total{l="x\\"\\\\\\n"} 1.5 7\n'
    )


def test_requests_and_accesses_are_logged_with_their_trace(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        platform.make("logged-local")
        trace = {"uber-trace-id": "abc123:1:0:1", "User-Agent": "a|b"}
        platform.put("logged-local/dir/a.txt", b"12345", headers=trace)
        platform.get("logged-local/dir/a.txt", headers={"X-B3-TraceId": "feed"})
        platform.get("logged-local/dir/a.txt?api_key=hush", auth=("admin", "wrong-hush"))
        platform("GET", "/access/api/v1/system/ping")
    logs = tmp_path / "platform-0/log"
    lines = (logs / "artifactory-request.log").read_text().splitlines()
    (deployed,) = [line.split("|") for line in lines if "|abc123|" in line]
    assert deployed[2:10] == [
        "127.0.0.1",
        "admin",
        "PUT",
        "/logged-local/dir/a.txt",
        "201",
        "5",
        deployed[8],
        deployed[9],
    ]
    assert (len(deployed), deployed[10]) == (11, "a%7Cb")
    access = (logs / "artifactory-access.log").read_text()
    assert "[abc123] [ACCEPTED DEPLOY] logged-local:dir/a.txt for client : admin / 127.0.0.1" in access
    assert "[feed] [ACCEPTED DOWNLOAD] logged-local:dir/a.txt" in access
    assert "[DENIED LOGIN]" in access
    assert "/access/api/v1/system/ping" in (logs / "access-request.log").read_text()
    assert not [path for path in logs.iterdir() if "hush" in path.read_text() or "password" in path.read_text()]


def test_a_full_log_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = RotatingFile(tmp_path / "x.log", most=20, kept=2)
    for number in range(12):
        log.write(f"line {number:02d}")
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.1.log", "x.2.log", "x.log"]
    assert (tmp_path / "x.log").read_text().endswith("line 11\n")
