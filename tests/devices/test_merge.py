"""What several clues of one access say together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from phaseout.devices import contradictions_of_device_id, identify_all
from phaseout.devices.merge import _fit, merge
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import DEVICE_FIELDS, Device, Grade

IPHONE = Clue(ClueKind.USER_AGENT, "Apple-iPhone14C2/2001.362")
SAMSUNG = Clue(ClueKind.INVENTORY, "maker=Samsung; model_id=SM-G991B; os=Android; os_version=13")


def test_nothing_is_told_of_no_clue() -> None:
    device = identify_all(())
    assert (device.told, device.grade, device.reason) == (False, Grade.WEAK, "The log line has no evidence of a device.")


def test_agreeing_clues_fill_each_others_gaps() -> None:
    device = identify_all((Clue(ClueKind.ACTIVESYNC, "iPad"), Clue(ClueKind.USER_AGENT, "Apple-iPad7C2/1805.212")))
    assert device.label == "iPad Pro (12.9 inch, A1671), iPadOS 14.5.1" or device.model_id == "iPad7,2"
    assert (device.platform, device.platform_version, device.form_factor, device.contradictions) == (
        "ipados",
        "14.5.1",
        "tablet",
        (),
    )


def test_disagreeing_claims_leave_the_device_untold_and_weak() -> None:
    device = identify_all((IPHONE, Clue(ClueKind.ACTIVESYNC, "SamsungDevice")))
    assert (device.maker, device.platform, device.build, device.model_id, device.grade) == (None, None, None, None, Grade.WEAK)
    assert device.contradictions == ("The clues disagree on the maker: Apple, Samsung.",)


def test_the_platforms_dispute_takes_the_maker_along() -> None:
    device = identify_all((IPHONE, Clue(ClueKind.ACTIVESYNC, "Android")))
    assert (device.maker, device.platform, device.platform_version) == (None, None, None)
    assert device.contradictions == ("The clues disagree on the platform: iOS, Android.",)


def test_an_inventory_outweighs_a_claim_and_the_dispute_is_still_told() -> None:
    device = identify_all((IPHONE, SAMSUNG))
    assert (device.maker, device.platform, device.platform_version, device.build, device.grade) == (
        "Samsung",
        "android",
        "13",
        None,
        Grade.MANAGED,
    )
    assert device.contradictions == (
        "The clues disagree on the maker: Samsung, Apple.",
        "The clues disagree on the platform: Android, iOS.",
    )


def test_an_agent_that_tells_nothing_takes_the_inventorys_word() -> None:
    device = identify_all((Clue(ClueKind.USER_AGENT, "Outlook-iOS-Android/1.0"), Clue(ClueKind.ACTIVESYNC, "Outlook"), SAMSUNG))
    assert (device.maker, device.platform, device.app, device.grade, device.contradictions) == (
        "Samsung",
        "android",
        "Outlook",
        Grade.MANAGED,
        (),
    )


def test_a_certificate_that_names_no_device_does_not_raise_a_claims_grade() -> None:
    device = identify_all((Clue(ClueKind.CERTIFICATE, "CN=ana,O=Example"), IPHONE))
    assert (device.platform, device.grade) == ("ios", Grade.CLAIMED)


def test_a_forged_build_stays_marked_beside_an_honest_type() -> None:
    device = identify_all((Clue(ClueKind.USER_AGENT, "Apple-iPhone14C3/1704.10"), Clue(ClueKind.ACTIVESYNC, "iPhone")))
    assert device.grade is Grade.WEAK
    assert any("forged or scripted" in sentence for sentence in device.contradictions)


def test_a_version_with_fewer_parts_agrees_and_the_longer_one_is_told() -> None:
    device = merge([Device(platform="ios", platform_version="17"), Device(platform="ios", platform_version="17.4.1")])
    assert (device.platform_version, device.contradictions) == ("17.4.1", ())


def test_a_whole_version_stays_whole_beside_one_that_may_be_cut() -> None:
    whole, cut = Device(platform_version="17.4", version_is_whole=True), Device(platform_version="17")
    assert (merge([cut, whole]).platform_version, merge([cut, whole]).version_is_whole) == ("17.4", True)
    assert not merge([whole, Device(platform="ios", platform_version="17.4.1")]).version_is_whole


def test_one_device_id_under_two_platforms_is_told() -> None:
    assert contradictions_of_device_id([Device(platform="ios"), Device(platform="ipados"), Device()]) == ()
    assert contradictions_of_device_id([Device(maker="Apple", platform="ios"), Device(maker="Samsung", platform="android")]) == (
        "One device id appears as iOS and as Android.",
        "One device id appears as Apple and as Samsung.",
    )


DEVICES = st.builds(
    Device,
    maker=st.sampled_from([None, "Apple", "Samsung"]),
    platform=st.sampled_from([None, "ios", "ipados", "android", "harmonyos"]),
    platform_version=st.sampled_from([None, "17", "17.4", "13"]),
    form_factor=st.sampled_from([None, "phone", "tablet"]),
    grade=st.sampled_from(Grade),
    reason=st.just("Because."),
)
MANY = st.builds(
    Device,
    maker=st.sampled_from([None, "Apple", "apple", "Samsung", "Samsung Electronics", ""]),
    platform=st.sampled_from([None, "ios", "ipados", "android", "harmonyos"]),
    platform_version=st.sampled_from([None, "17", "17.4", "17.4.1", "13"]),
    build=st.sampled_from([None, "21E1", "21e1", "20A1"]),
    model_id=st.sampled_from([None, "SM-G991", "sm-g991B", "iPhone14,2"]),
    model=st.sampled_from([None, "One", "Two"]),
    form_factor=st.sampled_from([None, "phone", "tablet"]),
    app=st.sampled_from([None, "Mail", "Outlook"]),
    grade=st.sampled_from(Grade),
    reason=st.sampled_from(["Because.", "Why not."]),
    contradictions=st.sampled_from([(), ("Never published.",)]),
)


@given(devices=st.lists(DEVICES, min_size=1, max_size=4), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_clues_changes_no_field(devices: list[Device], seed: object) -> None:
    shuffled = list(devices)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    one, other = merge(devices), merge(shuffled)
    assert (one.maker, one.platform, one.form_factor, one.grade) == (other.maker, other.platform, other.form_factor, other.grade)


@given(devices=st.lists(DEVICES, min_size=2, max_size=4))
def test_no_field_is_told_that_no_clue_told(devices: list[Device]) -> None:
    device = merge(devices)
    for name in ("maker", "platform", "platform_version", "form_factor"):
        assert getattr(device, name) in {None, *(getattr(one, name) for one in devices)}


@given(devices=st.lists(MANY, min_size=2, max_size=4))
def test_a_field_is_told_by_the_strongest_who_tell_it_and_only_if_they_agree(devices: list[Device]) -> None:
    ranked = sorted(devices, key=lambda device: -device.grade)
    device = merge(devices)
    strong = [one for one in ranked if one.grade >= Grade.MANAGED and one.told]
    heard = [one for one in ranked if not strong or one.grade == strong[0].grade or fits([*top(strong), one], top(strong))]
    untold = any(len(kinds(name, heard)) > 1 for name in ("maker", "platform"))
    for name in DEVICE_FIELDS:
        telling = [one for one in heard if getattr(one, name) is not None]
        if telling and telling[0].grade >= Grade.MANAGED:
            telling = top(telling)
        values = [getattr(one, name) for one in telling]
        if untold and name not in {"form_factor", "app"}:
            values = []
        elif name in {"model", "app"}:
            values = values[:1]
        elif len(kinds(name, telling)) > 1:
            values = []
        assert getattr(device, name) == max(values, key=len, default=None), name


def top(devices: list[Device]) -> list[Device]:
    """Those of the first one's grade."""
    return [one for one in devices if one.grade == devices[0].grade]


def kinds(name: str, devices: list[Device]) -> list[str]:
    """The values of a field that do not fit one before."""
    told: list[str] = []
    for value in (getattr(one, name) for one in devices):
        if value is not None and not any(_fit(name, value, other) for other in told):
            told.append(value)
    return told


def fits(more: list[Device], before: list[Device]) -> bool:
    """Whether one more device brings no other maker and no other platform."""
    return all(len(kinds(name, more)) <= len(kinds(name, before)) for name in ("maker", "platform"))
