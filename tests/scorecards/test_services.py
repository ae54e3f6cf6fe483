"""Life cycle of scorecards: who may, what is refused and why, what is recorded."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import AuditEvent, WorkspaceSettings
from common.errors import Conflict, Invalid, Missing, Refused, Stale
from common.etags import etag
from scorecards import selectors, services
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.ready import SUPPORT_QUALITY_NAME
from tests.scorecards.cards import one
from tests.world import Place, World


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def draft(ours: Place) -> ScorecardVersion:
    _, version = services.create_scorecard(actor=ours.actor("manager"), name="Voice", definition=one())
    return version


def at(version: ScorecardVersion) -> dict[str, Any]:
    return {"scorecard_id": version.scorecard_id, "number": version.number}


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_a_new_scorecard_has_a_normalised_draft(ours: Place) -> None:
    scorecard, version = services.create_scorecard(
        actor=ours.actor("manager"), name="  Voice ", definition=one()
    )
    assert (scorecard.name, version.number, version.state) == ("Voice", 1, "draft")
    assert version.definition["groups"][0]["categories"][0]["weight"] == "10"
    assert version.created_by == ours.people["manager"]
    assert actions() == ["scorecard.created", "scorecard_version.created"]


def test_errors_of_a_definition_are_named_and_nothing_is_kept(ours: Place) -> None:
    with pytest.raises(Invalid) as caught:
        services.create_scorecard(actor=ours.actor("manager"), name="Voice", definition=one(weight="101"))
    (error,) = caught.value.errors
    assert (error.pointer, error.code) == ("/definition/groups/0/categories/0/weight", "out_of_range")
    assert not Scorecard.objects.filter(name="Voice").exists()
    assert actions() == []


@pytest.mark.parametrize(("name", "code"), [("  ", "blank"), ("x" * 256, "too_long")])
def test_a_scorecard_needs_a_name_that_fits(ours: Place, name: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        services.create_scorecard(actor=ours.actor("manager"), name=name, definition=one())
    assert [(e.pointer, e.code) for e in caught.value.errors] == [("/name", code)]


def test_the_ready_scorecard_is_published(ours: Place) -> None:
    scorecard = services.create_ready_scorecard(actor=ours.system)
    version = selectors.published_version(ours.system, scorecard.pk)
    assert version is not None
    assert (scorecard.name, version.number) == (SUPPORT_QUALITY_NAME, 1)
    assert len(selectors.definition_of(version).categories) == 9


def test_a_lead_reads_and_does_not_write(ours: Place, draft: ScorecardVersion) -> None:
    lead = ours.actor("lead")
    assert selectors.version(lead, **at(draft)) == draft
    for write in (
        lambda: services.create_scorecard(actor=lead, name="Voice", definition=one()),
        lambda: services.update_scorecard(
            actor=lead, scorecard_id=draft.scorecard_id, changes={"name": "Tone"}
        ),
        lambda: services.add_version(actor=lead, scorecard_id=draft.scorecard_id),
        lambda: services.change_draft(actor=lead, **at(draft), definition=one()),
        lambda: services.publish(actor=lead, **at(draft)),
        lambda: services.archive(actor=lead, **at(draft)),
    ):
        with pytest.raises(Refused, match="change scorecards"):
            write()


def test_the_neighbours_scorecard_is_missing(world: World, draft: ScorecardVersion) -> None:
    neighbour = world["theirs"].actor("manager")
    with pytest.raises(Missing):
        services.update_scorecard(actor=neighbour, scorecard_id=draft.scorecard_id, changes={"name": "Mine"})
    with pytest.raises(Missing):
        services.publish(actor=neighbour, **at(draft))
    with pytest.raises(Missing):
        selectors.version(neighbour, **at(draft))


def test_renaming_tells_before_and_after(ours: Place, draft: ScorecardVersion) -> None:
    services.update_scorecard(
        actor=ours.actor("manager"), scorecard_id=draft.scorecard_id, changes={"name": "Tone"}
    )
    assert Scorecard.objects.get(pk=draft.scorecard_id).name == "Tone"
    assert AuditEvent.objects.get(action="scorecard.changed").changes == {"name": ["Voice", "Tone"]}


def test_a_draft_changes_until_it_is_published(ours: Place, draft: ScorecardVersion) -> None:
    manager = ours.actor("manager")
    changed = services.change_draft(actor=manager, **at(draft), definition=one(weight="35"))
    assert changed.definition["groups"][0]["categories"][0]["weight"] == "35"
    published = services.publish(actor=manager, **at(draft), if_match=etag(changed))
    assert published.state == "published"
    assert published.published_at is not None
    with pytest.raises(Conflict) as caught:
        services.change_draft(actor=manager, **at(draft), definition=one())
    assert caught.value.code == "not_a_draft"
    with pytest.raises(Conflict, match="published already"):
        services.publish(actor=manager, **at(draft))


def test_a_stale_reader_is_told(ours: Place, draft: ScorecardVersion) -> None:
    manager, seen = ours.actor("manager"), etag(draft)
    services.change_draft(actor=manager, **at(draft), definition=one(weight="35"))
    for write in (
        lambda: services.change_draft(actor=manager, **at(draft), definition=one(), if_match=seen),
        lambda: services.publish(actor=manager, **at(draft), if_match=seen),
        lambda: services.archive(actor=manager, **at(draft), if_match=seen),
    ):
        with pytest.raises(Stale):
            write()
    stored = ScorecardVersion.objects.get(pk=draft.pk)
    assert stored.definition["groups"][0]["categories"][0]["weight"] == "35"


def test_one_draft_at_a_time(ours: Place, draft: ScorecardVersion) -> None:
    manager = ours.actor("manager")
    with pytest.raises(Conflict) as caught:
        services.add_version(actor=manager, scorecard_id=draft.scorecard_id)
    assert caught.value.code == "draft_exists"
    services.publish(actor=manager, **at(draft))
    copied = services.add_version(actor=manager, scorecard_id=draft.scorecard_id)
    assert (copied.number, copied.state, copied.definition) == (2, "draft", draft.definition)


def test_the_scorecard_means_its_latest_published_version(ours: Place) -> None:
    manager, card = ours.actor("manager"), ours.rows["scorecard"]
    first = ours.rows["version"]
    second = services.add_version(actor=manager, scorecard_id=card.pk, definition=one())
    assert selectors.published_version(manager, card.pk) == first
    services.publish(actor=manager, **at(second))
    assert selectors.published_version(manager, card.pk) == second
    services.archive(actor=manager, **at(second))
    assert selectors.published_version(card.workspace_id, card.pk) == first
    services.archive(actor=manager, **at(first))
    assert selectors.published_version(card.workspace_id, card.pk) is None


def test_an_agent_gets_a_version_by_his_workspace_only(ours: Place) -> None:
    card = ours.rows["scorecard"]
    assert selectors.published_version(ours.actor("agent"), card.pk) is None
    assert selectors.published_version(card.workspace_id, card.pk) == ours.rows["version"]


def test_only_what_is_published_is_archived(ours: Place, draft: ScorecardVersion) -> None:
    manager = ours.actor("manager")
    with pytest.raises(Conflict, match="is a draft") as caught:
        services.archive(actor=manager, **at(draft))
    assert caught.value.code == "not_published"
    services.publish(actor=manager, **at(draft))
    archived = services.archive(actor=manager, **at(draft))
    assert archived.archived_at is not None
    with pytest.raises(Conflict, match="archived already"):
        services.archive(actor=manager, **at(draft))


def test_a_csat_condition_waits_for_blind_grading_to_be_off(ours: Place) -> None:
    _, version = services.create_scorecard(
        actor=ours.actor("manager"), name="After CSAT", definition=one(show_when={"csat": True})
    )
    with pytest.raises(Conflict) as caught:
        services.publish(actor=ours.actor("manager"), **at(version))
    assert caught.value.code == "csat_condition_while_blind"
    assert [e.pointer for e in caught.value.errors] == ["/definition/groups/0/categories/0/show_when/csat"]
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(blind=False)
    assert services.publish(actor=ours.actor("manager"), **at(version)).state == "published"


def test_every_step_is_audited_and_stamps_the_scorecard(ours: Place, draft: ScorecardVersion) -> None:
    manager, scorecard = ours.actor("manager"), draft.scorecard
    stamps = [scorecard.updated_at]
    for step in (
        lambda: services.change_draft(actor=manager, **at(draft), definition=one(weight="3")),
        lambda: services.publish(actor=manager, **at(draft)),
        lambda: services.archive(actor=manager, **at(draft)),
        lambda: services.add_version(actor=manager, scorecard_id=scorecard.pk),
    ):
        step()
        scorecard.refresh_from_db()
        stamps.append(scorecard.updated_at)
    assert stamps == sorted(set(stamps))
    verbs = ["created", "changed", "published", "archived", "created"]
    assert actions() == ["scorecard.created", *(f"scorecard_version.{verb}" for verb in verbs)]
    event = AuditEvent.objects.get(action="scorecard_version.published")
    assert event.changes == {"scorecard": scorecard.pk, "number": 1}
    assert event.actor_member == ours.people["manager"]


@pytest.mark.parametrize("state", ["published", "archived"])
def test_the_database_refuses_to_change_what_was_published(ours: Place, state: str) -> None:
    version = ours.rows["version"]
    rows = ScorecardVersion.objects.filter(pk=version.pk)
    if state == "archived":
        services.archive(actor=ours.actor("manager"), **at(version))
    other: dict[str, Any] = copy.deepcopy(version.definition)
    other["groups"][0]["name"] = "Changed behind our back"
    for change in ({"definition": other}, {"state": "draft"}):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        connection.cursor().execute(
            "update scorecards_scorecardversion set definition = '{}' where id = %s", [version.pk]
        )
    stored = rows.get()
    assert (stored.state, stored.definition) == (state, version.definition)


def test_a_published_definition_is_parsed_once(ours: Place, draft: ScorecardVersion) -> None:
    published = ours.rows["version"]
    again = ScorecardVersion.objects.get(pk=published.pk)
    assert selectors.definition_of(again) is selectors.definition_of(published)
    assert selectors.definition_of(draft) is not selectors.definition_of(draft)


def test_the_version_that_stands_for_a_scorecard(ours: Place, draft: ScorecardVersion) -> None:
    manager, card = ours.actor("manager"), ours.rows["scorecard"]
    services.add_version(actor=manager, scorecard_id=card.pk)
    latest = selectors.standing_versions(manager)
    assert latest == {card.pk: ours.rows["version"], draft.scorecard_id: draft}
    services.archive(actor=manager, **at(ours.rows["version"]))
    assert selectors.standing_versions(manager)[card.pk].number == 2
