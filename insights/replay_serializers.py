"""Shape of a replay in requests and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from common.errors import invalid
from common.periods import Period
from common.refs import ref_json
from common.serializers import Fixed4, RefOut, Strict
from insights.facts.history import MOST_REVIEWS
from insights.query import AXES
from insights.replay import Move, Mover, Single
from insights.replay_words import category_sentences, turnover
from insights.selectors.replay import Replayed
from insights.stats import fixed4
from insights.why import CategoryEffect, Standing
from scorecards.serializers import DefinitionField


class ReplayIn(Strict):
    """The period of the reviews, the last 13 weeks if absent, and a definition that is not saved yet."""

    to = serializers.DateField(required=False)
    date_axis = serializers.ChoiceField(choices=AXES, default="submitted")
    definition = DefinitionField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(required=False)} | super().get_fields()

    @property
    def period(self) -> Period | None:
        """Both ends or neither, in order."""
        first, last = self.validated_data.get("from"), self.validated_data.get("to")
        if first is None and last is None:
            return None
        if first is None or last is None:
            missing = "from" if first is None else "to"
            raise invalid(f"/{missing}", "required", f"Give “{missing}” as well: a period has two ends.")
        if first > last:
            raise invalid("/to", "reversed_period", "The period ends before it begins.")
        return Period(first, last)


class ReplaySideOut(serializers.Serializer[Any]):
    """Reviews with a score, their mean, and the share that reaches the pass mark."""

    scored = serializers.IntegerField()
    mean = Fixed4(allow_null=True)
    pass_rate = Fixed4(allow_null=True)


class ReplayMoveOut(serializers.Serializer[Any]):
    """`lost` and `gained`: scores; `now_failing`, `now_passing`: reviews that cross the pass mark."""

    reviews = serializers.IntegerField()
    before = ReplaySideOut()
    after = ReplaySideOut()
    change = Fixed4(allow_null=True)
    pass_change = Fixed4(allow_null=True)
    moved = serializers.IntegerField()
    lost = serializers.IntegerField()
    gained = serializers.IntegerField()
    now_failing = serializers.IntegerField()
    now_passing = serializers.IntegerField()


class ReplayTeamOut(ReplayMoveOut):
    team = RefOut(allow_null=True)


class ReplayAgentOut(ReplayMoveOut):
    agent = RefOut()


class ReplayMoverOut(serializers.Serializer[Any]):
    review = serializers.IntegerField()
    agent = RefOut()
    conversation = RefOut(allow_null=True)
    before = Fixed4()
    after = Fixed4()
    change = Fixed4()


class ReplayStandingOut(serializers.Serializer[Any]):
    """`share` of the weight, 0 to 1; `points` it brings to the mean of the compared reviews."""

    rated = serializers.IntegerField()
    score = Fixed4(allow_null=True)
    share = Fixed4()
    points = Fixed4()


class ReplayGoneOut(serializers.Serializer[Any]):
    option = serializers.CharField()
    ratings = serializers.IntegerField()


class ReplayCategoryOut(serializers.Serializer[Any]):
    """Old choices that count as not applicable now: `hidden`, `gone`, `na_refused`, `unasked`."""

    category = serializers.CharField()
    category_name = serializers.CharField()
    points = Fixed4()
    before = ReplayStandingOut(allow_null=True)
    after = ReplayStandingOut(allow_null=True)
    never_rated = serializers.BooleanField()
    newly_failed = serializers.IntegerField()
    no_longer_failed = serializers.IntegerField()
    hidden = serializers.IntegerField()
    gone = ReplayGoneOut(many=True)
    na_refused = serializers.IntegerField()
    unasked = serializers.IntegerField()
    sentences = serializers.ListField(child=serializers.CharField())


class ReplayWhyOut(serializers.Serializer[Any]):
    """Points of the mean: of the categories, through the bounds 0 and 100, critical failures, scores lost or
    gained, and the rest; together the change."""

    compared = serializers.IntegerField()
    categories = ReplayCategoryOut(many=True)
    bounds = Fixed4()
    failures = Fixed4()
    lost_or_gained = Fixed4()
    rest = Fixed4()


class ReplaySingleOut(serializers.Serializer[Any]):
    """One change on its own, against the version that stands."""

    sentences = serializers.ListField(child=serializers.CharField())
    change = Fixed4()
    moved = serializers.IntegerField()
    now_failing = serializers.IntegerField()
    now_passing = serializers.IntegerField()


class ReplaySpreadOut(serializers.Serializer[Any]):
    """Nine in ten reviews move by so many points."""

    low = Fixed4()
    high = Fixed4()


class ReplayOut(ReplayMoveOut):
    version = serializers.IntegerField()
    against = serializers.IntegerField(allow_null=True)
    date_axis = serializers.ChoiceField(choices=AXES)
    pass_mark = Fixed4()
    changes = serializers.ListField(child=serializers.CharField())
    cut = serializers.BooleanField(help_text=f"Only the latest {MOST_REVIEWS:,} reviews were looked at.")
    spread = ReplaySpreadOut(allow_null=True)
    teams = ReplayTeamOut(many=True)
    agents = ReplayAgentOut(many=True)
    movers = ReplayMoverOut(many=True)
    why = ReplayWhyOut()
    singles = ReplaySingleOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "to": serializers.DateField()} | super().get_fields()


def replay_json(replayed: Replayed) -> dict[str, Any]:
    """The whole answer; teams and agents by name."""
    found = replayed.found
    spread = found.spread and {"low": fixed4(found.spread[0]), "high": fixed4(found.spread[1])}
    return {
        "version": replayed.version.number,
        "against": replayed.against and replayed.against.number,
        "from": replayed.period.first,
        "to": replayed.period.last,
        "date_axis": replayed.axis,
        "pass_mark": fixed4(replayed.pass_mark),
        "changes": [change.sentence for change in replayed.changes],
        "cut": replayed.cut,
        **_move(found.whole),
        "spread": spread,
        "teams": _named("team", found.teams, replayed.teams),
        "agents": _named("agent", found.agents, replayed.agents),
        "movers": [_mover(replayed, mover) for mover in found.movers],
        "why": {
            "compared": found.why.compared,
            "categories": [_category(each) for each in found.why.categories],
            "bounds": fixed4(found.why.bounds),
            "failures": fixed4(found.why.failures),
            "lost_or_gained": fixed4(turnover(found)),
            "rest": fixed4(found.why.rest),
        },
        "singles": [_single(each) for each in found.singles],
    }


def _move(move: Move) -> dict[str, Any]:
    sides = {
        name: {"scored": side.scored, "mean": fixed4(side.mean), "pass_rate": fixed4(side.pass_rate)}
        for name, side in (("before", move.before), ("after", move.after))
    }
    counts = ("reviews", "moved", "lost", "gained", "now_failing", "now_passing")
    numbers = {"change": fixed4(move.change), "pass_change": fixed4(move.pass_change)}
    return sides | numbers | {name: getattr(move, name) for name in counts}


def _named(dim: str, moves: Mapping[int, Move], rows: Mapping[int, Any]) -> list[dict[str, Any]]:
    """By name, nameless last."""
    order = sorted(moves, key=lambda pk: (pk not in rows, str(rows.get(pk)).casefold(), pk))
    return [{dim: ref_json(rows.get(pk))} | _move(moves[pk]) for pk in order]


def _mover(replayed: Replayed, mover: Mover) -> dict[str, Any]:
    review = replayed.reviews.get(mover.review)
    return {
        "review": mover.review,
        "agent": ref_json(replayed.agents.get(mover.agent)),
        "conversation": ref_json(review and review.conversation),
        "before": fixed4(mover.before),
        "after": fixed4(mover.after),
        "change": fixed4(mover.change),
    }


def _category(effect: CategoryEffect) -> dict[str, Any]:
    counts = ("newly_failed", "no_longer_failed", "hidden", "na_refused", "unasked", "never_rated")
    return {
        "category": effect.key,
        "category_name": effect.name,
        "points": fixed4(effect.points),
        "before": _standing(effect.before),
        "after": _standing(effect.after),
        "gone": [{"option": option, "ratings": ratings} for option, ratings in effect.gone],
        "sentences": list(category_sentences(effect)),
    } | {name: getattr(effect, name) for name in counts}


def _standing(side: Standing | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "rated": side.rated,
        "score": fixed4(side.score),
        "share": fixed4(side.share),
        "points": fixed4(side.points),
    }


def _single(single: Single) -> dict[str, Any]:
    return {
        "sentences": list(single.sentences),
        "change": fixed4(single.change),
        "moved": single.moved,
        "now_failing": single.now_failing,
        "now_passing": single.now_passing,
    }
