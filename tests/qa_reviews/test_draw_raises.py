"""A bigger quota for a draw that stands: nothing is lost, the next join, and the ledger proves both."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Role
from accounts.models import Agent, AuditEvent
from accounts.services.merging import merge_agent
from common.errors import Conflict, Invalid, Missing, Refused
from common.periods import Period
from conversations.models import Conversation
from insights import facts
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, Review, SamplePlan
from qa_reviews.selectors.ledgers import verify
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import QuotaInput, change_plan
from qa_reviews.services.queue import skip
from qa_reviews.services.raises import raise_quota
from tests.qa_reviews.samples import WEEK, conversations, plan
from tests.world import Place, World, add_person

HALF = Decimal("0.5")


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def drawn(place: Place, **given: object) -> Draw:
    sample = plan(place, **{"risk_filter": {"tag": "vip"}, "risk_share": HALF} | given)
    return draw_plan(actor=place.actor("manager"), plan_id=sample.pk, period_start=WEEK)[0]


def frames(place: Place, risks: int = 8, normals: int = 30) -> None:
    conversations(place, place.rows["agent"], risks, tags=["vip"])
    conversations(place, place.rows["agent"], normals)


def raised(place: Place, draw: Draw, value: object, **quota: str) -> Draw:
    asked = QuotaInput(value=Decimal(str(value)), **quota)
    return raise_quota(
        actor=place.actor("manager"), draw_id=draw.pk, quota=asked, reason="More is to be known"
    )


def firsts(draw: Draw) -> dict[int, QueueItem]:
    return {each.conversation_id: each for each in draw.items.filter(second_of=None)}


def test_what_was_drawn_stays_and_the_next_join(ours: Place) -> None:
    frames(ours)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(4)), reviewers=members, second_review_share=HALF)
    before, old_digest = firsts(draw), draw.digest
    seconds = set(draw.items.exclude(second_of=None).values_list("pk", flat=True))
    done = draw.items.filter(second_of=None).first()
    assert done is not None
    QueueItem.objects.filter(pk=done.pk).update(state="done")
    bigger = raised(ours, draw, 10)
    after = firsts(bigger)
    assert {pk: item.pk for pk, item in before.items()}.items() <= {
        pk: item.pk for pk, item in after.items()
    }.items()
    assert {row.band: (row.frame, row.drawn) for row in draw.strata.all()} == {
        "risk": (8, 5),
        "normal": (30, 5),
    }
    for row in draw.strata.all():
        items = [item for item in after.values() if item.band == row.band]
        assert {item.conversation_id: item.u for item in items} == dict(
            sampling.pick(draw.seed, row.frame_ids, 5)
        )
        assert {item.probability for item in items} == {5 / row.frame}
    assert after[done.conversation_id].state == "done"
    again = bigger.items.exclude(second_of=None)
    assert seconds < set(again.values_list("pk", flat=True))
    assert again.count() == 5
    pairs = [(each, after[each.conversation_id]) for each in again]
    assert all(second.reviewer_id != first.reviewer_id for second, first in pairs)
    held = Counter(bigger.items.values_list("reviewer", flat=True))
    assert held.keys() == set(members)
    assert max(held.values()) - min(held.values()) <= 3  # a second look goes to the other of the two
    assert bigger.digest not in ("", old_digest)
    [kept] = bigger.raises
    assert (kept["digest"], kept["reason"], kept["by"]) == (
        old_digest,
        "More is to be known",
        ours.people["manager"].pk,
    )
    assert kept["terms"]["quota"]["value"] == "4"
    assert verify(ours.system, draw.pk).differences == []
    assert AuditEvent.objects.get(action="draw.raised", subject_id=draw.pk).changes["drawn"] == [4, 10]


def test_replacements_before_a_raise_are_kept_and_proved(ours: Place) -> None:
    frames(ours)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(6)))
    for item in draw.items.filter(band="normal")[:2]:
        skip(actor=ours.actor("manager"), item_id=item.pk, reason="not_reviewable")
    before = firsts(draw)
    assert len(before) == 8
    raised(ours, draw, 12)
    after = firsts(draw)
    assert before.keys() < after.keys()
    normal = draw.strata.get(band="normal")
    assert normal.drawn == 6
    expected = dict(sampling.pick(draw.seed, normal.frame_ids, 8))
    assert {pk for pk, item in after.items() if item.band == "normal"} == set(expected)
    assert draw.items.filter(replaces__isnull=False).count() == 2
    assert verify(ours.system, draw.pk).differences == []
    later = draw.items.filter(band="normal", state="open").order_by("-u").first()
    assert later is not None
    skip(actor=ours.actor("manager"), item_id=later.pk, reason="not_reviewable")
    assert verify(ours.system, draw.pk).differences == []
    draw.items.filter(replaces__isnull=False, state="open").update(replaces=None)
    assert verify(ours.system, draw.pk).differences


def test_replacements_that_the_raise_would_have_drawn_are_drawn(ours: Place) -> None:
    """Of ten, eight are drawn and two stand in for others: a quota of nine finds nobody new, and one of each
    frame's size leaves no stand-in."""
    conversations(ours, ours.rows["agent"], 10)
    conversations(ours, ours.rows["other_agent"], 20)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(8)))
    for item in draw.items.filter(agent=ours.rows["agent"])[:2]:
        skip(actor=ours.actor("manager"), item_id=item.pk, reason="not_reviewable")
    raised(ours, draw, 9)
    small = draw.strata.get(agent=ours.rows["agent"])
    assert (small.drawn, small.items.count()) == (9, 10)
    assert small.items.filter(replaces__isnull=False).count() == 1
    assert verify(ours.system, draw.pk).differences == []
    cells = facts.stratum_cells(
        ours.workspace.pk, draw.plan_id, Period(WEEK, draw.period_end), draw.period_end, peers=True
    )
    assert {each.frame: each.drawn for each in cells.inside(Period(WEEK, draw.period_end))} == {10: 10, 20: 9}
    raised(ours, draw, 20)
    assert not small.items.filter(replaces__isnull=False).exists()
    assert verify(ours.system, draw.pk).differences == []


