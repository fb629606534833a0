"""Downloading (6.1)."""

from tests.conformance.calls.artifacts import (
    HELLO,
    LOCAL,
    MD5,
    ONE,
    SHA1,
    SHA256,
    SHA512,
    TREE,
    VIRTUAL,
    api,
    got,
    made,
    packed,
    put,
    refused,
)
from tests.conformance.case import ABSENT, Case, includes, matching

CASES: tuple[Case, ...] = (
    Case(
        "6.1",
        "a download carries the checksums",
        got("$id/a/b.txt"),
        200,
        HELLO,
        headers={
            "X-Checksum-Sha1": SHA1,
            "X-Checksum-Sha256": SHA256,
            "X-Checksum-Md5": MD5,
            "ETag": SHA1,
            "Last-Modified": matching("GMT$"),
            "Content-Length": "5",
            "Accept-Ranges": "bytes",
            "X-Artifactory-Filename": "b.txt",
            "Content-Type": matching("^text/plain"),
        },
        before=ONE,
    ),
    Case(
        "6.1",
        "HEAD answers the headers alone",
        got("$id/a/b.txt", "HEAD"),
        200,
        "",
        headers={"Content-Length": "5", "X-Checksum-Sha256": SHA256, "Accept-Ranges": "bytes"},
        before=ONE,
    ),
    Case("6.1", "a missing file is a 404", got("$id/none"), 404, refused(404, "File not found."), before=(LOCAL,)),
    Case("6.1", "HEAD of a missing file is a 404", got("$id/none", "HEAD"), 404, before=(LOCAL,)),
    Case("6.1", "a file of an unknown repository is a 404", got("$id-none/a"), 404),
    Case(
        "6.1",
        "a folder is a page with links",
        got("$id/a/"),
        200,
        matching(r'(?s)Index of .*/a.*<a href="b\.txt">b\.txt</a>.*<a href="c/">c/</a>'),
        headers={"Content-Type": matching("^text/html")},
        before=TREE,
    ),
    Case("6.1", "who may not read is refused", got("$id/a/b.txt", caller="somebody"), 403, before=ONE),
    Case(
        "0.4",
        "an anonymous read is asked for a login",
        got("$id/a/b.txt", caller="anonymous"),
        401,
        headers={"WWW-Authenticate": matching('^Basic realm="Artifactory Realm"')},
        before=ONE,
    ),
    *(
        Case(
            "12.10.2",
            f"the range {asked} is answered in part",
            got("$id/r.txt", headers={"Range": f"bytes={asked}"}),
            206,
            body,
            headers={"Content-Range": f"bytes {said}/10", "Content-Length": str(len(body))},
            before=(LOCAL, put("$id/r.txt", "0123456789")),
        )
        for asked, body, said in (
            ("0-3", "0123", "0-3"),
            ("4-", "456789", "4-9"),
            ("-2", "89", "8-9"),
            ("8-100", "89", "8-9"),
            ("0-0", "0", "0-0"),
        )
    ),
    *(
        Case(
            "12.10.2",
            f"the ranges {asked} are parts of one answer",
            got("$id/r.txt", method, headers={"Range": f"bytes={asked}"}),
            206,
            matching(body),
            headers={"Content-Type": matching("^multipart/byteranges; boundary="), "Content-Range": ABSENT},
            before=(LOCAL, put("$id/r.txt", "0123456789")),
        )
        for method, asked, body in (
            (
                "GET",
                "0-1,4-5",
                r"(?s)Content-Range: bytes 0-1/10\r\n\r\n01\r\n--.*bytes 4-5/10\r\n\r\n45\r\n--\w+--\r\n$",
            ),
            (
                "GET",
                "-2, 0-0",
                r"(?s)Content-Range: bytes 8-9/10\r\n\r\n89\r\n--.*bytes 0-0/10\r\n\r\n0\r\n--\w+--\r\n$",
            ),
            ("HEAD", "0-1,4-5", "^$"),
        )
    ),
    *(
        Case(
            "12.10.2",
            f"of the ranges {asked} the file has {said}",
            got("$id/r.txt", headers={"Range": f"bytes={asked}"}),
            status,
            body,
            headers={"Content-Range": said},
            before=(LOCAL, put("$id/r.txt", "0123456789")),
        )
        for asked, status, body, said in (
            ("0-1,20-", 206, "01", "bytes 0-1/10"),
            ("0-1,", 206, "01", "bytes 0-1/10"),
            ("20-,30-", 416, None, "bytes */10"),
            ("0-,1-", 200, "0123456789", ABSENT),
            ("0-1,x", 200, "0123456789", ABSENT),
            (",".join(["0-0"] * 101), 200, "0123456789", ABSENT),
        )
    ),
    Case(
        "12.10.2",
        "a range behind the end cannot be satisfied",
        got("$id/r.txt", headers={"Range": "bytes=10-"}),
        416,
        headers={"Content-Range": "bytes */10"},
        before=(LOCAL, put("$id/r.txt", "0123456789")),
    ),
    Case(
        "6.1",
        "a file that the client has is not sent again",
        got("$id/a/b.txt", headers={"If-None-Match": SHA1}),
        304,
        "",
        before=ONE,
    ),
    Case(
        "6.1", "another tag gets the file", got("$id/a/b.txt", headers={"If-None-Match": '"x"'}), 200, HELLO, before=ONE
    ),
    Case(
        "6.1",
        "a file that did not change since is not sent",
        got("$id/a/b.txt", headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
        304,
        before=ONE,
    ),
    Case(
        "6.1",
        "a file that changed since is sent",
        got("$id/a/b.txt", headers={"If-Modified-Since": "Thu, 01 Jan 2004 00:00:00 GMT"}),
        200,
        HELLO,
        before=ONE,
    ),
    Case(
        "6.1",
        "a file that must have another tag is refused",
        got("$id/a/b.txt", headers={"If-Match": '"x"'}),
        412,
        before=ONE,
    ),
    Case(
        "6.1",
        "a file with the demanded tag is sent",
        got("$id/a/b.txt", headers={"If-Match": SHA1}),
        200,
        HELLO,
        before=ONE,
    ),
    Case(
        "6.1",
        "a file that may not have changed since is refused when it has",
        got("$id/a/b.txt", headers={"If-Unmodified-Since": "Thu, 01 Jan 2004 00:00:00 GMT"}),
        412,
        before=ONE,
    ),
    Case(
        "6.1",
        "a range of another version gets the whole file",
        got("$id/a/b.txt", headers={"Range": "bytes=0-1", "If-Range": '"x"'}),
        200,
        HELLO,
        before=ONE,
    ),
    *(
        Case("6.1", f"the {ending} of a file is its checksum", got(f"$id/a/b.txt.{ending}"), 200, digest, before=ONE)
        for ending, digest in (("sha1", SHA1), ("md5", MD5), ("sha256", SHA256), ("sha512", SHA512))
    ),
    Case("6.1", "there is no checksum of a missing file", got("$id/none.txt.sha1"), 404, before=(LOCAL,)),
    Case(
        "6.1",
        "a file inside an archive can be fetched",
        got("$id/x.jar!/META-INF/MANIFEST.MF"),
        200,
        "Manifest-Version: 1.0",
        before=(LOCAL, put("$id/x.jar", packed(("META-INF/MANIFEST.MF", "Manifest-Version: 1.0")))),
    ),
    Case(
        "6.1",
        "a missing file inside an archive is a 404",
        got("$id/x.jar!/none"),
        404,
        before=(LOCAL, put("$id/x.jar", packed(("a", "b")))),
    ),
    *(
        Case(
            "6.1",
            f"a file called {name} is of type {kind}",
            api("GET", f"storage/$id/{name}"),
            200,
            {"mimeType": kind},
            before=(LOCAL, put(f"$id/{name}")),
        )
        for name, kind in (
            ("a.jar", "application/java-archive"),
            ("a.pom", "application/x-maven-pom+xml"),
            ("a.xml", "application/xml"),
            ("a.json", "application/json"),
            ("a.zip", "application/zip"),
            ("a.unknown", "application/octet-stream"),
        )
    ),
    Case(
        "6.1",
        "the newest release stands for [RELEASE]",
        got("$id/g/m/[RELEASE]/m-[RELEASE].jar"),
        200,
        "1.10",
        before=(
            made(packageType="maven"),
            put("$id/g/m/1.9/m-1.9.jar", "1.9"),
            put("$id/g/m/1.10/m-1.10.jar", "1.10"),
            put("$id/g/m/2.0-SNAPSHOT/m-2.0-SNAPSHOT.jar", "2.0"),
        ),
    ),
    Case(
        "6.1", "a trace says how a file was found", got("$id/a/b.txt?trace"), 200, includes("$id:a/b.txt"), before=ONE
    ),
    Case(
        "6.1",
        "a deleted file is gone",
        got("$id/a/b.txt"),
        404,
        before=(*ONE, got("$id/a/b.txt", "DELETE")),
    ),
    Case("6.1", "a deletion answers 204", got("$id/a/b.txt", "DELETE"), 204, "", before=ONE),
    Case("6.1", "a folder goes with all that is in it", got("$id/a", "DELETE"), 204, before=TREE),
    Case(
        "6.1",
        "nothing cannot be deleted",
        got("$id/none", "DELETE"),
        404,
        refused(404, "Could not locate artifact '$id:none' (Nothing to delete)."),
        before=(LOCAL,),
    ),
    Case(
        "6.1",
        "an item of a virtual repository cannot be deleted",
        got("$id-v/a/b.txt", "DELETE"),
        405,
        before=(*ONE, made("$id-v", **VIRTUAL, repositories=["$id"])),
    ),
    Case("6.1", "who may not delete is refused", got("$id/a/b.txt", "DELETE", caller="somebody"), 403, before=ONE),
)
