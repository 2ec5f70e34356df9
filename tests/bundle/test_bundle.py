"""What a bundle promises: what went in comes out, and nothing else is ever accepted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from phaseout.bundle.content import Content, NoContentError, decode, encode
from phaseout.bundle.keys import make_keys, signing_key, trusted_key
from phaseout.bundle.seal import FORMAT, open_bundle, seal, unseal
from phaseout.cli.bundle import COMMAND
from phaseout.directive.shipped import example_text
from phaseout.model.fault import FaultsError
from phaseout.model.person import AccountKind, Person

HEAD = len(f"phaseout bundle {FORMAT}\n")


def code_of(caught: pytest.ExceptionInfo[FaultsError]) -> str:
    (fault,) = caught.value.faults
    return fault.code


def refused(data: bytes, key: Path) -> str:
    with pytest.raises(FaultsError) as caught:
        unseal(data, "gate.bundle", [trusted_key(key.with_name(f"{key.name}.pub"))])
    return code_of(caught)


@pytest.fixture
def sealed(content: Content, keys: tuple[Path, Path]) -> bytes:
    return seal(content, signing_key(keys[0]))


def test_what_went_in_comes_out(content: Content, sealed: bytes, keys: tuple[Path, Path]) -> None:
    bundle = unseal(sealed, "gate.bundle", [trusted_key(keys[0].with_name("ours.pub"))])
    assert bundle.content == replace(
        content, waivers=tuple(replace(waiver, reason="", granted_by="") for waiver in content.waivers)
    )
    assert bundle.content.directive.classes == content.directive.classes


def test_why_a_waiver_was_granted_stays_out(content: Content) -> None:
    (waiver,) = content.waivers
    data = encode(replace(content, waivers=(replace(waiver, reason="Uses a reading aid.", granted_by="director-3"),)))
    assert b"reading aid" not in data
    assert b"director-3" not in data
    assert decode(data).waivers == (replace(waiver, reason="", granted_by=""),)


def test_names_managers_and_days_of_service_stay_out(content: Content) -> None:
    person = Person("7", "Anna Secret", ("anna",), manager="boss-9", kind=AccountKind.SHARED)
    data = encode(replace(content, people=(person,), waivers=()))
    assert b"Anna Secret" not in data
    assert b"boss-9" not in data
    assert decode(data).people == (Person("7", "", ("anna",)),)


def test_the_path_that_an_order_was_read_from_stays_out(content: Content) -> None:
    data = encode(replace(content, directive=replace(content.directive, file="/home/anna/order.yaml")))
    assert b"anna/order" not in data
    assert decode(data).directive == replace(content.directive, file="")


def test_equal_contents_give_equal_bytes_whatever_the_hash_seed(keys: tuple[Path, Path]) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import conftest; "
        "from phaseout.bundle.content import encode; import hashlib; "
        "print(hashlib.sha256(encode(conftest.content.__wrapped__())).hexdigest())"
    )
    digests = {
        subprocess.run([sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(digests) == 1
    assert keys


def test_refuses_what_another_key_signed(sealed: bytes, keys: tuple[Path, Path]) -> None:
    assert refused(sealed, keys[1]) == "PO504"


def test_refuses_what_nobody_signed(sealed: bytes, keys: tuple[Path, Path]) -> None:
    assert refused(sealed[:HEAD] + bytes(96) + sealed[HEAD + 96 :], keys[0]) == "PO503"


def test_refuses_another_format(sealed: bytes, keys: tuple[Path, Path]) -> None:
    assert refused(sealed.replace(b"bundle 1\n", b"bundle 9\n"), keys[0]) == "PO507"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"phaseout bundle 1\n" + bytes(20)])
def test_refuses_what_is_no_bundle(data: bytes, keys: tuple[Path, Path]) -> None:
    assert refused(data, keys[0]) == "PO502"


def test_refuses_a_key_s_own_nonsense(keys: tuple[Path, Path], content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phaseout.bundle.seal.encode", lambda _: b"\xc1 no content")
    assert refused(seal(content, signing_key(keys[0])), keys[0]) == "PO502"


@given(st.data())
def test_no_changed_byte_gets_through(data: st.DataObject) -> None:
    folder = KEEP["folder"]
    good = (folder / "good").read_bytes()
    place, change = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(1, 255))
    bad = bytearray(good)
    bad[place] ^= change
    assert refused(bytes(bad), folder / "key") in {"PO502", "PO504", "PO505", "PO507"}


@given(st.data())
def test_no_cut_bundle_gets_through(data: st.DataObject) -> None:
    folder = KEEP["folder"]
    good = (folder / "good").read_bytes()
    length = data.draw(st.integers(0, len(good) - 1))
    assert refused(good[:length], folder / "key") in {"PO502", "PO505", "PO507"}


KEEP: dict[str, Path] = {}


@pytest.fixture(autouse=True, scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, content: Content) -> None:
    folder = KEEP["folder"] = tmp_path_factory.mktemp("kept")
    make_keys(folder / "key")
    (folder / "good").write_bytes(seal(content, signing_key(folder / "key")))


@given(st.binary(max_size=200))
def test_decoding_anything_gives_a_content_or_says_that_it_is_none(data: bytes) -> None:
    with pytest.raises(NoContentError):
        decode(data)


def test_a_missing_bundle_and_a_missing_key(tmp_path: Path) -> None:
    with pytest.raises(FaultsError) as caught:
        open_bundle(tmp_path / "none", [])
    assert code_of(caught) == "PO501"
    with pytest.raises(FaultsError) as caught:
        trusted_key(tmp_path / "none")
    assert code_of(caught) == "PO501"


def test_what_is_no_regular_file_is_no_bundle_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        with pytest.raises(FaultsError) as caught:
            open_bundle(path, [])
        assert code_of(caught) == "PO501"


def test_keys_are_for_their_owner_and_are_never_overwritten(tmp_path: Path) -> None:
    make_keys(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FaultsError) as caught:
        make_keys(tmp_path / "key")
    assert code_of(caught) == "PO511"


def test_a_key_that_can_t_be_written_has_a_way_out_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="Make its folder first") as caught:
        make_keys(tmp_path / "missing" / "key")
    assert code_of(caught) == "PO501"


def test_a_bundle_does_not_take_the_place_of_a_key(tmp_path: Path) -> None:
    make_keys(tmp_path / "key")
    public = (tmp_path / "key.pub").read_bytes()
    (tmp_path / "order.yaml").write_text(example_text("minimum-versions"), encoding="utf-8")
    (tmp_path / "staff.csv").write_text("id,name,login\n7,Anna,anna@example.org\n", encoding="utf-8")
    for name in ("key", "key.pub"):
        words = ["-d", "order.yaml", "-p", "staff.csv", "--key", "key", "--out", name]
        done = CliRunner().invoke(COMMAND, ["make", *(word if word[0] == "-" else str(tmp_path / word) for word in words)])
        assert done.exit_code == 2, done.output
        assert "would overwrite what is read" in done.output.replace("\n", " ")
    assert (tmp_path / "key.pub").read_bytes() == public


def test_a_bundle_that_has_expired_is_shown_as_one(content: Content, keys: tuple[Path, Path], tmp_path: Path) -> None:
    for expires, is_over in ((datetime(2020, 1, 2, tzinfo=UTC), True), (datetime(9000, 1, 1, tzinfo=UTC), False), (None, False)):
        bundle = tmp_path / "gate.bundle"
        bundle.write_bytes(
            seal(replace(content, made_at=datetime(2020, 1, 1, tzinfo=UTC), expires=expires), signing_key(keys[0]))
        )
        done = CliRunner().invoke(COMMAND, ["show", str(bundle), "--trust", f"{keys[0]}.pub", "--json"])
        assert ("expired" in json.loads(done.stdout)) == is_over


def test_a_public_key_signs_nothing_and_a_secret_one_is_not_trusted(tmp_path: Path) -> None:
    make_keys(tmp_path / "key")
    for read, path in ((signing_key, "key.pub"), (trusted_key, "key")):
        with pytest.raises(FaultsError) as caught:
            read(tmp_path / path)
        assert code_of(caught) == "PO510"


def test_the_command_makes_and_shows_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("order.yaml").write_text(example_text("minimum-versions"), encoding="utf-8")
    Path("staff.csv").write_text("id,name,login\n7,Anna,anna@example.org\n", encoding="utf-8")

    def run(line: str) -> str:
        done = CliRunner().invoke(COMMAND, line.split(), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    run("keygen --out key")
    run("make -d order.yaml -p staff.csv --key key --out gate.bundle --valid-days 3 --domain CORP=example.org")
    told = json.loads(run("show gate.bundle --trust key.pub --json"))
    assert told["people"] == 1
    assert told["domain CORP"] == "example.org"
    content = open_bundle(Path("gate.bundle"), [trusted_key(Path("key.pub"))]).content
    assert content.domains == {"CORP": "example.org"}
    assert told["directive from"].startswith("order.yaml (SHA-256 ")
    assert told["expires"] > told["made at"]
    assert "people:         1" in run("show gate.bundle --trust key.pub")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gate.bundle", "key", "key.pub", "order.yaml", "staff.csv"]


@pytest.mark.parametrize("days", ["0", "-1", "36501", "99999999", "1" + "0" * 30])
def test_days_that_no_bundle_is_valid_for(days: str) -> None:
    made = f"make -d order.yaml -p staff.csv --key key --out gate.bundle --valid-days {days}"
    done = CliRunner().invoke(COMMAND, made.split())
    assert done.exit_code == 2
    assert "is not in the range 1<=x<=36500" in done.output
