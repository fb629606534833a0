"""AQL and the plain searches (6.3, 12.10.3)."""

import json
from typing import Any

from tests.conformance.calls.artifacts import ISO, LOCAL, MD5, SHA1, SHA256, api, got, made, packed, put, refused
from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

TEXT = {"Content-Type": "text/plain"}
ITEMS = (
    LOCAL,
    put("$id/one/a.txt", "one"),
    put("$id/two/b.jar;stage=dev;owner=x", "three"),
    put("$id/two/c.jar;stage=prod;owner=y", "longer text"),
    put("$id/top.txt", "hello"),
)
MAVEN = (
    made(packageType="maven", repoLayoutRef="maven-2-default"),
    put("$id/org/acme/$id/1.9/$id-1.9.jar", "1"),
    put("$id/org/acme/$id/1.10/$id-1.10.jar", "2"),
    put("$id/org/acme/$id/1.10/$id-1.10-sources.jar", "3"),
    put("$id/org/acme/$id/2.0-SNAPSHOT/$id-2.0-SNAPSHOT.jar", "4"),
)
BUILD: dict[str, Any] = {
    "version": "1.0.1",
    "name": "$id-build",
    "number": "7",
    "started": "2026-01-31T12:00:00.000+0000",
    "properties": {"env.STAGE": "test"},
    "modules": [
        {
            "id": "org.acme:$id:1",
            "artifacts": [{"type": "jar", "name": "made.jar", "sha1": "$made"}],
            "dependencies": [{"type": "jar", "id": "org.acme:used:1", "sha1": "$used", "scopes": ["compile"]}],
        }
    ],
}
BUILT = (
    LOCAL,
    put("$id/made.jar", "made by $id", keep={"made": "checksums.sha1"}),
    put("$id/used.jar", "used by $id", keep={"used": "checksums.sha1"}),
    Call(
        "PUT",
        "/artifactory/api/build",
        json.dumps(BUILD),
        headers={"Content-Type": "application/vnd.org.jfrog.artifactory+json"},
    ),
)


def aql(query: str, **options: Any) -> Call:
    """A query."""
    return Call("POST", "/artifactory/api/search/aql", query, headers=TEXT, **options)


def find(criteria: str, rest: str = "") -> Call:
    """Items of the case's repository that meet more criteria, by name."""
    more = f",{criteria}" if criteria else ""
    return aql(f'items.find({{"repo":"$id"{more}}}).include("name").sort({{"$asc":["name"]}}){rest}')


def names(*wanted: str) -> dict[str, Any]:
    """Exactly these names, in order."""
    return {"results": [{"name": name} for name in wanted]}


