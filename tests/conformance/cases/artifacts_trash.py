"""Deleting, and the trash can (1.7, 6.1)."""

from tests.conformance.calls.artifacts import HELLO, LOCAL, ONE, api, got
from tests.conformance.case import Case

CASES: tuple[Case, ...] = (
    Case(
        "1.7",
        "what is deleted goes to the trash can",
        api("GET", "storage/auto-trashcan/$id/a/b.txt?properties"),
        200,
        {
            "properties": {
                "trash.originalRepository": ["$id"],
                "trash.originalPath": ["a/b.txt"],
                "trash.deletedBy": ["admin"],
            }
        },
        before=(*ONE, got("$id/a/b.txt", "DELETE")),
    ),
    Case(
        "1.7",
        "restoring answers 202",
        api("POST", "trash/restore/$id/a/b.txt"),
        202,
        before=(*ONE, got("$id/a/b.txt", "DELETE")),
    ),
    Case(
        "1.7",
        "what is restored is where it was",
        got("$id/a/b.txt"),
        200,
        HELLO,
        before=(*ONE, got("$id/a", "DELETE"), api("POST", "trash/restore/$id/a")),
    ),
    Case(
        "1.7",
        "what is restored elsewhere is there",
        got("$id/other/b.txt"),
        200,
        HELLO,
        before=(*ONE, got("$id/a/b.txt", "DELETE"), api("POST", "trash/restore/$id/a/b.txt?to=$id/other/b.txt")),
    ),
    Case("1.7", "emptying the trash can answers 202", api("POST", "trash/empty"), 202),
    Case(
        "1.7",
        "an emptied trash can has nothing to restore",
        api("POST", "trash/restore/$id/a/b.txt"),
        404,
        before=(*ONE, got("$id/a/b.txt", "DELETE"), api("POST", "trash/empty")),
    ),
    Case("1.7", "the trash can is emptied by administrators", api("POST", "trash/empty", caller="somebody"), 403),
    Case("1.7", "nothing cannot be restored", api("POST", "trash/restore/$id/none"), 404, before=(LOCAL,)),
    Case(
        "1.7",
        "an item is removed for good",
        api("DELETE", "trash/clean/$id/a/b.txt"),
        204,
        before=(*ONE, got("$id/a/b.txt", "DELETE")),
    ),
    Case(
        "1.7",
        "the trash can is the administrator's",
        api("POST", "trash/restore/$id/a", caller="somebody"),
        403,
        before=ONE,
    ),
    Case("1.7", "the trash can may not be looked into", api("GET", "storage/auto-trashcan", caller="somebody"), 403),
)
