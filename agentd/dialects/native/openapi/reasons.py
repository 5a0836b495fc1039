"""Which reasons a problem of each status may have."""

from __future__ import annotations

from collections import defaultdict

from agentd.core import errors as e
from agentd.dialects.native.problems import STATUSES

__all__ = ["OWN", "REASONS"]

OWN: dict[int, tuple[str, ...]] = {
    400: ("malformed_json", "invalid_body", "invalid_parameter", "invalid_idempotency_key", "bad_request"),
    401: ("unauthorized",),
    403: ("not_permitted",),
    404: (
        "not_found",
        "recording_unknown",
        "recording_gone",
        "ingroup_unknown",
        "campaign_unknown",
        "user_unknown",
        "lead_unknown",
        "callback_unknown",
        "activity_unknown",
    ),
    405: ("method_not_allowed",),
    409: ("recording_running", "callback_over", "idempotency_mismatch", "outcome_unknown"),
    412: ("revision_mismatch", "changed_meanwhile"),
    415: ("unsupported_media_type",),
    416: ("range_not_satisfiable",),
    429: ("rate_limited",),
    500: ("internal_error",),
    503: ("too_many_streams",),
}
"""Those of the face itself."""


def _all() -> dict[int, list[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for status, own in OWN.items():
        found[status] |= set(own)
    for name in e.__all__:
        cls = getattr(e, name)
        answered = STATUSES.find(cls.__new__(cls))
        if answered is not None:
            found[answered].add(cls.reason)
    return {status: sorted(reasons) for status, reasons in sorted(found.items())}


REASONS: dict[int, list[str]] = _all()
"""All of them, the core's too."""
