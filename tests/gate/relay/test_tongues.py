"""Questions and answers cut out of streams, however they come: in pieces, several at once, or as no such thing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.gate.caller import CALLERS, NoQuestionError
from phaseout.gate.http import Answer
from phaseout.gate.relay.http_tongue import HttpTongue
from phaseout.gate.relay.tongue import Inquiry, NoAnswerError, Said, Tongue
from phaseout.gate.relay.wire_tongue import WireTongue
from phaseout.gate.settings import Limits

HTTP = HttpTongue(Limits())
_WIRE = CALLERS["postfix"].wire
assert _WIRE is not None
POSTFIX = WireTongue(Limits(), _WIRE)

QUESTIONS = (
    b"POST /dovecot?command=allow HTTP/1.1\r\nHost: x\r\nX-API-Key: k\r\nContent-Length: 4\r\n\r\n\x00{}\n",
    b"HEAD /envoy/mail/?x=%FF HTTP/1.1\r\nUser-Agent: \xff\xe9\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n",
    b"POST /roundcube HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-API-Key: trailer\r\n\r\n",
    b"GET /nginx/webmail HTTP/1.1\r\nX-User: a\r\nX-User: b\r\nConnection: close\r\n\r\n",
)

WORDS = (
    b"POST /dovecot?command=allow HTTP/1.1\r\nHost: x\r\nX-API-Key: k\r\nContent-Length: 4\r\n\r\n\x00{}\n",
    b"GET /envoy/mail/?x=%FF HTTP/1.1\r\nUser-Agent: \xff\xe9\r\n\r\n",
    b"POST /roundcube HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /nginx/webmail HTTP/1.1\r\nX-User: a\r\nX-User: b\r\n\r\n",
)
"""What a gate is asked, for each."""

POLICY = b"request=smtpd_access_policy\nsasl_username=anna\n\n"


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[begin:end] for begin, end in pairwise(places)]


def inquiries(tongue: Tongue, parts: list[bytes]) -> list[Inquiry]:
    async def read() -> list[Inquiry]:
        stream, found = asyncio.StreamReader(), []

        async def feed() -> None:
            for part in parts:
                stream.feed_data(part)
                await asyncio.sleep(0)
            stream.feed_eof()

        feeding = asyncio.create_task(feed())
        try:
            async for inquiry in tongue.inquiries(stream):
                found.append(inquiry)  # noqa: PERF401 - what came before an error counts
        finally:
            feeding.cancel()
        return found

    return asyncio.run(read())


def said(tongue: Tongue, parts: list[bytes]) -> Said:
    heard = tongue.hearing()
    for part in parts:
        heard.feed(part)
    if heard.said is None:
        message = "half of an answer"
        raise NoAnswerError(message)
    return heard.said


@given(st.lists(st.integers(0, 10_000), max_size=12))
def test_questions_in_any_pieces(cuts: list[int]) -> None:
    found = inquiries(HTTP, pieces(b"".join(QUESTIONS), cuts))
    assert tuple(each.words for each in found) == WORDS
    assert [each.is_last for each in found] == [False, False, False, True]
    assert [each.request.method for each in found] == ["POST", "HEAD", "POST", "GET"]
    assert found[0].request.body == b"\0{}\n"
    assert "x-api-key" not in found[2].request.headers, "it came behind the body"
    assert found[3].request.headers["x-user"] == "b", "the last, as a gate takes it"
    assert [each.words for each in inquiries(POSTFIX, pieces(POLICY * 3, cuts))] == [POLICY] * 3


@given(
    st.binary(max_size=300)
    | st.sampled_from(QUESTIONS).flatmap(lambda text: st.integers(0, len(text)).map(lambda at: text[:at] + b"\r\n"))
)
def test_whatever_comes_is_a_question_or_none(data: bytes) -> None:
    for tongue in (HTTP, POSTFIX):
        try:
            inquiries(tongue, [data])
        except NoQuestionError as error:
            assert str(error) in {"no HTTP", "too large"}  # noqa: PT017 - either may come of it


def test_what_is_too_large_is_none() -> None:
    for tongue, data in (
        (HTTP, b"GET /" + b"x" * 200_000), (HTTP, b"POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000),
        (POSTFIX, b"x=" + b"y" * 70_000), (POSTFIX, b"x=" + b"y" * 70_000 + b"\n\n"),
    ):  # fmt: skip
        with pytest.raises(NoQuestionError, match="too large"):
            inquiries(tongue, pieces(data, range(0, len(data), 50_000)))


@pytest.mark.parametrize("begun", [b"", b"G"])
@pytest.mark.parametrize("speaks_http", [True, False])
def test_a_connection_on_which_nothing_comes_to_its_end_ends(begun: bytes, *, speaks_http: bool) -> None:
    limits = Limits(seconds=0.05 if begun else 60, idle=60 if begun else 0.05)
    tongue = HttpTongue(limits) if speaks_http else WireTongue(limits, _WIRE)

    async def read() -> None:
        stream = asyncio.StreamReader()
        stream.feed_data(begun)
        async for _ in tongue.inquiries(stream):
            pytest.fail("nothing was asked")

    with pytest.raises(TimeoutError):
        asyncio.run(read())


ANSWERS = {
    b"HTTP/1.1 204 No Content\r\nX-Gate-Effect: allow\r\n\r\n": Said(Answer(204, (("X-Gate-Effect", "allow"),))),
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc": Said(
        Answer(200, (), b"abc", "text/html"), is_last=True
    ),
    b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n": Said(Answer(403, (), b"abc")),
}


@given(st.lists(st.integers(0, 10_000), max_size=6))
def test_answers_in_any_pieces(cuts: list[int]) -> None:
    for data, told in ANSWERS.items():
        assert said(HTTP, pieces(data, cuts)) == told
    assert said(POSTFIX, pieces(b"action=DUNNO\n\n", cuts)) == Said(Answer(200, body=b"action=DUNNO\n\n"))


@given(st.lists(st.integers(0, 10_000), max_size=6), st.sampled_from([b"HTTP/1.1 1", b"x", *ANSWERS]))
def test_an_answer_with_something_behind_it_is_not_mistaken_for_another(cuts: list[int], more: bytes) -> None:
    for data, told in ANSWERS.items():
        assert said(HTTP, pieces(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + data, cuts)) == told
        with pytest.raises(NoAnswerError):
            said(HTTP, [data + more])
    with pytest.raises(NoAnswerError):
        said(HTTP, [b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n"])
    with pytest.raises(NoAnswerError, match="something behind the answer"):
        said(POSTFIX, [b"action=DUNNO\n\naction=REJECT\n\n"])


@given(
    st.binary(max_size=200)
    | st.sampled_from(list(ANSWERS)).flatmap(lambda text: st.integers(0, len(text) - 1).map(lambda at: text[:at]))
)
def test_whatever_a_gate_says_is_an_answer_or_none(data: bytes) -> None:
    for tongue in (HTTP, POSTFIX):
        try:
            assert said(tongue, [data]).answer.status in range(100, 1000)
        except NoAnswerError as error:
            assert str(error) in {"half of an answer", "it speaks no HTTP", "something behind the answer"}  # noqa: PT017 - either may come of it
