"""`manage.py import_zendesk_qa SLUG FILE...`: answers of Zendesk QA's export API, as JSON or NDJSON."""

from __future__ import annotations

import gzip
import json
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import Actor
from accounts.selectors import workspace
from common.errors import Problem
from conversations.selectors import SHOWN_ISSUES, report
from conversations.streams import Row, chunks_of, read_ndjson
from qa_reviews.history.zendesk_items import rows_of_lines, rows_of_object
from qa_reviews.history.zendesk_qa import Options
from qa_reviews.history.zendesk_scales import UNITS
from qa_reviews.services.zendesk_import import import_zendesk_qa

OPENERS: Mapping[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
LINES = (".ndjson", ".jsonl")
UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)


class Command(BaseCommand):
    help = (
        "Import reviews, scorecards, disputes, calibrations and CSAT that Zendesk QA exported: files in the "
        "order users, scorecards, reviews, the rest. Importing again changes nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the workspace")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".json or .ndjson, also .gz")
        parser.add_argument("--ratings", choices=UNITS, default="percent", help="what rating numbers count")
        parser.add_argument("--conversations", default="", help="source of its conversations here")

    def handle(self, *args: Any, **options: Any) -> None:
        files: list[Path] = options["files"]
        wanted = Options(unit=options["ratings"], conversations=options["conversations"])
        origin = ", ".join(file.name for file in files)
        try:
            actor = Actor.system(workspace(options["slug"]))
            run = import_zendesk_qa(actor=actor, rows=_rows(files), origin=origin, options=wanted)
        except Problem as problem:
            raise CommandError(str(problem)) from None
        except UNREADABLE as error:
            raise CommandError(f"{error}. What was read before is imported.") from None
        self._summarise(report(actor, run), options["slug"])

    def _summarise(self, found: dict[str, Any], slug: str) -> None:
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
        where = f"/w/{slug}/imports/{found['import_run']}/"
        if found["rejected_total"]:
            some = f" (the first {SHOWN_ISSUES} are above)" if found["rejected_total"] > SHOWN_ISSUES else ""
            self.stderr.write(f"{found['rejected_total']:,} rows were rejected{some}; all of them: {where}")
        self.stderr.write(f"Scores compared with those reported: {where}parity/")


def _rows(files: Iterable[Path]) -> Iterator[Row]:
    """The rows of all files, numbered on from file to file."""
    last = 0
    for file in files:
        first = last
        for row in _rows_of(file):
            last = first + row.number
            yield replace(row, number=last)


def _rows_of(file: Path) -> Iterable[Row]:
    lines = any(suffix in LINES for suffix in file.suffixes)
    with OPENERS.get(file.suffix, open)(file, "rb") as opened:
        if lines:
            yield from rows_of_lines(read_ndjson(chunks_of(opened)))
        else:
            yield from rows_of_object(opened.read())
