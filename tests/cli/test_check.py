"""The command as a user meets it: a process with exit codes, files and a terminal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PHASEOUT = Path(sys.executable).parent / "phaseout"

DIRECTIVE = """\
id: test
title: No Apple phones
issuer: Ministry of Examples
version: "1"
time_zone: Europe/Moscow
issued: 2026-01-01
devices:
  apple: {title: Apple phones and tablets, is: {maker: Apple}}
clauses:
  - {id: "1", text: None., strength: must, who: {everyone: true}, devices: apple, services: mail, from: 2026-02-01}
"""


def sync(login: str, agent: str, kind: str) -> str:
    target = f"/Microsoft-Server-ActiveSync?Cmd=Sync&User={login}&DeviceId=D{login}&DeviceType={kind}"
    return f'192.0.2.7 - {login} [03/Mar/2026:10:00:00 +0300] "POST {target} HTTP/1.1" 200 1 "-" "{agent}"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "order.yaml").write_text(DIRECTIVE)
    (tmp_path / "staff.csv").write_text("id,name,login,unit\n1,Anna Petrova,anna,Ministry\n2,Boris Ivin,boris,Ministry\n")
    iphone, samsung = ("Apple-iPhone14C2/2001.362", "iPhone"), ("SAMSUNG-SM-G530M/101.40404", "SamsungDevice")
    (tmp_path / "access.log").write_text(sync("anna", *iphone) * 3 + sync("boris", *samsung) * 2)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PHASEOUT, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


CHECK = ("check", "access.log", "-d", "order.yaml", "-p", "staff.csv", "--at", "2026-04-01")


def test_the_answer_is_printed_without_colours_into_a_pipe(folder: Path) -> None:
    done = run(folder, *CHECK)
    assert done.returncode == 0, done.stderr
    assert "Anna Petrova" in done.stdout
    assert "\x1b" not in done.stdout
    assert "5 lines" in done.stdout
    assert sorted(each.name for each in folder.iterdir()) == ["access.log", "order.yaml", "staff.csv"]


def test_every_report_is_written_where_it_is_asked_for(folder: Path) -> None:
    wanted = {name: f"out.{name}" for name in ("html", "jsonl", "csv", "ocsf")}
    done = run(folder, *CHECK, *(part for name, file in wanted.items() for part in (f"--{name}", file)))
    assert done.returncode == 0, done.stderr
    assert "<html" in (folder / "out.html").read_text()
    assert "Anna Petrova" in (folder / "out.csv").read_text()
    findings = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [each["accesses"] for each in findings if each["kind"] == "finding"] == [3]
    events = [json.loads(line) for line in (folder / "out.ocsf").read_text().splitlines()]
    assert (events[0]["class_uid"], events[0]["class_name"]) == (2003, "Compliance Finding")
    assert not [each for each in folder.iterdir() if each.name.startswith(".")]


def test_fail_on_turns_a_finding_into_an_exit_code(folder: Path) -> None:
    assert run(folder, *CHECK, "--fail-on", "violation").returncode == 3
    assert run(folder, *CHECK, "--fail-on", "cannot-tell").returncode == 0


def test_json_goes_to_the_output_and_nothing_else(folder: Path) -> None:
    done = run(folder, *CHECK, "--json")
    assert all(json.loads(line) for line in done.stdout.splitlines())
    assert json.loads(done.stdout.splitlines()[0])["kind"] == "check"


def test_pseudonyms_hide_names_and_are_stable_with_a_key(folder: Path) -> None:
    (folder / "key").write_bytes(b"0123456789abcdef")
    once, again = (run(folder, *CHECK, "--json", "--pseudonymise", "--pseudonym-key", "key") for _ in range(2))
    assert once.stdout == again.stdout
    assert "Anna" not in once.stdout
    assert "anna" not in once.stdout


def test_no_output_names_a_login_of_nobody_whatever_it_is_made_of(folder: Path) -> None:
    odd = [
        "Kim Wu",
        r"EXAMPLE\\Kim Wu",
        "roe%20max",
        "Xi Wu@example.org",
        "jim:x",
        "CN=Jane Roe,O=Ministry",
        "o'neal",
        "x#EXT#@b.org",
    ]
    with (folder / "access.log").open("a") as log:
        log.writelines(sync("zz", "Apple-iPhone14C2/2001.362", "iPhone").replace(" zz [", f" {each} [") for each in odd)
    outputs = {name: f"out.{name}" for name in ("html", "jsonl", "csv", "ocsf")}
    asked = [part for name, file in outputs.items() for part in (f"--{name}", file)]
    plainly, hidden = [], []
    for given, told in (((), plainly), (("--pseudonymise",), hidden)):
        done = run(folder, *CHECK, *asked, *given)
        assert done.returncode == 0, done.stderr
        told += [done.stdout, *((folder / file).read_text() for file in outputs.values())]
    words = re.compile(r"(?<![0-9a-z])(?:kim|wu|roe|max|xi|jim|jane|neal|#ext#)(?![0-9a-z])", re.IGNORECASE)
    assert all(words.search(text) for text in (plainly[0], plainly[1], plainly[2]))
    shown = [found[0] for text in hidden for found in words.finditer(re.sub(r"(?s)<(?:style|script|svg).*?</", "", text))]
    assert shown == []


def test_all_errors_of_all_inputs_are_told_at_once(folder: Path) -> None:
    (folder / "order.yaml").write_text(DIRECTIVE.replace("2026-02-01", "2026-02-31"))
    (folder / "staff.csv").write_text("id,name,login\n1,Anna,anna\n1,Boris,anna\n")
    (folder / "access.log").write_text("nothing that is known\n" * 3)
    done = run(folder, *CHECK)
    assert done.returncode == 1
    assert "order.yaml:10" in done.stderr
    assert "staff.csv:3" in done.stderr
    assert done.stderr.count("access.log PO403") == 1
    assert "Traceback" not in done.stderr


def test_wrong_usage_is_told_with_the_usage(folder: Path) -> None:
    assert run(folder, "check", "access.log").returncode == 2
    assert run(folder, *CHECK, "--timezone", "Mars/Olympus").returncode == 2
    assert run(folder, *CHECK, "--timezone", "access.log=Mars/Olympus").returncode == 2
    assert run(folder, *CHECK, "--timezone", "access.log=Asia/Omsk", "--format", "access.log=combined").returncode == 0
    assert run(folder, "no-such-command").returncode == 2


def read_of(process: int, file: Path) -> int:
    """Return how much a process has read, of whatever files, once it has a certain one open; 0 before."""
    try:
        opened = any(os.path.realpath(each) == str(file.resolve()) for each in Path(f"/proc/{process}/fd").iterdir())
        told = Path(f"/proc/{process}/io").read_text("ascii")
    except OSError:  # it has just closed one
        return 0
    return int(told.split("rchar:")[1].split()[0]) if opened else 0


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_nothing_half_written(folder: Path, stop: signal.Signals) -> None:
    # Enough lines that it is stopped while it reads: the report must not exist, and no file of its making.
    with (folder / "access.log").open("a") as log:
        for _ in range(40):
            log.write(sync("anna", "Apple-iPhone14C2/2001.362", "iPhone") * 20_000)
    before = sorted(folder.iterdir())
    # A shell without job control lets what it starts in the background ignore the signal, and that is inherited.
    command = ["env", "--default-signal=INT", PHASEOUT, *CHECK, "--html", "out.html"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while read_of(process.pid, folder / "access.log") < 64 << 20:  # more than all that it loads
        assert process.poll() is None, "It ended before it could be stopped."
        assert time.monotonic() < end
        time.sleep(0.001)
    os.kill(process.pid, stop)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert sorted(folder.iterdir()) == before
    assert "nothing half-written" in said


def test_explain_says_which_clause_and_why(folder: Path) -> None:
    done = run(folder, "explain", "ANNA", *CHECK[1:])
    assert done.returncode == 0, done.stderr
    assert "iPhone 13 Pro" in done.stdout
    assert "violation under clause 1" in " ".join(done.stdout.split())
    assert "access.log:1" in done.stdout
    told = json.loads(run(folder, "explain", "boris", *CHECK[1:], "--json").stdout)
    assert [each["verdict"] for each in told["seen"]] == ["permitted"]


def test_explain_names_a_device_by_what_proves_most(folder: Path) -> None:
    about = "method=PLAIN, rip=192.0.2.7, mpid=1"
    login = f"2026-03-11T{{hour}}:00:00+03:00 mx dovecot: imap-login: Login: user=<anna>, {about}, session=<{{name}}>\n"
    said = "2026-03-11T11:00:00+03:00 mx dovecot: imap(anna)<1><a>: ID sent: name=iPad Mail, os=iOS, os-version=17.5.1 (21F90)\n"
    (folder / "access.log").write_text(login.format(hour=11, name="a") + said + login.format(hour=12, name="b"))
    done = " ".join(run(folder, "explain", "anna", *CHECK[1:]).stdout.split())
    heading, _, rest = done.partition("Apple tablet, iPadOS 17.5.1 (claimed) By its IMAP ID")
    assert heading.endswith("Seen ")
    assert rest.count("weak: By its IMAP ID: name iPad Mail") == 1
    assert "Taken over from another connection" in rest.partition("carried: name=iPad Mail")[2]


def test_explain_takes_nobody_for_a_namesake(folder: Path) -> None:
    (folder / "staff.csv").write_text("id,name,login,unit\n1,Anna Ivin,anna,Ministry\n2,Anna Ivin,ivin,Ministry / Payroll\n")
    done = run(folder, "explain", "Anna Ivin", *CHECK[1:])
    assert done.returncode == 1
    assert 'PO410 Several people are called "Anna Ivin": 1 (Ministry); 2 (Ministry / Payroll).' in done.stderr
    assert run(folder, "explain", "2", *CHECK[1:]).stdout.startswith("Anna Ivin (2)\nThe staff list has this id.\n")


def test_explain_names_nobody_it_does_not_know(folder: Path) -> None:
    done = run(folder, "explain", "nobody", *CHECK[1:])
    assert done.returncode == 1
    assert "PO405" in done.stderr


def test_help_is_quick_and_light() -> None:
    heavy = {"ibis", "duckdb", "pyarrow", "numpy", "pydantic", "matplotlib", "ua_parser", "yaml", "rich"}
    code = f"""
