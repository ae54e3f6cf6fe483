"""`manage.py import_conversations FILE --workspace SLUG`: NDJSON, or any helpdesk's CSV by a mapping."""

from __future__ import annotations

import gzip
import json
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import Actor
from accounts.selectors import workspace
from common.errors import Problem
from conversations.csv_mapping import read_rows
from conversations.models import ImportRun
from conversations.selectors import SHOWN_ISSUES, report
from conversations.services.imports import import_conversations
from conversations.streams import Row, chunks_of, read_ndjson

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)


class Command(BaseCommand):
    help = (
        "Import conversations from a file: NDJSON as for the API, or CSV with a mapping file. "
        "Prints a summary as JSON; says on stderr how far it is. Importing again changes nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="NDJSON, or CSV with --mapping; may end in .gz or .xz")
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--mapping", type=Path, help="JSON file that says what the CSV's columns mean")
        parser.add_argument("--source", help="source of rows that name none")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            actor = Actor.system(workspace(options["workspace"]))
            with _opened(file) as opened:
                rows = _rows(opened, _mapping(options["mapping"]), options["source"])
                run = import_conversations(actor=actor, rows=rows, origin=file.name, progress=self._tell)
        except Problem as problem:
            raise CommandError("\n".join([str(problem), *_details(problem)])) from None
        except UNREADABLE as error:
            detail = f"Cannot read {file.name}: {error}. What was read before is imported."
            raise CommandError(detail) from None
        self.stderr.write("")
        self._summarise(report(actor, run), options["workspace"])

    def _tell(self, run: ImportRun) -> None:
        done = run.created + run.updated + run.unchanged + run.rejected_total
        self.stderr.write(f"\r{done:,} rows, {run.rejected_total:,} rejected", ending="")
        self.stderr.flush()

    def _summarise(self, found: dict[str, Any], slug: str) -> None:
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
        if found["rejected_total"]:
            where = f"/w/{slug}/imports/{found['import_run']}/"
            some = f" (the first {SHOWN_ISSUES} are above)" if found["rejected_total"] > SHOWN_ISSUES else ""
            self.stderr.write(f"{found['rejected_total']:,} rows were rejected{some}; all of them: {where}")


def _opened(file: Path) -> BinaryIO:
    return cast(BinaryIO, OPENERS.get(file.suffix, open)(file, "rb"))


def _mapping(path: Path | None) -> Any:
    """The mapping file's JSON; None without a file."""
    try:
        return None if path is None else json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CommandError(f"Cannot read the mapping {path}: {error}.") from None


def _rows(file: BinaryIO, mapping: Any, source: str | None) -> Iterable[Row]:
    """The file's rows; those that name no source have the given one."""
    if mapping is None:
        rows: Iterable[Row] = read_ndjson(chunks_of(file))
        return _sourced(rows, source) if source else rows
    if source and isinstance(mapping, dict) and isinstance(mapping.get("conversation"), dict):
        mapping = mapping | {"conversation": {"source": source} | mapping["conversation"]}
    return read_rows(mapping, file)


def _sourced(rows: Iterable[Row], source: str) -> Iterator[Row]:
    for row in rows:
        named = not isinstance(row.value, dict) or row.value.get("source") is not None
        yield row if named else replace(row, value=row.value | {"source": source})


def _details(problem: Problem) -> list[str]:
    return [f"  {error.pointer or '/'}: {error.detail}" for error in problem.errors]
