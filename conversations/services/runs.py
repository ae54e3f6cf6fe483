"""The life of an import: rows in, chunk by chunk, each chunk one transaction that keeps its counts too.

What a chunk does is the importer's: conversations and surveys here, reviews one app above. A row that is
wrong stops nobody; a cut connection leaves what was committed, and sending everything again finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.access import Actor, Capability
from common.errors import FieldError
from conversations.models import ImportIssue, ImportRun
from conversations.payload import external_id_of
from conversations.streams import Row

CHUNK_ROWS = 500
CHUNK_BYTES = 8 * 1024 * 1024  # of rows as they came, so that a few huge ones do not fill the memory
RAW_LIMIT = 64 * 1024  # characters kept of a rejected row
SILENCE = timedelta(minutes=10)
# SQLSTATE classes: one row twice, bad data, a broken constraint, a limit exceeded
ROW_FAULTS = {"21", "22", "23", "54"}
DUPLICATE = "The same key came before in this import, with other content; the first is kept."

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ready(Generic[T]):
    """A row that was read and checked; `fingerprint` is equal for equal content."""

    row: Row
    value: T
    external_id: str
    fingerprint: str


@dataclass(slots=True)
class Tally:
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    issues: list[ImportIssue] = field(default_factory=list)

    def reject(
        self, row: Row, external_id: str, errors: Iterable[FieldError], *, keep_raw: bool = True
    ) -> None:
        """The row touches nothing; it is kept as it came, with the reasons."""
        self._note(
            ImportIssue.Kind.REJECTED,
            row,
            external_id,
            errors=[error.as_json() for error in errors],
            raw=row.shown[:RAW_LIMIT] if keep_raw else "",
        )

    def conflict(
        self,
        row: Row,
        external_id: str,
        first_row: int | None = None,
        errors: Iterable[FieldError] = (),
    ) -> None:
        """Two sayings of one thing differ: with an earlier row, or as the errors tell."""
        self._note(
            ImportIssue.Kind.CONFLICT,
            row,
            external_id,
            first_row=first_row,
            errors=[error.as_json() for error in errors],
        )

    def add(self, other: Tally) -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.issues += other.issues

    def count(self, kind: str) -> int:
        return sum(issue.kind == kind for issue in self.issues)

    def _note(self, kind: ImportIssue.Kind, row: Row, external_id: str, **more: Any) -> None:
        self.issues.append(ImportIssue(kind=kind, row=row.number, external_id=external_id, **more))


@dataclass(frozen=True, slots=True)
class Importer(Generic[T]):
    """How rows of one kind are read and written.

    `parse` takes the decoded JSON value; `key` is what makes a row the same one again; `write` works inside
    the chunk's transaction, on rows with distinct keys, and may be called again with fewer of them.
    """

    kind: ImportRun.Kind
    parse: Callable[[Any], T | list[FieldError]]
    key: Callable[[T], tuple[str, ...]]
    external_id: Callable[[T], str]
    fingerprint: Callable[[T], str]
    write: Callable[[Sequence[Ready[T]]], Tally]


def run_import(
    *,
    actor: Actor,
    importer: Importer[T],
    rows: Iterable[Row],
    origin: str,
    begun: Callable[[ImportRun], None] | None = None,
    progress: Callable[[ImportRun], None] | None = None,
) -> ImportRun:
    """Bring the rows in and give the closed run. What `rows` raises passes through and leaves the run
    interrupted. Memory: one chunk, and some 200 bytes for each distinct key. `begun` hears of the run before
    its first row, `progress` of chunks."""
    actor.require(Capability.IMPORT)
    run = ImportRun.objects.create(
        workspace_id=actor.workspace_id, member=actor.member, kind=importer.kind, origin=origin[:255]
    )
    if begun is not None:
        begun(run)
    sorter = _Sorter(importer)
    try:
        for chunk in _chunks(rows):
            _commit(run, sorter, chunk)
            if progress is not None:
                progress(run)
    except BaseException:
        with suppress(DatabaseError):  # a lost database: the clock's job closes it later
            _close(run, ImportRun.State.INTERRUPTED)
        raise
    _close(run, ImportRun.State.DONE)
    return run


def close_interrupted() -> int:
    """Mark runs that have not been heard of for ten minutes; how many. One that goes on after all opens
    itself again."""
    silent = ImportRun.objects.filter(state=ImportRun.State.RUNNING, alive_at__lt=timezone.now() - SILENCE)
    return silent.update(state=ImportRun.State.INTERRUPTED, finished_at=timezone.now())


def lock_imports(*, workspace_id: int) -> None:
    """Until the transaction ends, no other import of this workspace writes: no deadlocks, no lost facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('conversations.import', %s))", [workspace_id]
        )


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += len(row.raw)
        if len(chunk) >= CHUNK_ROWS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


