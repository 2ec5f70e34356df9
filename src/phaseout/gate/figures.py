"""All figures of a gate as one text for Prometheus."""

from __future__ import annotations

from datetime import datetime

from phaseout.gate.bundle_watch import BundleWatch
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.metrics import Metrics, counters, gauge


def figures(metrics: Metrics, watch: BundleWatch, log: DecisionLog, at: datetime) -> str:
    """Return the text.

    Args:
        metrics: what was counted.
        watch: has the bundle.
        log: the decision log.
        at: the time now, in UTC.
    """
    serving = watch.serving
    name = "phaseout_gate"
    lines = [
        *counters(f"{name}_decisions_total", "Decisions.", ("caller", "door", "verdict", "stage", "effect"), metrics.decisions),
        *metrics.latency(),
        *counters(f"{name}_no_opinion_total", "Questions that were not decided.", ("caller", "reason"), metrics.no_opinions),
        *counters(f"{name}_refused_requests_total", "Requests that were no question.", ("reason",), metrics.refused_requests),
        *counters(f"{name}_bundle_refused_total", "Bundles that were refused.", ("code",), metrics.bundles_refused),
        *counters(f"{name}_bundle_taken_total", "Bundles that were taken.", (), {(): metrics.reloads}),
        *counters(
            f"{name}_certificate_refused_total", "Certificates that were refused.", ("code",), metrics.certificates_refused
        ),
        *counters(f"{name}_kicks_total", "Attempts to end sessions.", ("outcome",), metrics.kicks),
        *counters(f"{name}_log_failures_total", "Attempts to write the decision log that failed.", (), {(): log.failures}),
        *counters(f"{name}_log_lost_total", "Decisions that the decision log lost.", (), {(): log.lost}),
    ]
    if serving is not None:
        made = "When the bundle that is served was made."
        lines += gauge(f"{name}_bundle_made_timestamp_seconds", made, serving.made_at.timestamp())
        if serving.expires is not None:
            ends = "When the bundle that is served expires."
            lines += gauge(f"{name}_bundle_expires_timestamp_seconds", ends, serving.expires.timestamp())
    if metrics.certificate_ends is not None:
        ends = "When the certificate that is shown over TLS expires."
        lines += gauge(f"{name}_certificate_expires_timestamp_seconds", ends, metrics.certificate_ends.timestamp())
    lines += gauge(f"{name}_bundle_served", "Whether there is a bundle to serve.", float(serving is not None))
    expired = serving is not None and serving.has_expired(at)
    lines += gauge(f"{name}_bundle_expired", "Whether the bundle that is served has expired.", float(expired))
    lines += gauge(f"{name}_bundle_file_present", "Whether the bundle's file is there.", float(watch.is_there))
    refused = "Whether what the bundle's file holds was refused."
    lines += gauge(f"{name}_bundle_file_refused", refused, float(watch.is_refused and watch.is_there))
    return "\n".join(lines) + "\n"
