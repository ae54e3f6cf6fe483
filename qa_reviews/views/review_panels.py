"""The forms on the page of a review: those the actor may send now, with what he typed in a refused one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.forms import BaseForm
from django.http import QueryDict

from accounts.access import Actor
from common.errors import FieldError, Invalid, Problem
from qa_reviews.lifecycle import Move
from qa_reviews.models import Dispute, ReviewComment
from qa_reviews.policies.comments import may_comment, may_edit
from qa_reviews.policies.disputes import may_reroute
from qa_reviews.policies.reviews import decide
from qa_reviews.review_talk_forms import (
    NA,
    AmendForm,
    CommentForm,
    DisputeForm,
    EditForm,
    ReasonForm,
    RerouteForm,
    ResolveForm,
)
from qa_reviews.selectors.disputes import agents_in, leads_for
from qa_reviews.selectors.review_facts import Facts

F = TypeVar("F", bound=BaseForm)
SHOWN = (Move.ACKNOWLEDGE, Move.DISPUTE, Move.RESOLVE, Move.REVISE, Move.AMEND, Move.RETRACT, Move.RELEASE)
EVERYONE, REVIEWERS = ReviewComment.Visibility.EVERYONE, ReviewComment.Visibility.REVIEWERS


def dispute_form(facts: Facts, data: QueryDict | None = None) -> DisputeForm:
    others = _others(facts)
    return DisputeForm(data, categories=facts.asked, chosen=facts.chosen(NA), others=others)


def resolve_form(facts: Facts, dispute: Dispute, data: QueryDict | None = None) -> ResolveForm:
    others = [] if dispute.kind == Dispute.Kind.RATINGS else _others(facts)
    return ResolveForm(data, dispute=dispute, categories=facts.asked, chosen=facts.chosen(NA), others=others)


def reroute_form(actor: Actor, facts: Facts, data: QueryDict | None = None) -> RerouteForm:
    return RerouteForm(data, leads=[(each.pk, each.name) for each in leads_for(actor, facts.review)])


def comment_form(facts: Facts, visibility: str, data: QueryDict | None = None) -> CommentForm:
    return CommentForm(data, categories=facts.asked, visibility=visibility)


def amend_form(facts: Facts, data: QueryDict | None = None) -> AmendForm:
    said = {rating.category: rating.comment for rating in facts.newest.ratings.all()}
    words = [(each.key, each.name, said[each.key]) for each in facts.asked if said[each.key]]
    return AmendForm(data, comment=facts.newest.comment, words=words)


def panels(actor: Actor, facts: Facts, posted: QueryDict, problem: Problem | None) -> dict[str, Any]:
    """What may be done, by move, and the forms for it. Two queries where the actor may dispute or answer, two
    more where he may hand on."""
    review, dispute = facts.review, facts.open_dispute
    decisions = {move.value: decide(actor, review, move) for move in SHOWN}

    def given(action: str, also: str = "") -> QueryDict | None:
        return posted if problem and posted.get("action") == action and also in ("", _about(posted)) else None

    found: dict[str, Any] = {"decisions": decisions}
    if decisions[Move.DISPUTE].allowed:
        found["dispute_form"] = told(dispute_form(facts, given("dispute")), problem)
    if dispute is not None and decisions[Move.RESOLVE].allowed:
        found["resolve_form"] = told(resolve_form(facts, dispute, given("resolve")), problem)
        if may_reroute(actor, review, dispute).allowed:
            found["reroute_form"] = told(reroute_form(actor, facts, given("reroute")), problem)
    for name, visibility in (("comment_form", EVERYONE), ("note_form", REVIEWERS)):
        if may_comment(actor, review, visibility).allowed:
            found[name] = told(comment_form(facts, visibility, given("comment", visibility)), problem)
    if decisions[Move.AMEND].allowed:
        found["amend_form"] = told(amend_form(facts, given("amend")), problem)
    if decisions[Move.RETRACT].allowed:
        found["retract_form"] = told(ReasonForm(given("retract"), auto_id="retract_%s"), problem)
    found["edit_forms"] = {
        each.pk: told(EditForm(given("edit", str(each.pk)), comment=each), problem)
        for each in facts.comments
        if may_edit(actor, each).allowed
    }
    return found


def told(form: F, problem: Problem | None) -> F:
    """The form, with what was refused at its fields where it was the one that was sent."""
    if form.is_bound and problem is not None and form.is_valid():
        for error in problem.errors:
            name = error.pointer.strip("/").split("/")[0]
            form.add_error(name if name in form.fields else None, error.detail)
    return form


def checked(form: F) -> F:
    """A valid form, or Invalid with its errors."""
    if form.is_valid():
        return form
    raise Invalid(_errors(form))


def _errors(form: BaseForm) -> Iterable[FieldError]:
    labels = {name: f"{field.label}: " for name, field in form.fields.items() if field.label}
    return [
        FieldError(f"/{name}", "invalid", f"{labels.get(name, '')}{error['message']}")
        for name, errors in form.errors.get_json_data().items()
        for error in errors
    ]


def _about(posted: QueryDict) -> str:
    return posted.get("visibility") or posted.get("comment") or ""


def _others(facts: Facts) -> list[tuple[int, str]]:
    """The other agents of the conversation, by name."""
    rows = agents_in(facts.review.conversation).exclude(pk=facts.review.agent_id)
    return sorted(((each.pk, str(each)) for each in rows), key=lambda pair: pair[1].casefold())
