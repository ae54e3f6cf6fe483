"""Disputes: raising them, answering them, handing them on, and asking leads when nobody answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Agent, Member, Workspace, WorkspaceSettings
from accounts.selectors import actors_of, agents
from accounts.services.audit import record
from common.errors import Missing, Refused, invalid
from common.etags import check_match
from common.refs import Ref, resolve
from notices.services import notify
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.lifecycle import Move, after
from qa_reviews.models import Dispute, Review, ReviewComment
from qa_reviews.policies.disputes import may_reroute, may_resolve
from qa_reviews.selectors.disputes import agents_in, answering, leads_asked
from qa_reviews.services.answers import accept_ratings, accept_wrong_agent, check_proposed
from qa_reviews.services.comments import add_comment
from qa_reviews.services.rows import locked, locked_row

Kind, Outcome, Visibility = Dispute.Kind, Dispute.Outcome, ReviewComment.Visibility


def raise_dispute(
    *,
    actor: Actor,
    review_id: int,
    kind: str,
    comment: str,
    proposed: Sequence[Choice] = (),
    agent: Ref | None = None,
    if_match: str | None = None,
) -> Dispute:
    """The agent objects to the newest grading: to its `ratings`, with what he proposes instead, or because it
    is about the `wrong_agent`, naming the right one or not. Whoever answers it is told. Raises Missing,
    Refused, Stale, Conflict (state, window, rounds), Invalid."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.DISPUTE, if_match=if_match)
        _check_shape(kind, comment, proposed, agent)
        check_proposed(review=review, proposed=proposed)
        now = timezone.now()
        dispute = Dispute.objects.create(
            workspace=actor.workspace,
            review=review,
            number=len(review.disputes.all()) + 1,
            grading_number=review.gradings_count,
            kind=kind,
            comment=comment,
            proposed=[_proposal(choice) for choice in proposed],
            proposed_agent=_other_agent(actor, review, agent),
            raised_by=actor.member,
            raised_at=now,
            due_at=now + timedelta(days=actor.workspace.settings.dispute_answer_days),
        )
        review.state, review.seen_at = after(review.state, Move.DISPUTE), review.seen_at or now
        review.save(update_fields=["state", "seen_at", "updated_at"])
        record(actor, "dispute.raised", dispute, {"review": review.pk, "kind": kind})
        _tell(_resolvers(actor.workspace, review, dispute), "dispute_raised", review, dispute)
        return dispute


def resolve_dispute(
    *,
    actor: Actor,
    review_id: int,
    dispute_id: int,
    outcome: str,
    comment: str,
    judgement: Judgement | None = None,
    agent: Ref | None = None,
    if_match: str | None = None,
) -> Dispute:
    """The answer, with its reason. Accepted ratings become another grading: those of the judgement, or the
    proposed ones, put over the newest grading; its date stays. Partly accepting needs ratings; rejecting
    changes none. An accepted `wrong_agent` retracts the review, and opens a draft about the other agent for
    its reviewer where one is named. Raises Missing, Refused, Stale (the dispute's), Conflict, Invalid."""
    with transaction.atomic():
        review, dispute = _locked(actor, review_id, dispute_id, if_match)
        may_resolve(actor, review, dispute).demand()
        _check_answer(dispute, outcome, comment, judgement, agent)
        dispute.state, dispute.outcome, dispute.answer = Dispute.State.RESOLVED, outcome, comment
        dispute.resolved_by, dispute.resolved_at = actor.member, timezone.now()
        dispute.save(update_fields=["state", "outcome", "answer", "resolved_by", "resolved_at", "updated_at"])
        done = _carry_out(actor, review, dispute, judgement, agent)
        record(actor, "dispute.resolved", dispute, {"review": review.pk, "outcome": outcome} | done)
        told = _agents_member(review) | {review.reviewer_id}
        _tell(told - {actor.member_id}, "dispute_resolved", review, dispute)
        return dispute


def reroute_dispute(
    *,
    actor: Actor,
    review_id: int,
    dispute_id: int,
    to: int | None,
    comment: str,
    if_match: str | None = None,
) -> Dispute:
    """Hand the dispute to this member, who answers for the team, or with None to its leads; they are told.
    What the actor says to it stands as a private note under the review.
    Raises Missing, Refused, Stale, Conflict, Invalid."""
    with transaction.atomic():
        review, dispute = _locked(actor, review_id, dispute_id, if_match)
        may_reroute(actor, review, dispute).demand()
        able = answering(actor.workspace, review)
        if to is not None and (to not in able or to == dispute.raised_by_id):
            raise invalid("/to", "not_allowed", "This member does not answer for this team.")
        asked = [to] if to is not None else leads_asked(actor.workspace, review)
        before, dispute.assigned_to_id = dispute.assigned_to_id, to
        if to is None:
            dispute.escalated_at = dispute.escalated_at or timezone.now()
        dispute.save(update_fields=["assigned_to", "escalated_at", "updated_at"])
        if comment.strip():
            add_comment(actor=actor, review_id=review.pk, body=comment, visibility=Visibility.REVIEWERS)
        changes = {"review": review.pk, "assigned_to": [before, to]}
        record(actor, "dispute.rerouted", dispute, changes)
        _tell(set(asked) - {actor.member_id}, "dispute_rerouted", review, dispute)
        return dispute


def escalate_disputes() -> int:
    """Ask the leads about disputes that nobody answered in time. How many."""
    late = Dispute.objects.filter(state=Dispute.State.OPEN, escalated_at=None, due_at__lte=timezone.now())
    found = Workspace.objects.filter(pk__in=late.values("workspace_id"))
    return sum(_escalate(workspace) for workspace in found)


