"""No text whatever makes the room fail; whatever is wrong is a fault with a place and a page."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phaseout.directive.codes import CODES
from phaseout.directive.load import check, load
from phaseout.directive.page import page
from phaseout.directive.shipped import example_names, example_text
from phaseout.directive.waivers import check_waivers, load_waivers
from phaseout.directive.words import sentences
from phaseout.model.directive import Directive
from phaseout.model.fault import Fault, FaultsError, Severity

ORDERS = [name for name in example_names() if not name.endswith(".waivers")]
EXAMPLES = [example_text(name) for name in ORDERS]
WAIVED = load(example_text("minimum-versions"), "order.yaml")
WAIVERS = example_text("minimum-versions.waivers")

PIECES = st.sampled_from(
    [
        "id: x", "- ", "  ", "\n", ": ", "&a ", "*a", "{", "}", "[", "]", "'", '"', "#", "|", ">", "---\n", "\t", "!!x ", "? ",
        "<<: *a",
        "devices:", "clauses:", "who:", "is:", "any:", "class:", "not:", "from:", "2027-01-01", "2027-02-30", "true", "null", "~",
        "everyone", "units", "A / B", "ios", "\u2028", "\x85", "\ufeff", "é", "[key]", "🙂", "-1", "1e999", "*", "waivers:",
    ]
)  # fmt: skip
SNIPPETS = st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join)


def sound(faults: tuple[Fault, ...], text: str) -> None:
    """Hold faults to what every fault promises."""
    lines = text.count("\n") + text.count("\r") + text.count("\u2028") + text.count("\u2029") + text.count("\x85") + 2
    for fault in faults:
        assert fault.code in CODES
        assert fault.severity is CODES[fault.code].severity
        assert 0 <= fault.line <= lines
        assert fault.column >= 0
        assert fault.message.endswith((".", "?"))
        assert fault.way_out.endswith((".", "?"))
        assert "\n" not in str(fault)
    assert list(faults) == sorted(set(faults))


def read(text: str) -> Directive | None:
    """Read a directive, and hold ``load`` and ``check`` to each other."""
    faults = check(text, "order.yaml")
    sound(faults, text)
    errors = tuple(fault for fault in faults if fault.severity is Severity.ERROR)
    if not errors:
        return load(text, "order.yaml")
    with pytest.raises(FaultsError) as caught:
        load(text, "order.yaml")
    assert caught.value.faults == errors
    return None


def mutated(text: str, seed: int, others: str) -> str:
    """Change a text in a few places as hands and editors do: lines lost, doubled, moved, indented; words swapped."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    lines = text.splitlines(keepends=True)
    words = others.split()
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        kind = chance.randrange(7)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif kind == 2:
            lines[at] = "  " + lines[at]
        elif kind == 3:
            lines[at] = lines[at].removeprefix("  ")
        elif kind == 4:
            key, colon, value = lines[at].partition(":")
            lines[at] = key + colon + " " + chance.choice(words) + "\n" if colon and value else lines[at]
        elif kind == 5:
            place = chance.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + chance.choice("{}[]:,&*#-'\" ax0\u00e9") + lines[at][place + chance.randrange(2) :]
        else:
            lines[at] = lines[at].replace(chance.choice(words), chance.choice(words))
        lines = lines or ["\n"]
    return "".join(lines)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400) | SNIPPETS)
def test_any_text_is_told_never_raised(text: str) -> None:
    read(text)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(EXAMPLES), st.integers(0, 2**32), SNIPPETS)
def test_any_change_of_an_example_is_told_or_read(example: str, seed: int, snippet: str) -> None:
    text = mutated(example, seed, " ".join(EXAMPLES) + " " + snippet)
    directive = read(text)
    if directive is not None:
        words = sentences(directive)
        assert len(words.clauses) == len(directive.judged)
        assert page(words).startswith(directive.title.split(maxsplit=1)[0])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), SNIPPETS)
def test_any_change_of_waivers_is_told_or_read(seed: int, snippet: str) -> None:
    text = mutated(WAIVERS, seed, WAIVERS + " all everyone * 2027-01-01 2028-01-01 " + snippet)
    faults = check_waivers(text, "waivers.yaml", WAIVED)
    sound(faults, text)
    errors = tuple(fault for fault in faults if fault.severity is Severity.ERROR)
    if errors:
        with pytest.raises(FaultsError) as caught:
            load_waivers(text, "waivers.yaml", WAIVED)
        assert caught.value.faults == errors
        return
    category = WAIVED.waiver_categories["field-work"]
    for waiver in load_waivers(text, "waivers.yaml", WAIVED):
        assert (waiver.person is None) != (waiver.role is None)
        assert 1 <= (waiver.ends - waiver.starts).days <= category.longest_days
        assert waiver.granted_by in category.granted_by


@pytest.mark.parametrize("name", ORDERS)
def test_the_changes_reach_deep_enough_to_find_meaning(name: str) -> None:
    text = example_text(name)
    found = {fault.code for seed in range(400) for fault in check(mutated(text, seed, text), "order.yaml")}
    assert found & {"PO106"}
    assert {code for code in found if code > "PO119"} >= {"PO120", "PO121", "PO122"}
    assert {code for code in found if code >= "PO140"}