import sys
sys.argv = ["phaseout", "--help"]
import phaseout.cli
try:
    phaseout.cli.main()
except SystemExit:
    print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "check" in done.stdout


def test_what_cannot_be_written_is_told_before_the_reading(folder: Path) -> None:
    done = run(folder, *CHECK, "--html", "no-such-folder/out.html")
    assert done.returncode == 1
    assert "no-such-folder/out.html" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_short_pseudonym_key_is_refused(folder: Path) -> None:
    (folder / "key").write_bytes(b"short")
    done = run(folder, *CHECK, "--pseudonymise", "--pseudonym-key", "key")
    assert done.returncode == 2
    assert "--pseudonym-key" in done.stderr


def test_a_name_of_the_order_that_nobody_has_is_told(folder: Path) -> None:
    order = DIRECTIVE.replace("{everyone: true}", "{units: [Ministry, Minstry / Finance]}")  # codespell:ignore minstry
    (folder / "order.yaml").write_text(order)
    assert "unit Minstry / Finance" in run(folder, *CHECK).stdout  # codespell:ignore minstry


def test_what_is_mostly_a_mistake_in_the_order_stands_in_the_answer(folder: Path) -> None:
    (folder / "order.yaml").write_text(DIRECTIVE.replace("maker: Apple", "maker: Aple"))  # codespell:ignore aple
    done = run(folder, *CHECK, "--html", "report.html", "--jsonl", "found.jsonl")
    for text in (done.stdout, (folder / "report.html").read_text("utf-8"), (folder / "found.jsonl").read_text("utf-8")):
        assert "PO145" in text


