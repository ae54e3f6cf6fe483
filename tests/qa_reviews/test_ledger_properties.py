"""What every ledger promises: the stated probability is the true one, and no row can be changed unseen."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from qa_reviews.models import Draw, QueueItem, SamplePlan, Stratum
from qa_reviews.sampling import Quota, allocate, pick, quotas_held, unit_hash
from qa_reviews.selectors.ledgers import verify
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import QuotaInput
from qa_reviews.services.queue import skip
from qa_reviews.services.raises import raise_quota
from tests.qa_reviews.samples import WEEK, conversations, plan
from tests.world import Place, World

# --- the probability ------------------------------------------------------------------------------

SEEDS = 1500
FRAMES = {1: (12, 30), 2: (2, 9), 3: (0, 7), 4: (5, 0), 5: (1, 1)}
"""Conversations of each agent that are risks and that are not."""
QUOTAS = {
    "per agent": [Quota.per_agent(5)],
    "one per agent": [Quota.per_agent(1)],
    "a share": [Quota(kind="share", value=Decimal("0.3"))],
    "in total": [Quota(of="total", value=Decimal(13))],
    "in total, raised": [Quota(of="total", value=Decimal(3)), Quota.per_agent(4)],
    "a part of a month": [Quota(value=Decimal(14), part=(2, 4))],
}


def drawn_of(seed: str, stages: list[Quota]) -> dict[int, tuple[bool, float]]:
    """Each conversation: whether it is drawn, and with which stated probability."""
    given = quotas_held(stages, {agent: sum(sizes) for agent, sizes in FRAMES.items()}, seed)
    first = quotas_held(stages[:1], {agent: sum(sizes) for agent, sizes in FRAMES.items()}, seed)
    found: dict[int, tuple[bool, float]] = {}
    for agent, (risks, normals) in FRAMES.items():
        ids = [agent * 1000 + n for n in range(risks + normals)]
        banded = allocate(first[agent], Decimal("0.4"), risks, normals).banded
        allocated = allocate(given[agent], Decimal("0.4"), *((risks, normals) if banded else (0, len(ids))))
        bands = ((ids[:risks], allocated.risk), (ids[risks:], allocated.normal))
        for frame, n in bands if banded else ((ids, allocated.normal),):
            chosen = {pk for pk, _ in pick(seed, frame, n)}
            found |= {pk: (pk in chosen, n / len(frame)) for pk in frame}
    return found


@pytest.mark.parametrize("kind", QUOTAS)
def test_every_conversation_is_drawn_with_its_stated_probability(kind: str) -> None:
    """Over many seeds, the times a conversation is drawn less the probabilities stated: no mean beyond what
    chance allows 70 conversations in one of 10,000 runs, nor all together."""
    surplus, variance = defaultdict[int, float](float), defaultdict[int, float](float)
    for number in range(SEEDS):
        for pk, (drawn, p) in drawn_of(f"{kind}:{number}", QUOTAS[kind]).items():
            surplus[pk] += drawn - p
            variance[pk] += p * (1 - p)
    chance = [pk for pk in surplus if variance[pk] > 0]
    assert all(abs(surplus[pk]) < 1e-6 for pk in surplus if pk not in chance)
    z = {pk: surplus[pk] / math.sqrt(variance[pk]) for pk in chance}
    bound = NormalDist().inv_cdf(1 - 1e-4 / 2 / len(z))
    assert max(map(abs, z.values())) < bound
    assert sum(each * each for each in z.values()) < len(z) + 4 * math.sqrt(2 * len(z))


def test_places_are_spread_evenly() -> None:
    """A chi-squared of 64 cells over 64,000 hashes, at one in 10,000."""
    cells = [0] * 64
    for conversation in range(64_000):
        cells[int(unit_hash("2026:1:2026-03-02", conversation) * 64)] += 1
    assert sum((each - 1000) ** 2 / 1000 for each in cells) < 63 + 3.72 * math.sqrt(2 * 63) + 5


# --- no row can be changed unseen -----------------------------------------------------------------

LIFE = {
    Draw: set[str](),
    Stratum: set[str](),
    QueueItem: {
        "reviewer",
        "state",
        "claimed_at",
        "from_pool",
        "declined_by",
        "skip_reason",
        "skip_comment",
        "due_on",
        "created_at",
        "updated_at",
    },
}
"""What becomes of an item after it was drawn; all other columns are the ledger's."""
LEFT_OUT = {"id", "workspace"}


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def ledger(ours: Place) -> Draw:
    """Two agents, bands, second looks, a replacement before a raise and one after it."""
    for owner in ("agent", "other_agent"):
        conversations(ours, ours.rows[owner], 5, tags=["vip"])
        conversations(ours, ours.rows[owner], 9)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    sample = plan(
        ours,
        per_agent=3,
        risk_filter={"tag": "vip"},
        second_review_share=Decimal("0.4"),
        reviewers=members,
    )
    manager = ours.actor("manager")
    draw = draw_plan(actor=manager, plan_id=sample.pk, period_start=WEEK)[0]
    for _ in range(2):
        item = draw.items.filter(second_of=None, band="normal", state="open").order_by("pk").first()
        assert item is not None
        skip(actor=manager, item_id=item.pk, reason="not_reviewable")
        if not draw.raises:
            draw = raise_quota(actor=manager, draw_id=draw.pk, quota=QuotaInput(value=Decimal(5)))
    return draw


