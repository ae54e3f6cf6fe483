"""The replay: what would move, why, for whom, and how much it asks of the database."""

from __future__ import annotations

import copy
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.periods import Period
from insights.choices import NO_TEAM
from insights.facts import history as facts
from insights.selectors.replay import Replayed, replayed
from qa_reviews.models import Grading, Rating, Review
from scorecards.definition import Context, parse
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.scoring import Rated, score
from tests.insights.rows import Rows
from tests.world import DEFINITION, World

MONDAY = date(2026, 4, 6)
DATES = {"from": "2026-04-06", "to": "2026-05-03"}
QUERY = "?from=2026-04-06&to=2026-05-03"
URL = "/w/ours/insights/replay/{}/2/"
CHAT = Context(channel="chat")


def changed(**fields: dict[str, Any]) -> dict[str, Any]:
    """The world's scorecard with other fields, by category key."""
    made = copy.deepcopy(DEFINITION)
    for category in made["groups"][0]["categories"]:
        category |= fields.get(category["key"], {})
    return made


class Past:
    """Reviews that are scored as the product scores them."""

    def __init__(self, place: Any) -> None:
        self.rows, self.place = Rows(place), place

    def review(self, chosen: dict[str, str | None], name: str = "agent", **more: Any) -> Review:
        """A review by the choices (None: N/A) with the published version, or with the one given."""
        rows, agent = self.place.rows, self.place.rows[name]
        version = more.pop("version", rows["version"])
        team = more.pop("team", rows["team" if name == "agent" else "other_team"])
        channel = more.pop("channel", "chat")
        ratings = [Rated(key, option, na=option is None) for key, option in chosen.items()]
        result = score(parse(version.definition), ratings, CHAT, strict=False)
        conversation = self.rows.conversation(agent, team, MONDAY, channel=channel, subject="Where is it?")
        review = Review.objects.create(
            **self.rows.base,
            conversation=conversation,
            agent=agent,
            team=team,
            reviewer=self.place.people["reviewer"],
            scorecard=rows["scorecard"],
            version=version,
            score=result.score,
            unfailed_score=result.unfailed_score,
            failed_by=list(result.failed_by),
            submitted_at=conversation.closed_at,
            submitted_on=MONDAY,
            closed_at=conversation.closed_at,
            closed_on=MONDAY,
            **{"state": "submitted"} | more,
        )
        self.grade(review, result)
        return review

    def grade(self, review: Review, result: Any) -> None:
        """One more grading; the newest counts."""
        review.gradings_count += 1
        review.score = result.score
        review.save(update_fields=["gradings_count", "score"])
        grading = Grading.objects.create(
            **self.rows.base,
            review=review,
            number=review.gradings_count,
            version=review.version,
            score=result.score,
        )
        for each in result.categories:
            Rating.objects.create(
                **self.rows.base,
                grading=grading,
                category=each.key,
                state=each.state,
                option=each.option or "",
                score=each.score,
            )

    def version(self, definition: dict[str, Any], number: int = 2, state: str = "draft") -> ScorecardVersion:
        return ScorecardVersion.objects.create(
            **self.rows.base,
            scorecard=self.place.rows["scorecard"],
            number=number,
            state=state,
            definition=definition,
            published_at=None if state == "draft" else timezone.now(),
        )

    def replayed(self, person: str = "manager", number: int = 2, **more: Any) -> Replayed:
        from_to = Period(MONDAY, MONDAY + timedelta(days=27))
        scorecard = self.place.rows["scorecard"].pk
        return replayed(self.place.actor(person), scorecard, number, period=from_to, **more)


@pytest.fixture
def past(world: World) -> Past:
    return Past(world["ours"])


@pytest.fixture
def url(past: Past) -> str:
    return URL.format(past.place.rows["scorecard"].pk) + QUERY


@pytest.fixture
def three(past: Past) -> list[Review]:
    """By weights 20 and 10: 67 x 2/3 + 100 / 3 = 77.7778; 100 x 2/3 + 50 / 3 = 83.3333; failed by tone."""
    return [
        past.review({"solution": "3", "tone": "great"}),
        past.review({"solution": "4", "tone": "ok"}, "other_agent"),
        past.review({"solution": "4", "tone": "poor"}, "other_agent"),
    ]


