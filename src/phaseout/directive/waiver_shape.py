"""The shape of a waiver file."""

from __future__ import annotations

from pydantic import Field

from phaseout.directive.fields import AnyNumber, Day, Id, Name, Text
from phaseout.directive.shape import Shape


class WaiverShape(Shape):
    """One person's, or one role's, exception from one clause."""

    id: Id = Field(description="Unique; reports name the waiver by it.")
    person: Name | None = Field(None, description="A person's id, login, address, or full name. Either this or a role.")
    role: Name | None = Field(None, description="A role, as the staff list has it. Either this or a person.")
    clause: Name = Field(description="The id of the clause from which it excepts.")
    category: Name = Field(description="One of the directive's waiver categories, by id.")
    reason: Text = Field(description="Why, in a sentence.")
    granted_by: Name = Field(description="Who granted it, as the category names them.")
    starts: Day = Field(alias="from", description="The first day, as YYYY-MM-DD.")
    until: Day = Field(description="The last day, as YYYY-MM-DD.")


class WaiversShape(Shape):
    """Exceptions from a directive's clauses, in a file beside it."""

    directive: Id | None = Field(None, description="The id of the directive that these are exceptions from.")
    waivers: AnyNumber[WaiverShape] = Field(description="The exceptions; an empty list when there are none.")
