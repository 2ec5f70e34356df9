"""The findings as OCSF Compliance Findings (class 2003), one JSON object a line, for whatever collects security events.

Made with, and so checked by, the classes of py-ocsf-models, which state the schema's version in ``metadata.version``.

=================================  ===========================================================================================
OCSF                               phaseout
=================================  ===========================================================================================
``activity_id``                    1, Create: a check keeps no state, so every finding is new to it
``time``                           the instant for which the answer holds, in milliseconds; ``time_dt`` the same as ISO 8601
``start_time``, ``end_time``       the first and the last access
``severity_id``                    violation 4, High; advised 2, Low; cannot tell and wholly waived 1, Informational
``status_id``                      1, New; 3, Suppressed, when a waiver covers all of it
``status_detail``                  the waivers and until when
``confidence_id``                  the device's grade: proven and managed 3, claimed 2, weak or contradicted 1
``compliance.status_id``           violation 3, Fail, also when waived; advised 2, Warning; cannot tell 0, Unknown
``compliance.control``             the clause
``compliance.requirements``        the clause's own words, or its summary
``compliance.standards``           the directive with its version
``finding_info.uid``               the finding's id, the same from run to run
``finding_info.types``             the verdict, and ``waived`` beside it
``finding_info.data_sources``      the log formats that showed it
``resources[0]``                   the person: ``uid``, ``name``, ``type``, ``group`` the unit
``resources[1]``                   the device: ``uid`` its own id, ``data`` every field of it that can be told
``evidences``                      one per log format and door, in ``data``: the clues, how many, first and last line's place
``remediation.desc``               the approved replacements of the clause
``unmapped.settles``               what would settle a "cannot tell"
=================================  ===========================================================================================

Whatever can't be told is left out. So is ``device``: the classes ask it for a host name, an address and a region, of which a log
tells none, and nothing is made up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, TextIO

from py_ocsf_models.events.findings.activity_id import ActivityID
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.events.findings.compliance_finding_type_id import ComplianceFindingTypeID
from py_ocsf_models.events.findings.confidence_id import ConfidenceID
from py_ocsf_models.events.findings.severity_id import SeverityID
from py_ocsf_models.events.findings.status_id import StatusID
from py_ocsf_models.objects.compliance import Compliance
from py_ocsf_models.objects.compliance_status import StatusID as ComplianceStatus
from py_ocsf_models.objects.evidence_artifacts import EvidenceArtifacts
from py_ocsf_models.objects.finding_info import FindingInformation
from py_ocsf_models.objects.group import Group
from py_ocsf_models.objects.metadata import Metadata
from py_ocsf_models.objects.product import Product
from py_ocsf_models.objects.remediation import Remediation
from py_ocsf_models.objects.resource_details import ResourceDetails

from phaseout.model.answer import Answer, Finding
from phaseout.model.device import Grade
from phaseout.model.directive import Clause
from phaseout.model.verdict import Verdict
from phaseout.reporting.flat import device_record, evidence_record
from phaseout.reporting.report import Report
from phaseout.reporting.words import iso

SEVERITIES: Final = {
    Verdict.VIOLATION: SeverityID.High,
    Verdict.ADVISED: SeverityID.Low,
    Verdict.CANNOT_TELL: SeverityID.Informational,
}
"""How grave each verdict is, a waiver left aside."""

STATUSES: Final = {
    Verdict.VIOLATION: ComplianceStatus.Fail,
    Verdict.ADVISED: ComplianceStatus.Warning,
    Verdict.CANNOT_TELL: ComplianceStatus.Unknown,
}
"""What each verdict says of compliance; a waiver changes nothing about it."""

CONFIDENCES: Final = {
    Grade.PROVEN: ConfidenceID.High,
    Grade.MANAGED: ConfidenceID.High,
    Grade.CLAIMED: ConfidenceID.Medium,
    Grade.WEAK: ConfidenceID.Low,
}
"""How sure each grade is."""


def write(answer: Answer, stream: TextIO) -> None:
    """Write the findings as OCSF events, one a line."""
    clauses = {clause.id: clause for clause in answer.directive.clauses}
    for finding in answer.findings:
        event = _event(answer, finding, clauses.get(finding.clause))
        stream.write(event.model_dump_json(exclude_none=True) + "\n")


def _event(answer: Answer, finding: Finding, clause: Clause | None) -> ComplianceFinding:
    severity = SeverityID.Informational if finding.waived else SEVERITIES[finding.verdict]
    status = StatusID.Suppressed if finding.waived else StatusID.New
    confidence = ConfidenceID.Low if finding.device.contradictions else CONFIDENCES[finding.device.grade]
    return ComplianceFinding(
        activity_id=ActivityID.Create,
        activity_name=ActivityID.Create.name,
        type_uid=ComplianceFindingTypeID.Create,
        type_name="Compliance Finding: Create",
        class_name="Compliance Finding",  # as the schema calls it; the library leaves the blank out
        metadata=Metadata(product=Product(name="phaseout", vendor_name="phaseout", version=answer.version)),
        message=f"{finding.person.name}: {finding.device.label}. {finding.reason}",
        severity_id=severity,
        severity=severity.name,
        status_id=status,
        status=status.name,
        status_detail=_waivers(finding),
        confidence_id=confidence,
        confidence=confidence.name,
        time=_milliseconds(answer.at),
        time_dt=answer.at,
        start_time=_milliseconds(finding.first),
        start_time_dt=finding.first,
        end_time=_milliseconds(finding.last),
        end_time_dt=finding.last,
        compliance=_compliance(answer, finding, clause),
        finding_info=_information(finding),
        resources=_resources(finding),
        evidences=[EvidenceArtifacts(name=f"{one.format} {one.protocol}", data=evidence_record(one)) for one in finding.evidence],
        remediation=_remediation(answer, clause),
        unmapped={"settles": list(finding.settles)} if finding.settles else None,
    )


def _compliance(answer: Answer, finding: Finding, clause: Clause | None) -> Compliance:
    said = (clause.text or clause.summary) if clause is not None else ""
    return Compliance(
        control=finding.clause,
        desc=finding.reason,
        requirements=[said] if said else None,
        standards=[f"{answer.directive.title}, version {answer.directive.version}"],
        status_id=STATUSES[finding.verdict],
    )


def _information(finding: Finding) -> FindingInformation:
    return FindingInformation(
        uid=finding.id,
        title=f"{finding.device.label} used for {', '.join(finding.services)}: {finding.verdict.word}",
        desc=finding.reason,
        types=[finding.verdict.word, *(["waived"] if finding.waived else [])],
        data_sources=sorted({one.format for one in finding.evidence}) or None,
        first_seen_time=_milliseconds(finding.first),
        first_seen_time_dt=finding.first,
        last_seen_time=_milliseconds(finding.last),
        last_seen_time_dt=finding.last,
    )


def _resources(finding: Finding) -> list[ResourceDetails]:
    person = finding.person
    unit = Group(name=" / ".join(person.unit), type="unit") if person.unit else None
    return [
        ResourceDetails(uid=person.id, name=person.name, type=str(person.kind), group=unit),
        ResourceDetails(
            uid=", ".join(finding.device_ids) or None,
            name=finding.device.label,
            type="device",
            data=device_record(finding.device),
        ),
    ]


def _remediation(answer: Answer, clause: Clause | None) -> Remediation | None:
    names = clause.replacements if clause is not None else ()
    known = [answer.directive.replacements[name] for name in names if name in answer.directive.replacements]
    return Remediation(desc="Instead: " + "; ".join(f"{one.name}. {one.how}".strip() for one in known)) if known else None


def _waivers(finding: Finding) -> str | None:
    if not finding.waivers:
        return None
    named = ", ".join(f"waiver {waiver.id} ({waiver.category}) until {iso(waiver.ends)}" for waiver in finding.waivers)
    return f"{finding.waived_accesses} of {finding.accesses} accesses are covered by {named}"


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


REPORT = Report(id="ocsf", title="the findings as OCSF Compliance Findings", suffix=".ocsf.jsonl", write=write)
