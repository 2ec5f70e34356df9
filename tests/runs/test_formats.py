"""A file's format is found by looking, whatever the file is called and however it is compressed."""

import bz2
import gzip
import json
import lzma
import os
import random
import re
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from phaseout.model.fault import FaultsError
from phaseout.runs.choosing import chosen
from phaseout.runs.formats import FIRST_LINES, UnclearFormatError, choose, first_lines, known, look, told_apart, wrapped
from phaseout.runs.inputs import Asked
from phaseout.runs.paths import found_in

AT = datetime(2026, 11, 27, tzinfo=UTC)
ACCESS = (
    '198.51.100.7 - anna [20/Nov/2026:08:01:05 +0300] "GET /owa/ HTTP/1.1" 200 433 "-" '
    '"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)"\n'
)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("packed", [bytes, gzip.compress, zstandard.ZstdCompressor().compress], ids=["plain", "gzip", "zstd"])
def test_compression_hides_no_format(packed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert choose(written(tmp_path / "some.file", packed(ACCESS.encode() * 500))).id == "combined"


def test_a_compressed_log_that_is_cut_off_is_known_by_what_can_be_read(tmp_path: Path) -> None:
    chance = random.Random(3)  # noqa: S311 - made-up agents
    lines = "".join(ACCESS.replace("17_4", f"{chance.random()}") for _ in range(20_000)).encode()
    assert choose(written(tmp_path / "log.gz", gzip.compress(lines)[:100_000])).id == "combined"


def test_only_the_first_lines_are_looked_at(tmp_path: Path) -> None:
    path = written(tmp_path / "log", (ACCESS * FIRST_LINES + "something else\n" * 100_000).encode())
    assert look(path)[0][1].sure == 1
    assert len(first_lines(path)) == FIRST_LINES


def test_line_ends_blank_lines_and_the_mark_of_byte_order_are_left_out(tmp_path: Path) -> None:
    assert first_lines(written(tmp_path / "log", b"\xef\xbb\xbfone\r\n\r\n  \ntwo")) == ("one", "two")


def test_a_line_longer_than_what_is_looked_at_is_no_fault(tmp_path: Path) -> None:
    with pytest.raises(UnclearFormatError, match="No format fits"):
        choose(written(tmp_path / "log", b"x" * (5 << 20)))


def test_a_file_in_no_format_is_told_with_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path / "log", (ACCESS + "something else\n" * 9).encode())
    with pytest.raises(UnclearFormatError, match="nearest is combined: 1 of 10 lines"):
        choose(path)


def test_two_formats_that_fit_equally_are_both_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "log", ACCESS.encode())
    sure = look(path)[0][1]
    monkeypatch.setattr("phaseout.runs.formats.look", lambda _: (("combined", sure), ("iis", sure)))
    with pytest.raises(UnclearFormatError, match="combined and iis fit equally well"):
        choose(path)


def test_a_format_that_is_named_is_taken_unseen(tmp_path: Path) -> None:
    assert choose(written(tmp_path / "log", b"something else\n"), "zpush").id == "zpush"


def test_what_is_told_of_a_file_names_all_formats(tmp_path: Path) -> None:
    written(tmp_path / "access.log", ACCESS.encode())
    written(tmp_path / "notes.txt", b"buy milk\n")
    access, notes = told_apart([tmp_path])
    assert (access["format"], access["why_not"]) == ("combined", "")
    assert (notes["format"], notes["why_not"][:15]) == (None, "No format fits:")
    assert sorted(format_["id"] for format_ in access["formats"]) == [format_["id"] for format_ in known()]


def test_local_clocks_are_told() -> None:
    clocks = {format_["id"]: format_["needs_timezone"] for format_ in known()}
    assert {"combined": False, "iis": False, "sogo": True, "zpush": True}.items() <= clocks.items()


