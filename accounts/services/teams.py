"""Teams: made and renamed. Names match trimmed, ignoring case."""

from __future__ import annotations

from django.db import transaction

from accounts.access import Actor, Capability
from accounts.models import Team
from accounts.names import team_key
from accounts.services.audit import record
from accounts.services.seen import lock_people
from common.errors import Missing, invalid
from common.etags import check_match


@transaction.atomic
def create_team(*, actor: Actor, name: str) -> Team:
    """A new team of the workspace."""
    actor.require(Capability.PEOPLE_WRITE)
    lock_people(actor.workspace_id)
    team = Team(workspace_id=actor.workspace_id, name=name.strip())
    _check_name(actor, team)
    team.save()
    record(actor, "team.created", team, {"name": team.name})
    return team


@transaction.atomic
def rename_team(*, actor: Actor, team_id: int, name: str, if_match: str | None = None) -> Team:
    """Give a team another name; who was in it when does not change."""
    actor.require(Capability.PEOPLE_WRITE)
    lock_people(actor.workspace_id)
    team = Team.objects.visible_to(actor).select_for_update().filter(pk=team_id).first()
    if team is None:
        raise Missing()
    check_match(team, if_match)
    before, team.name = team.name, name.strip()
    if before != team.name:
        _check_name(actor, team)
        team.save(update_fields=["name", "updated_at"])
        record(actor, "team.renamed", team, {"name": [before, team.name]})
    return team


def _check_name(actor: Actor, team: Team) -> None:
    if not team.name or len(team.name) > 255:
        raise invalid("/name", "invalid", "A team needs a name of at most 255 characters.")
    others = Team.objects.visible_to(actor).exclude(pk=team.pk).values_list("name", flat=True)
    if team_key(team.name) in {team_key(other) for other in others}:
        raise invalid("/name", "taken", f"There is a team “{team.name}” already.")
