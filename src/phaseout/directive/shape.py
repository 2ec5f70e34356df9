"""The shape of a directive's file: the one source of its JSON Schema, its completion in editors, and its first check."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from phaseout.directive.fields import (
    ActionWord,
    Day,
    Days,
    Door,
    FormFactor,
    Id,
    Many,
    Name,
    Platform,
    Service,
    StageWord,
    StatusWord,
    StrengthWord,
    Text,
    Truth,
    Unit,
    Url,
    Version,
    Zone,
)


class Shape(BaseModel):
    """A table of the file; keys that it does not name are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=False, defer_build=True)


class SourceShape(Shape):
    """Where something is known from."""

    id: Id = Field(description="How clauses refer to this source.")
    title: Text = Field(description="What it is: the order's number, or an article's title.")
    by: Text = Field(description="Who issued or reported it.")
    on: Day | None = Field(None, description="When, as YYYY-MM-DD.")
    url: Url | None = Field(None, description="Where it can be read.")
    status: StatusWord = Field(description="How far it is established: official, confirmed, reported, not-confirmed, or denied.")
    note: Text = Field("", description="Anything that a reader must know about it.")


class AmendmentShape(Shape):
    """A change of the directive after it was issued."""

    version: Name = Field(description="The version that the change made.")
    on: Day = Field(description="When it was changed, as YYYY-MM-DD.")
    summary: Text = Field(description="What was changed, in a sentence.")


class MakerShape(Shape):
    """A maker with every name that its devices go by."""

    name: Name = Field(description="Its trade name.")
    brands: Many[Name] = Field((), description="Its own brands.")
    affiliates: Many[Name] = Field((), description="Companies of its group.")


class VersionShape(Shape):
    """A range of platform versions."""

    at_least: Version | None = Field(None, description="The lowest version that is in.")
    below: Version | None = Field(None, description="The lowest version that is out again.")


class TestShape(Shape):
    """What a device must be. All keys must hold; within a key, any of its values."""

    maker: Many[Name] = Field((), description="Ids from `makers` (with all their brands and affiliates), or plain names.")
    platform: Many[Platform] = Field((), description="Operating systems.")
    version: VersionShape | None = Field(None, description="Versions of the platform.")
    form_factor: Many[FormFactor] = Field((), description="Shapes of devices; a notebook is a desktop.")
    model: Many[Name] = Field((), description="Shell patterns over the maker's identifier or trade name: `iPhone1?,*`.")
    app: Many[Name] = Field((), description="Names of programs.")
    any_: Many[TestShape] = Field((), alias="any", description="At least one of these tests holds.")
    all_: Many[TestShape] = Field((), alias="all", description="Every one of these tests holds.")
    not_: TestShape | None = Field(None, alias="not", description="This test does not hold.")
    class_: Many[Id] = Field((), alias="class", description="Other device classes of this file, by id; any of them.")


class DeviceClassShape(Shape):
    """A named class of devices."""

    title: Text = Field(description="For people, in the plural: Apple phones and tablets.")
    is_: TestShape = Field(alias="is", description="What a device must be.")


class PeopleShape(Shape):
    """Some of the staff: anyone whom a key names."""

    everyone: Truth = Field(default=False, description="All of the staff.")
    units: Many[Unit] = Field((), description="Paths from the top down, with everything below: Ministry / Department.")
    roles: Many[Name] = Field((), description="Names of roles, as the staff list has them.")
    people: Many[Name] = Field((), description="Ids, logins, addresses or full names of single persons.")


class WhoShape(PeopleShape):
    """Whom a clause reaches."""

    but_not: PeopleShape | None = Field(None, description="Whom the clause leaves out.")


class StageShape(Shape):
    """What one door does from a day on, until its next stage."""

    door: Many[Door] = Field(description="Ways in; * for every door that has no stages of its own.")
    do: StageWord = Field(description="observe, warn, quarantine, or block.")
    starts: Day = Field(alias="from", description="From when, as YYYY-MM-DD.")


class ClauseShape(Shape):
    """One rule of the directive."""

    id: Id = Field(description="Unique within the directive: the order's own number, or a word.")
    text: Text = Field("", description="The order's own words, verbatim. Leave it out when no wording is known.")
    summary: Text = Field("", description="Your own sentence for it.")
    strength: StrengthWord = Field(description="must (a violation), should (advised against), may (expressly permitted).")
    who: WhoShape = Field(description="Whom the clause reaches.")
    devices: Many[Id] = Field(description="Device classes of this file; a device in any of them is meant.")
    services: Many[Service] = Field(description="Work services, or * for all of them.")
    actions: Many[ActionWord] = Field(("use",), description="What counts as using the service; `use` unless you say more.")
    personal_use_allowed: Truth | None = Field(None, description="What the order says of personal use. Leave it out if nothing.")
    starts: Day = Field(alias="from", description="The first day on which the clause is in force.")
    deadline: Day | None = Field(
        None, description="The first day on which use is a violation; until then it is advised against. Else the first day."
    )
    until: Day | None = Field(None, description="The last day on which the clause is in force.")
    stages: Many[StageShape] = Field((), description="What the doors do, and from when.")
    replacements: Many[Id] = Field((), description="Ids from `replacements`.")
    sources: Many[Id] = Field((), description="Ids from `sources` that state this clause.")
    reading_of: Id | None = Field(None, description="The clause of which this is another reading; it is shown, never judged.")


class ReplacementShape(Shape):
    """What people get instead."""

    name: Text = Field(description="For people: Android phone from the approved list.")
    platforms: Many[Platform] = Field((), description="What it runs; leave it out when that is open.")
    how: Text = Field("", description="How a person gets one.")
    note: Text = Field("", description="Limits, such as who may buy it.")


class WaiverCategoryShape(Shape):
    """A kind of exception that the directive allows."""

    title: Text = Field(description="For people.")
    granted_by: Many[Name] = Field(description="Roles or ids of those who may grant it.")
    longest_days: Days = Field(description="How many days a waiver of this category may last at most.")


class DirectiveShape(Shape):
    """An order on which devices may not be used for work, from when, by whom."""

    id: Id = Field(description="Short and stable, for file names and machines.")
    title: Text = Field(description="For people.")
    issuer: Text = Field(description="The organisation whose order it is.")
    version: Name = Field(description="The version of this file, such as 1.0.")
    issued: Day | None = Field(None, description="When the order was given, as YYYY-MM-DD.")
    time_zone: Zone = Field(description="IANA name; every date of this file begins at midnight there.")
    summary: Text = Field("", description="What it is about, in a sentence or two.")
    why: Text = Field("", description="The reason that the order gives.")
    sources: Many[SourceShape] = Field((), description="Where the order is known from, and how far that is established.")
    amendments: Many[AmendmentShape] = Field((), description="Changes since it was issued, oldest first.")
    makers: dict[Id, MakerShape] = Field({}, description="Makers with their brands and affiliates, by id.")
    devices: dict[Id, DeviceClassShape] = Field(description="Classes of devices, by id.")
    clauses: Many[ClauseShape] = Field(description="The rules.")
    replacements: dict[Id, ReplacementShape] = Field({}, description="What people get instead, by id.")
    waivers: dict[Id, WaiverCategoryShape] = Field({}, description="Categories of exceptions, by id. No category, no waiver.")
