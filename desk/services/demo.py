"""Filling the demo workspace, through the same services that people use. All or nothing, once."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from accounts import selectors as people
from accounts.access import Actor
from coaching.services.rules import create_usual_rules
from coaching.services.runs import request_run
from conversations.services.imports import import_conversations
from desk.demo.cast import NAME, PEOPLE, SLUG, ZONE
from desk.demo.conversations import conversations
from desk.services.demo_day import day
from desk.services.demo_people import join_all, tell_absences, tell_profiles, tell_starts
from desk.services.demo_plans import rows_of, sample
from desk.services.demo_talk import talk
from desk.services.workspaces import open_workspace


def seed_demo(*, password: str, today: date) -> bool:
    """The demo workspace with its people (who all log in with this password) and sixteen weeks of work up to
    yesterday; whether it was made now."""
    if people.workspace_exists(SLUG):
        return False
    monday = today - timedelta(days=today.weekday())
    with transaction.atomic():
        admin = next(person for person in PEOPLE if person.key == "admin")
        opened = open_workspace(slug=SLUG, name=NAME, timezone=ZONE, admin_email=admin.email)
        system = Actor.system(opened.workspace)
        import_conversations(actor=system, rows=rows_of(conversations(today)), origin="demo")
        members = join_all(system=system, password=password)
        tell_starts(system=system, monday=monday)
        tell_profiles(system=system, members=members)
        sample(system=system, members=members, monday=monday)
        tell_absences(system=system, members=members, today=today)
        talk(system=system, members=members)
        day(system=system, members=members)
        create_usual_rules(actor=system)
        request_run(actor=system, period="week", period_start=monday - timedelta(weeks=1))
    return True
