"""JSON lines in and out, and an explanation in words."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from phaseout.model.clue import ClueKind
from phaseout.runs.identify import MAX_LINE, explain_clue, identify_lines, in_words, kind_of


def test_every_line_is_answered_in_order_and_bad_ones_say_why() -> None:
    lines = [
        '{"kind": "user_agent", "value": "Apple-iPhone14C2/2001.362"}\n',
        "not json\n",
        '{"kind": "smell", "value": "x"}\n',
        "\n",
        '["user_agent", "x"]\n',
        '{"kind": "x_mailer", "value": "Apple Mail (2.3696.120.41.1.2)"}\n',
        '{"kind": "user_agent", "value": "' + "x" * MAX_LINE + '"}',
    ]
    answers = list(identify_lines(lines))
    assert [answer.get("line") for answer in answers] == [None, 2, 3, 5, None, 7]
    assert [set(answer) == {"error", "line"} for answer in answers] == [False, True, True, True, False, True]
    assert answers[0]["model_id"] == "iPhone14,2"
    assert answers[0]["grade"] == "claimed"
    assert answers[0]["contradictions"] == []
    assert "Known: user_agent, activesync" in answers[2]["error"]
    assert answers[4]["platform"] == "macos"


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.text(max_size=80).filter(str.strip), max_size=8))
def test_as_many_answers_as_lines(lines: list[str]) -> None:
    assert len(list(identify_lines(lines))) == len(lines)


def test_the_words_say_what_is_told_what_is_not_and_why() -> None:
    words = in_words(explain_clue("Apple-iPhone14C3/1704.10"))
    assert words[0] == "Taken for a user agent, by its looks: iPhone 13 Pro Max, iOS." or words[0].startswith(
        "Taken for a user agent"
    )
    assert "Platform: iOS." in words
    assert "Grade: weak, easily forged or contradicted." in words
    assert words[-1] == "Does not fit: Build 17D10 was never published: forged or scripted client."


def test_the_kind_is_found_by_looking_or_taken_as_named() -> None:
    assert kind_of("iPad Mail (16G77)") is ClueKind.X_MAILER
    assert explain_clue("jQAJBBBOaW5lNDM4M0FGMzQ2ODYwBAAAAAAHQW5kcm9pZAcBAA==").device.platform == "android"
    assert explain_clue("/Microsoft-Server-ActiveSync?Cmd=Sync&DeviceId=D1&DeviceType=iPhone").kind is ClueKind.ACTIVESYNC
    assert kind_of("CN=ana,O=Example") is ClueKind.CERTIFICATE
    assert kind_of("model:SM-G991B") is ClueKind.ACTIVESYNC
    assert kind_of("os=Android; maker=Samsung") is ClueKind.INVENTORY
    assert kind_of("Mozilla/5.0") is ClueKind.USER_AGENT
    assert explain_clue("iPhone", ClueKind.USER_AGENT).kind is ClueKind.USER_AGENT


def test_mail_agents_need_no_heavy_library() -> None:
    program = (
        "import sys; from phaseout.devices import identify; from phaseout.model.clue import Clue, ClueKind;"
        "assert not any(name in sys.modules for name in ('ua_parser', 'yaml', 'phaseout.devices.ua_rules'));"
        "identify(Clue(ClueKind.USER_AGENT, 'Apple-iPhone14C2/2001.362'));"
        "identify(Clue(ClueKind.USER_AGENT, 'SAMSUNG-SM-G991B/101.130000'));"
        "assert not any(name in sys.modules for name in ('ua_parser', 'ua_parser_rs', 'yaml'))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
