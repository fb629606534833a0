"""Which alarm hears what, where: decided by values that CloudWatch in a region takes, or does not."""

import sys
from collections.abc import Callable

import pytest

from artifactory_estate.cloud import traffic
from artifactory_estate.cloud.traffic import Side, Switch, SwitchFailed, move

ROUTE53 = Switch(kind="route53", estate="acme", pair="east")
MASTER = Side(site="us-east", region="us-east-1")
TARGET = Side(site="us-west", region="us-west-2")
Said = list[tuple[str, str, int]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """What was put, as region, site and value; regions in `dead` take nothing."""

    def listen(*dead: str) -> Said:
        heard: Said = []

        class CloudWatch:
            def __init__(self, region: str) -> None:
                self.region = region

            def put_metric_data(self, Namespace: str, MetricData: list[dict[str, object]]) -> None:
                assert Namespace == "ArtifactoryEstate"
                if self.region in dead:
                    raise OSError("gone")
                (datum,) = MetricData
                names = {str(part["Name"]): str(part["Value"]) for part in datum["Dimensions"]}  # type: ignore[attr-defined]
                assert (names["Estate"], names["Pair"]) == ("acme", "east")
                heard.append((self.region, names["Site"], int(str(datum["Value"]))))

        monkeypatch.setattr(traffic, "client", lambda _service, region, **_: CloudWatch(region))
        return heard

    return listen


def test_failover_needs_the_region_of_the_site_that_takes_over_alone(said: Callable[..., Said]) -> None:
    heard = said("us-east-1")
    left = move(ROUTE53, MASTER, TARGET, "us-west")
    assert heard == [("us-west-2", "us-east", 0)]
    assert left == ("us-east-1 is not reachable: us-west is to be reported as serving there",)


def test_the_way_back_leaves_the_target_ready_for_the_next_failover(said: Callable[..., Said]) -> None:
    heard = said()
    assert move(ROUTE53, MASTER, TARGET, "us-east") == ()
    assert heard == [("us-west-2", "us-east", 1), ("us-east-1", "us-west", 1)]


def test_back_with_the_targets_region_dead_both_are_unhealthy_so_that_the_primary_answers(
    said: Callable[..., Said],
) -> None:
    heard = said("us-west-2")
    (left,) = move(ROUTE53, MASTER, TARGET, "us-east")
    assert heard == [("us-east-1", "us-west", 0)] and left.startswith("us-west-2 is not reachable")


@pytest.mark.parametrize(("serving", "dead"), [("us-west", ("us-west-2",)), ("us-east", ("us-east-1", "us-west-2"))])
def test_traffic_that_does_not_move_is_an_error(said: Callable[..., Said], serving: str, dead: tuple[str, ...]) -> None:
    said(*dead)
    with pytest.raises(SwitchFailed, match="does not answer: the traffic stays"):
        move(ROUTE53, MASTER, TARGET, serving)


def test_a_hook_gets_the_serving_site_and_its_failure_is_told() -> None:
    good = (sys.executable, "-c", "import sys; sys.exit(sys.argv[1] != 'us-west')")
    assert move(Switch(kind="hook", estate="acme", pair="east", command=good), MASTER, TARGET, "us-west") == ()
    with pytest.raises(SwitchFailed, match="ended with 1: no output"):
        move(Switch(kind="hook", estate="acme", pair="east", command=good), MASTER, TARGET, "us-east")
    with pytest.raises(SwitchFailed, match="/nowhere could not be run: FileNotFoundError"):
        move(Switch(kind="hook", estate="acme", pair="east", command=("/nowhere",)), MASTER, TARGET, "us-east")