@transaction.atomic
def _escalate(workspace: Workspace) -> int:
    """In the order of all moves: the review is locked, then its dispute."""
    late = Dispute.objects.in_workspace(workspace.pk).filter(
        state=Dispute.State.OPEN, escalated_at=None, due_at__lte=timezone.now()
    )
    reviews = Review.objects.in_workspace(workspace.pk).filter(pk__in=late.values("review_id"))
    held = {row.pk: row for row in reviews.select_for_update(of=("self",), skip_locked=True)}
    found = list(late.filter(review_id__in=held).select_for_update(of=("self",)))
    for dispute in found:
        dispute.escalated_at = timezone.now()
        dispute.save(update_fields=["escalated_at", "updated_at"])
        review = held[dispute.review_id]
        asked = leads_asked(workspace, review)
        record(Actor.system(workspace), "dispute.escalated", dispute, {"review": review.pk, "asked": asked})
        _tell(asked, "dispute_escalated", review, dispute)
    return len(found)


def _locked(actor: Actor, review_id: int, dispute_id: int, if_match: str | None) -> tuple[Review, Dispute]:
    """Both rows, locked; 404, then the right (403), then If-Match (412); the state is asked after it."""
    review = locked_row(actor=actor, review_id=review_id)
    rows = Dispute.objects.visible_to(actor).filter(review=review, pk=dispute_id)
    dispute = rows.select_for_update(of=("self",)).first()
    if dispute is None:
        raise Missing
    decision = may_resolve(actor, review, dispute)
    if isinstance(decision.refusal, Refused):
        decision.demand()
    check_match(dispute, if_match)
    return review, dispute


def _check_shape(kind: str, comment: str, proposed: Sequence[Choice], agent: Ref | None) -> None:
    if not comment.strip():
        raise invalid("/comment", "required", "Say why: whoever answers reads it first.")
    if kind == Kind.WRONG_AGENT and proposed:
        raise invalid("/proposed", "not_of_kind", "Who says it is not his work proposes no ratings.")
    if kind == Kind.RATINGS and agent is not None:
        raise invalid("/agent", "not_of_kind", "Only a dispute about the wrong agent names another.")


def _check_answer(
    dispute: Dispute, outcome: str, comment: str, judgement: Judgement | None, agent: Ref | None
) -> None:
    if not comment.strip():
        raise invalid("/comment", "required", "Give the reason: the agent reads it first.")
    about_ratings = dispute.kind == Kind.RATINGS
    if outcome == Outcome.PARTIALLY_ACCEPTED and not about_ratings:
        raise invalid("/outcome", "not_of_kind", "The agent is the right one or not: accept or reject it.")
    if agent is not None and (about_ratings or outcome == Outcome.REJECTED):
        raise invalid("/agent", "not_of_kind", "Another agent is named only when this one is the wrong one.")
    if judgement is not None and (not about_ratings or outcome == Outcome.REJECTED):
        raise invalid("/ratings", "not_of_kind", "Ratings change only when a dispute about them is accepted.")


def _proposal(choice: Choice) -> dict[str, object]:
    chosen: dict[str, object] = {"na": True} if choice.na else {"option": choice.option}
    return {"category": choice.category, "comment": choice.comment} | chosen


def _other_agent(actor: Actor, review: Review, ref: Ref | None) -> Agent | None:
    """The agent whose work it is, if named: of this conversation, or one that the actor sees anyway."""
    if ref is None:
        return None
    found = resolve(agents(actor) | agents_in(review.conversation), ref, "/agent")
    if found.pk == review.agent_id:
        raise invalid("/agent", "same_agent", "This is the agent that the review is about already.")
    return found


def _carry_out(
    actor: Actor, review: Review, dispute: Dispute, judgement: Judgement | None, agent: Ref | None
) -> dict[str, object]:
    """What the outcome does to the review; what the audit tells of it."""
    if dispute.outcome == Outcome.REJECTED:
        review.state = after(review.state, Move.RESOLVE)
        review.save(update_fields=["state", "updated_at"])
        return {}
    if dispute.kind == Kind.RATINGS:
        return accept_ratings(actor=actor, review=review, dispute=dispute, judgement=judgement)
    other = _other_agent(actor, review, agent) or dispute.proposed_agent
    return accept_wrong_agent(actor=actor, review=review, dispute=dispute, agent=other)


def _resolvers(workspace: Workspace, review: Review, dispute: Dispute) -> list[int]:
    """Who is asked first: the reviewer where the setting says so and he may, else the leads."""
    settings = workspace.settings
    if settings.dispute_resolver == WorkspaceSettings.Resolver.REVIEWER:
        reviewer = actors_of(workspace, [review.reviewer_id]).get(review.reviewer_id)
        if reviewer is not None and may_resolve(reviewer, review, dispute).allowed:
            return [review.reviewer_id]
    return leads_asked(workspace, review)


def _agents_member(review: Review) -> set[int]:
    rows = Member.objects.in_workspace(review.workspace_id).filter(agent_id=review.agent_id)
    return set(rows.filter(deactivated_at=None).values_list("pk", flat=True))


def _tell(members: Collection[int], kind: str, review: Review, dispute: Dispute) -> None:
    key = f"dispute:{dispute.pk}:{kind}:{dispute.assigned_to_id or ''}"
    notify(recipients=members, kind=kind, subject=review, key=key, parameters={"dispute": dispute.pk})
