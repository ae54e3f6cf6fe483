"""What a list of reviews can be narrowed to beyond its rows and words: what was seen, found, said, disputed,
and how long it took. One condition a parameter, for the API and the page alike."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.http import QueryDict

from accounts.access import Actor
from common import params
from common.errors import Refused
from qa_reviews.models import Dispute, Grading, Rating, Remark, Review, ReviewComment
from qa_reviews.policies.basics import hides_reviewer

FLAGS = ("unseen", "unacknowledged", "failed", "held", "mine")
SAID = ("failed_by", "root_cause", "hashtag", "q")
SPANS = ("active_min", "active_max")
NAMES = frozenset({*FLAGS, *SAID, *SPANS, "dispute"})
DISPUTES = {"open": Dispute.State.OPEN, "answered": Dispute.State.RESOLVED}
LONGEST_TIME = 10**9  # seconds
LONGEST_WORDS = 200
COUNTED = 5_000  # reviews whose hashtags are counted
BETWEEN = "\x1f"  # stands between the causes of a rating, where no cause holds it
UNSENT = (Review.State.DRAFT, Review.State.RETRACTED)


def conditions(actor: Actor, query: QueryDict) -> Q:
    """What the parameters NAMES ask for, all of them together; Invalid for values that mean nothing, Refused
    for a question that would tell who reviewed. Queries: none, only parts of the list's own."""
    if any(query.getlist("reviewer")) and hides_reviewer(actor):
        raise Refused("This workspace does not tell who reviewed.", code="reviewer_hidden")
    return _flags(actor, query) & _found(query) & _said(actor, query) & _disputed(query) & _took(query)


def hashtag_counts(rows: QuerySet[Review], most: int) -> list[tuple[str, int]]:
    """The most used hashtags of the latest reviews among the rows (COUNTED at most), and how many of these
    reviews have each, most first. One query."""
    latest = rows.select_related(None).prefetch_related(None).order_by("-pk").values("pk")[:COUNTED]
    each = Func(F("hashtags"), function="unnest", output_field=CharField())
    tagged = Review.objects.filter(pk__in=latest).exclude(hashtags=[]).annotate(hashtag=each)
    counted = tagged.values("hashtag").annotate(reviews=Count("pk", distinct=True))
    return list(counted.order_by("-reviews", "hashtag").values_list("hashtag", "reviews")[:most])


def _flags(actor: Actor, query: QueryDict) -> Q:
    sent = ~Q(state__in=UNSENT)
    meaning = {
        "unseen": sent & Q(seen_at=None),
        "unacknowledged": sent & Q(acknowledged_at=None),
        "failed": ~Q(failed_by=[]),
        "held": sent & Q(held=True),
        "mine": Q(reviewer_id=actor.member_id),
    }
    wanted = Q()
    for name, condition in meaning.items():
        value = params.one_of(query, name, ("true", "false"))
        if value is not None:
            wanted &= condition if value == "true" else ~condition
    return wanted


def _found(query: QueryDict) -> Q:
    """By the categories that failed it, and by root causes: a cause alone stands for all its details."""
    wanted = Q()
    if keys := _words(query, "failed_by"):
        wanted &= Q(failed_by__overlap=keys)
    if causes := _words(query, "root_cause"):
        listed = Func(F("root_causes"), Value(BETWEEN), function="array_to_string", output_field=CharField())
        named = Q()
        for cause in causes:
            named |= Q(listed__contains=f"{BETWEEN}{cause}{BETWEEN}")
            named |= Q(listed__contains=f"{BETWEEN}{cause} > ")
        framed = Func(Value(BETWEEN), listed, Value(BETWEEN), function="concat", output_field=CharField())
        ratings = Rating.objects.annotate(listed=framed).filter(named)
        wanted &= Q(Exists(_newest(ratings, "grading__")))
    return wanted


def _said(actor: Actor, query: QueryDict) -> Q:
    """By hashtags, and by words of any comment that the actor may read."""
    wanted = Q()
    if tags := [tag.lstrip("#").casefold() for tag in _words(query, "hashtag")]:
        wanted &= Q(hashtags__overlap=tags)
    for words in _words(query, "q"):
        objected = Q(comment__icontains=words) | Q(answer__icontains=words)
        talk = ReviewComment.objects.visible_to(actor).filter(review=OuterRef("pk"), body__icontains=words)
        wanted &= Q(
            Exists(_newest(Grading.objects.filter(comment__icontains=words), ""))
            | Exists(_newest(Rating.objects.filter(comment__icontains=words), "grading__"))
            | Exists(_newest(Remark.objects.filter(body__icontains=words), "grading__"))
            | Exists(Dispute.objects.filter(objected, review=OuterRef("pk")))
            | Exists(talk)
        )
    return wanted


def _newest(rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """Those of the listed review's newest grading."""
    return rows.filter(**{f"{path}review": OuterRef("pk"), f"{path}number": OuterRef("gradings_count")})


def _disputed(query: QueryDict) -> Q:
    states = [DISPUTES[value] for value in params.any_of(query, "dispute", DISPUTES)]
    disputes = Dispute.objects.filter(review=OuterRef("pk"), state__in=states)
    return Q(Exists(disputes)) if states else Q()


def _took(query: QueryDict) -> Q:
    """By the seconds that somebody actively worked on it; those not measured are left out."""
    wanted = Q()
    for name, lookup in (("active_min", "gte"), ("active_max", "lte")):
        seconds = params.number(query, name, 0, LONGEST_TIME)
        if seconds is not None:
            wanted &= Q(**{f"active_seconds__{lookup}": seconds})
    return wanted


def _words(query: QueryDict, name: str) -> list[str]:
    return [value.replace("\0", "")[:LONGEST_WORDS] for value in query.getlist(name) if value.strip("\0 #")]