FOUND = tuple(
    Case("6.3", f"AQL finds {what}", find(criteria, rest), 200, names(*wanted), before=ITEMS)
    for what, criteria, rest, wanted in (
        ("files of a repository", "", "", ("a.txt", "b.jar", "c.jar", "top.txt")),
        ("by equality", '"name":{"$eq":"a.txt"}', "", ("a.txt",)),
        ("by inequality", '"name":{"$ne":"a.txt"}', "", ("b.jar", "c.jar", "top.txt")),
        ("by pattern", '"name":{"$match":"*.jar"}', "", ("b.jar", "c.jar")),
        ("by a pattern of one letter", '"name":{"$match":"?.jar"}', "", ("b.jar", "c.jar")),
        ("by no pattern", '"name":{"$nmatch":"*.jar"}', "", ("a.txt", "top.txt")),
        ("by folder", '"path":"two"', "", ("b.jar", "c.jar")),
        ("in the root", '"path":"."', "", ("top.txt",)),
        ("by folder pattern", '"path":{"$match":"t*"}', "", ("b.jar", "c.jar")),
        ("larger files", '"size":{"$gt":5}', "", ("c.jar",)),
        ("files in a span of sizes", '"size":{"$gte":3,"$lte":5}', "", ("a.txt", "b.jar", "top.txt")),
        ("smaller files", '"size":{"$lt":"5"}', "", ("a.txt",)),
        ("by property", '"@stage":"prod"', "", ("c.jar",)),
        ("by property pattern", '"@stage":{"$match":"p*"}', "", ("c.jar",)),
        ("what has a property", '"@stage":{"$match":"*"}', "", ("b.jar", "c.jar")),
        ("what has not a property", '"@stage":{"$ne":"prod"}', "", ("a.txt", "b.jar", "top.txt")),
        ("by any property with a value", '"@*":"prod"', "", ("c.jar",)),
        ("by key and value apart", '"$and":[{"property.key":"stage"},{"property.value":"y"}]', "", ("c.jar",)),
        ("no property that is both", '"$msp":[{"property.key":"stage"},{"property.value":"y"}]', "", ()),
        ("a property that is both", '"$msp":[{"property.key":"owner"},{"property.value":"y"}]', "", ("c.jar",)),
        ("one or the other", '"$or":[{"name":"a.txt"},{"size":{"$gt":5}}]', "", ("a.txt", "c.jar")),
        (
            "nested criteria",
            '"$or":[{"$and":[{"path":"two"},{"@stage":"dev"}]},{"name":"top.txt"}]',
            "",
            ("b.jar", "top.txt"),
        ),
        ("folders", '"type":"folder","depth":1', "", ("one", "two")),
        ("anything", '"type":"any","name":{"$match":"t*"}', "", ("top.txt", "two")),
        ("by checksum", f'"actual_sha1":"{SHA1}"', "", ("top.txt",)),
        ("by sha256", f'"sha256":"{SHA256}"', "", ("top.txt",)),
        ("by md5", f'"actual_md5":"{MD5}"', "", ("top.txt",)),
        ("by maker", '"created_by":"admin","modified_by":"admin"', "", ("a.txt", "b.jar", "c.jar", "top.txt")),
        ("what was made lately", '"created":{"$last":"1d"}', "", ("a.txt", "b.jar", "c.jar", "top.txt")),
        ("what was made before", '"created":{"$before":"1d"}', "", ()),
        ("what was made after a date", '"created":{"$gt":"2020-01-01"}', "", ("a.txt", "b.jar", "c.jar", "top.txt")),
        ("what was changed before a date", '"modified":{"$lt":"2020-01-01T00:00:00.000Z"}', "", ()),
        ("what nobody fetched", '"stat.downloaded":{"$eq":null}', "", ("a.txt", "b.jar", "c.jar", "top.txt")),
        ("so many", "", ".limit(2)", ("a.txt", "b.jar")),
        ("from an offset on", "", ".offset(1).limit(2)", ("b.jar", "c.jar")),
    )
)

