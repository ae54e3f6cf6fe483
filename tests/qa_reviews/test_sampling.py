"""The draw's rule: the worked values of statistics.md section 1, and that a changed ledger is caught."""

import hashlib
import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from qa_reviews.sampling import (
    RULE,
    Allocation,
    Band,
    Ledger,
    LedgerItem,
    LedgerStratum,
    PooledSpread,
    Quota,
    Spread,
    allocate,
    assign,
    completion,
    default_share,
    differences,
    draw_seed,
    half_width_for,
    needed_reviews,
    pick,
    pooled_spread,
    replacement,
    second_items,
    unit_hash,
)

SEED = "2025-W10"
PRECISE = Quota(kind="precision", value=Decimal(5))  # without anybody's standard deviation


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def test_seed_of_a_draw_is_an_exact_string():
    assert draw_seed(8812, 3, date(2026, 3, 2)) == "8812:3:2026-03-02"
    assert draw_seed("spring", 3, date(2026, 3, 2)) == "spring:3:2026-03-02"


@pytest.mark.parametrize(
    ("conversation", "u"), [(1, 0.5692509681259937), (2, 0.49860717062986215), (42, 0.7468924720520328)]
)
def test_worked_hashes(conversation, u):
    assert unit_hash(SEED, conversation) == u


@pytest.mark.parametrize(
    ("quota", "share", "n_risk", "n_normal", "expected"),
    [
        (5, "0.6", 30, 170, Allocation(3, 2, True)),
        (5, "0.5", 30, 170, Allocation(3, 2, True)),
        (5, "0.9", 30, 170, Allocation(4, 1, True)),
        (5, "0", 30, 170, Allocation(1, 4, True)),
        (5, "0.6", 1, 9, Allocation(1, 4, True)),
        (1, "0.6", 30, 170, Allocation(0, 1, False)),
        (5, "0.6", 0, 170, Allocation(0, 5, False)),
        (5, "0.6", 30, 0, Allocation(0, 5, False)),
        (5, "0.6", 0, 3, Allocation(0, 3, False)),
        (5, "0.6", 0, 0, Allocation(0, 0, False)),
        (0, "0.6", 30, 170, Allocation(0, 0, False)),
        (10, "0.2", 30, 3, Allocation(7, 3, True)),
        (50, "0.5", 3, 4, Allocation(3, 4, True)),
    ],
)
def test_worked_allocations(quota, share, n_risk, n_normal, expected):
    assert allocate(quota, Decimal(share), n_risk, n_normal) == expected


def test_a_half_rounds_up_exactly():
    assert allocate(15, Decimal("0.1"), 30, 170).risk == 2
    assert allocate(15, Fraction(1, 10) - Fraction(1, 10**30), 30, 170).risk == 1


@pytest.mark.parametrize(("quota", "share"), [(5, "1.1"), (5, "-0.1"), (-1, "0.5")])
def test_impossible_allocations_are_refused(quota, share):
    with pytest.raises(ValueError, match="not an allocation"):
        allocate(quota, Decimal(share), 30, 170)


def test_default_share_grows_with_the_quota():
    assert [default_share(quota) for quota in (1, 9, 10, 40)] == [
        Decimal(share) for share in ("0.2", "0.2", "0.4", "0.4")
    ]


def test_pick_takes_the_smallest_hashes_in_order():
    drawn = pick(SEED, [42, 1, 2], 2)
    assert drawn == [(2, 0.49860717062986215), (1, 0.5692509681259937)]


def test_a_bigger_quota_contains_the_smaller_and_replacement_is_the_next():
    frame = list(range(1, 200))
    small, large = pick(SEED, frame, 7), pick(SEED, frame, 12)
    assert large[:7] == small
    assert replacement(SEED, frame, [each for each, _ in small]) == large[7]
    assert pick(SEED, reversed(frame), 7) == small


def test_no_replacement_once_the_frame_is_used_up():
    assert len(pick(SEED, [1, 2], 5)) == 2
    assert replacement(SEED, [1, 2], [1, 2]) is None


def test_equal_weight_of_all_conversations():
    """Each of 40 conversations lands in a sample of 10 in about a quarter of 2,000 seeds."""
    times = dict.fromkeys(range(40), 0)
    for seed in range(2000):
        for conversation, _ in pick(f"s{seed}", range(40), 10):
            times[conversation] += 1
    assert all(420 < each < 580 for each in times.values())  # 500 +- 4 standard deviations


