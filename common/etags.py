"""ETags of single resources, from the row's id and time of last change."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from common.errors import Stale


class Changed(Protocol):
    pk: int
    updated_at: datetime


def etag(row: Changed) -> str:
    return f'"{row.pk}-{int(row.updated_at.timestamp() * 1_000_000):x}"'


def check_match(row: Changed, if_match: str | None) -> None:
    """Stale (412) when the client read an older state; call it on the locked row."""
    if not if_match or if_match.strip() == "*":
        return
    current = etag(row)
    if current not in {tag.strip().removeprefix("W/") for tag in if_match.split(",")}:
        raise Stale(f"It has changed since you read it: its etag is now {current}.")
