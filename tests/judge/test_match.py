"""Whether a device is what a device class says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from phaseout.judge.match import NO, YES, Match, all_of, any_of, matches, version_parts
from phaseout.model.device import DEVICE_FIELDS, FORM_FACTORS, NEVER_APPLE, PLATFORMS, SYSTEM_FORMS, Device
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, Predicate, VersionRange

IPHONE = Device(
    maker="Apple", platform="ios", platform_version="17.4.1", model_id="iPhone14,2", model="iPhone 13 Pro", form_factor="phone"
)
GALAXY = Device(
    maker="Samsung", platform="android", platform_version="14", model_id="SM-S911B", form_factor="phone", app="Outlook"
)
NOTHING = Device()


@pytest.mark.parametrize(
    ("test", "device", "holds", "settles"),
    [
        (Is(), NOTHING, True, ()),
        (Is(maker=frozenset({"apple"})), IPHONE, True, ()),
        (Is(maker=frozenset({"apple"})), GALAXY, False, ()),
        (Is(maker=frozenset({"apple"})), NOTHING, None, ("maker",)),
        (Is(maker=frozenset({"apple", "samsung"})), GALAXY, True, ()),
        (Is(platform=frozenset({"ios"})), replace(IPHONE, platform="ipados"), False, ()),
        (Is(platform=frozenset({"ios"}), form_factor=frozenset({"phone"})), Device(platform="ios"), None, ("form_factor",)),
        (Is(platform=frozenset({"ios"}), form_factor=frozenset({"phone"})), Device(platform="android"), False, ()),
        (Is(maker=frozenset({"apple"}), form_factor=frozenset({"phone"})), NOTHING, None, ("maker", "form_factor")),
        (Is(app=frozenset({"outlook"})), GALAXY, True, ()),
        (Is(app=frozenset({"outlook"})), IPHONE, None, ("app",)),
        (Is(model=("iphone14,?",)), IPHONE, True, ()),
        (Is(model=("iphone 13*",)), IPHONE, True, ()),
        (Is(model=("iphone15,?",)), IPHONE, False, ()),
        (Is(model=("iphone1?,*", "sm-s9*")), GALAXY, True, ()),
        (Is(model=("huawei p30*",)), Device(maker="Huawei", model_id="P30 Pro"), True, ()),
        (Is(model=("iphone1?,*",)), NOTHING, None, ("model_id", "model")),
        (Is(model=("galaxy s2*",)), GALAXY, None, ("model",)),
        (Is(model=("iphone 1? pro*",)), GALAXY, False, ()),
        (Is(model=("iphone 1? pro*", "galaxy s2*")), GALAXY, None, ("model",)),
        (Is(model=("iphone1?,*", "iphone 1?")), Device(platform="android"), False, ()),
        (Is(model=("iphone1?,*",)), Device(platform="windows"), None, ("model_id", "model")),
        (Is(model=("iphone 1? pro*",)), Device(maker="Apple", model_id="iPhone14,2"), None, ("model",)),
        (Is(model=("iphone 1?*",)), Device(maker="Goophone", platform="android", model="iPhone 13"), True, ()),
        (Is(model=("iphone15,?",)), Device(model="iPad Mini Retina"), None, ("model_id",)),
        (Is(model=("sm-a*",)), GALAXY, False, ()),
        (Is(model=("sm-a*",)), Device(model="Galaxy S23"), None, ("model_id",)),
        (Is(model=("galaxy s1*",)), Device(model="Galaxy S23"), False, ()),
        (Is(model=("galaxy s1*",)), Device(model_id="Pixel 8"), False, ()),
        (Not(Is(maker=frozenset({"apple"}))), NOTHING, None, ("maker",)),
        (Not(Is(maker=frozenset({"apple"}))), GALAXY, True, ()),
        (AnyOf((Is(maker=frozenset({"apple"})), Is(platform=frozenset({"ios"})))), Device(platform="ios"), True, ()),
        (AnyOf((Is(maker=frozenset({"apple"})), Is(platform=frozenset({"ios"})))), Device(platform="aurora"), False, ()),
        (AllOf((Is(maker=frozenset({"apple"})), Is(platform=frozenset({"ios"})))), Device(platform="aurora"), False, ()),
        (Is(maker=frozenset({"apple"})), Device(platform="android"), False, ()),
        (Is(maker=frozenset({"apple", "beats"})), Device(platform="android"), False, ()),
        (Is(maker=frozenset({"apple"})), Device(platform="windows"), None, ("maker",)),
        (Is(maker=frozenset({"apple", "samsung"})), Device(platform="android"), None, ("maker",)),
        (Is(form_factor=frozenset({"phone", "tablet"})), Device(platform="ios"), True, ()),
        (Is(form_factor=frozenset({"desktop"})), Device(platform="ios"), False, ()),
        (Is(form_factor=frozenset({"tablet"})), Device(platform="ipados"), True, ()),
        (Is(platform=frozenset({"ipados"})), Device(platform="ios"), None, ("form_factor",)),
        (Is(platform=frozenset({"ipados"})), Device(platform="ios", form_factor="phone"), False, ()),
        (AnyOf(()), IPHONE, False, ()),
        (AllOf(()), IPHONE, True, ()),
    ],
)
def test_each_field_answers_yes_no_or_cannot_tell(
    test: Predicate,
    device: Device,
    holds: bool | None,  # noqa: FBT001 - an expected value
    settles: tuple[str, ...],
) -> None:
    assert matches(test, device) == Match(holds, settles)


@pytest.mark.parametrize(
    ("known", "at_least", "below", "holds"),
    [
        ("17", None, (17, 2), None),
        ("17", (17, 2), None, None),
        ("16.7", None, (17,), True),
        ("17", None, (17,), False),
        ("17", None, (17, 0), False),
        ("17.2", None, (17, 2), False),
        ("17.1.9", None, (17, 2), True),
        ("17.2", (17, 2), None, True),
        ("17.1", (17, 2), (18,), False),
        ("17.3", (17, 2), (18,), True),
        ("18", (17, 2), (18,), False),
        ("17", (17, 2), (18,), None),
        ("9.10", None, (9, 9), False),
        ("6.0-beta", None, (6, 1), None),
        ("6.0-beta", None, (7,), True),
        ("XP", None, (7,), None),
        ("", None, (7,), None),
        ("1" * 5000, None, (7,), None),
        ("²", None, (7,), None),
    ],
)
def test_versions_compare_as_far_as_they_are_known(
    known: str,
    at_least: tuple[int, ...] | None,
    below: tuple[int, ...] | None,
    holds: bool | None,  # noqa: FBT001 - an expected value
) -> None:
    found = matches(Is(version=VersionRange(at_least, below)), Device(platform_version=known))
    assert found == Match(holds, () if holds is not None else ("platform_version",))


@pytest.mark.parametrize(
    ("known", "at_least", "below", "holds"),
    [
        ("17.4", None, (17, 4, 1), True),
        ("17.4", (17, 4, 1), None, False),
        ("17.4", (17, 4, 0), None, True),
        ("17.4", None, (17, 4, 0), False),
        ("17", (17,), (17, 0, 1), True),
        ("", None, (17, 4, 1), None),
    ],
)
def test_of_a_whole_version_no_part_is_missing(
    known: str,
    at_least: tuple[int, ...] | None,
    below: tuple[int, ...] | None,
    holds: bool | None,  # noqa: FBT001 - an expected value
) -> None:
    found = matches(Is(version=VersionRange(at_least, below)), Device(platform_version=known, version_is_whole=True))
    assert found.holds is holds


MAKERS = ("Apple", "Samsung", "HUAWEI")
VALUES: dict[str, tuple[str, ...]] = {
    "maker": MAKERS,
    "platform": PLATFORMS[:6],
    "platform_version": ("16", "16.7", "17", "17.2", "17.2.1", "18.0", "XP"),
    "build": ("21E236",),
    "model_id": ("iPhone14,2", "SM-S911B"),
    "model": ("iPhone 13 Pro", "Galaxy S23"),
    "form_factor": FORM_FACTORS[:3],
    "app": ("Outlook", "Safari"),
}
any_devices = st.builds(
    Device,
    version_is_whole=st.booleans(),
    **{name: st.none() | st.sampled_from(values) for name, values in VALUES.items()},
)


def can_be(device: Device) -> bool:
    """Whether there is such a device: no Android of Apple's, no iPhone that is a television or Samsung's."""
    forms = SYSTEM_FORMS.get(device.platform or "", {device.form_factor})
    is_apples = device.maker == "Apple" or "iPhone" in f"{device.model_id} {device.model}"
    is_others = device.maker in {"Samsung", "HUAWEI"} or device.platform in NEVER_APPLE
    return not (is_apples and is_others) and device.form_factor in {None, *forms}


devices = any_devices.filter(can_be)
versions = st.none() | st.sampled_from(((16,), (17,), (17, 0), (17, 2), (17, 2, 1), (18,)))


def some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from([value.casefold() for value in values]), max_size=2)


leaves = st.builds(
    Is,
    maker=some(MAKERS),
    platform=some(PLATFORMS[:6]),
    version=st.none() | st.builds(VersionRange, versions, versions),
    form_factor=some(FORM_FACTORS[:3]),
    model=st.lists(st.sampled_from(("iphone1?,*", "galaxy s2*", "sm-s9*", "*")), max_size=2).map(tuple),
    app=some(("Outlook", "Safari")),
)
predicates: st.SearchStrategy[Predicate] = st.recursive(
    leaves,
    lambda parts: (
        st.builds(AnyOf, st.lists(parts, max_size=3).map(tuple))
        | st.builds(AllOf, st.lists(parts, max_size=3).map(tuple))
        | st.builds(Not, parts)
    ),
    max_leaves=6,
)
truths = st.sampled_from((True, False, None)).map(lambda holds: Match(holds, ("maker",) if holds is None else ()))


@given(truths, truths, truths)
def test_the_three_values_obey_kleene(a: Match, b: Match, c: Match) -> None:
    assert any_of((a, b)) == any_of((b, a))
    assert any_of((a, any_of((b, c)))) == any_of((a, b, c)) == any_of((any_of((a, b)), c))
    assert ~all_of((a, b)) == any_of((~a, ~b))
    assert ~~a == a
    assert any_of((a, all_of((a, b)))) == a
    assert all_of((a, any_of((b, c)))) == any_of((all_of((a, b)), all_of((a, c))))
    assert any_of((a, YES)) == YES
    assert all_of((a, NO)) == NO


@given(predicates, devices)
def test_de_morgan_holds_for_predicates(test: Predicate, device: Device) -> None:
    assert matches(Not(Not(test)), device) == matches(test, device)
    assert matches(Not(AnyOf((test, Not(test)))), device) == matches(AllOf((Not(test), test)), device)


@given(predicates, devices)
def test_only_cannot_tell_names_what_would_settle_it_and_only_what_is_not_known(test: Predicate, device: Device) -> None:
    found = matches(test, device)
    assert (found.holds is None) == bool(found.settles)
    assert list(found.settles) == sorted(set(found.settles), key=DEVICE_FIELDS.index)
    for name in found.settles:
        assert getattr(device, name) is None or name == "platform_version"


@given(predicates, devices, st.sets(st.sampled_from(DEVICE_FIELDS)))
def test_knowing_less_never_turns_one_answer_into_the_other(test: Predicate, device: Device, hidden: set[str]) -> None:
    more = matches(test, device)
    less = matches(test, Device(**{name: getattr(device, name) for name in DEVICE_FIELDS if name not in hidden}))
    assert less.holds in {more.holds, None}


@given(predicates, devices)
def test_what_the_fields_do_not_say_changes_nothing(test: Predicate, device: Device) -> None:
    other = replace(device, reason="something else", contradictions=("an impossible build",))
    assert matches(test, other) == matches(test, device)


@given(st.text(max_size=30))
def test_any_version_text_is_read(text: str) -> None:
    assert all(part >= 0 for part in version_parts(text))


def test_every_field_of_a_leaf_is_tested() -> None:
    every = Is(
        maker=frozenset({"x"}),
        platform=frozenset({"x"}),
        version=VersionRange((1,), (2,)),
        form_factor=frozenset({"x"}),
        model=("x",),
        app=frozenset({"x"}),
    )
    named = set(matches(every, NOTHING).settles)
    assert named == {"maker", "platform", "platform_version", "form_factor", "model_id", "model", "app"}
    assert len(Is.__struct_fields__) == len(named) - 1