class TestWhatWouldMove:
    def test_weights(self, past, three):
        """Weights 10 and 10: 83.3333, 75 and 0."""
        past.version(changed(solution={"weight": "10"}))
        found = past.replayed().found
        assert found.whole.before.mean == (Decimal("77.7778") + Decimal("83.3333")) / 3
        assert found.whole.after.mean == (Decimal("83.3333") + 75) / 3
        assert (found.whole.before.passed, found.whole.after.passed) == (1, 1)
        assert (found.whole.now_failing, found.whole.now_passing, found.whole.moved) == (1, 1, 2)
        assert [(mover.review, mover.change) for mover in found.movers] == [
            (three[1].pk, Decimal("-8.3333")),
            (three[0].pk, Decimal("5.5555")),
        ]
        assert found.spread == (Decimal("-8.3333"), Decimal("5.5555"))

    def test_by_team_and_agent(self, past, three):
        past.version(changed(solution={"weight": "10"}))
        found, rows = past.replayed().found, past.place.rows
        ana, bo = found.agents[rows["agent"].pk], found.agents[rows["other_agent"].pk]
        assert (ana.reviews, ana.change) == (1, Decimal("5.5555"))
        assert (bo.reviews, bo.change) == (2, Decimal("-8.3333") / 2)
        assert (bo.before.pass_rate, bo.after.pass_rate) == (Decimal("0.5"), Decimal(0))
        assert found.teams[rows["team"].pk] == ana

    def test_critical_rules(self, past, three):
        past.version(changed(tone={"critical": "none", "options": _plain()}))
        found = past.replayed().found
        assert found.whole.change == Decimal("66.6667") / 3
        tone = found.why.categories[1]
        assert (tone.key, tone.newly_failed, tone.no_longer_failed) == ("tone", 0, 1)
        assert found.why.failures == pytest.approx(66.6667 / 3)

    def test_the_reasons_add_up_to_the_change(self, past, three):
        past.version(changed(solution={"weight": "35"}, tone={"weight": "1", "options": _plain()}))
        found = past.replayed().found
        points = sum(each.points for each in found.why.categories)
        told = points + found.why.bounds + found.why.failures + found.why.rest
        assert told == pytest.approx(float(found.whole.change))
        assert abs(found.why.rest) < 1e-4

    def test_each_change_on_its_own(self, past, three):
        past.version(changed(solution={"weight": "10"}, tone={"critical": "none", "options": _plain()}))
        singles = {single.sentences: single.change for single in past.replayed().found.singles}
        weight = ('Category "Solution": weight is 10, was 20.',)
        critical = ('Category "Tone": critical is none, was review.',)
        assert singles[weight] == pytest.approx((5.5555 - 8.3333) / 3)
        assert singles[critical] == pytest.approx(66.6667 / 3)

    def test_what_the_past_does_not_know_is_not_applicable(self, past, three):
        """A new category; an option that is gone; N/A that is refused; a condition that hides."""
        past.review({"solution": None, "tone": "great"})
        past.review({"solution": "3", "tone": "great"}, channel="email")
        made = changed(
            solution={"allow_na": False, "show_when": {"channel": ["chat"]}},
            tone={"options": list(DEFINITION["groups"][0]["categories"][1]["options"][:2])},
        )
        made["groups"][0]["categories"].append({"key": "care", "name": "Care"})
        past.version(made)
        found = past.replayed().found
        solution, tone, care = found.why.categories
        assert (solution.na_refused, solution.hidden) == (1, 1)
        assert tone.gone == (("great", 3),)
        assert care.never_rated
        assert care.unasked == 5
        assert (found.whole.lost, found.whole.gained) == (2, 0)

    def test_versions_join_by_key_and_removed_categories_are_named(self, past, three):
        first = {"groups": [{"key": "g", "name": "G", "categories": [{"key": "old", "name": "Old"}]}]}
        old = past.version(first, number=7, state="published")
        past.review({"old": "5"}, version=old)
        past.version(changed(solution={"weight": "10"}))
        found = past.replayed().found
        removed = found.why.categories[-1]
        assert (removed.key, removed.name, removed.after) == ("old", "Old", None)
        assert found.whole.lost == 1
        assert found.whole.reviews == 4

    def test_the_newest_grading_counts(self, past, three):
        corrected = score(parse(DEFINITION), [Rated("solution", "1"), Rated("tone", "ok")], CHAT, strict=True)
        past.grade(three[0], corrected)
        past.version(changed(solution={"weight": "10"}))
        movers = {mover.review: mover for mover in past.replayed().found.movers}
        found = movers[three[0].pk]
        assert (found.before, found.after) == (Decimal("16.6667"), Decimal(25))

    def test_held_reviews_count_and_self_reviews_and_retracted_ones_do_not(self, past, three):
        past.review({"solution": "4", "tone": "ok"}, held=True)
        past.review({"solution": "4", "tone": "ok"}, kind="self")
        past.review({"solution": "4", "tone": "ok"}, state="retracted")
        past.version(changed(solution={"weight": "10"}))
        assert past.replayed().found.whole.reviews == 4

    def test_the_scorecards_own_pass_mark(self, past, three):
        Scorecard.objects.filter(pk=past.place.rows["scorecard"].pk).update(pass_mark=Decimal("70"))
        past.version(changed(solution={"weight": "10"}))
        whole = past.replayed().found.whole
        assert (whole.before.passed, whole.after.passed, whole.now_failing) == (2, 2, 0)

    def test_originals_stay_untouched(self, past, three):
        past.version(changed(solution={"weight": "10"}))
        before = list(Review.objects.order_by("pk").values())
        past.replayed()
        assert list(Review.objects.order_by("pk").values()) == before
        assert Grading.objects.filter(review__in=three).count() == 3

    def test_an_unsaved_definition_is_held_against_its_version(self, past, three):
        found = past.replayed(number=1, definition=changed(solution={"weight": "10"}))
        assert found.against == past.place.rows["version"]
        assert [change.key for change in found.changes] == ["solution/weight"]

    def test_a_version_without_predecessor_has_nothing_to_be_held_against(self, past, three):
        found = past.replayed(number=1)
        assert (found.against, found.changes, found.found.singles) == (None, (), ())
        assert found.found.whole.moved == 0

    def test_reviews_without_a_team(self, past, three):
        past.review({"solution": "3", "tone": "ok"}, team=None)
        past.version(changed(solution={"weight": "10"}))
        assert past.replayed().found.teams[NO_TEAM].reviews == 1

    def test_only_the_latest_are_looked_at(self, past, three):
        place = past.place
        found = facts.history(
            place.workspace.pk,
            place.rows["scorecard"].pk,
            Period(MONDAY, MONDAY),
            "submitted",
            peers=True,
            most=2,
        )
        assert found.cut
        assert list(found.reviews) == [three[2].pk, three[1].pk]

    def test_conditions_on_csat_and_words_of_the_conversation(self, past, three):
        past.rows.answer(5, past.place.rows["agent"], None, MONDAY, conversation=three[0].conversation)
        past.version(changed(solution={"show_when": {"csat": True}}))
        solution = past.replayed().found.why.categories[0]
        assert (solution.before.rated, solution.after.rated, solution.hidden) == (3, 1, 2)


