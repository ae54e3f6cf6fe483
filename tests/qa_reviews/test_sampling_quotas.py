"""How many are drawn of each agent: worked values, and what must hold for any frames."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from qa_reviews.sampling import (
    KINDS,
    Quota,
    allocate,
    assign,
    needed_reviews,
    quotas,
    quotas_held,
    second_items,
)

SEED = "2025-W10:3:2026-03-02"


def quota(value: str, of: str = "agent", kind: str = "number", **more: object) -> Quota:
    return Quota(of=of, kind=kind, value=Decimal(value), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "frames", "expected"),
    [
        (quota("5"), {1: 3, 2: 5, 3: 80, 4: 0}, {1: 3, 2: 5, 3: 5, 4: 0}),
        (quota("0.1", kind="share"), {1: 3, 2: 25, 3: 80, 4: 0}, {1: 1, 2: 3, 3: 8, 4: 0}),
        (quota("1", kind="share"), {1: 3}, {1: 3}),
        (quota("10", of="total"), {1: 3, 2: 50, 3: 50}, {1: 3, 2: 4, 3: 3}),
        (quota("500", of="total"), {1: 3, 2: 50}, {1: 3, 2: 50}),
        (quota("0", of="total"), {1: 3}, {1: 0}),
        (quota("10", of="total"), {}, {}),
        (quota("0.25", of="total", kind="share"), {1: 3, 2: 3}, {1: 1, 2: 1}),
        (quota("4", of="reviewer", weights=Decimal("2.5")), {1: 50, 2: 50}, {1: 5, 2: 5}),
        (quota("4", of="reviewer"), {1: 50}, {1: 0}),
    ],
)
def test_worked_quotas(asked: Quota, frames: dict[int, int], expected: dict[int, int]) -> None:
    assert quotas(asked, frames, SEED) == expected


def test_what_is_left_of_the_last_round_goes_by_hash() -> None:
    def rank(agent: int) -> str:
        return hashlib.md5(f"{SEED}:quota:{agent}".encode()).hexdigest()

    frames = dict.fromkeys(range(1, 8), 40)
    given_out = quotas(quota("17", of="total"), frames, SEED)
    luckiest = sorted(frames, key=rank)[:3]
    assert given_out == {agent: 3 if agent in luckiest else 2 for agent in frames}


def test_precision_asks_the_planner_of_each_agent() -> None:
    sds = {1: Decimal("18.5"), 2: Decimal(25)}
    asked = quota("5", kind="precision", sds=sds)
    assert quotas(asked, {1: 60, 2: 200}, SEED) == {
        1: needed_reviews(18.5, 5, 60),
        2: needed_reviews(25, 5, 200),
    }
    with pytest.raises(KeyError):
        quotas(asked, {3: 60}, SEED)


@pytest.mark.parametrize(
    ("of", "kind", "value", "part"),
    [
        ("agent", "handful", "5", (1, 1)),
        ("team", "number", "5", (1, 1)),
        ("reviewer", "share", "0.5", (1, 1)),
        ("total", "precision", "5", (1, 1)),
        ("agent", "number", "-1", (1, 1)),
        ("agent", "number", "NaN", (1, 1)),
        ("agent", "share", "1.01", (1, 1)),
        ("agent", "precision", "0", (1, 1)),
        ("agent", "number", "5", (5, 4)),
        ("agent", "number", "5", (0, 4)),
    ],
)
def test_no_quota(of: str, kind: str, value: str, part: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"no |must be positive"):
        quota(value, of, kind, part=part)


def test_a_quota_is_kept_in_the_ledger_exactly() -> None:
    asked = [
        quota("100"),
        quota("0.0625", kind="share"),
        quota("4", of="reviewer", weights=Fraction(5, 2), part=(2, 5)),
        quota("5", kind="precision", sds={7: Decimal("18.2500"), 12: Decimal(20)}),
    ]
    for each in asked:
        assert Quota.stored(json.loads(json.dumps(each.as_json()))) == each
    assert asked[0].as_json()["value"] == "100"
    with pytest.raises(ValueError, match="not a number"):
        Quota.stored(asked[0].as_json() | {"value": "many"})


# --- properties -----------------------------------------------------------------------------------

FRAMES = some.dictionaries(some.integers(1, 10**6), some.integers(0, 60), max_size=25)
SHARES = some.decimals(0, 1, places=4)


@some.composite
def asked_quotas(draw: some.DrawFn) -> tuple[Quota, dict[int, int]]:
    frames = draw(FRAMES)
    of = draw(some.sampled_from(sorted(KINDS)))
    kind = draw(some.sampled_from(KINDS[of]))
    values = {
        "number": some.integers(0, 400).map(Decimal),
        "share": SHARES,
        "precision": some.decimals("0.5", 50, places=2),
    }
    n = draw(some.integers(1, 5)) if kind == "number" else 1
    sds = {agent: draw(some.decimals(0, 50, places=4)) for agent in frames} if kind == "precision" else {}
    weights = draw(some.decimals(0, 20, places=2)) if of == "reviewer" else Decimal(0)
    part = (draw(some.integers(1, n)), n)
    return Quota(of=of, kind=kind, value=draw(values[kind]), part=part, weights=weights, sds=sds), frames


@given(asked_quotas())
def test_nobody_is_asked_for_more_than_he_has(asked: tuple[Quota, dict[int, int]]) -> None:
    wanted, frames = asked
    found = quotas(wanted, frames, SEED)
    assert found.keys() == frames.keys()
    assert all(0 <= found[agent] <= n for agent, n in frames.items())
    if wanted.kind in ("share", "precision") and wanted.of == "agent":
        assert all(found[agent] > 0 for agent, n in frames.items() if n)


@given(FRAMES, some.integers(0, 900))
def test_a_total_is_given_out_wholly_and_evenly(frames: dict[int, int], total: int) -> None:
    found = quotas(quota(str(total), of="total"), frames, SEED)
    assert sum(found.values()) == min(total, sum(frames.values()))
    asking = [found[agent] for agent, n in frames.items() if found[agent] < n]
    assert max(found.values(), default=0) - min(asking, default=0) <= 1 or not asking


@given(FRAMES, some.integers(0, 600), some.integers(1, 600))
def test_a_bigger_total_takes_from_nobody(frames: dict[int, int], total: int, more: int) -> None:
    less = quotas(quota(str(total), of="total"), frames, SEED)
    greater = quotas(quota(str(total + more), of="total"), frames, SEED)
    assert all(less[agent] <= greater[agent] for agent in frames)


@given(some.integers(0, 500), some.integers(1, 6))
def test_the_parts_of_a_number_add_up_to_it(number: int, n: int) -> None:
    frames = {7: 10**6}
    parts = [quotas(quota(str(number), part=(k, n)), frames, SEED)[7] for k in range(1, n + 1)]
    assert sum(parts) == number
    assert max(parts) - min(parts) <= 1


@given(asked_quotas(), asked_quotas())
def test_a_raise_keeps_what_was_drawn_and_its_bands(
    before: tuple[Quota, dict[int, int]], after: tuple[Quota, dict[int, int]]
) -> None:
    first, frames = before
    second = Quota.per_agent(int(after[0].value))
    held = quotas_held([first, second], frames, SEED)
    for agent, n in quotas(first, frames, SEED).items():
        assert held[agent] >= n
        risk = frames[agent] // 3
        smaller = allocate(n, Decimal("0.35"), risk, frames[agent] - risk)
        bigger = allocate(held[agent], Decimal("0.35"), risk, frames[agent] - risk)
        if smaller.banded:
            assert (bigger.risk >= smaller.risk, bigger.normal >= smaller.normal) == (True, True)


@given(
    some.integers(1, 400),
    some.dictionaries(some.integers(1, 50), some.decimals("0.25", 8, places=2), min_size=1, max_size=8),
)
def test_items_go_by_weight(items: int, weights: dict[int, Decimal]) -> None:
    found = assign(SEED, {item: set(weights) for item in range(items)}, weights=weights)
    held = Counter(found.values())
    load = {member: Fraction(held[member]) / Fraction(weight) for member, weight in weights.items()}
    for member, weight in weights.items():
        # Before his last item nobody held less for his weight than he did.
        assert not held[member] or load[member] - 1 / Fraction(weight) <= min(load.values())


def test_a_weight_of_three_gets_three_times_as_many() -> None:
    weights = {1: Decimal("1.5"), 2: Decimal("0.5")}
    found = list(assign(SEED, {item: {1, 2} for item in range(400)}, weights=weights).values())
    assert (found.count(1), found.count(2)) == (300, 100)
    behind = assign(SEED, {item: {1, 2} for item in range(40)}, {1: 0, 2: 10}, weights)
    assert list(behind.values()).count(1) == 37  # 30 to draw level at 20 for his weight, then 3 of 4
    with pytest.raises(ValueError, match="positive"):
        assign(SEED, {1: {1}}, weights={1: Decimal(0)})


@given(some.sets(some.integers(1, 10**6), max_size=60), some.sets(some.integers(1, 10**6)), SHARES)
def test_second_reviews_stay_when_more_is_drawn(ids: set[int], more: set[int], share: Decimal) -> None:
    before = second_items(SEED, ids, share)
    after = second_items(SEED, ids | more, share, kept=before)
    assert after[: len(before)] == before
    assert len(after) == len(set(after)) >= int(len(ids | more) * share)
