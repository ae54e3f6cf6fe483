"""An export of Zendesk QA brought in: scorecards, reviews with their talk, calibrations, disputes, CSAT.

One run, in the frame of every import: rows are upserts, a wrong one stops nobody, and sending everything
again finishes what was cut short.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from accounts.access import Actor
from accounts.models import Agent
from accounts.services.audit import record
from common.errors import FieldError, Problem
from conversations.models import ImportRun
from conversations.payload import parse_survey_row
from conversations.services.runs import Importer, Ready, Tally, lock_imports, run_import
from conversations.services.surveys import write_surveys
from conversations.streams import Row
from qa_reviews.history.zendesk_items import Item, item_of
from qa_reviews.history.zendesk_qa import SOURCE, Options, Target, review_of, survey_of
from qa_reviews.history.zendesk_scorecards import form_of
from qa_reviews.history.zendesk_words import People, Person, line
from qa_reviews.import_rows import ReviewRow
from qa_reviews.models import SourceScorecard
from qa_reviews.services.review_import import Writer
from qa_reviews.services.source_scorecards import put_scorecard
from qa_reviews.services.zendesk_disputes import write_disputes
from scorecards.models import ScorecardVersion
from scorecards.selectors import definition_of

Things = Sequence[Ready[Item]]
NO_SCORECARD = "Its scorecard “{}” has not been imported: send the scorecards first."


def import_zendesk_qa(
    *, actor: Actor, rows: Iterable[Row], origin: str, options: Options | None = None
) -> ImportRun:
    """Bring in the rows of `zendesk_items`; see `run_import` for what it promises. Scorecards and users are
    to come before the reviews that name them, reviews before their disputes and CSAT."""
    export = _Export(actor, options or Options())
    importer = Importer(
        kind=ImportRun.Kind.REVIEWS,
        parse=item_of,
        key=lambda item: (item.kind, item.external_id),
        external_id=lambda item: item.external_id,
        fingerprint=lambda item: item.fingerprint,
        write=export,
    )
    run = run_import(actor=actor, importer=importer, rows=rows, origin=origin, begun=export.reviews.begun)
    counts = {"created": run.created, "updated": run.updated, "rejected": run.rejected_total}
    record(actor, "history.imported", run, counts)
    return run


@dataclass(slots=True)
class _Export:
    """Writes the chunks of one export; its users are remembered from chunk to chunk."""

    actor: Actor
    options: Options
    people: People = field(default_factory=People)
    reviews: Writer = field(init=False)

    def __post_init__(self) -> None:
        self.reviews = Writer(self.actor)

    def __call__(self, ready: Things) -> Tally:
        """One chunk, in the order in which things need each other."""
        lock_imports(workspace_id=self.actor.workspace_id)
        tally, kinds = Tally(), defaultdict[str, list[Ready[Item]]](list)
        for one in ready:
            kinds[one.value.kind].append(one)
        self._put_users(kinds["user"], tally)
        for one in kinds["scorecard"]:
            self._put_scorecard(one, tally)
        self._put_reviews([*kinds["review"], *kinds["calibration"]], tally)
        if kinds["dispute"]:
            tally.add(
                write_disputes(
                    actor=self.actor, ready=kinds["dispute"], people=self.people, unit=self.options.unit
                )
            )
        self._put_surveys(kinds["csat"], tally)
        return tally

    def _put_users(self, users: Things, tally: Tally) -> None:
        """Users make nobody: agents and members come with the reviews that name them."""
        for one in users:
            data = one.value.data
            person = Person(line(data.get("email"), 254), line(data.get("name"), 255))
            self.people.users[one.external_id] = person
            tally.unchanged += 1

    def _put_scorecard(self, one: Ready[Item], tally: Tally) -> None:
        form = form_of(one.value.data, self.options.unit)
        if form.errors:
            tally.reject(one.row, one.external_id, form.errors)
            return
        try:
            done = put_scorecard(
                actor=self.actor,
                source=SOURCE,
                external_id=one.external_id,
                name=form.name,
                definition=form.definition,
            )
        except Problem as problem:
            tally.reject(one.row, one.external_id, errors_of(problem))
            return
        setattr(tally, done, getattr(tally, done) + 1)
        if form.notes and done != "unchanged":
            tally.conflict(one.row, one.external_id, errors=form.notes)

    def _put_reviews(self, things: Things, tally: Tally) -> None:
        if not things:
            return
        targets = _targets(self.actor, things)
        self.people.agents = _agents(self.actor)
        rows: list[Ready[ReviewRow]] = []
        for one in things:
            named = _scorecard_of(one.value)
            target = targets.get(named)
            if target is None:
                detail = NO_SCORECARD.format(named)
                tally.reject(one.row, one.external_id, [FieldError("/scorecard/id", "not_found", detail)])
                continue
            found = review_of(one.value, target, self.people, self.options)
            if isinstance(found, list):
                tally.reject(one.row, one.external_id, found)
            else:
                rows.append(Ready(one.row, found, one.external_id, self._fingerprint(one)))
        tally.add(self.reviews(rows))

    def _fingerprint(self, one: Ready[Item]) -> str:
        """Of what was sent and how it is read; what it finds here (its agent by now known) is no change."""
        return f"{one.fingerprint}:{self.options.unit}"

    def _put_surveys(self, answers: Things, tally: Tally) -> None:
        zone, rows = ZoneInfo(self.actor.workspace.timezone), []
        for one in answers:
            raw, notes = survey_of(one.value, self.options)
            found = parse_survey_row(raw, zone)
            if isinstance(found, list):
                tally.reject(one.row, one.external_id, found)
                continue
            rows.append(Ready(one.row, found, one.external_id, one.fingerprint))
            if notes:
                tally.conflict(one.row, one.external_id, errors=notes)
        if rows:
            tally.add(write_surveys(actor=self.actor, ready=rows))


def errors_of(problem: Problem) -> list[FieldError]:
    """A refusal of a service as errors of a row."""
    return list(problem.errors) or [FieldError("", problem.code, str(problem))]


def _scorecard_of(item: Item) -> str:
    named = item.data.get("scorecard")
    return str(named.get("id") or "") if isinstance(named, dict) else ""


def _targets(actor: Actor, things: Things) -> dict[str, Target]:
    """Our scorecards of those that the reviews name, with what their newest version asks. Two queries."""
    links = SourceScorecard.objects.visible_to(actor).filter(
        source=SOURCE, external_id__in={_scorecard_of(one.value) for one in things}
    )
    scorecards = dict(links.values_list("external_id", "scorecard_id"))
    versions = ScorecardVersion.objects.visible_to(actor).filter(
        scorecard_id__in=scorecards.values(), state=ScorecardVersion.State.PUBLISHED
    )
    newest = {version.scorecard_id: version for version in versions.order_by("number")}
    return {
        external_id: Target(scorecard_id, definition_of(newest[scorecard_id]))
        for external_id, scorecard_id in scorecards.items()
        if scorecard_id in newest
    }


def _agents(actor: Actor) -> dict[str, tuple[str, str]]:
    """The key of every agent by his e-mail; of several the one known longest. One query."""
    rows = Agent.objects.in_workspace(actor.workspace_id).exclude(email="").filter(merged_into=None)
    keys = rows.order_by("-pk").values_list("email", "source", "external_id")
    return {email.casefold(): (source, external_id) for email, source, external_id in keys}
