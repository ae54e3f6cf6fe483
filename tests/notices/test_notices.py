"""Notices: told once, put into words when read, and only as long as the reader may see the subject."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from coaching.models import Assignment
from common.errors import Missing
from notices import registry, selectors, services
from notices.models import Notice
from qa_reviews.models import Review
from qa_reviews.services.drafts import submit
from tests.world import Place, World

Browse = Callable[..., Client]
INBOX = "/w/ours/inbox/"


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def notices_in(page: Any, part: str) -> list[Notice]:
    return [each.notice for day in page.context[part] for each in day.rows]


def of(place: Place, person: str) -> list[Notice]:
    return list(Notice.objects.filter(recipient=place.people[person]).order_by("pk"))


class TestTelling:
    def test_the_same_key_is_told_once_a_member(self, ours):
        row, lead, manager = ours.rows["assignment"], ours.people["lead"].pk, ours.people["manager"].pk
        for recipients in ([lead], [lead, manager]):
            services.notify(recipients=recipients, kind="assignment_assigned", subject=row, key="k")
        assert (len(of(ours, "lead")), len(of(ours, "manager"))) == (1, 1)
        told = of(ours, "lead")[0]
        assert (told.workspace, told.subject_type, told.subject_id) == (ours.workspace, "assignment", row.pk)

    def test_many_are_told_in_two_queries(self, ours):
        row = ours.rows["assignment"]
        parameters = {member.pk: {"count": place} for place, member in enumerate(ours.people.values())}
        with CaptureQueriesContext(connection) as queries:
            services.notify_each(parameters=parameters, kind="x", subject=row, key="k")
        assert len(queries) == 2  # how they want to be told, and the notices

    def test_by_mail_and_chat_it_takes_a_job_and_a_look_at_the_chat_more(self, ours):
        row, agent = ours.rows["review"], ours.rows["agent"].pk
        with CaptureQueriesContext(connection) as queries:
            services.notify_agent(agent_id=agent, kind="review_submitted", subject=row, key="k")
        assert len(queries) <= 8  # four of them write the job

    def test_an_agent_without_a_member_is_not_told(self, ours):
        Member.objects.filter(agent=ours.rows["other_agent"]).update(agent=None)
        agent = ours.rows["other_agent"].pk
        row = ours.rows["proposed"]
        services.notify_agent(agent_id=agent, kind="assignment_assigned", subject=row, key="k")
        assert Notice.objects.filter(key="k").count() == 0

    def test_a_submitted_review_is_told_to_the_agent(self, ours):
        draft: Review = ours.rows["draft"]
        judgement = {
            "ratings": [{"category": "solution", "option": "3"}, {"category": "tone", "option": "great"}]
        }
        Review.objects.filter(pk=draft.pk).update(draft=judgement)
        submit(actor=ours.actor("second_reviewer"), review_id=draft.pk)
        told = of(ours, "agent")[-1]
        assert (told.kind, told.subject_id) == ("review_submitted", draft.pk)
        (shown,) = selectors.told(ours.actor("agent"), [told])
        assert shown.words.text == "Refund please"
        assert shown.words.url == f"/w/ours/reviews/{draft.pk}/"

    def test_one_wording_a_kind(self):
        with pytest.raises(RuntimeError):
            registry.wording("assignment_assigned", lambda actor, ids: {}, title="Twice")(
                lambda actor, subject, parameters: registry.Words("", "")
            )


class TestReading:
    def test_words_fit_the_reader(self, ours):
        row = ours.rows["assignment"]
        services.notify(recipients=[ours.people["lead"].pk], kind="assignment_assigned", subject=row, key="k")
        (agents,) = selectors.told(ours.actor("agent"), of(ours, "agent"))
        (leads,) = selectors.told(ours.actor("lead"), of(ours, "lead"))
        assert agents.words.title == "A coaching assignment for you"
        assert leads.words.title == "You coach Ana Silva"

    def test_what_the_reader_may_not_see_any_more_is_neither_shown_nor_counted(self, ours):
        agent = ours.actor("agent")
        assert selectors.unread_count(agent) == 1
        Assignment.objects.filter(pk=ours.rows["assignment"].pk).update(state="dismissed")
        assert selectors.unread_count(agent) == 0
        assert selectors.told(agent, of(ours, "agent")) == []

    def test_kinds_of_a_later_version_are_left_out(self, ours):
        Notice.objects.all().update(kind="from_the_future")
        assert selectors.unread_count(ours.actor("agent")) == 0

    def test_the_number_of_queries_goes_by_kinds_not_by_notices(self, ours):
        row = ours.rows["assignment"]
        for number in range(20):
            services.notify(
                recipients=[ours.people["agent"].pk],
                kind="assignment_assigned",
                subject=row,
                key=f"k{number}",
            )
        notices = of(ours, "agent")
        with CaptureQueriesContext(connection) as queries:
            assert len(selectors.told(ours.actor("agent"), notices)) == 21
        assert len(queries) <= 4  # two of them make the actor

    def test_nobody_reads_anothers(self, ours, world):
        for person in (ours.actor("manager"), world["theirs"].actor("agent")):
            with pytest.raises(Missing):
                services.mark_read(actor=person, notice_id=ours.rows["notice"].pk)


class TestInbox:
    def test_followed_it_leads_there_and_counts_as_read(self, browse: Browse, ours):
        client, notice, row = browse("agent"), ours.rows["notice"], ours.rows["assignment"]
        page = client.get(INBOX)
        assert page.context["inbox_count"] == 1
        assert "A coaching assignment for you" in page.content.decode()
        followed = client.get(f"{INBOX}{notice.pk}/")
        assert followed["Location"] == f"/w/ours/coaching/assignments/{row.pk}/"
        page = client.get(INBOX)
        assert page.context["inbox_count"] == 0
        assert notices_in(page, "read") == [notice]

    def test_marked_one_by_one_and_all_at_once(self, browse: Browse, ours):
        client, row = browse("agent"), ours.rows["assignment"]
        services.notify(
            recipients=[ours.people["agent"].pk], kind="assignment_assigned", subject=row, key="k"
        )
        client.post(f"{INBOX}{ours.rows['notice'].pk}/read/")
        assert len(notices_in(client.get(INBOX), "unread")) == 1
        client.post(f"{INBOX}read/")
        assert client.get(INBOX).context["unread"] == []

    def test_a_notice_whose_subject_is_gone_leads_back(self, browse: Browse, ours):
        Assignment.objects.filter(pk=ours.rows["assignment"].pk).update(state="dismissed")
        assert browse("agent").get(f"{INBOX}{ours.rows['notice'].pk}/")["Location"] == INBOX

    def test_an_empty_inbox_says_what_will_come(self, browse: Browse):
        assert "Nothing for you yet" in browse("reviewer").get(INBOX).content.decode()

    def test_read_ones_come_page_by_page(self, browse: Browse, ours):
        row = ours.rows["assignment"]
        for number in range(60):
            services.notify(
                recipients=[ours.people["agent"].pk],
                kind="assignment_assigned",
                subject=row,
                key=f"k{number}",
            )
        services.mark_all_read(actor=ours.actor("agent"))
        first = browse("agent").get(INBOX)
        assert len(notices_in(first, "read")) == 50
        rest = browse("agent").get(f"{INBOX}{first.context['next_url']}")
        assert len(notices_in(rest, "read")) == 11

    def test_days_are_those_of_the_workspaces_zone_newest_first(self, browse: Browse, ours):
        row, agent = ours.rows["assignment"], [ours.people["agent"].pk]
        times = [datetime(2026, 3, 2, 22, 30, tzinfo=UTC), datetime(2026, 3, 2, 23, 30, tzinfo=UTC)]
        for number, moment in enumerate(times):  # half past eleven, and half past midnight in Berlin
            services.notify(recipients=agent, kind="assignment_assigned", subject=row, key=f"k{number}")
            Notice.objects.filter(key=f"k{number}").update(created_at=moment)
        Notice.objects.exclude(key__in=["k0", "k1"]).delete()
        shown = browse("agent").get(INBOX).context["unread"]
        assert [each.day for each in shown] == [date(2026, 3, 3), date(2026, 3, 2)]

    def test_narrowed_to_one_kind(self, browse: Browse, ours):
        agent = ours.rows["agent"].pk
        services.notify_agent(
            agent_id=agent, kind="review_submitted", subject=ours.rows["review"], key="another"
        )
        page = browse("agent").get(INBOX, {"kind": "review_submitted"})
        assert [notice.key for notice in notices_in(page, "unread")] == ["another"]
        assert len(notices_in(browse("agent").get(INBOX, {"kind": "nonsense"}), "unread")) == 2