def test_assignment_is_even_and_in_the_order_of_the_rule():
    allowed = {item: {11, 12, 13} for item in range(1, 11)}
    assigned = assign(SEED, allowed)
    assert list(assigned) == sorted(allowed, key=lambda item: md5(f"{SEED}:assign:{item}"))
    turn = sorted((11, 12, 13), key=lambda member: md5(f"{SEED}:reviewer:{member}"))
    assert list(assigned.values()) == (turn * 4)[:10]


def test_assignment_respects_who_is_allowed_and_what_they_hold():
    allowed = {1: {11, 12}, 2: {12}, 3: set(), 4: {11, 12}, 5: {11, 12}}
    assigned = assign(SEED, allowed, loads={12: 5})
    assert assigned == {1: 11, 2: 12, 3: None, 4: 11, 5: 11}
    assert allowed[1] == {11, 12}


@pytest.mark.parametrize(
    ("count", "share", "expected"), [(10, "0.1", 1), (5, "0.1", 1), (4, "0.1", 0), (3, "1", 3)]
)
def test_second_reviews_round_half_up_in_hash_order(count, share, expected):
    ids = list(range(1, count + 1))
    order = sorted(ids, key=lambda item: md5(f"{SEED}:second:{item}"))
    assert second_items(SEED, ids, Decimal(share)) == order[:expected]


def test_spread_is_around_stratum_means_and_adds_up():
    one = Spread.of(3, Decimal(240), Decimal(19400))  # 70, 80, 90
    two = Spread.of(2, Decimal(60), Decimal(2000))  # 20, 40
    assert one == Spread(Decimal(200), 2)
    assert one + two == Spread(Decimal(400), 3)
    assert (one + two).variance == pytest.approx(400 / 3)
    assert Spread.of(0, Decimal(0), Decimal(0)).df == 0


def test_equal_scores_have_exactly_no_spread():
    y = Decimal("33.3333")
    assert Spread.of(7, 7 * y, 7 * y * y).squares == 0


def spreads(risk, normal, s2=(400, 100)):
    return {"risk": Spread(Decimal(risk * s2[0]), risk), "normal": Spread(Decimal(normal * s2[1]), normal)}


@pytest.mark.parametrize(
    ("team", "expected"),
    [
        (spreads(10, 20), PooledSpread({"risk": 400, "normal": 100}, "team")),
        (spreads(9, 21), PooledSpread({"risk": (3600 + 2100) / 30, "normal": 100}, "team")),
        (spreads(9, 20), PooledSpread({"risk": 900, "normal": 225}, "workspace")),
        ({}, PooledSpread({"risk": 900, "normal": 225}, "workspace")),
    ],
)
def test_which_spread_is_used(team, expected):
    assert pooled_spread(team, spreads(50, 50, (900, 225))) == expected


def test_spread_stays_unknown_below_ten_degrees_of_freedom():
    assert pooled_spread({}, spreads(4, 5)) is None
    joint = (4 * 400 + 6 * 100) / 10
    assert pooled_spread({}, spreads(4, 6)) == PooledSpread({"risk": joint, "normal": joint}, "workspace")


def test_completion_leaves_out_what_cannot_be_reviewed():
    assert completion(done=6, drawn=10, not_reviewable=2) == 0.75
    assert completion(done=0, drawn=2, not_reviewable=2) is None


def test_planner_by_hand():
    # sd 20, +-10: n0 = (1.96 * 20 / 10)^2 = 15.366; of 200: 15.366 / (1 + 0.07683) = 14.27
    assert needed_reviews(20, 10, 200) == 15
    assert needed_reviews(20, 10, 10**9) == 16
    assert needed_reviews(20, 10, 5) == 4  # 15.366 / (1 + 3.0732) = 3.77
    assert needed_reviews(0, 10, 5) == 1
    assert needed_reviews(20, 10, 0) == 0
    assert half_width_for(20, 16, 10**9) == pytest.approx(9.8, abs=0.001)
    assert half_width_for(20, 8, 8) == 0
    with pytest.raises(ValueError, match="positive"):
        needed_reviews(20, 0, 5)
    with pytest.raises(ValueError, match="nothing is known"):
        half_width_for(20, 0, 5)


@pytest.mark.parametrize(("sd", "n", "frame"), [(18.0, 5, 60), (25.0, 15, 200), (7.5, 40, 41)])
def test_planner_and_its_inverse_agree(sd, n, frame):
    width = half_width_for(sd, n, frame)
    assert math.isclose(width, 1.96 * sd * math.sqrt((1 - n / frame) / n), rel_tol=1e-4)
    assert needed_reviews(sd, width, frame) == n


