"""The endpoints of reviewers and their agreement."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from insights import parameters
from insights.agreement_parameters import AGREEMENT, REVIEWERS, scorecards_of
from insights.agreement_serializers import (
    AGREEMENT_PARAMETERS,
    REVIEWER_PARAMETERS,
    AgreementAnswer,
    ReviewersAnswer,
    agreement_json,
    reviewers_json,
)
from insights.selectors.agreement import agreement
from insights.selectors.reviewers import reviewers


class ReviewersView(WorkspaceAPIView):
    """What reviewers give, how fast, and how strict they are; a reviewer sees his own line."""

    capabilities = {"GET": Capability.GRADE}

    @extend_schema(parameters=REVIEWER_PARAMETERS, responses=ReviewersAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """Everybody who gave reviews in the period, or has some waiting; reviews by peers are not counted.
        Severity rests on conversations that several graded on their own."""
        as_of = timezone.now()
        query = parameters.read(self.actor, request.query_params, REVIEWERS)
        return Response(reviewers_json(reviewers(self.actor, query)) | {"as_of": as_of})


class AgreementView(WorkspaceAPIView):
    """How alike reviewers judge the same conversations; for who leads."""

    capabilities = {"GET": Capability.NUMBERS_READ_ALL}

    @extend_schema(parameters=AGREEMENT_PARAMETERS, responses=AgreementAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """By scorecard, its score and its categories, from what each reviewer gave on his own. Coefficients
        are given from 30 conversations graded twice on, shares and distances from 10."""
        as_of = timezone.now()
        query = parameters.read(self.actor, request.query_params, AGREEMENT)
        found = agreement(self.actor, query, scorecards_of(self.actor, request.query_params))
        return Response(agreement_json(found) | {"as_of": as_of})
