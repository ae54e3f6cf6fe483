"""Keys narrow, settings change by field, the audit stays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from accounts import selectors
from accounts.access import GRANTS, Capability, Role
from accounts.models import ApiKey, AuditEvent, IdempotentAnswer, Member, MemberRole
from accounts.services import keys, settings
from accounts.services.audit import record
from accounts.tasks import forget_answers
from common.errors import Invalid, Refused
from jobs.registry import Work
from tests.world import Place, World


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def actor_of(secret: str, slug: str = "ours") -> object:
    key = selectors.live_key(secret)
    assert key is not None
    return selectors.actor_for(slug, key=key)


@pytest.mark.parametrize(
    ("capability", "roles"),
    [
        (Capability.ADMINISTER, "admin"),
        (Capability.PEOPLE_WRITE, "admin manager"),
        (Capability.IMPORT, "admin manager"),
        (Capability.SCORECARD_WRITE, "admin manager"),
        (Capability.SCORECARD_READ, "admin manager lead reviewer"),
        (Capability.PLAN_MANAGE, "admin manager lead"),
        (Capability.GRADE, "admin manager lead reviewer"),
        (Capability.REVIEW_READ_ALL, "admin manager lead"),
        (Capability.NUMBERS_READ_ALL, "admin manager lead"),
        (Capability.NUMBERS_READ, "admin manager lead reviewer agent"),
        (Capability.COACHING_MANAGE, "admin manager lead"),
        (Capability.COACHING_READ, "admin manager lead agent"),
        (Capability.EXPORT, "admin manager lead"),
    ],
)
def test_the_table_of_roles(capability: Capability, roles: str) -> None:
    assert {role for role in Role if capability in GRANTS[role]} == {Role(name) for name in roles.split()}


# --- keys -------------------------------------------------------------------------------------------------


def test_a_key_is_narrowed_to_its_role_in_the_owners_scope(ours: Place) -> None:
    lead = ours.people["lead"]
    _, secret = keys.create_key(actor=ours.system, name="grading", role=Role.REVIEWER, member=lead)
    actor = selectors.actor_for("ours", key=selectors.live_key(secret))
    assert actor.member == lead
    assert actor.roles == {Role.REVIEWER}
    assert actor.scope(Capability.GRADE) == frozenset({ours.rows["team"].pk})
    assert not actor.can(Capability.PLAN_MANAGE)


@pytest.mark.parametrize(
    ("person", "role"), [("reviewer", Role.LEAD), ("lead", Role.MANAGER), ("manager", Role.AGENT)]
)
def test_a_key_cannot_do_more_than_its_owner(ours: Place, person: str, role: Role) -> None:
    with pytest.raises(Invalid, match="does not hold"):
        keys.create_key(actor=ours.system, name="k", role=role, member=ours.people[person])


def test_a_key_weakens_with_its_owner_and_dies_with_him(ours: Place) -> None:
    manager = ours.people["manager"]
    _, secret = keys.create_key(actor=ours.system, name="k", role=Role.MANAGER, member=manager)
    MemberRole.objects.filter(member=manager).update(role=Role.REVIEWER)
    with pytest.raises(Refused, match="no longer"):
        actor_of(secret)
    Member.objects.filter(pk=manager.pk).update(deactivated_at=timezone.now())
    manager.refresh_from_db()
    with pytest.raises(Invalid, match="deactivated"):
        keys.create_key(actor=ours.system, name="k", role=Role.REVIEWER, member=manager)


def test_a_key_of_its_own_acts_under_its_name(ours: Place) -> None:
    key, secret = keys.create_key(actor=ours.actor("admin"), name=" nightly import ", role=Role.MANAGER)
    assert (key.member.kind, key.member.name, key.member.user) == ("service", "nightly import", None)
    assert secret.startswith(key.prefix)
    assert secret not in str(list(ApiKey.objects.values()))
    revoked = keys.revoke_key(actor=ours.actor("admin"), key_id=key.pk)
    assert revoked.revoked_at is not None
    assert selectors.live_key(secret) is None


def test_a_key_of_role_agent_sees_what_that_agent_sees(ours: Place) -> None:
    with pytest.raises(Invalid, match="names its agent"):
        keys.create_key(actor=ours.system, name="k", role=Role.AGENT)
    _, secret = keys.create_key(actor=ours.system, name="k", role=Role.AGENT, agent=ours.rows["agent"])
    actor = selectors.actor_for("ours", key=selectors.live_key(secret))
    assert actor.agent_id == ours.rows["agent"].pk


def test_an_expired_key_is_unknown(ours: Place) -> None:
    with pytest.raises(Invalid, match="expired"):
        keys.create_key(actor=ours.system, name="k", role=Role.LEAD, expires_at=timezone.now())
    soon = timezone.now() + timedelta(minutes=1)
    key, secret = keys.create_key(actor=ours.system, name="k", role=Role.LEAD, expires_at=soon)
    assert selectors.live_key(secret) == key
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
    assert selectors.live_key(secret) is None


# --- settings ---------------------------------------------------------------------------------------------


def test_settings_write_what_changed_and_audit_it(ours: Place) -> None:
    changes = {"pass_mark": Decimal("85"), "blind": True, "timezone": "America/New_York"}
    row = settings.update_settings(actor=ours.actor("admin"), changes=changes)
    row.refresh_from_db()
    assert (row.pass_mark, row.workspace.timezone) == (Decimal("85"), "America/New_York")
    event = AuditEvent.objects.latest("pk")
    assert event.changes == {
        "pass_mark": ["80.0000", "85"],
        "timezone": ["Europe/Berlin", "America/New_York"],
    }


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"timezone": "Europe/Atlantis"}, "/timezone"),
        ({"pass_mark": Decimal("100.1")}, "/pass_mark"),
        ({"week_start": "friday"}, "/week_start"),
        ({"name": "  "}, "/name"),
        ({"headline_plan_id": 2**40}, "/headline_plan"),
    ],
)
def test_a_wrong_setting_changes_nothing(ours: Place, changes: dict[str, object], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        settings.update_settings(actor=ours.actor("admin"), changes={"blind": False} | changes)
    assert [error.pointer for error in refused.value.errors] == [pointer]
    assert selectors.settings_of(ours.system).blind is True


def test_the_neighbours_plan_is_no_headline(world: World) -> None:
    with pytest.raises(Invalid):
        settings.update_settings(
            actor=world["ours"].actor("admin"), changes={"headline_plan_id": world["theirs"].rows["plan"].pk}
        )


# --- audit ------------------------------------------------------------------------------------------------


def test_the_audit_refuses_change(ours: Place) -> None:
    record(ours.actor("admin"), "test.done", ours.workspace)
    for write in (
        lambda: AuditEvent.objects.update(action="x"),
        lambda: AuditEvent.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            write()


@pytest.mark.parametrize(
    "sql",
    [
        "update accounts_auditevent set action = 'x'",
        "delete from accounts_auditevent",
        "update accounts_memberevent set name = 'x'",
        "delete from accounts_workspacesettingsevent",
        "truncate accounts_auditevent cascade",
        "alter table accounts_auditevent disable trigger all",
    ],
)
def test_the_app_role_may_not_touch_the_record_of_the_past(ours: Place, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_roles where rolname = 'plumbline_app')")
        if not cursor.fetchone()[0]:
            pytest.skip("this database has no app role")
    denied = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with denied, transaction.atomic(), connection.cursor() as cursor:
        _as_app(cursor, sql)


def _as_app(cursor: CursorWrapper, sql: str) -> None:
    cursor.execute("set local role plumbline_app")
    cursor.execute("select count(*) from accounts_auditevent")
    cursor.execute(sql)


# --- housekeeping -----------------------------------------------------------------------------------------


def test_old_answers_are_forgotten(ours: Place) -> None:
    for name, age in (("old", 25), ("fresh", 23)):
        answer = IdempotentAnswer.objects.create(
            workspace=ours.workspace, member=ours.people["lead"], key=name, path="/", body_hash=""
        )
        IdempotentAnswer.objects.filter(pk=answer.pk).update(created_at=timezone.now() - timedelta(hours=age))
    forget_answers(Work(1, {}, {}))
    assert [answer.key for answer in IdempotentAnswer.objects.all()] == ["fresh"]
