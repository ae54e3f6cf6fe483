"""What can be posted to the page of a review: each action reads its form, calls a service and tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.access import Actor
from common.errors import invalid
from common.refs import Ref
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.models import Dispute, ReviewComment
from qa_reviews.review_talk_forms import EditForm, ReasonForm
from qa_reviews.selectors.review_facts import Facts
from qa_reviews.services import comments, disputes, release
from qa_reviews.services import reviews as services
from qa_reviews.views import review_panels as panels

Action = Callable[[Actor, Facts, QueryDict], str]


def acknowledge(actor: Actor, facts: Facts, post: QueryDict) -> str:
    services.acknowledge(actor=actor, review_id=facts.review.pk)
    return _("Thank you: your reviewer sees that you have read it.")


def dispute(actor: Actor, facts: Facts, post: QueryDict) -> str:
    form = panels.checked(panels.dispute_form(facts, post))
    wrong_agent = form.cleaned_data["kind"] == Dispute.Kind.WRONG_AGENT
    disputes.raise_dispute(
        actor=actor,
        review_id=facts.review.pk,
        kind=form.cleaned_data["kind"],
        comment=form.cleaned_data["comment"],
        proposed=() if wrong_agent else form.choices(),
        agent=_ref(form.cleaned_data["agent"]) if wrong_agent else None,
    )
    return _("Your dispute was sent. You are told as soon as it is answered.")


def resolve(actor: Actor, facts: Facts, post: QueryDict) -> str:
    row = _open(facts)
    form = panels.checked(panels.resolve_form(facts, row, post))
    outcome = form.cleaned_data["outcome"]
    accepted = outcome != Dispute.Outcome.REJECTED
    disputes.resolve_dispute(
        actor=actor,
        review_id=facts.review.pk,
        dispute_id=row.pk,
        outcome=outcome,
        comment=form.cleaned_data["comment"],
        judgement=_regraded(row, outcome, form.choices()),
        agent=_ref(form.cleaned_data.get("agent")) if accepted else None,
    )
    return _("Your answer was sent. The agent is told.")


def _regraded(row: Dispute, outcome: str, choices: tuple[Choice, ...]) -> Judgement | None:
    """The ratings of the answer; None where they are those that the dispute proposes, or none change."""
    if row.kind != Dispute.Kind.RATINGS or outcome == Dispute.Outcome.REJECTED:
        return None
    if outcome == Dispute.Outcome.ACCEPTED and row.proposed:
        return None
    return Judgement(choices) if choices else None


def reroute(actor: Actor, facts: Facts, post: QueryDict) -> str:
    form = panels.checked(panels.reroute_form(actor, facts, post))
    disputes.reroute_dispute(
        actor=actor,
        review_id=facts.review.pk,
        dispute_id=_open(facts).pk,
        to=form.cleaned_data["to"],
        comment=form.cleaned_data["comment"],
    )
    return _("The dispute was handed on.")


def comment(actor: Actor, facts: Facts, post: QueryDict) -> str:
    visibility = post.get("visibility", "")
    form = panels.checked(panels.comment_form(facts, visibility, post))
    comments.add_comment(actor=actor, review_id=facts.review.pk, **form.cleaned_data)
    private = visibility == ReviewComment.Visibility.REVIEWERS
    return _("The note was added.") if private else _("The comment was added.")


def edit(actor: Actor, facts: Facts, post: QueryDict) -> str:
    row = next((each for each in facts.comments if str(each.pk) == post.get("comment")), None)
    if row is None:
        raise invalid("/comment", "not_found", _("There is no such comment here."))
    form = panels.checked(EditForm(post, comment=row))
    body = form.cleaned_data["body"]
    comments.edit_comment(actor=actor, review_id=facts.review.pk, comment_id=row.pk, body=body)
    return _("The comment was changed.")


def amend(actor: Actor, facts: Facts, post: QueryDict) -> str:
    form = panels.checked(panels.amend_form(facts, post))
    services.amend(
        actor=actor,
        review_id=facts.review.pk,
        comment=form.cleaned_data["comment"],
        comments=form.words(),
    )
    return _("The words were mended. Both texts are kept.")


def retract(actor: Actor, facts: Facts, post: QueryDict) -> str:
    form = panels.checked(ReasonForm(post))
    services.retract(actor=actor, review_id=facts.review.pk, reason=form.cleaned_data["reason"])
    return _("The review was retracted. It counts nowhere any more.")


def let_go(actor: Actor, facts: Facts, post: QueryDict) -> str:
    release.release_reviews(actor=actor, review_ids=[facts.review.pk])
    return _("The review was released: its agent is told.")


ACTIONS: Mapping[str, Action] = {
    "acknowledge": acknowledge,
    "dispute": dispute,
    "resolve": resolve,
    "reroute": reroute,
    "comment": comment,
    "edit": edit,
    "amend": amend,
    "retract": retract,
    "release": let_go,
}


def _open(facts: Facts) -> Dispute:
    if facts.open_dispute is None:
        raise invalid("/action", "state", _("There is no open dispute about this review."))
    return facts.open_dispute


def _ref(pk: int | None) -> Ref | None:
    return None if pk is None else Ref(id=pk)
