"""The same rules for others: Cedar's library and OPA's server. They are told the device; the gate finds it out itself."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gate_made
import made

from phaseout.devices.identify import identify_all
from phaseout.gate.asked import SERVICE_OF
from phaseout.gate.web import WebFacts, web_asked

OPA_MODULE = "github.com/open-policy-agent/opa@latest"
OPA_SECONDS = 480
"""That building OPA may take."""

CEDAR = {
    "apple": 'context.maker == "Apple" && ["phone", "tablet"].contains(context.form)',
    "apple-any": 'context.maker == "Apple"',
    "samsung": 'context.maker == "Samsung"',
    "iphones-11": 'context.maker == "Apple" && context.model like "iPhone11,*"',
    "iphones-12": 'context.maker == "Apple" && context.model like "iPhone12,*"',
    "phones": 'context.form == "phone"',
    "ios-old": 'context.platform == "ios" && context.major < 15',
}

REGO = {
    "apple": 'input.maker == "Apple"; input.form in {"phone", "tablet"}',
    "apple-any": 'input.maker == "Apple"',
    "samsung": 'input.maker == "Samsung"',
    "iphones-11": 'input.maker == "Apple"; startswith(input.model, "iPhone11,")',
    "iphones-12": 'input.maker == "Apple"; startswith(input.model, "iPhone12,")',
    "phones": 'input.form == "phone"',
    "ios-old": 'input.platform == "ios"; input.major < 15',
}


def facts(ask: gate_made.Ask) -> dict[str, Any]:
    """Return what a peer is told."""
    web = WebFacts(ask.method, ask.target, ask.user, ask.agent, ask.address)
    device = identify_all(web_asked("nginx", f"/nginx/{ask.door}", web).clues)
    version = (device.platform_version or "").partition(".")[0]
    return {
        "login": ask.user,
        "service": SERVICE_OF[ask.door],
        "maker": device.maker or "",
        "platform": device.platform or "",
        "form": device.form_factor or "",
        "model": device.model_id or "",
        "major": int(version) if version.isdigit() else 999,
    }


def cedar(asks: list[gate_made.Ask], clauses: int) -> tuple[float, float] | None:
    """Return Cedar's mean microseconds a decision and the share that it refuses; None when it is not installed."""
    if importlib.util.find_spec("cedarpy") is None:
        return None
    import cedarpy  # noqa: PLC0415 - a peer that need not be there

    rules = "".join(
        f'forbid(principal in Unit::"{rule.unit}", action, resource == Service::"{rule.service}") when '
        f"{{ {' || '.join(f'({CEDAR[name]})' for name in rule.classes)} }};\n"
        for rule in gate_made.rules(clauses)
    )
    policies = cedarpy.PolicySet.from_str(f"permit(principal, action, resource);\n{rules}")
    entities = cedarpy.Entities.from_json_str(json.dumps(list(_entities())))
    requests = [
        {
            "principal": f'User::"{told.pop("login")}"',
            "action": 'Action::"use"',
            "resource": f'Service::"{told.pop("service")}"',
            "context": told,
        }
        for told in map(facts, asks)
    ]
    started = time.process_time_ns()
    refused = sum(not cedarpy.is_authorized(request, policies, entities).allowed for request in requests)
    return (time.process_time_ns() - started) / len(requests) / 1000, 100 * refused / len(requests)


def _entities() -> Iterator[dict[str, Any]]:
    """Give units and people."""
    staff = made.staff(gate_made.PEOPLE)
    for unit in sorted({unit for _, _, unit in staff}):
        parent = unit.rpartition(" / ")[0]
        yield _entity("Unit", unit, [parent])
    for parent in sorted({unit.rpartition(" / ")[0] for _, _, unit in staff}):
        yield _entity("Unit", parent, [])
    for _, login, unit in staff:
        yield _entity("User", login, [unit])


def _entity(kind: str, id_: str, units: list[str]) -> dict[str, Any]:
    return {"uid": {"type": kind, "id": id_}, "attrs": {}, "parents": [{"type": "Unit", "id": unit} for unit in units]}


def opa_binary(folder: Path) -> tuple[Path | None, str]:
    """Return OPA's binary, built by Go when there is none yet; or why there is none."""
    found = shutil.which("opa", path=f"{folder}:/usr/local/bin:/usr/bin")
    if found:
        return Path(found), ""
    go = shutil.which("go", path="/usr/local/go/bin:/usr/local/bin:/usr/bin")
    if go is None:
        return None, "no opa, and no Go to build it"
    environment = {"GOBIN": str(folder), "GOPATH": str(folder / "go"), "HOME": str(folder), "PATH": "/usr/bin:/bin"}
    try:
        subprocess.run([go, "install", OPA_MODULE], env=environment, timeout=OPA_SECONDS, check=True, capture_output=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        return None, f"OPA could not be built: {error}"
    return folder / "opa", ""


def write_rego(folder: Path, clauses: int) -> tuple[Path, Path]:
    """Write the rules and the staff for OPA."""
    classes = "".join(f'class contains "{name}" if {{ {test} }}\n' for name, test in REGO.items())
    rules = "".join(
        f'deny contains "{rule.id}" if {{ input.service == "{rule.service}"; "{rule.unit}" in data.units[input.login]; '
        f"some name in {json.dumps(list(rule.classes))}; name in class }}\n"
        for rule in gate_made.rules(clauses)
    )
    rego, data = folder / "gate.rego", folder / "units.json"
    rego.write_text(f"package gate\n\n{classes}{rules}", encoding="utf-8")
    units = {login: [unit, unit.rpartition(" / ")[0]] for _, login, unit in made.staff(gate_made.PEOPLE)}
    data.write_text(json.dumps({"units": units}), encoding="utf-8")
    return rego, data


def opa_request(ask: gate_made.Ask) -> bytes:
    """Return what OPA is asked."""
    body = json.dumps({"input": facts(ask)}).encode()
    head = f"POST /v1/data/gate/deny HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
