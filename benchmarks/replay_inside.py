"""What benchmarks/replay.py measures, run inside Django against the scratch database."""

from __future__ import annotations

import os
import resource
import sys
import time
from datetime import date
from decimal import Decimal

import numpy as np

from accounts.access import Actor
from accounts.models import Workspace
from benchmarks.replay_rows import DRAFT, FIRST, LAST, REVIEWS, seed
from common.periods import Period
from insights.choices import Column
from insights.facts.history import history
from insights.replay_serializers import replay_json
from insights.rescoring import ONE, Card, asked_of
from insights.selectors.replay import Replayed, replayed
from scorecards.definition import parse, visible
from scorecards.models import Scorecard
from scorecards.ratings import Rated, chosen_of
from scorecards.scoring import score

BAR, ROUNDS, LOOKED_AT = 3.0, 7, 100
PERIOD = Period(date.fromisoformat(FIRST), date.fromisoformat(LAST))


def main() -> None:
    """Seed, check some scores against `score`, run once to warm up, and print the best of several times:
    what other work on the machine adds says nothing of the replay."""
    workspace = seed(os.environ["DATABASE_OWNER_URL"])
    scorecard = Scorecard.objects.get().pk
    before = _peak()
    found = _asked(workspace, scorecard)
    grown = _peak() - before
    _check(workspace, scorecard)
    times = []
    for _ in range(ROUNDS):
        started, busy = time.perf_counter(), time.process_time()
        replay_json(_asked(workspace, scorecard))
        times.append((time.perf_counter() - started, time.process_time() - busy))
    seconds, busy = min(times)
    whole = found.found.whole
    print(f"{whole.reviews:,} reviews, mean {whole.before.mean:.4f} -> {whole.after.mean:.4f}")
    print(f"{len(found.found.singles)} single changes, {len(found.found.agents)} agents")
    print(f"replay {seconds:.2f} s ({busy:.2f} s of processor in Python, the rest reading)")
    print(f"ratio {seconds / BAR:.2f} of the bar of {BAR:.0f} s; the process grew by {grown:.0f} MB")
    if seconds > BAR or whole.reviews != REVIEWS:
        sys.exit("Above the bar, or not all reviews.")


def _asked(workspace: Workspace, scorecard: int) -> Replayed:
    return replayed(Actor.system(workspace), scorecard, 2, period=PERIOD)


def _check(workspace: Workspace, scorecard: int) -> None:
    """The scores of some reviews, one by one."""
    definition = parse(DRAFT)
    past = history(workspace.pk, scorecard, PERIOD, "submitted", peers=True, asked=asked_of([definition]))
    now = Card(definition).rescore(past.choices, past.contexts)
    for row in np.linspace(0, len(past.reviews) - 1, LOOKED_AT, dtype=int):
        context = past.contexts.distinct[past.contexts.places[row]]
        ratings = [_rated(key, column, row) for key, column in past.choices.columns.items()]
        shown = visible(definition, context, chosen_of(ratings))
        kept = [rated for rated in ratings if rated.category in shown]
        if score(definition, kept, context, strict=False).score != Decimal(int(now.score[row])) / ONE:
            sys.exit(f"Review {past.reviews[row]} scores otherwise.")


def _rated(category: str, column: Column, row: int) -> Rated:
    place = column.codes[row]
    return Rated(category, na=True) if place < 0 else Rated(category, column.options[place])


def _peak() -> float:
    """Peak memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
