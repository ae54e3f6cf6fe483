"""What benchmarks/submit.py measures, run inside Django against the scratch database."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from rest_framework import generics, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from accounts.access import Role
from accounts.models import Agent, ApiKey, Member, MemberRole, User, Workspace, WorkspaceSettings
from accounts.selectors import key_hash
from conversations.models import Conversation
from qa_reviews.api.reviews import ReviewList
from qa_reviews.models import Grading, Rating, Review
from scorecards.models import Scorecard, ScorecardVersion

BAR, ROUNDS, CATEGORIES = 2.0, 200, 8
KEY = "plb_bench_submit"
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
WARM = 20


class BareRating(serializers.ModelSerializer[Rating]):
    class Meta:
        model = Rating
        fields = ["category", "state", "option", "score", "applied_weight", "comment", "root_causes"]


class BareReview(serializers.ModelSerializer[Review]):
    """A review with its one grading's ratings, as DRF's own guide writes nested rows."""

    ratings = BareRating(many=True)
    comment = serializers.CharField()

    class Meta:
        model = Review
        fields = [
            "workspace", "conversation", "agent", "reviewer", "scorecard", "version", "state", "score",
            "unfailed_score", "submitted_at", "submitted_on", "closed_at", "closed_on", "comment", "ratings",
        ]  # fmt: skip
        validators: list[Any] = []

    def create(self, validated_data: dict[str, Any]) -> Review:
        ratings, comment = validated_data.pop("ratings"), validated_data.pop("comment")
        review = Review.objects.create(**validated_data, gradings_count=1)
        own = {"workspace": review.workspace}
        grading = Grading.objects.create(
            **own, review=review, number=1, version=review.version, grader=review.reviewer,
            score=review.score, unfailed_score=review.unfailed_score, comment=comment,
        )  # fmt: skip
        rows = [Rating.objects.create(**own, grading=grading, **rating) for rating in ratings]
        vars(review).update(ratings=rows, comment=comment)  # for the answer
        return review


class BareView(generics.CreateAPIView[Review]):
    authentication_classes = []
    permission_classes = []
    renderer_classes = [JSONRenderer]
    serializer_class = BareReview

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            return super().create(request, *args, **kwargs)


class Rows:
    """A workspace with a reviewer and his key, a scorecard, and a conversation for each request."""

    def __init__(self) -> None:
        self.workspace = Workspace.objects.create(slug="bench", name="Bench", timezone="Europe/Berlin")
        WorkspaceSettings.objects.create(workspace=self.workspace)
        user = User.objects.create_user("reviewer@bench.example", "correct horse")
        own = {"workspace": self.workspace}
        self.member = Member.objects.create(**own, user=user, name="Rita", email=user.email)
        MemberRole.objects.create(**own, member=self.member, role=Role.REVIEWER)
        ApiKey.objects.create(
            **own,
            member=self.member,
            name="bench",
            role=Role.REVIEWER,
            prefix=KEY[:12],
            key_hash=key_hash(KEY),
        )
        self.agent = Agent.objects.create(**own, source="bench", external_id="a-1", name="Ana Silva")
        self.scorecard = Scorecard.objects.create(**own, name="Support")
        self.version = ScorecardVersion.objects.create(
            **own,
            scorecard=self.scorecard,
            number=1,
            state="published",
            published_at=AT,
            definition=definition(),
        )
        wanted = 2 * (ROUNDS + WARM)
        self.conversations = Conversation.objects.bulk_create(
            Conversation(
                **own, source="bench", external_id=f"c{n}", subject="Where is it?", channel="chat",
                status="closed", closed_at=AT, closed_on=date(2026, 3, 2), agent=self.agent,
                most_active_agent=self.agent,
            )
            for n in range(wanted)
        )  # fmt: skip
        self.next = iter(self.conversations)


def definition() -> dict[str, Any]:
    rows = [
        {"key": f"c{n}", "name": f"Category {n}", "weight": "10", "scale": "5-point",
         "root_causes": {"negative": ["Did not ask"], "positive": []}}
        for n in range(CATEGORIES)
    ]  # fmt: skip
    return {"groups": [{"key": "all", "name": "All", "categories": rows}]}


def submit(rows: Rows) -> Callable[[], Response]:
    ratings = [
        {"category": f"c{n}", "option": str(1 + n % 5), "comment": "Said so.", "root_causes": ["Did not ask"]}
        for n in range(CATEGORIES)
    ]
    return _post(
        ReviewList.as_view(),
        {"Authorization": f"Bearer {KEY}"},
        lambda: {
            "conversation": next(rows.next).pk,
            "scorecard": rows.scorecard.pk,
            "ratings": ratings,
            "comment": "Good pace.",
            "submit": True,
        },
    )


def bare(rows: Rows) -> Callable[[], Response]:
    ratings = [
        {"category": f"c{n}", "state": "rated", "option": str(1 + n % 5), "score": "50.0000",
         "applied_weight": "12.5000", "comment": "Said so.", "root_causes": ["Did not ask"]}
        for n in range(CATEGORIES)
    ]  # fmt: skip
    return _post(
        BareView.as_view(),
        {},
        lambda: {
            "workspace": rows.workspace.pk,
            "conversation": next(rows.next).pk,
            "agent": rows.agent.pk,
            "reviewer": rows.member.pk,
            "scorecard": rows.scorecard.pk,
            "version": rows.version.pk,
            "state": "submitted",
            "score": "50.0000",
            "unfailed_score": "50.0000",
            "submitted_at": AT.isoformat(),
            "submitted_on": "2026-03-02",
            "closed_at": AT.isoformat(),
            "closed_on": "2026-03-02",
            "comment": "Good pace.",
            "ratings": ratings,
        },
    )


def _post(view: Any, headers: dict[str, str], body: Callable[[], Any]) -> Callable[[], Response]:
    factory = APIRequestFactory()

    def send() -> Response:
        request = factory.post("/", json.dumps(body()), content_type="application/json", headers=headers)
        response: Response = view(request, slug="bench").render()
        assert response.status_code == 201, response.content
        return response

    return send


def busy(works: Sequence[Callable[[], Any]]) -> list[float]:
    """Milliseconds of processor time of each, at the median, once warm; in turns, so that whatever else the
    machine does weighs on both."""
    for _ in range(WARM):
        for work in works:
            work()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, spent in zip(works, times, strict=True):
            started = time.process_time()
            work()
            spent.append(time.process_time() - started)
    return [statistics.median(spent) * 1000 for spent in times]


def main() -> None:
    rows = Rows()
    plain, whole = busy([bare(rows), submit(rows)])
    ratio = whole / plain
    print(f"submit {whole:.1f} ms, bare DRF POST {plain:.1f} ms of processor time")
    print(f"ratio {ratio:.2f} (bar {BAR:.0f})")
    sys.exit(int(ratio > BAR))