AQL = (
    Case(
        "6.3",
        "AQL ties criteria together on a property that is found itself",
        aql('properties.find({"$msp":[{"key":"$id-stage"},{"value":"prod"}]})'),
        200,
        {"results": [exactly({"key": "$id-stage", "value": "prod"})]},
        before=(LOCAL, put("$id/a.txt;$id-stage=prod,dev")),
    ),
    Case(
        "6.3",
        "AQL includes a domain that has no fields of its own",
        aql('items.find({"repo":"$id","name":"a.zip"}).include("name","archive")'),
        200,
        {"results": [exactly({"name": "a.zip", "archives": [exactly({})]})]},
        before=(LOCAL, put("$id/a.zip", packed(("in/x.txt", "inside")))),
    ),
    Case(
        "6.3",
        "AQL shows the fields that nobody asked for",
        aql('items.find({"repo":"$id","name":"top.txt"})'),
        200,
        {
            "results": [
                exactly(
                    {
                        "repo": "$id",
                        "path": ".",
                        "name": "top.txt",
                        "type": "file",
                        "size": 5,
                        "created": ISO,
                        "created_by": "admin",
                        "modified": ISO,
                        "modified_by": "admin",
                        "updated": ISO,
                    }
                )
            ],
            "range": exactly({"start_pos": 0, "end_pos": 1, "total": 1}),
        },
        headers={"Content-Type": matching("^application/json")},
        before=ITEMS,
    ),
    Case(
        "6.3",
        "AQL's range carries the limit that was asked for",
        find("", ".offset(1).limit(2)"),
        200,
        {"range": exactly({"start_pos": 1, "end_pos": 3, "total": 2, "limit": 2})},
        before=ITEMS,
    ),
    Case(
        "12.10.3",
        "AQL shows checksums when asked",
        aql(
            'items.find({"repo":"$id","name":"top.txt"}).include("actual_md5","actual_sha1","sha256","depth","original_md5")'
        ),
        200,
        {
            "results": [
                exactly({"actual_md5": MD5, "actual_sha1": SHA1, "sha256": SHA256, "depth": 1, "original_md5": MD5})
            ]
        },
        before=ITEMS,
    ),
    Case(
        "12.10.3",
        "AQL shows properties when asked",
        aql('items.find({"repo":"$id","name":"c.jar"}).include("name","property")'),
        200,
        {
            "results": [
                {"name": "c.jar", "properties": [{"key": "owner", "value": "y"}, {"key": "stage", "value": "prod"}]}
            ]
        },
        before=ITEMS,
    ),
    Case(
        "6.3",
        "AQL shows one property by its key",
        aql('items.find({"repo":"$id","name":"c.jar"}).include("name","@stage")'),
        200,
        {"results": [exactly({"name": "c.jar", "properties": [{"key": "stage", "value": "prod"}]})]},
        before=ITEMS,
    ),
    Case(
        "12.10.3",
        "AQL shows statistics when asked",
        aql('items.find({"repo":"$id","name":"top.txt"}).include("name","stat")'),
        200,
        {"results": [{"name": "top.txt", "stats": [{"downloads": 1, "downloaded": ISO, "downloaded_by": "admin"}]}]},
        before=(*ITEMS, got("$id/top.txt")),
    ),
    Case(
        "6.3",
        "AQL shows every field for a star",
        aql('items.find({"repo":"$id","name":"top.txt"}).include("*")'),
        200,
        {"results": [{"name": "top.txt", "depth": 1, "actual_sha1": SHA1, "sha256": SHA256, "properties": ABSENT}]},
        before=ITEMS,
    ),
    Case(
        "6.3",
        "AQL sorts by several fields, downwards",
        aql('items.find({"repo":"$id"}).include("name").sort({"$desc":["path","name"]})'),
        200,
        names("c.jar", "b.jar", "a.txt", "top.txt"),
        before=ITEMS,
    ),
    Case(
        "6.3",
        "AQL knows virtual repositories",
        aql('items.find({"repo":"$id-v","name":"top.txt"}).include("repo","name")'),
        200,
        {"results": [{"repo": "$id", "name": "top.txt"}]},
        before=(*ITEMS, made("$id-v", "virtual", repositories=["$id"])),
    ),
    Case(
        "6.3",
        "AQL finds what is inside archives",
        aql('items.find({"repo":"$id","archive.entry.name":"In.class"}).include("name","archive.entry")'),
        200,
        {
            "results": [
                {"name": "x.jar", "archives": [{"entries": [{"entry.name": "In.class", "entry.path": "org/acme"}]}]}
            ]
        },
        before=(LOCAL, put("$id/x.jar", packed(("org/acme/In.class", "x"), ("other", "y")))),
    ),
    Case(
        "12.10.3",
        "AQL finds items of a build",
        aql(
            'items.find({"repo":"$id","artifact.module.build.name":"$id-build","artifact.module.build.number":"7"}).include("name")'
        ),
        200,
        {"results": [{"name": "made.jar"}]},
        before=BUILT,
    ),
    Case(
        "6.3",
        "AQL finds what a build used",
        aql('items.find({"repo":"$id","dependency.module.build.name":"$id-build"}).include("name")'),
        200,
        {"results": [{"name": "used.jar"}]},
        before=BUILT,
    ),
    Case(
        "6.3",
        "AQL shows the build of an item",
        aql('items.find({"repo":"$id","name":"made.jar"}).include("name","artifact.module.build.number")'),
        200,
        {"results": [{"name": "made.jar", "artifacts": [{"modules": [{"builds": [{"build.number": "7"}]}]}]}]},
        before=BUILT,
    ),
    Case(
        "6.3",
        "AQL finds builds",
        aql('builds.find({"name":"$id-build"})'),
        200,
        {"results": [{"build.name": "$id-build", "build.number": "7", "build.started": ISO, "build.created": ISO}]},
        before=BUILT,
    ),
    Case(
        "6.3",
        "AQL finds builds by property",
        aql('builds.find({"name":"$id-build","@env.STAGE":"test"}).include("number")'),
        200,
        {"results": [{"build.number": "7"}]},
        before=BUILT,
    ),
    Case(
        "6.3",
        "AQL shows modules of a build",
        aql('builds.find({"name":"$id-build"}).include("number","module.name","module.artifact.name")'),
        200,
        {"results": [{"modules": [{"module.name": "org.acme:$id:1", "artifacts": [{"artifact.name": "made.jar"}]}]}]},
        before=BUILT,
    ),
    *(
        Case(
            "6.3",
            f"AQL refuses {what}",
            aql(query),
            400,
            refused(400, matching(r"(?s)Failed to parse query: .*, it looks like there is syntax error near")),
        )
        for what, query in (
            ("nonsense", "nonsense"),
            ("a query that is not closed", 'items.find({"repo":"x"}'),
            ("an unknown field", 'items.find({"colour":"x"})'),
            ("an unknown domain", 'things.find({"repo":"x"})'),
            ("an unknown step", 'items.find({"repo":"x"}).paint()'),
            ("an unknown comparator", 'items.find({"repo":{"$like":"x"}})'),
            ("an unknown field to show", 'items.find({"repo":"x"}).include("colour")'),
            ("a date that is none", 'items.find({"created":{"$gt":"yesterday"}})'),
            ("a limit that is no number", 'items.find({"repo":"x"}).limit(many)'),
            ("an order that is none", 'items.find({"repo":"x"}).sort({"$up":["name"]})'),
        )
    ),
    Case("6.3", "AQL is not for anonymous callers", aql('items.find({"repo":"x"})', caller="anonymous"), 401),
    Case(
        "6.3",
        "who may not read finds nothing",
        aql('items.find({"repo":"$id"})', caller="somebody"),
        200,
        {"results": []},
        before=ITEMS,
    ),
    Case(
        "6.3",
        "who is no administrator asks for repo, path and name",
        aql('items.find({"repo":"$id"}).include("name")', caller="somebody"),
        403,
        before=ITEMS,
    ),
    Case(
        "6.3",
        "AQL leaves out what is in the trash can",
        aql('items.find({"name":"$id.txt"})'),
        200,
        {"results": []},
        before=(LOCAL, put("$id/$id.txt"), got("$id/$id.txt", "DELETE")),
    ),
)

