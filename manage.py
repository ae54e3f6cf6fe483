#!/usr/bin/env python
"""Django's command line. Commands that need the database start the embedded servers if none are named."""

import os
import sys

from django.core.management import execute_from_command_line

from config import embedded

WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "spectacular",
    "version",
}


def needs_servers(arguments: list[str]) -> bool:
    """Whether the command line (without the program) names a command that works on the database."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    return arguments[0] not in WITHOUT_SERVERS


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if needs_servers(sys.argv[1:]):
        embedded.ensure()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
