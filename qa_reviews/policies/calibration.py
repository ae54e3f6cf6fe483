"""May this actor set up, lead, or take part in this calibration session now?"""

from __future__ import annotations

from collections.abc import Collection

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from qa_reviews.models import CalibrationSession
from qa_reviews.policies.basics import conflict, refused

State = CalibrationSession.State
NOT_NOW = {
    State.DRAFT: "This session has not been opened yet.",
    State.OPEN: "This session is still being graded.",
    State.DISCUSSING: "This session is being talked over already.",
    State.CLOSED: "This session is closed.",
}
"""Why something that belongs to another state is refused."""


def may_plan_for(actor: Actor, team_id: int | None) -> Decision:
    """Whether the actor may set up sessions for the team, or for the whole workspace."""
    if not actor.can(Capability.PLAN_MANAGE):
        return refused("Your role does not let you set up calibrations.", "role")
    if actor.member is None:
        return refused("A session needs somebody who leads it: sign in as a member.", "no_member")
    if not actor.covers(Capability.PLAN_MANAGE, team_id):
        return refused("This session reaches beyond your teams.", "scope")
    return ALLOWED


def may_change(actor: Actor, session: CalibrationSession) -> Decision:
    """Until it opens; also opening it, and throwing it away."""
    return _led_in(actor, session, State.DRAFT)


def may_discuss(actor: Actor, session: CalibrationSession) -> Decision:
    """Begin to talk it over, also before everybody has graded."""
    return _led_in(actor, session, State.OPEN)


def may_close(actor: Actor, session: CalibrationSession) -> Decision:
    """End it; recording decisions goes on until then."""
    return _led_in(actor, session, State.DISCUSSING)


def may_decide(actor: Actor, session: CalibrationSession) -> Decision:
    """Record how a category is to be read from now on."""
    return _led_in(actor, session, State.DISCUSSING)


def may_note(actor: Actor, session: CalibrationSession) -> Decision:
    """Whoever sees the session and grades, while it is talked over."""
    if actor.member is None or not actor.can(Capability.GRADE):
        return refused("Your role does not let you take part in calibrations.", "role")
    return _in(session, State.DISCUSSING)


def may_grade(actor: Actor, session: CalibrationSession, participants: Collection[int]) -> Decision:
    """`participants`: ids of the members who take part."""
    if actor.member_id is None or actor.member_id not in participants or not actor.can(Capability.GRADE):
        return refused("Only who takes part grades in this session.", "not_yours")
    return _in(session, State.OPEN)


def session_actions(actor: Actor, session: CalibrationSession, participants: Collection[int]) -> list[str]:
    """What the actor may do in the session now, as the API names it."""
    asked = {
        "update": may_change(actor, session),
        "delete": may_change(actor, session),
        "open": may_change(actor, session),
        "grade": may_grade(actor, session, participants),
        "discuss": may_discuss(actor, session),
        "note": may_note(actor, session),
        "decide": may_decide(actor, session),
        "close": may_close(actor, session),
    }
    return [name for name, decision in asked.items() if decision.allowed]


def _led_in(actor: Actor, session: CalibrationSession, state: str) -> Decision:
    allowed = may_plan_for(actor, session.team_id)
    return _in(session, state) if allowed.allowed else allowed


def _in(session: CalibrationSession, state: str) -> Decision:
    if session.state == state:
        return ALLOWED
    return conflict(NOT_NOW[State(session.state)], "state")