def test_a_raise_that_finds_nobody_new_is_none(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 10)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(8)))
    for item in draw.items.all()[:2]:
        skip(actor=ours.actor("manager"), item_id=item.pk, reason="not_reviewable")
    with pytest.raises(Invalid) as wrong:
        raised(ours, draw, 9)
    assert [each.code for each in wrong.value.errors] == ["nothing_more"]
    draw.refresh_from_db()
    assert (draw.raises, draw.strata.get().drawn) == ([], 8)
    assert verify(ours.system, draw.pk).differences == []


def test_who_had_no_bands_keeps_none(ours: Place) -> None:
    frames(ours)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(1)))
    [first] = firsts(draw)
    assert [(row.band, row.frame, row.drawn) for row in draw.strata.all()] == [("normal", 38, 1)]
    raised(ours, draw, 6)
    assert [(row.band, row.frame, row.drawn) for row in draw.strata.all()] == [("normal", 38, 6)]
    assert first in firsts(draw)
    assert verify(ours.system, draw.pk).differences == []


def test_raised_twice_and_to_another_kind_of_quota(ours: Place) -> None:
    frames(ours)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(3)))
    for value, kind in ((5, "number"), (0.5, "share"), (3, "precision")):
        before = firsts(draw)
        draw = raised(ours, draw, value, kind=kind)
        assert before.keys() < firsts(draw).keys()
        assert verify(ours.system, draw.pk).differences == []
    assert [each["terms"]["quota"]["kind"] for each in draw.raises] == ["number", "number", "share"]
    assert draw.terms["quota"]["sds"] == {str(ours.rows["agent"].pk): "20"}


def test_a_week_keeps_its_part_of_the_month(ours: Place) -> None:
    """Also when the plan draws whole months since."""
    conversations(ours, ours.rows["agent"], 40)
    draw = drawn(ours, period="month", weekly_parts=True, quota=QuotaInput(value=Decimal(8)))
    assert (draw.terms["quota"]["part"], draw.items.count()) == ([1, 4], 2)
    change_plan(actor=ours.actor("manager"), plan_id=draw.plan_id, changes={"weekly_parts": False})
    draw = raised(ours, draw, 20)
    assert (draw.terms["quota"]["part"], draw.items.count()) == ([1, 4], 5)


def test_a_quota_of_reviewers_counts_who_came_back(ours: Place) -> None:
    """One of the two was away when the plan was drawn: the same quota of each gives more now."""
    conversations(ours, ours.rows["agent"], 40)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    away = ours.people["second_reviewer"].absences.create(
        workspace=ours.workspace, starts_on=WEEK, ends_on=date(2199, 1, 1)
    )
    draw = drawn(ours, quota=QuotaInput(of="reviewer", value=Decimal(4)), reviewers=members)
    assert draw.items.count() == 4
    away.delete()
    draw = raised(ours, draw, 4, of="reviewer")
    assert Counter(draw.items.values_list("reviewer", flat=True)) == dict.fromkeys(members, 4)
    again = raised(ours, draw, 4, of="reviewer")
    assert (len(again.raises), again.items.count()) == (1, 8)


def test_who_turned_out_to_be_the_agent_is_given_nothing_of_his(ours: Place) -> None:
    """Ana was merged into Gil, who grades: what else is drawn of hers is his own work. Nor is anybody given
    what he has reviewed, which is a review of Gil now."""
    gil = Agent.objects.create(workspace=ours.workspace, source="chat", external_id="gil")
    grader = add_person(ours, "gil", Role.REVIEWER, agent=gil)
    conversations(ours, ours.rows["agent"], 20)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk, grader.pk)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(2)), reviewers=members)
    ours.people["agent"].agent = None
    ours.people["agent"].save()
    merge_agent(actor=ours.actor("manager"), agent_id=ours.rows["agent"].pk, into_id=gil.pk)
    [stratum] = draw.strata.all()
    following = [pk for pk, _ in sampling.pick(draw.seed, stratum.frame_ids, 12)][2:]
    for pk in following:
        review_by_hand(ours, Conversation.objects.get(pk=pk))
    raised(ours, draw, 12)
    fresh = draw.items.filter(conversation_id__in=following)
    assert {each.reviewer for each in fresh} == {ours.people["second_reviewer"]}


