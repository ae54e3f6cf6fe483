"""Published figures: those a workspace starts with, and how they are changed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from accounts import selectors
from accounts.access import Actor
from accounts.models import AuditEvent, ReferenceFigure
from accounts.references import PUBLISHED
from accounts.services import references
from accounts.services.workspaces import create_workspace
from common.errors import Invalid, Missing, Refused, Stale
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
IQS: references.ReferenceChanges = {
    "metric": "iqs",
    "value": Decimal("81.5"),
    "year": 2021,
    "source": "A report",
}


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def said(rows: Any) -> set[tuple[Any, ...]]:
    return {(row.metric, int(row.value), row.year, row.source, row.url) for row in rows}


DEFAULTS = {(each.metric, each.value, each.year, each.source, each.url) for each in PUBLISHED}


def test_a_new_workspace_starts_with_those_of_2021_and_2022(db: None) -> None:
    made = create_workspace(slug="acme", name="ACME", timezone="UTC", admin_email="ann@acme.example")
    rows = selectors.references(Actor.system(made.workspace))
    assert said(rows) == DEFAULTS
    assert {(each.metric, each.value) for each in PUBLISHED} == {
        ("csat", 78),
        ("csat", 89),
        ("iqs", 81),
        ("iqs", 89),
        ("tracks_iqs", 39),
    }


def test_workspaces_that_are_there_get_them_once_and_keep_theirs(ours: Place) -> None:
    migration = import_module("accounts.migrations.0006_published_figures")
    for _ in range(2):
        migration.give(apps, None)
    rows = selectors.references(ours.system)
    assert said(rows.exclude(pk=ours.rows["reference"].pk)) == DEFAULTS
    assert rows.filter(pk=ours.rows["reference"].pk).exists()


def test_a_figure_is_added_changed_and_removed_and_the_audit_tells(ours: Place) -> None:
    actor = ours.actor("admin")
    row = references.add_reference(actor=actor, values=IQS)
    references.update_reference(actor=actor, reference_id=row.pk, changes={"value": Decimal(82)})
    references.remove_reference(actor=actor, reference_id=row.pk)
    assert not ReferenceFigure.objects.filter(pk=row.pk).exists()
    told = list(
        AuditEvent.objects.filter(action__startswith="reference.")
        .order_by("pk")
        .values_list("action", "changes")
    )
    assert [action for action, _ in told] == ["reference.added", "reference.updated", "reference.removed"]
    assert told[1][1] == {"value": ["81.5", "82"]}


def test_the_same_again_changes_nothing(ours: Place) -> None:
    actor, row = ours.actor("admin"), ours.rows["reference"]
    before = ReferenceFigure.objects.get(pk=row.pk).updated_at
    references.update_reference(actor=actor, reference_id=row.pk, changes={"value": Decimal("78.0000")})
    assert ReferenceFigure.objects.get(pk=row.pk).updated_at == before


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"value": Decimal(101)}, "/value"),
        ({"value": Decimal(-1)}, "/value"),
        ({"year": 1066}, "/year"),
        ({"metric": "nps"}, "/metric"),
        ({"source": "  "}, "/source"),
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"metric": "csat", "source": " A report on service "}, "/source"),
    ],
)
def test_what_is_wrong_is_named(ours: Place, change: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        references.add_reference(actor=ours.actor("admin"), values=IQS | change)
    assert [error.pointer for error in caught.value.errors] == [pointer]


def test_only_who_administers_changes_them_and_only_here(world: World) -> None:
    ours, theirs = world["ours"], world["theirs"]
    with pytest.raises(Refused):
        references.add_reference(actor=ours.actor("manager"), values=IQS)
    with pytest.raises(Missing):
        references.remove_reference(actor=ours.actor("admin"), reference_id=theirs.rows["reference"].pk)
    with pytest.raises(Stale):
        references.update_reference(
            actor=ours.actor("admin"), reference_id=ours.rows["reference"].pk, changes={}, if_match='"1-0"'
        )


def test_the_api_reads_and_writes_them(api: Api, ours: Place) -> None:
    admin, lead = api("admin"), api("lead")
    made = admin.post("reference-figures/", {**IQS, "value": "81.5"})
    assert made.status_code == 201
    row = made.json()
    assert (row["value"], row["shown"], row["authorized_actions"]) == ("81.5000", True, ["update", "delete"])
    assert made["ETag"] == row["etag"]
    path = f"reference-figures/{row['id']}/"
    assert lead.get(path).json()["authorized_actions"] == []
    assert [each["metric"] for each in lead.get("reference-figures/").json()["results"]] == ["csat", "iqs"]
    assert admin.patch(path, {"shown": False}).json()["shown"] is False
    assert admin.patch(path, {"colour": "red"}).status_code == 422
    assert admin.post("reference-figures/", {"metric": "iqs"}).status_code == 422
    assert admin.delete(path).status_code == 204
    assert lead.get(path).status_code == 404
