"""The published figures that every workspace starts with, each with its source. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A figure of the field in per cent, and where it was published. `metric`: one of ReferenceFigure's."""

    metric: str
    value: int
    year: int
    source: str
    url: str = ""


_FIRST = "Support Quality Benchmark Report 2021, Klaus and Intercom"
_SECOND = "Customer Service Quality Benchmark Report 2022, Klaus"
_FIRST_URL = "https://www.klausapp.com/blog/support-quality-report/"

PUBLISHED = (
    Published("csat", 78, 2021, _FIRST, _FIRST_URL),
    Published("csat", 89, 2022, _SECOND),
    Published("iqs", 81, 2021, _FIRST, _FIRST_URL),
    Published("iqs", 89, 2022, _SECOND),
    Published("tracks_iqs", 39, 2022, _SECOND),
)
