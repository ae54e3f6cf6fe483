from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import selectors
from accounts.access import Actor, Role
from accounts.services.keys import create_key
from common.errors import Problem


class Command(BaseCommand):
    help = "Make an API key of a workspace; prints only the key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the workspace")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument("--role", required=True, choices=[role.value for role in Role])
        parser.add_argument("--member", metavar="EMAIL", help="acts as this person (or agent, by his e-mail)")
        parser.add_argument("--agent", metavar="[SOURCE:]EXTERNAL_ID", help="for a key of role agent")
        parser.add_argument("--expires-days", type=int, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(self.made(options))
        except Problem as problem:
            raise CommandError(problem.detail) from None

    def made(self, options: dict[str, Any]) -> str:
        actor = Actor.system(selectors.workspace(options["slug"]))
        role, days = Role(options["role"]), options["expires_days"]
        member, agent = selectors.key_owner(actor, role, options["member"], options["agent"])
        _, secret = create_key(
            actor=actor,
            name=options["name"],
            role=role,
            member=member,
            agent=agent,
            expires_at=timezone.now() + timedelta(days=days) if days is not None else None,
        )
        return secret
