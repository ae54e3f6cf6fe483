"""The digest of a ledger: one SHA-256 that any changed row changes.

It is made of the head's text and of the digests of its strata, in order of their hex digits. Whoever may see
some strata only is given the digests of the others, and can still recompute the whole.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any


def frame_digest(frame_ids: Iterable[int]) -> str:
    """SHA-256 of the ids joined by commas; SQL makes the same of a stored frame."""
    return _sha256(",".join(map(str, frame_ids)))


def stratum_digest(stratum: Mapping[str, Any], frame_digest: str) -> str:
    """SHA-256 of what a stratum says, without its ids, as JSON with sorted keys, and of their digest."""
    return _sha256(_said(stratum), frame_digest)


def ledger_digest(head: Mapping[str, Any], strata: Iterable[str]) -> str:
    """SHA-256 of the head, as JSON with sorted keys, and of the strata's digests."""
    return _sha256(_said(head), *sorted(strata))


def _said(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def _sha256(*lines: str) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()