def review_by_hand(place: Place, conversation: Conversation) -> Review:
    assert conversation.agent is not None
    return Review.objects.create(
        workspace=place.workspace,
        conversation=conversation,
        agent=conversation.agent,
        reviewer=place.people["reviewer"],
        scorecard=place.rows["scorecard"],
        version=place.rows["version"],
        state="submitted",
        submitted_at=conversation.closed_at,
        submitted_on=conversation.closed_on,
        closed_on=conversation.closed_on,
    )


@pytest.mark.parametrize("column", ["digest", "reason", "at", "by", "terms", "allowed_reviewers", "rule"])
def test_verify_finds_a_changed_history(ours: Place, column: str) -> None:
    frames(ours)
    draw = raised(ours, drawn(ours, quota=QuotaInput(value=Decimal(3))), 5)
    [kept] = draw.raises
    changed = {
        "by": None,
        "allowed_reviewers": [],
        "terms": kept["terms"] | {"quota": sampling.Quota.per_agent(2).as_json()},
    }
    Draw.objects.filter(pk=draw.pk).update(raises=[kept | {column: changed.get(column, "other")}])
    assert verify(ours.system, draw.pk).differences
    garbage: list[list[Any]] = [
        [],
        [{}],
        [1],
        ["x"],
        [kept | {"terms": None}],
        [kept | {"terms": {"quota": 5}}],
    ]
    for other in garbage:
        Draw.objects.filter(pk=draw.pk).update(raises=other)
        assert verify(ours.system, draw.pk).differences


def test_the_same_quota_again_changes_nothing(ours: Place) -> None:
    frames(ours)
    draw = raised(ours, drawn(ours, quota=QuotaInput(value=Decimal(3))), 5)
    again = raised(ours, draw, 5)
    assert (again.digest, len(again.raises), again.items.count()) == (draw.digest, 1, 5)


@pytest.mark.parametrize(
    ("value", "kind", "pointer", "code"),
    [
        (2, "number", "/quota", "nothing_more"),
        ("0.01", "share", "/quota", "nothing_more"),
        (0, "number", "/quota/value", "out_of_range"),
        ("1.5", "number", "/quota/value", "invalid"),
        (5, "handful", "/quota/kind", "invalid_choice"),
    ],
)
def test_a_raise_that_is_none(ours: Place, value: object, kind: str, pointer: str, code: str) -> None:
    frames(ours)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(3)))
    before = (draw.digest, draw.items.count())
    with pytest.raises(Invalid) as wrong:
        raised(ours, draw, value, kind=kind)
    assert [(each.pointer, each.code) for each in wrong.value.errors] == [(pointer, code)]
    draw.refresh_from_db()
    assert (draw.digest, draw.items.count(), draw.raises) == (*before, [])


def test_a_frame_that_is_used_up_has_no_more(ours: Place) -> None:
    frames(ours, 1, 2)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(5)))
    with pytest.raises(Invalid):
        raised(ours, draw, 8)


def test_a_draw_of_before_quotas_is_raised_like_any(ours: Place) -> None:
    frames(ours)
    draw = drawn(ours, quota=QuotaInput(value=Decimal(3)))
    terms = {name: value for name, value in draw.terms.items() if name not in ("quota", "kind", "assignment")}
    old = {"terms": terms | {"per_agent": 3}, "rule": "stratified-md5-1", "digest": ""}
    Draw.objects.filter(pk=draw.pk).update(**old)
    assert verify(ours.system, draw.pk).differences == []
    draw = raised(ours, draw, 6)
    assert (draw.rule, draw.items.count()) == (sampling.RULE, 6)
    assert verify(ours.system, draw.pk).differences == []


def test_who_may_raise_and_when(world: World, ours: Place) -> None:
    frames(ours)
    draw = drawn(ours)
    asked = QuotaInput(value=Decimal(9))
    with pytest.raises(Refused):
        raise_quota(actor=ours.actor("lead"), draw_id=draw.pk, quota=asked)
    with pytest.raises(Missing):
        raise_quota(actor=ours.actor("reviewer"), draw_id=draw.pk, quota=asked)
    with pytest.raises(Missing):
        raise_quota(actor=world["theirs"].actor("manager"), draw_id=draw.pk, quota=asked)
    team = {"team": [ours.rows["team"].pk]}
    SamplePlan.objects.filter(pk=draw.plan_id).update(
        filter=team
    )  # the draw reaches further than the plan now
    with pytest.raises(Refused):
        raise_quota(actor=ours.actor("lead"), draw_id=draw.pk, quota=asked)
    SamplePlan.objects.filter(pk=draw.plan_id).update(active=False)
    with pytest.raises(Conflict) as paused:
        raised(ours, draw, 9)
    assert paused.value.code == "plan_paused"
