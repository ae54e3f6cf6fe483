"""Reviews from elsewhere: an upsert by (source, external id). The score is always computed here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

from accounts.access import Actor
from accounts.services.audit import record
from common.errors import FieldError, Invalid
from common.periods import local_date
from conversations.models import ImportRun
from conversations.services.runs import Importer, Ready, Tally, lock_imports, run_import
from conversations.streams import Row
from qa_reviews.history.parity import Reason, Reported, differs, explain
from qa_reviews.import_rows import ReviewRow, fingerprint, parse_review
from qa_reviews.markup import hashtags
from qa_reviews.models import Review
from qa_reviews.services import queue
from qa_reviews.services.gradings import RESULT_FIELDS, Graded, write_gradings
from qa_reviews.services.import_checks import Checked, Known
from qa_reviews.services.import_places import Place, settle
from qa_reviews.services.import_talk import Talk, state_after, write_talk
from qa_reviews.services.opening import selection_of

Rows = Sequence[Ready[ReviewRow]]
AGAIN = "Imported again with other content"
CHANGED_FIELDS = (
    *RESULT_FIELDS,
    *("version", "state", "retracted_at", "declared_selection", "reported_score", "reported"),
    *("import_fingerprint", "active_seconds", "hashtags", "seen_at", "acknowledged_at", "updated_at"),
)


def import_reviews(*, actor: Actor, rows: Iterable[Row], origin: str) -> ImportRun:
    """Bring in the rows of a stream (api.md, "Reviews"); see `run_import` for what it promises."""
    zone = ZoneInfo(actor.workspace.timezone)
    written_by = Writer(actor)
    importer = Importer(
        kind=ImportRun.Kind.REVIEWS,
        parse=lambda raw: parse_review(raw, zone),
        key=lambda row: (row.source, row.external_id),
        external_id=lambda row: row.external_id,
        fingerprint=fingerprint,
        write=written_by,
    )
    run = run_import(actor=actor, importer=importer, rows=rows, origin=origin, begun=written_by.begun)
    counts = {"created": run.created, "updated": run.updated, "rejected": run.rejected_total}
    record(actor, "reviews.imported", run, counts)
    return run


@dataclass(slots=True)
class Writer:
    """Writes the chunks of one run."""

    actor: Actor
    run_id: int | None = None

    def begun(self, run: ImportRun) -> None:
        self.run_id = run.pk

    def __call__(self, ready: Rows) -> Tally:
        """One chunk: reads for all rows together, one insert a table. Rows that do not fit touch nothing."""
        lock_imports(workspace_id=self.actor.workspace_id)
        tally = Tally()
        reviews = _stored(self.actor, ready)
        news = [one for one in ready if not _is_unchanged(one, reviews, tally)]
        known = Known(self.actor, [one.value for one in news], reviews.values())
        fitting = [(one, checked) for one in news if (checked := _checked(one, known, tally)) is not None]
        places = settle(actor=self.actor, known=known, checked=[checked for _, checked in fitting])
        written = [
            _Written(one, place, place.checked.review or _review(self.actor, one, place))
            for (one, _), place in zip(fitting, places, strict=True)
        ]
        self._store(written, known)
        for each in written:
            _compare(each, tally)
        tally.created += sum(each.is_new for each in written)
        tally.updated += sum(not each.is_new for each in written)
        return tally

    def _store(self, written: Sequence[_Written], known: Known) -> None:
        """New reviews are inserted with their result, and their items are done; known ones get another
        grading, which the agent sees as new, and keep their date."""
        graded = [each.graded() for each in written]
        for one, each in zip(graded, written, strict=True):
            one.put_result()
            each.put_history(self.run_id, known)
        Review.objects.bulk_create(each.review for each in written if each.is_new)
        for each in written:
            if not each.is_new:
                each.review.save(update_fields=CHANGED_FIELDS)
            elif each.place.checked.item is not None:
                queue.finish(item=each.place.checked.item, reviewer_id=each.review.reviewer_id)
        write_gradings(graded)
        write_talk(actor=self.actor, talks=[each.talk(known) for each in written])


@dataclass(frozen=True, slots=True)
class _Written:
    """A row with its place and the review that it makes or changes."""

    ready: Ready[ReviewRow]
    place: Place
    review: Review

    @property
    def is_new(self) -> bool:
        return self.place.checked.review is None

    def graded(self) -> Graded:
        return Graded(
            review=self.review,
            judgement=self.place.checked.judgement,
            result=self.place.checked.result,
            quotes=self.place.checked.quotes,
            grader_id=self.review.reviewer_id,
            reason="" if self.is_new else AGAIN,
            at=self.review.submitted_at if self.is_new else None,
        )

    def put_history(self, run_id: int | None, known: Known) -> None:
        """What its source said, and what came of it; its caller saves the review."""
        review, row, checked = self.review, self.ready.value, self.place.checked
        review.version, review.declared_selection = checked.version, row.selection
        review.import_fingerprint, review.active_seconds = self.ready.fingerprint, row.active_seconds
        review.reported_score = row.score
        reasons = _reasons(row, checked)
        parity = {
            "score": None if review.score is None else f"{review.score:.4f}",
            "grading": review.gradings_count,
            "reasons": [reason.as_json() for reason in reasons],
        }
        review.reported = {**row.reported, "run": run_id, "parity": parity}
        said = [comment.body for comment in row.comments if comment.visibility == "everyone"]
        review.hashtags = list(hashtags(*checked.judgement.texts, *said))
        review.state, review.retracted_at = state_after(self.talk(known))
        review.seen_at = review.acknowledged_at = None

    def talk(self, known: Known) -> Talk:
        row = self.ready.value
        standing = known.disputes.get(self.review.pk, [])
        return Talk(self.review, row.disputes, row.comments, self.place.people, standing)


def _stored(actor: Actor, ready: Rows) -> dict[tuple[str, str], Review]:
    rows = Review.objects.in_workspace(actor.workspace_id).filter(
        source__in={one.value.source for one in ready},
        external_id__in={one.value.external_id for one in ready},
    )
    return {(row.source, row.external_id): row for row in rows.select_for_update()}


def _is_unchanged(one: Ready[ReviewRow], reviews: dict[tuple[str, str], Review], tally: Tally) -> bool:
    before = reviews.get((one.value.source, one.value.external_id))
    same = before is not None and before.import_fingerprint == one.fingerprint
    tally.unchanged += same
    return same


def _checked(one: Ready[ReviewRow], known: Known, tally: Tally) -> Checked | None:
    try:
        return known.check(one.value)
    except Invalid as refusal:
        tally.reject(one.row, one.external_id, refusal.errors)
        return None


def _review(actor: Actor, one: Ready[ReviewRow], place: Place) -> Review:
    row, item = one.value, place.checked.item
    return Review(
        workspace=actor.workspace,
        conversation=place.conversation,
        agent_id=place.agent_id,
        team_id=place.team_id,
        reviewer=place.reviewer,
        scorecard_id=row.scorecard,
        version=place.checked.version,
        kind=row.kind,
        state=Review.State.SUBMITTED,
        selection=selection_of(item),
        declared_selection=row.selection,
        queue_item=item,
        stratum_id=item.stratum_id if item else None,
        submitted_at=row.submitted_at,
        submitted_on=local_date(row.submitted_at, actor.workspace.timezone),
        closed_at=place.conversation.closed_at,
        closed_on=place.conversation.closed_on,
        source=row.source,
        external_id=row.external_id,
        blind=False,  # nobody knows what its reviewer saw
        announced_at=row.submitted_at,  # long ago, elsewhere: its agent gets no notice of it now
    )


def _reasons(row: ReviewRow, checked: Checked) -> list[Reason]:
    """Why the source's score differs; the ratings are scored again only where it does."""
    if row.score is None or not differs(Fraction(row.score), checked.result.score):
        return []
    return explain(Reported.of(row.reported), checked.case)


def _compare(each: _Written, tally: Tally) -> None:
    """Tell of a score or a date that differs from what stands here now, and of what could not be mapped."""
    row, ours = each.ready.value, each.review.score
    errors = list(row.notes)
    if row.score is not None and differs(Fraction(row.score), ours):
        computed = "no score" if ours is None else f"{ours:.4f}"
        detail = f"Reported {row.score:.4f}, computed {computed}; the computed one counts."
        errors.append(FieldError("/score", "score_differs", detail))
    if each.review.submitted_at != row.submitted_at:
        errors.append(FieldError("/submitted_at", "date_kept", "The date of a review does not move."))
    if errors:
        tally.conflict(each.ready.row, each.ready.external_id, errors=errors)