def test_a_path_that_is_not_there_is_told_with_its_code(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="PO401"):
        list(told_apart([tmp_path / "nothing"]))


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        (lzma.compress(b"x"), "packed with xz"),
        (bz2.compress(b"x"), "packed with bzip2"),
        (b"PK\x03\x04", "a zip archive"),
        ("\ufefflog".encode("utf-16-le"), "in UTF-16"),
        ("a log".encode("utf-16-le"), "in UTF-16"),
        (b'192.0.2.7 - anna [03/Mar/2026:10:00:01 +0300] "GET /owa/ HTTP/1.1" 200 1 "-" "x"\r' * 3, "carriage return alone"),
    ],
)
def test_a_known_wrapping_is_told_with_the_way_out(begin: bytes, said: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(begin)
    with pytest.raises(UnclearFormatError) as told:
        choose(log)
    assert said in told.value.why
    assert wrapped(log) == told.value.why


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_tar_archive_is_told(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", b'192.0.2.7 - anna [03/Mar/2026:10:00:01 +0300] "GET /owa/ HTTP/1.1" 200 1\n' * 40)
    with tarfile.open(tmp_path / "logs.tar", "w") as archive:
        for name in ("a.log", "b.log"):
            archive.add(log, name)
    written(tmp_path / "logs.tgz", pack((tmp_path / "logs.tar").read_bytes()))
    for named in (None, "combined"):
        with pytest.raises(UnclearFormatError, match="a tar archive, which is not read: unpack it"):
            choose(tmp_path / "logs.tgz", named)


def test_a_line_that_holds_the_word_of_an_archive_is_no_archive(tmp_path: Path) -> None:
    line = ACCESS.replace("iPhone;", f"{'x' * (257 - ACCESS.index('iPhone;'))}ustar;").encode()
    assert line[257:262] == b"ustar"
    assert choose(written(tmp_path / "log", line * 9)).id == "combined"


def test_a_stamp_in_brackets_is_no_list(tmp_path: Path) -> None:
    assert not wrapped(written(tmp_path / "userlogins.log", b"[22-Nov-2026 04:18:01 +0000]: <x> Successful login for anna"))


def test_what_stands_behind_hundreds_of_other_lines_is_found(tmp_path: Path) -> None:
    other = "Nov 12 10:00:00 mx postfix/smtpd[1]: connect from x[192.0.2.1]\n"
    login = "Nov 12 10:00:01 mx dovecot: imap-login: Login: user=<anna>, method=PLAIN, rip=192.0.2.7, session=<a>\n"
    assert choose(written(tmp_path / "mail.log", (other * 20_000 + login + other).encode())).id == "dovecot"
    with pytest.raises(UnclearFormatError, match="no part of it"):
        choose(written(tmp_path / "postfix.log", (other * 20_000).encode()))
    debug = "12/11/2026 10:00:00 [ 9] [DEBUG] [anna] RequestHeaders: Array\n(\n" + "    [X] => y\n" * 60 + ")\n"
    assert choose(written(tmp_path / "z-push.log", (debug * 9).encode())).id == "zpush"


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FaultsError, match="PO407 It is no ordinary file"):
        found_in([tmp_path / "pipe"])


@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("content", ["", "\ufeff\r\n \n", "[]", '{"@odata.context": "x", "value": []}\n'])
def test_a_log_without_lines_or_records_is_empty(content: str, packed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = written(tmp_path / "log", packed(content.encode()))
    with pytest.raises(UnclearFormatError, match="It is empty"):
        choose(path)
    (log,) = [each for each in chosen(Asked((path, written(tmp_path / "b", ACCESS.encode())), AT)) if each.path == path]
    assert (log.reader, log.note) == (None, "the file is empty")


SIGN_IN = {"kind": "x", "rows": [{"a": 1}], "id": {"b": "c"}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (json.dumps(SIGN_IN, indent=2), "jq -c"),
        ("\ufeff" + json.dumps([SIGN_IN, SIGN_IN], indent=4), "No format fits"),
        (json.dumps([[SIGN_IN], [SIGN_IN]]), "jq -c"),
        (json.dumps({"data": [SIGN_IN]}, indent=1), "jq -c"),
        (json.dumps(SIGN_IN) + "\n" + json.dumps(SIGN_IN) + "\n", "No format fits"),
        ('{"a": "' + "x" * (1 << 17), "No format fits"),
        (json.dumps({"log": ACCESS, "stream": "stdout", "time": "2026-11-20T05:01:05Z"}) + "\n", "jq -j .log"),
        (json.dumps({"stream": "stdout", "log": ACCESS}, separators=(",", ":")) + "\n", "jq -j .log"),
    ],
    ids=["one record", "a list", "lists of records", "a member", "records", "a long line", "docker", "docker, packed"],
)
def test_json_in_no_format_is_told_with_what_would_make_it_one(content: str, said: str, tmp_path: Path) -> None:
    path = written(tmp_path / "log", content.encode())
    assert said in next(told_apart([path]))["why_not"]
    with pytest.raises(UnclearFormatError, match=re.escape(said)):
        choose(path)


@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_that_is_not_looked_at_to_its_end_is_not_said_to_be(
    packed: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phaseout.runs.formats.FURTHER_BYTES", 1 << 20)
    foreign = b"something else\n" * 100_000
    path = written(tmp_path / "log", packed(foreign + ACCESS.encode() * 500))
    with pytest.raises(UnclearFormatError, match=r"none of its first 1 MB has the shape of any\..*--format PATH=FORMAT"):
        choose(path)
    with pytest.raises(UnclearFormatError, match="no part of it has the shape of any"):
        choose(written(tmp_path / "short", packed(foreign[: 1 << 20])))