class TestWhoSeesWhat:
    def test_a_lead_sees_his_teams_only(self, past, three):
        past.version(changed(solution={"weight": "10"}))
        found = past.replayed("lead")
        assert found.found.whole.reviews == 1
        assert set(found.found.agents) == {past.place.rows["agent"].pk}
        assert [mover.review for mover in found.found.movers] == [three[0].pk]

    @pytest.mark.parametrize("person", ["reviewer", "agent"])
    def test_reviewers_and_agents_are_refused(self, past, three, api, person):
        scorecard = past.place.rows["scorecard"].pk
        assert api(person).post(f"scorecards/{scorecard}/versions/1/replay", DATES).status_code == 403

    def test_other_workspaces_do_not_exist(self, past, world, api):
        theirs = world["theirs"].rows["scorecard"].pk
        assert api("manager").post(f"scorecards/{theirs}/versions/1/replay", DATES).status_code == 404


class TestApi:
    def ask(self, past, client, body=DATES, number=2):
        return client.post(f"scorecards/{past.place.rows['scorecard'].pk}/versions/{number}/replay", body)

    def test_the_answer(self, past, three, api):
        past.version(changed(solution={"weight": "10"}))
        body = self.ask(past, api("manager")).json()
        assert (body["version"], body["against"], body["from"], body["to"]) == (2, 1, *DATES.values())
        assert body["before"] == {"scored": 3, "mean": "53.7037", "pass_rate": "0.3333"}
        assert body["after"] == {"scored": 3, "mean": "52.7778", "pass_rate": "0.3333"}
        assert (body["change"], body["pass_change"], body["pass_mark"]) == ("-0.9259", "0.0000", "80.0000")
        assert body["changes"] == ['Category "Solution": weight is 10, was 20.']
        assert [row["agent"]["name"] for row in body["agents"]] == ["Ana Silva", "Bo Lind"]
        assert [row["team"]["name"] for row in body["teams"]] == ["Chat EU", "Phone US"]
        assert body["movers"][0]["conversation"]["name"] == "Where is it?"
        assert body["singles"][0]["change"] == "-0.9259"
        solution = body["why"]["categories"][0]
        assert solution["sentences"] == ["Counts for 50.0 % of the score, 66.7 % before."]
        assert (solution["before"]["share"], solution["after"]["share"]) == ("0.6667", "0.5000")

    def test_the_last_weeks_are_meant_without_dates(self, past, api):
        body = self.ask(past, api("manager"), {}, 1).json()
        days = (date.fromisoformat(body["to"]) - date.fromisoformat(body["from"])).days
        assert 12 * 7 <= days < 13 * 7
        assert body["before"]["mean"] is None

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"from": "2026-04-06"}, "/to"),
            ({"from": "2026-04-06", "to": "2026-04-01"}, "/to"),
            ({"from": "soon", "to": "2026-04-01"}, "/from"),
            ({"date_axis": "born"}, "/date_axis"),
            ({"team": 1}, "/team"),
            ({"definition": {"groups": []}}, "/definition/groups"),
            ({"definition": None}, "/definition"),
        ],
    )
    def test_bad_input_is_named(self, past, api, body, pointer):
        response = self.ask(past, api("manager"), body, 1)
        assert response.status_code == 422, response.content
        assert pointer in [error["pointer"] for error in response.json()["errors"]]

    def test_queries_do_not_grow(self, past, three, api):
        past.version(changed(solution={"weight": "10"}, tone={"weight": "30"}))
        client = api("manager")
        self.queries(past, client)  # the first one notes that the key was used
        few = self.queries(past, client)
        for _ in range(4):
            past.review({"solution": "2", "tone": "ok"})
        assert self.queries(past, client) == few

    def queries(self, past, client) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert self.ask(past, client).status_code == 200
        return len(seen)

    def test_six_queries(self, past, three):
        past.version(changed(solution={"weight": "10"}))
        actor = past.place.actor("manager")
        with CaptureQueriesContext(connection) as seen:
            replayed(actor, past.place.rows["scorecard"].pk, 2, period=Period(MONDAY, MONDAY))
        assert len(seen) == 6


