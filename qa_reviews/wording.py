"""Notices of reviews in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor
from notices.registry import Words, wording
from qa_reviews.models import COUNTED_STATES, Review
from qa_reviews.selectors.reviews import reviews


def _reviews(actor: Actor, ids: Collection[int]) -> Mapping[int, Review]:
    return reviews(actor).filter(state__in=COUNTED_STATES).in_bulk(ids)  # not of retracted ones


@wording("review_submitted", _reviews)
def submitted(actor: Actor, review: Review, parameters: Mapping[str, Any]) -> Words:
    url = reverse("review", kwargs={"slug": actor.workspace.slug, "pk": review.pk})
    conversation = review.conversation
    return Words(
        _("A conversation of yours was reviewed"),
        url,
        conversation.subject or conversation.external_id,
        "reviews",
    )
