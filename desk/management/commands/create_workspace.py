from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import Problem
from desk.services.workspaces import open_workspace


class Command(BaseCommand):
    help = "Make a workspace with its first administrator; prints the one-time link to set his password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name in addresses, such as acme")
        parser.add_argument("--name", required=True)
        parser.add_argument("--timezone", default="UTC", help="such as Europe/Berlin; UTC unless said")
        parser.add_argument("--admin-email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        said = {name: options[name] for name in ("slug", "name", "timezone", "admin_email")}
        try:
            opened = open_workspace(**said)
        except Problem as problem:
            raise CommandError(problem.detail) from None
        self.stdout.write(opened.invited.link)
