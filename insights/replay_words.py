"""What a replay says, in sentences of the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.replay import Move, Replay
from insights.why import CategoryEffect, Standing

SHOWN_SHARE, SHOWN_POINTS = 0.0005, 0.005
"""Smaller differences are not spoken of: 0.05 % of the weight, half a hundredth of a point."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reason: the points of the mean that it moves, and what is to be said."""

    name: str
    points: float
    sentences: tuple[str, ...]


def reason_lines(found: Replay) -> list[Line]:
    """Why the mean moves: categories that do something, the strongest first, then what is common to all."""
    lines = [Line(each.name, each.points, tuple(category_sentences(each))) for each in found.why.categories]
    told = [line for line in lines if line.sentences or abs(line.points) >= SHOWN_POINTS]
    return [*sorted(told, key=lambda line: -abs(line.points)), *_common(found)]


def category_sentences(effect: CategoryEffect) -> Iterator[str]:
    """What happens to one category, and to old choices that it does not know."""
    if effect.never_rated:
        yield _("Not rated before: counted as not applicable.")
    elif effect.after is None:
        yield _("Not part of this version: its ratings count no more.")
    elif effect.before is not None:
        yield from _worth(effect.before, effect.after)
    yield from _failures(effect)
    yield from _left_out(effect)


def _worth(before: Standing, after: Standing) -> Iterator[str]:
    if abs(after.share - before.share) >= SHOWN_SHARE:
        yield _("Counts for %(after)s %% of the score, %(before)s %% before.") % {
            "after": _number(after.share * 100),
            "before": _number(before.share * 100),
        }
    if before.score is None or after.score is None or before.rated != after.rated:
        return
    if abs(after.score - before.score) >= SHOWN_POINTS:
        yield _("The same ratings come to %(after)s, %(before)s before.") % {
            "after": _number(after.score),
            "before": _number(before.score),
        }


def _failures(effect: CategoryEffect) -> Iterator[str]:
    if effect.newly_failed:
        yield ngettext(
            "Fails %(n)s review that it did not fail before.",
            "Fails %(n)s reviews that it did not fail before.",
            effect.newly_failed,
        ) % {"n": _count(effect.newly_failed)}
    if effect.no_longer_failed:
        yield ngettext(
            "%(n)s review is no longer failed by it.",
            "%(n)s reviews are no longer failed by it.",
            effect.no_longer_failed,
        ) % {"n": _count(effect.no_longer_failed)}


def _left_out(effect: CategoryEffect) -> Iterator[str]:
    """Old choices that count as not applicable now."""
    if effect.hidden:
        yield ngettext(
            "Its conditions hide it in %(n)s review that rated it: not applicable there.",
            "Its conditions hide it in %(n)s reviews that rated it: not applicable there.",
            effect.hidden,
        ) % {"n": _count(effect.hidden)}
    for option, count in effect.gone:
        yield ngettext(
            "Option “%(option)s” no longer exists: %(n)s rating counts as not applicable.",
            "Option “%(option)s” no longer exists: %(n)s ratings count as not applicable.",
            count,
        ) % {"option": option, "n": _count(count)}
    if effect.na_refused:
        yield ngettext(
            "N/A is not allowed any more; chosen in %(n)s review, it still counts as not applicable.",
            "N/A is not allowed any more; chosen in %(n)s reviews, it still counts as not applicable.",
            effect.na_refused,
        ) % {"n": _count(effect.na_refused)}
    if effect.unasked and not effect.never_rated:
        yield ngettext(
            "%(n)s review has no answer to it: counted as not applicable.",
            "%(n)s reviews have no answer to it: counted as not applicable.",
            effect.unasked,
        ) % {"n": _count(effect.unasked)}


def _common(found: Replay) -> Iterator[Line]:
    """What no single category does."""
    why = found.why
    if abs(why.failures) >= SHOWN_POINTS:
        said = _("Critical categories take more from the scores than before.")
        if why.failures > 0:
            said = _("Critical categories take less from the scores than before.")
        yield Line(_("Critical failures"), why.failures, (said,))
    if abs(why.bounds) >= SHOWN_POINTS:
        said = _("Bonus and deduction end at 0 and at 100.")
        yield Line(_("Bounds of the score"), why.bounds, (said,))
    gone = turnover(found)
    if found.whole.lost or found.whole.gained:
        said = _("%(lost)s reviews lose their score and %(gained)s get one.") % {
            "lost": _count(found.whole.lost),
            "gained": _count(found.whole.gained),
        }
        yield Line(_("Reviews with a score"), gone, (said,))
    if abs(why.rest) >= SHOWN_POINTS:
        said = _("Some stored scores are not what their own version gives for their ratings.")
        yield Line(_("Stored scores"), why.rest, (said,))


def turnover(found: Replay) -> float:
    """The points that the mean moves because reviews lose or gain a score."""
    why = found.why
    compared = sum(each.points for each in why.categories) + why.bounds + why.failures + why.rest
    return float(found.whole.change or 0) - compared if why.compared else 0.0


def headline(move: Move) -> str:
    """The whole in a sentence."""
    if move.change is None:
        return _("No review has a score both before and after.")
    if not move.moved:
        return _("No score would move.")
    if abs(move.change) < Decimal("0.05"):
        direction = _("The mean would stay")
    elif move.change > 0:
        direction = _("The mean would rise by %(points)s points") % {"points": _number(move.change)}
    else:
        direction = _("The mean would fall by %(points)s points") % {"points": _number(-move.change)}
    return _("%(direction)s; %(moved)s of %(all)s scores would move.") % {
        "direction": direction,
        "moved": _count(move.moved),
        "all": _count(move.reviews),
    }


def _number(value: float | Decimal) -> str:
    return number_format(round(Decimal(value), 1), 1)


def _count(value: int) -> str:
    return number_format(value, 0, force_grouping=True)