def other(value: Any, field: models.Field[Any, Any], place: Place) -> Any:
    """Another value that the column could hold."""
    if isinstance(field, models.ForeignKey):
        rows = field.related_model._base_manager.exclude(pk=value)
        found = rows.order_by("pk").values_list("pk", flat=True)
        return next((pk for pk in found), None)
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return {"risk": "normal", "normal": "risk"}.get(value, f"{value}x"[-field_length(field) :])
    if isinstance(value, int | float):
        return math.nextafter(value, 2) if isinstance(value, float) else value + 1
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, dict):
        return value | {"reviewee": "most_active"}
    if isinstance(value, list):
        return [*value[:-1], value[-1] + 1] if value and isinstance(value[-1], int) else []
    return datetime.now(place.workspace.created_at.tzinfo)


def field_length(field: models.Field[Any, Any]) -> int:
    return field.max_length or 10_000


def columns(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    fields = [each for each in model._meta.concrete_fields if each.name not in LEFT_OUT]
    life = LIFE[model]  # type: ignore[index]
    assert life <= {each.name for each in fields}
    return [each for each in fields if each.name not in life]


class Undo(Exception):
    """Takes a change back."""


def unseen(place: Place, draw: Draw, row: models.Model, field: models.Field[Any, Any]) -> bool:
    """Whether the column can be changed in the database, and verify finds nothing."""
    value = getattr(row, field.attname)
    changed = other(value, field, place)
    assert changed != value, field.name
    found: list[str] = []
    try:
        with transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(**{field.attname: changed})
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
            found = verify(place.system, draw.pk).differences
            raise Undo
    except Undo:
        return not found
    except DatabaseError:
        return False


@pytest.mark.parametrize("model", [Draw, Stratum, QueueItem])
def test_verify_catches_any_changed_column_of_any_row(
    ours: Place, ledger: Draw, model: type[models.Model]
) -> None:
    assert verify(ours.system, ledger.pk).differences == []
    rows = model._base_manager.filter(pk=ledger.pk) if model is Draw else rows_of(model, ledger)
    slipped = [
        f"{field.name} of {row.pk}"
        for row in rows
        for field in columns(model)
        if unseen(ours, ledger, row, field)
    ]
    assert slipped == []


def rows_of(model: type[models.Model], draw: Draw) -> models.QuerySet[Any]:
    rows = model._base_manager.filter(draw=draw).order_by("pk")
    assert rows.count() >= 4
    return rows


def test_verify_catches_a_row_that_is_gone(ours: Place, ledger: Draw) -> None:
    for row in (*ledger.items.all(), *ledger.strata.all()):
        try:
            with transaction.atomic():
                type(row)._base_manager.filter(pk=row.pk).delete()
                found = verify(ours.system, ledger.pk).differences
                raise Undo
        except Undo:
            assert found, row
        except DatabaseError:
            continue


def test_verify_catches_another_seed_of_the_plan(ours: Place, ledger: Draw) -> None:
    for change in ({"seed": "x"}, {"seed_given": False}, {"seeded_at": ledger.created_at}):
        SamplePlan.objects.filter(pk=ledger.plan_id).update(**change)
        assert verify(ours.system, ledger.pk).differences