def drawn_ledger():
    """Agent 7: 6 risk and 14 normal, 5 x 0.6 gives 3 and 2, one replaced; agent 8: three in one stratum."""
    drawn: list[tuple[int, Band, range, int]] = [
        (7, "risk", range(1, 7), 3),
        (7, "normal", range(10, 24), 2),
        (8, "normal", range(30, 33), 3),
    ]
    strata, items = [], []
    for agent, band, frame, n in drawn:
        strata.append(LedgerStratum(agent, band, tuple(frame), n))
        extra = 1 if band == "risk" else 0
        for place, (conversation, u) in enumerate(pick(SEED, frame, n + extra)):
            items.append(LedgerItem(conversation, agent, band, u, n / len(frame), replacement=place >= n))
    return Ledger(SEED, RULE, Quota.per_agent(5), Decimal("0.6"), tuple(strata), tuple(items))


def with_stratum(ledger, index, **changes):
    strata = list(ledger.strata)
    strata[index] = replace(strata[index], **changes)
    return replace(ledger, strata=tuple(strata))


def with_item(ledger, index, **changes):
    items = list(ledger.items)
    items[index] = replace(items[index], **changes)
    return replace(ledger, items=tuple(items))


def test_a_true_ledger_has_no_differences():
    assert differences(drawn_ledger()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda it: replace(it, seed="2025-W11"), "the hash is"),
        (lambda it: replace(it, rule="older-rule"), "rule older-rule"),
        (lambda it: replace(it, quota=Quota.per_agent(6)), "drawn, the rule gives"),
        (lambda it: replace(it, quota=Quota.per_agent(1)), "where the rule makes no bands"),
        (lambda it: replace(it, quota=PRECISE), "No draw has the quota that is kept"),
        (lambda it: replace(it, former=(Quota.per_agent(1),)), "where the rule makes no bands"),
        (lambda it: replace(it, former=(Quota.per_agent(6),)), "drawn, the rule gives"),
        (lambda it: replace(it, share=Decimal(2)), "a risk share of 2"),
        (lambda it: replace(it, share=Decimal("0.2")), "3 drawn, the rule gives 1"),
        (lambda it: with_stratum(it, 0, drawn=4), "4 drawn, the rule gives 3"),
        (
            lambda it: with_stratum(it, 2, agent=9),
            "Agent 8, band normal, conversation 30: no frame is listed",
        ),
        (lambda it: with_stratum(it, 1, frame=tuple(range(10, 25))), "the probability is"),
        (lambda it: with_stratum(it, 1, frame=(11, 10, *range(12, 24))), "the frame is not sorted"),
        (lambda it: with_stratum(it, 1, frame=(1, *range(11, 24))), "Conversation 1 stands 2 times"),
        (lambda it: with_stratum(it, 2, agent=7), "Agent 7, band normal: listed 2 times"),
        (lambda it: with_item(it, 0, u=math.nextafter(it.items[0].u, 1)), "the hash is"),
        (lambda it: with_item(it, 0, probability=0.6), "the probability is 0.6, the rule gives 0.5"),
        (lambda it: with_item(it, 0, conversation=99), "conversation 99 does not belong in the draw"),
        (lambda it: with_item(it, 0, agent=8), "is missing from the draw"),
        (lambda it: with_item(it, 0, band="normal"), "does not belong in the draw"),
        (lambda it: with_item(it, 3, replacement=False), "does not belong in the draw"),
        (lambda it: with_item(it, 0, replacement=True), "is missing from the draw"),
        (lambda it: replace(it, items=it.items[1:]), "is missing from the draw"),
        (lambda it: replace(it, items=(*it.items, it.items[0])), "does not belong in the draw"),
        (lambda it: replace(it, strata=it.strata[1:]), "no frame is listed"),
    ],
)
def test_every_changed_number_is_caught_and_named(change, words):
    assert any(words in each for each in differences(change(drawn_ledger())))


def test_a_replacement_out_of_turn_is_caught():
    ledger = drawn_ledger()
    skipped = pick(SEED, range(1, 7), 5)[4]
    found = differences(with_item(ledger, 3, conversation=skipped[0], u=skipped[1]))
    right = ledger.items[3].conversation
    assert f"Agent 7, band risk: conversation {right} is missing from the replacement." in found