class _Sorter(Generic[T]):
    """Sorts rows into those ready to be written and those that are not; remembers every key it has seen."""

    def __init__(self, importer: Importer[T]) -> None:
        self.importer = importer
        self.seen: dict[bytes, bytes] = {}  # digest of the key -> row number and fingerprint

    def sort(self, rows: Iterable[Row], tally: Tally) -> list[Ready[T]]:
        return [ready for row in rows if (ready := self._ready(row, tally)) is not None]

    def _ready(self, row: Row, tally: Tally) -> Ready[T] | None:
        if row.errors:
            tally.reject(row, external_id_of(row.value), row.errors)
            return None
        value = self.importer.parse(row.value)
        if isinstance(value, list):
            tally.reject(row, external_id_of(row.value), value)
            return None
        external_id, fingerprint = self.importer.external_id(value), self.importer.fingerprint(value)
        first = self._first(self.importer.key(value), row.number, fingerprint)
        if first is None:
            return Ready(row, value, external_id, fingerprint)
        first_row, same = first
        if same:
            tally.unchanged += 1
        else:
            tally.reject(row, external_id, [FieldError("/external_id", "duplicate", DUPLICATE)])
            tally.conflict(row, external_id, first_row)
        return None

    def _first(self, key: tuple[str, ...], number: int, fingerprint: str) -> tuple[int, bool] | None:
        """Where the key came first and whether its content was the same; None when this is the first."""
        digest = blake2b("\0".join(key).encode(), digest_size=16).digest()
        mine = number.to_bytes(8) + bytes.fromhex(fingerprint)
        first = self.seen.setdefault(digest, mine)
        if first is mine:
            return None
        return int.from_bytes(first[:8]), first[8:] == mine[8:]


def _commit(run: ImportRun, sorter: _Sorter[T], rows: list[Row]) -> None:
    tally = Tally()
    ready = sorter.sort(rows, tally)
    with transaction.atomic():
        if ready:
            tally.add(_written(sorter.importer, ready))
        _keep(run, tally)


def _written(importer: Importer[T], ready: Sequence[Ready[T]]) -> Tally:
    """Write the rows; where the database refuses some, halve them until the guilty ones stand alone."""
    try:
        with transaction.atomic():
            return importer.write(ready)
    except DatabaseError as error:
        if not _is_about_rows(error):
            raise
        if len(ready) == 1:
            tally, [one] = Tally(), ready
            detail = f"The database refused this row: {str(error).splitlines()[0][:300]}"
            tally.reject(one.row, one.external_id, [FieldError("", "refused", detail)])
            return tally
    tally = _written(importer, ready[: len(ready) // 2])
    tally.add(_written(importer, ready[len(ready) // 2 :]))
    return tally


def _is_about_rows(error: DatabaseError) -> bool:
    return str(getattr(error.__cause__, "sqlstate", None))[:2] in ROW_FAULTS


def _keep(run: ImportRun, tally: Tally) -> None:
    """The chunk's counts and issues, in its own transaction."""
    for issue in tally.issues:
        issue.workspace_id, issue.run = run.workspace_id, run
    ImportIssue.objects.bulk_create(tally.issues)
    run.created += tally.created
    run.updated += tally.updated
    run.unchanged += tally.unchanged
    run.rejected_total += tally.count(ImportIssue.Kind.REJECTED)
    run.conflicts_total += tally.count(ImportIssue.Kind.CONFLICT)
    run.alive_at, run.state, run.finished_at = timezone.now(), ImportRun.State.RUNNING, None
    run.save(
        update_fields=[
            *("created", "updated", "unchanged", "rejected_total", "conflicts_total"),
            *("alive_at", "state", "finished_at"),
        ]
    )


def _close(run: ImportRun, state: ImportRun.State) -> None:
    run.state, run.finished_at = state, timezone.now()
    run.save(update_fields=["state", "finished_at"])
