"""What clauses rest on: a clause that decides is stated by somebody whose word was not denied."""

from __future__ import annotations

from phaseout.directive.draft import Draft
from phaseout.model.directive import SourceStatus


def check_sources(draft: Draft) -> None:
    """Tell clauses that decide although all of their sources were denied."""
    status = {source.id: source.status for source in draft.shape.sources}
    for place, clause in enumerate(draft.shape.clauses):
        is_denied = {status.get(name) for name in clause.sources} == {SourceStatus.DENIED}
        if is_denied and clause.reading_of is None:
            message = "Every source of this clause was denied, and it is judged all the same."
            way_out = "Name a source that stands, make it a reading of another clause, or leave the clause out."
            draft.tell("PO177", ("clauses", place, "sources"), message, way_out)
