"""Quartz expressions (reference 9)."""

from datetime import UTC, datetime

import pytest

from artifactory_sandbox.platform import cron

NOW = "2026-01-31 12:00:00"  # a Saturday


def milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("expression", "fires"),
    [
        ("0 0 12 * * ?", "2026-02-01 12:00:00"),
        ("0 0/9 14 * * ?", "2026-01-31 14:00:00"),
        ("* * * * * ?", "2026-01-31 12:00:01"),
        ("0 0 /4 * * ?", "2026-01-31 16:00:00"),
        ("0 0 2 ? * MON-SAT *", "2026-02-02 02:00:00"),
        ("0 0 2 ? * 2-6", "2026-02-02 02:00:00"),
        ("0 0 2 ? * FRI-MON", "2026-02-01 02:00:00"),
        ("0 0 2 ? * sun", "2026-02-01 02:00:00"),
        ("0 0/30 * * * ?", "2026-01-31 12:30:00"),
        ("30 15 10 L * ?", "2026-02-28 10:15:30"),
        ("0 0 0 LW * ?", "2026-02-27 00:00:00"),
        ("0 0 0 L-2 * ?", "2026-02-26 00:00:00"),
        ("0 0 0 15W 2 ?", "2026-02-16 00:00:00"),
        ("0 0 0 ? * 6L", "2026-02-27 00:00:00"),
        ("0 0 0 ? * 6#3", "2026-02-20 00:00:00"),
        ("0 0 0 29 FEB ?", "2028-02-29 00:00:00"),
        ("0 0 0 ? * * 2099", "2099-01-01 00:00:00"),
        ("5,10 0 12 31 1 ? 2026", "2026-01-31 12:00:05"),
    ],
)
def test_the_next_time(expression: str, fires: str) -> None:
    assert cron.check(expression, milliseconds(NOW)).next_after(milliseconds(NOW)) == milliseconds(fires)


@pytest.mark.parametrize(
    "expression",
    [
        "", "0 0 12 * *", "0 0 12 * * * *", "0 0 12 * * *", "0 0 12 ? * ?", "60 0 12 * * ?", "0 0 24 * * ?",
        "0 0 12 32 * ?", "0 0 12 * 13 ?", "0 0 12 ? * 8", "0 0 12 ? * NON", "0 0/0 12 * * ?", "0 a 12 * * ?",
        "0 0 12 * * ? 1999", "0 0 12 * * ? 2020", "0 0 12 30 2 ?", "0 0 12 ? * 6#9", "0 0 12 * * ? * *",
    ],
)  # fmt: skip
def test_what_is_no_expression_or_never_fires(expression: str) -> None:
    with pytest.raises(cron.InvalidCron):
        cron.check(expression, milliseconds(NOW))
