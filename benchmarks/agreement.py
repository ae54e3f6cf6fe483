"""Agreement over 70,300 reviews of 3,700 conversations by 19 reviewers, in three categories.

    python -m benchmarks.agreement [train_reviews_long.csv.gz]

Rests on the published annotations of NTCIR-14 STC-3, by default in ../shared/data/stc3_dq_train. Prints the
time of every coefficient of the three categories and of the score, each with 2,000 bootstrap rounds, and of
severities; bar: 10 s for all of it. Exits with an error above the bar.
"""

from __future__ import annotations

import csv
import gzip
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from insights.stats.graders import distances
from insights.stats.readings import Reading, category_reading, score_reading
from insights.stats.resampling import ROUNDS, Floats
from insights.stats.severity import Given, severities

PUBLISHED = Path(__file__).resolve().parents[2] / "shared/data/stc3_dq_train/train_reviews_long.csv.gz"
CATEGORIES, STEPS = "ASE", (0.0, 25.0, 50.0, 75.0, 100.0)
BAR = 10.0


def read(path: Path) -> dict[str, Floats]:
    """Each category as (conversations, reviewers), -2..2 as 0..100 points."""
    with gzip.open(path, "rt") as file:
        lines = list(csv.DictReader(file))
    conversations, rows = np.unique([line["conversation_id"] for line in lines], return_inverse=True)
    reviewers, columns = np.unique([line["reviewer"] for line in lines], return_inverse=True)
    found = {}
    for category in CATEGORIES:
        found[category] = np.full((len(conversations), len(reviewers)), np.nan)
        found[category][rows, columns] = [(int(line[category]) + 2) * 25 for line in lines]
    return found


def shown(name: str, found: Reading, seconds: float) -> None:
    """One line of the report."""
    assert found.alpha
    assert found.ac
    parts = [
        f"equal {found.exact:.3f}",
        f"alpha {found.alpha.value:.3f} ({found.alpha.low:.3f} to {found.alpha.high:.3f})",
        f"AC2 {found.ac.value:.3f} ({found.ac.low:.3f} to {found.ac.high:.3f})",
    ]
    print(f"{name:10} {seconds:6.2f} s  {', '.join(parts)}")


def run(arguments: Sequence[str]) -> int:
    path = Path(arguments[0]) if arguments else PUBLISHED
    if not path.exists():
        print(f"{path} is missing")
        return 1
    tables = read(path)
    score = np.mean(list(tables.values()), axis=0)
    units, raters = np.indices(score.shape)
    print(f"{score.size:,} reviews, {len(tables)} categories, {ROUNDS:,} rounds")
    started = time.perf_counter()
    for name, table in tables.items():
        begun = time.perf_counter()
        shown(name, category_reading(table, STEPS), time.perf_counter() - begun)
    begun = time.perf_counter()
    shown("score", score_reading(score), time.perf_counter() - begun)
    begun = time.perf_counter()
    given = Given.of(list(zip(units.ravel(), raters.ravel(), score.ravel(), strict=True)))
    severities(given)
    distances(given)
    print(f"{'severity':10} {time.perf_counter() - begun:6.2f} s")
    total = time.perf_counter() - started
    print(f"{'all':10} {total:6.2f} s, bar {BAR:.0f} s")
    return 1 if total > BAR else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
