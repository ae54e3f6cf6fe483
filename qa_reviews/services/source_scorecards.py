"""Scorecards of other tools: each becomes one of ours, and each change of it a new published version."""

from __future__ import annotations

from typing import Literal

from django.db import transaction

from accounts.access import Actor
from common.errors import FieldError, Invalid
from qa_reviews.models import SourceScorecard
from scorecards import services
from scorecards.definition import InvalidDefinition, parse, to_json
from scorecards.selectors import published_version

Done = Literal["created", "updated", "unchanged"]


@transaction.atomic
def put_scorecard(*, actor: Actor, source: str, external_id: str, name: str, definition: object) -> Done:
    """Publish the definition as the newest version of the scorecard that was made of this one, or as a new
    scorecard. The same definition again changes nothing. Conflict while a draft of it is open here."""
    wanted = _normal(definition)
    links = SourceScorecard.objects.visible_to(actor).filter(source=source, external_id=external_id)
    link = links.select_related("scorecard").first()
    if link is None:
        scorecard, draft = services.create_scorecard(actor=actor, name=name, definition=definition)
        services.publish(actor=actor, scorecard_id=scorecard.pk, number=draft.number)
        SourceScorecard.objects.create(
            workspace_id=actor.workspace_id, source=source, external_id=external_id, scorecard=scorecard
        )
        return "created"
    newest = published_version(actor, link.scorecard_id)
    if newest is not None and _normal(newest.definition) == wanted:
        return "unchanged"
    draft = services.add_version(actor=actor, scorecard_id=link.scorecard_id, definition=definition)
    services.publish(actor=actor, scorecard_id=link.scorecard_id, number=draft.number)
    return "updated"


def _normal(definition: object) -> dict[str, object]:
    """The definition with its defaults filled in; Invalid for one with errors."""
    try:
        return to_json(parse(definition))
    except InvalidDefinition as error:
        raise Invalid([FieldError(f.pointer, f.code, f.message) for f in error.findings]) from None
