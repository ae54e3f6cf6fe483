"""`manage.py seed_demo`: the demo workspace, made once; prints its log-ins each time."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.crypto import salted_hmac

from desk.demo.cast import PEOPLE, SLUG, ZONE
from desk.services.demo import seed_demo


def demo_password() -> str:
    """The same on each start and different on each installation: made from its secret key."""
    return salted_hmac("plumbline demo", SLUG, algorithm="sha256").hexdigest()[:12]


class Command(BaseCommand):
    help = "Make the demo workspace if there is none, and print one log-in per role."

    def handle(self, *args: object, **options: object) -> None:
        today: date = timezone.localdate(timezone=ZoneInfo(ZONE))
        password = demo_password()
        if seed_demo(password=password, today=today):
            self.stdout.write("The demo workspace was made.")
        self.stdout.write(f"Demo workspace: {settings.PUBLIC_URL}/w/{SLUG}/   password of all: {password}")
        for person in PEOPLE:
            self.stdout.write(f"  {person.role:<9} {person.email}")