def test_what_was_not_read_of_the_staff_list_stands_in_the_answer(folder: Path) -> None:
    staff = (
        "id,name,login,User ID,Floor,unit\n1,Anna Petrova,anna,apetrova,2,Ministry\n2,Boris Ivin,boris,bivin,3,Ministry\\Energy\n"
    )
    (folder / "staff.csv").write_text(staff)
    done = run(folder, *CHECK, "--html", "report.html", "--jsonl", "found.jsonl")
    for text in (" ".join(done.stdout.split()), (folder / "report.html").read_text("utf-8").replace("&#34;", '"')):
        assert 'Columns of the staff list that were not looked at: "User ID", "Floor".' in text
        assert "PO325" in text
        assert "PO326" in text
    records = [json.loads(line) for line in (folder / "found.jsonl").read_text("utf-8").splitlines()]
    assert [each["name"] for each in records if each["kind"] == "unread_column"] == ["User ID", "Floor"]
    assert [each["text"].split()[1] for each in records if each["kind"] == "warning"] == ["PO325", "PO326"]
    assert "staff.csv:1:15 PO325" in done.stdout
    hidden = run(folder, *CHECK, "--pseudonymise", "--jsonl", "hidden.jsonl")
    assert '"User ID", "Floor"' in " ".join(hidden.stdout.split())