SEARCHES = (
    *(
        Case(
            "6.3",
            f"a search by {kind}",
            api("GET", f"search/checksum?{kind}=${kind}&repos=$id"),
            200,
            {"results": [{"uri": matching("/api/storage/$id/x.txt$")}]},
            before=(LOCAL, put("$id/x.txt", "text of $id", keep={kind: f"checksums.{kind}"})),
        )
        for kind in ("sha256", "sha1", "md5")
    ),
    Case("6.3", "a search by checksum needs one", api("GET", "search/checksum"), 400),
    Case(
        "6.3",
        "an unknown checksum is found nowhere",
        api("GET", f"search/checksum?sha1={'0' * 40}"),
        200,
        {"results": []},
    ),
    Case(
        "6.3",
        "a search by name",
        api("GET", "search/artifact?name=*.jar&repos=$id"),
        200,
        {"results": [{"uri": matching("/two/b.jar$")}, {"uri": matching("/two/c.jar$")}]},
        before=ITEMS,
    ),
    Case(
        "6.3",
        "a search by a part of a name",
        api("GET", "search/artifact?name=top&repos=$id"),
        200,
        {"results": [{"uri": ANY}]},
        before=ITEMS,
    ),
    Case(
        "6.3",
        "a search by name in a virtual repository",
        api("GET", "search/artifact?name=top&repos=$id-v"),
        200,
        {"results": [{"uri": ANY}]},
        before=(*ITEMS, made("$id-v", "virtual", repositories=["$id"])),
    ),
    Case(
        "6.3",
        "a search tells more when asked",
        api("GET", "search/artifact?name=c.jar&repos=$id", headers={"X-Result-Detail": "info, properties"}),
        200,
        {
            "results": [
                {"repo": "$id", "path": "/two/c.jar", "size": "11", "checksums": ANY, "properties": {"stage": ["prod"]}}
            ]
        },
        before=ITEMS,
    ),
    Case(
        "12.10.3",
        "a search by property",
        api("GET", "search/prop?stage=prod&repos=$id"),
        200,
        {"results": [{"uri": matching("/two/c.jar$")}]},
        before=ITEMS,
    ),
    Case(
        "12.10.3",
        "a search by two properties",
        api("GET", "search/prop?stage=prod&owner=x&repos=$id"),
        200,
        {"results": []},
        before=ITEMS,
    ),
    Case(
        "12.10.3",
        "a search by a property of any value",
        api("GET", "search/prop?stage&repos=$id"),
        200,
        {"results": [ANY, ANY]},
        before=ITEMS,
    ),
    Case("12.10.3", "a search by property needs one", api("GET", "search/prop"), 400),
    Case(
        "6.3",
        "a search inside archives",
        api("GET", "search/archive?name=Plain*.class&repos=$id"),
        200,
        {"results": [{"entry": "org/PlainOne.class", "archiveUris": [matching("/x.jar$")]}]},
        before=(LOCAL, put("$id/x.jar", packed(("org/PlainOne.class", "x")))),
    ),
    Case(
        "6.3",
        "a search by coordinates",
        api("GET", "search/gavc?g=org.acme&a=$id&v=1.10&repos=$id"),
        200,
        {"results": [{"uri": matching("-1.10-sources.jar$")}, {"uri": matching("-1.10.jar$")}]},
        before=MAVEN,
    ),
    Case(
        "6.3",
        "a search by classifier",
        api("GET", "search/gavc?g=org.acme&a=$id&c=sources&repos=$id"),
        200,
        {"results": [{"uri": matching("-1.10-sources.jar$")}]},
        before=MAVEN,
    ),
    Case("6.3", "a search by coordinates needs one", api("GET", "search/gavc"), 400),
    Case(
        "6.3",
        "versions, the newest first",
        api("GET", "search/versions?g=org.acme&a=$id&repos=$id"),
        200,
        {
            "results": includes(
                {"version": "1.10", "integration": False}, {"version": "2.0-SNAPSHOT", "integration": True}
            )
        },
        before=MAVEN,
    ),
    Case(
        "6.3",
        "the newest release",
        api("GET", "search/latestVersion?g=org.acme&a=$id&repos=$id"),
        200,
        "1.10",
        headers={"Content-Type": matching("^text/plain")},
        before=MAVEN,
    ),
    Case("6.3", "no version", api("GET", "search/latestVersion?g=org.acme&a=$id-none&repos=$id"), 404, before=MAVEN),
    Case(
        "6.3",
        "a search by pattern",
        api("GET", "search/pattern?pattern=$id:two/*.jar"),
        200,
        {
            "repoUri": matching("/artifactory/$id$"),
            "sourcePattern": "$id:two/*.jar",
            "files": ["two/b.jar", "two/c.jar"],
        },
        before=ITEMS,
    ),
    Case("6.3", "a pattern needs its repository", api("GET", "search/pattern?pattern=two"), 400),
    Case(
        "6.3",
        "what was made since",
        api("GET", "search/creation?from=0&repos=$id"),
        200,
        {"results": includes({"uri": matching("/top.txt$"), "created": ISO})},
        before=ITEMS,
    ),
    Case("6.3", "nothing was made then", api("GET", "search/creation?from=0&to=1000&repos=$id"), 404, before=ITEMS),
    Case("6.3", "a span needs its start", api("GET", "search/creation"), 400),
    Case(
        "6.3",
        "what changed since",
        api("GET", "search/dates?dateFields=created,lastModified&from=0&repos=$id"),
        200,
        {"results": includes({"created": ISO, "lastModified": ISO})},
        before=ITEMS,
    ),
    Case("6.3", "an unknown moment", api("GET", "search/dates?dateFields=colour&from=0"), 400),
    Case(
        "6.3",
        "what nobody used since",
        api("GET", "search/usage?notUsedSince=4102444800000&createdBefore=4102444800000&repos=$id"),
        200,
        {"results": includes({"uri": matching("/top.txt$")})},
        before=ITEMS,
    ),
    Case(
        "6.3",
        "what lacks its client's checksum",
        api("GET", "search/badChecksum?type=sha1&repos=$id"),
        200,
        {"results": [{"uri": matching("/without.txt$"), "serverSha1": SHA1, "clientSha1": ""}]},
        before=(LOCAL, put("$id/without.txt"), put("$id/with.txt", headers={"X-Checksum-Sha1": SHA1})),
    ),
    Case("6.3", "a bad checksum has a type", api("GET", "search/badChecksum"), 400),
    Case(
        "6.3",
        "builds that used a file",
        api("GET", "search/dependency?sha1=$used"),
        200,
        {"results": [{"uri": matching("/api/build/$id-build/7$")}]},
        before=BUILT,
    ),
    Case(
        "6.3",
        "files that a build made",
        api("POST", "search/buildArtifacts", {"buildName": "$id-build", "buildNumber": "7"}),
        200,
        {"results": [{"downloadUri": matching("/artifactory/$id/made.jar$")}]},
        before=BUILT,
    ),
    Case("6.3", "files of a build need its name", api("POST", "search/buildArtifacts", {"buildNumber": "7"}), 400),
    Case(
        "6.3",
        "licences that nobody approved",
        api("GET", "search/license?unapproved=1&repos=$id"),
        200,
        {"results": [{"uri": matching("/l.jar$"), "license": "GPL-3.0", "status": "Unapproved"}]},
        before=(LOCAL, put("$id/l.jar;artifactory.licenses=GPL-3.0")),
    ),
    Case(
        "12.10.3",
        "the lead file of a package",
        api(
            "POST",
            "packagesSearch/leadFile",
            {
                "package_name": "org.acme:$id",
                "package_version": "1.9",
                "package_type": "maven",
                "package_repo_name": "$id",
            },
        ),
        200,
        {"repo": "$id", "path": matching("1.9.pom$")},
        before=(
            *MAVEN,
            put(
                "$id/org/acme/$id/1.9/$id-1.9.pom",
                "<project><modelVersion>4.0.0</modelVersion><groupId>org.acme</groupId><artifactId>$id</artifactId><version>1.9</version></project>",
            ),
        ),
    ),
    Case(
        "12.10.3",
        "an unknown package has no lead file",
        api(
            "POST",
            "packagesSearch/leadFile",
            {"package_name": "n", "package_version": "1", "package_type": "npm", "package_repo_name": "$id"},
        ),
        404,
        before=(LOCAL,),
    ),
)

CASES = (*FOUND, *AQL, *SEARCHES)