class TestPage:
    def words(self, client, url) -> str:
        response = client.get(url)
        assert response.status_code == 200, response.content[:500]
        body = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def test_what_it_says(self, past, three, browse, url):
        past.version(changed(solution={"weight": "10"}))
        page = self.words(browse("manager"), url)
        assert "Replay of version 2, a draft" in page
        assert 'Changed against version 1 Category "Solution": weight is 10, was 20.' in page
        assert "The mean would fall by 0.9 points; 2 of 3 scores would move." in page
        assert "Mean score 54 → then 53 −0.9 points; nine in ten reviews move by −8.3 to +5.6" in page
        assert "Pass rate, 80 or more 33 % → then 33 % 1 reviews would no longer pass, 1 would now" in page
        assert "Counts for 50.0 % of the score, 66.7 % before." in page
        assert "Ana Silva 78 → then 83 +5.6 0 % → then 100 % 1" in page
        assert "Phone US 42 → then 38 −4.2 50 % → then 0 % 2" in page

    def test_movers_link_to_their_reviews(self, past, three, browse, url):
        past.version(changed(solution={"weight": "10"}))
        page = browse("manager").get(url).content.decode()
        assert f'href="/w/ours/reviews/{three[1].pk}/"' in page

    @pytest.mark.parametrize(
        ("sort", "first"), [("name", "Ana"), ("-name", "Bo"), ("change", "Bo"), ("-change", "Ana")]
    )
    def test_sorting_stands_in_the_address(self, past, three, browse, url, sort, first):
        past.version(changed(solution={"weight": "10"}))
        page = self.words(browse("manager"), f"{url}&sort={sort}").split(" Agents ")[1]
        assert min(("Ana Silva", "Bo Lind"), key=page.index).startswith(first)

    def test_no_reviews_yet(self, past, browse, url):
        past.version(changed(solution={"weight": "10"}))
        page = self.words(browse("manager"), url)
        assert "No reviews yet" in page
        assert "weight is 10, was 20" in page

    def test_what_is_wrong_with_dates_is_said(self, past, browse, url):
        past.version(changed(solution={"weight": "10"}))
        page = self.words(browse("manager"), url.split("?")[0] + "?from=2026-04-19&to=2026-03-30")
        assert "The period ends before it begins." in page

    def test_words_of_people_are_never_markup(self, past, three, browse, url):
        past.version(changed(solution={"weight": "10", "name": "<img src=x>"}))
        assert b"<img src" not in browse("manager").get(url).content

    def test_the_rest_of_the_reasons_in_words(self, past, three, browse, url):
        past.review({"solution": None, "tone": "great"})
        made = changed(
            solution={"allow_na": False, "show_when": {"channel": ["phone"]}},
            tone={"critical": "none", "options": _plain()[:2]},
        )
        made["groups"][0]["categories"].append({"key": "care", "name": "Care"})
        past.version(made)
        page = self.words(browse("manager"), url)
        assert "Its conditions hide it in 3 reviews that rated it: not applicable there." in page
        assert "Option “great” no longer exists: 2 ratings count as not applicable." in page
        assert "1 review is no longer failed by it." in page
        assert "Care 0.00 points Not rated before: counted as not applicable." in page
        assert "2 reviews lose their score and 0 get one." in page
        assert "Critical categories take less from the scores than before." in page


def _plain() -> list[dict[str, Any]]:
    """The options of tone, none of which fails by itself."""
    options = DEFINITION["groups"][0]["categories"][1]["options"]
    return [{name: value for name, value in option.items() if name != "fails"} for option in options]
