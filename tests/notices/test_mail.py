"""E-mail: at once, bundled when there is much, at least once with one Message-ID, and only what its reader
may still see."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Member, WorkspaceSettings
from jobs import services as jobs
from jobs.models import Job
from notices import services
from notices.mail import Line, Mail, compose, new_message_id, one_line
from notices.models import Delivery, Notice, NoticeChoice
from notices.services import deliveries
from qa_reviews.models import Review
from tests.notices.conftest import Deliver, make_due
from tests.world import Place

SUBMITTED = "review_submitted"


class Server(BaseEmailBackend):
    """A mail server that takes what comes, or is in the trouble it was told to be in."""

    taken: list[EmailMessage] = []
    trouble: BaseException | None = None
    after_taking = False  # it takes the mail, and then the trouble comes

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if Server.trouble is None or Server.after_taking:
            Server.taken += email_messages
        if Server.trouble is not None:
            raise Server.trouble
        return len(email_messages)


class Killed(BaseException):
    """The worker's process ends."""


@pytest.fixture
def server(settings: Settings) -> type[Server]:
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    Server.taken, Server.trouble, Server.after_taking = [], None, False
    return Server


def tell(place: Place, key: str = "k", **more: Any) -> None:
    agent = place.rows["agent"].pk
    services.notify_agent(agent_id=agent, kind=SUBMITTED, subject=place.rows["review"], key=key, **more)


def pass_time() -> None:
    """As if the last mail were longer ago than MAIL_EVERY."""
    past = Now() - deliveries.MAIL_EVERY - timedelta(seconds=1)
    Delivery.objects.update(created_at=past)


class TestOneMail:
    def test_at_once_in_words_with_a_link_and_a_way_to_stop(self, ours: Place, deliver: Deliver) -> None:
        tell(ours)
        (sent,) = deliver()
        (message,) = mail.outbox
        notice = Notice.objects.get(key="k")
        assert (sent.state, sent.attempts, sent.member) == ("sent", 1, ours.people["agent"])
        assert notice.delivery == sent
        assert message.to == ["agent@ours.example"]
        assert message.subject == "A conversation of yours was reviewed · Ours"
        html = str(message.alternatives[0][0])  # type: ignore[attr-defined]
        for body in (str(message.body), html):
            assert f"/w/ours/inbox/{notice.pk}/" in body
            assert "/w/ours/settings/notices/" in body
            assert "Where is my parcel?" in body  # what the review's page is headed
            assert "Ours" in body
        assert message.extra_headers["Message-ID"] == sent.message_id
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"
        assert "/settings/notices/>" in message.extra_headers["List-Unsubscribe"]

    def test_nothing_of_the_conversation_and_no_score(self, ours: Place, deliver: Deliver) -> None:
        tell(ours)
        deliver()
        source = mail.outbox[0].message().as_string()
        for secret in ("Hello, where is it?", "sam@example.com", "77.7", "66.6", "Good pace"):
            assert secret not in source

    def test_html_is_escaped_and_each_line_has_its_own_direction(self) -> None:
        line = Line("<b>شيماء</b>", "", "https://example.com/")
        html = str(compose(_mail([line])).alternatives[0][0])
        assert "&lt;b&gt;شيماء&lt;/b&gt;" in html
        assert '<p dir="auto">' in html

    def test_a_name_cannot_forge_a_header_or_turn_the_subject_around(self) -> None:
        assert one_line("a\r\nBcc: x@example.com\u202eb") == "a Bcc: x@example.comb"
        line = Line("a\nBcc: x@example.com", "", "https://example.com/")
        assert "\nBcc:" not in compose(_mail([line])).message().as_string().split("\n\n")[0]

    def test_many_things_are_counted_and_the_rest_is_in_the_inbox(self) -> None:
        lines = [Line(f"Thing {number}.", "", "https://example.com/") for number in range(23)]
        message = compose(_mail(lines))
        assert message.subject == "23 new things for you · Ours"
        assert "Thing 19." in str(message.body)
        assert "Thing 20." not in str(message.body)
        assert "And 3 more things in your inbox." in str(message.body)


def _mail(lines: Sequence[Line]) -> Mail:
    return Mail("a@example.com", "Ours", lines, "https://example.com/settings/", new_message_id())


class TestBundling:
    def test_what_comes_within_minutes_is_told_in_the_next(self, ours: Place, deliver: Deliver) -> None:
        tell(ours, "first")
        deliver()
        for key in ("second", "third", "fourth"):
            tell(ours, key)
        assert len(deliver()) == 1
        pass_time()
        first, bundle = deliver()
        assert [message.subject for message in mail.outbox] == [
            "A conversation of yours was reviewed · Ours",
            "3 new things for you · Ours",
        ]
        assert (first.notices.count(), bundle.notices.count()) == (1, 3)

    def test_others_do_not_wait_for_it(self, ours: Place, deliver: Deliver) -> None:
        tell(ours, "first")
        deliver()
        lead = [ours.people["lead"].pk]
        services.notify(
            recipients=lead, kind="assignment_assigned", subject=ours.rows["assignment"], key="lead"
        )
        deliver()
        assert [message.to for message in mail.outbox] == [["agent@ours.example"], ["lead@ours.example"]]

    def test_what_was_read_meanwhile_is_not_mailed(self, ours: Place, deliver: Deliver) -> None:
        tell(ours)
        services.mark_read(actor=ours.actor("agent"), notice_id=Notice.objects.get(key="k").pk)
        assert deliver() == []

    def test_the_same_key_is_mailed_once(self, ours: Place, deliver: Deliver) -> None:
        tell(ours)
        deliver()
        tell(ours)
        pass_time()
        deliver()
        assert len(mail.outbox) == 1

    def test_two_workers_make_one_mail(self, ours: Place) -> None:
        tell(ours)
        claims = [deliveries.claim_next(workspace_id=ours.workspace.pk) for _ in range(2)]
        assert [claim is None for claim in claims] == [False, True]


class TestTrouble:
    def test_a_worker_that_dies_after_sending_sends_the_same_again(
        self, ours: Place, deliver: Deliver, server: type[Server]
    ) -> None:
        tell(ours)
        server.trouble, server.after_taking = Killed(), True
        with pytest.raises(Killed):
            deliver()
        assert Delivery.objects.get().state == "pending"
        server.trouble = None
        assert deliver()[0].state == "pending"  # its lease is not over yet
        make_due()
        (sent,) = deliver()
        assert (sent.state, sent.attempts) == ("sent", 2)
        ids = [message.extra_headers["Message-ID"] for message in server.taken]
        assert ids == [sent.message_id] * 2

    @pytest.mark.parametrize(
        "trouble",
        [
            smtplib.SMTPServerDisconnected("gone"),
            smtplib.SMTPConnectError(421, b"busy"),
            smtplib.SMTPDataError(451, b"later"),
            smtplib.SMTPAuthenticationError(535, b"no"),
            smtplib.SMTPRecipientsRefused({"a": (450, b"full")}),
            ConnectionRefusedError(),
            TimeoutError(),
        ],
    )
    def test_what_may_heal_is_tried_again_with_growing_pauses(
        self, ours: Place, deliver: Deliver, server: type[Server], trouble: Exception
    ) -> None:
        tell(ours)
        server.trouble = trouble
        pauses = []
        for _ in range(deliveries.TRIES):
            (row,) = deliver()
            pauses.append((row.due_at - timezone.now()).total_seconds())
            make_due()
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("dead", deliveries.TRIES)
        assert type(trouble).__name__ in row.error
        assert [round(pause / 60) for pause in pauses[:-1]] == [1, 2, 4, 8, 16, 32, 60]
        assert deliver() == [row]

    @pytest.mark.parametrize(
        "trouble",
        [
            smtplib.SMTPRecipientsRefused({"a": (550, b"unknown")}),
            smtplib.SMTPSenderRefused(553, b"no", "a"),
            smtplib.SMTPNotSupportedError("SMTPUTF8"),
        ],
    )
    def test_what_will_not_heal_is_given_up_at_once(
        self, ours: Place, deliver: Deliver, server: type[Server], trouble: Exception
    ) -> None:
        tell(ours)
        server.trouble = trouble
        (row,) = deliver()
        assert (row.state, row.attempts) == ("dead", 1)

    def test_an_outage_ends_in_one_bundle(self, ours: Place, deliver: Deliver, server: type[Server]) -> None:
        tell(ours, "first")
        server.trouble = ConnectionRefusedError()
        deliver()
        tell(ours, "second")
        tell(ours, "third")
        pass_time()
        assert len(deliver()) == 1  # the first is still on its way
        server.trouble = None
        make_due()
        assert [row.notices.count() for row in deliver()] == [1, 2]

    def test_one_that_kills_its_worker_each_time_ends(
        self, ours: Place, deliver: Deliver, server: type[Server]
    ) -> None:
        tell(ours)
        server.trouble = Killed()
        for _ in range(deliveries.TRIES):
            with pytest.raises(Killed):
                deliver()
            make_due()
        assert [row.state for row in deliver()] == ["dead"]

    def test_a_row_that_is_gone_ends_quietly(self, ours: Place) -> None:
        deliveries.send(delivery_id=0)
        assert mail.outbox == []


class TestWhatMayBeSeen:
    def test_a_review_retracted_meanwhile_is_not_told(self, ours: Place, deliver: Deliver) -> None:
        tell(ours)
        review = Review.objects.filter(pk=ours.rows["review"].pk)
        review.update(state="retracted", retracted_at=timezone.now())
        (row,) = deliver()
        assert (row.state, row.error) == ("dropped", deliveries.NOT_SEEN)
        assert mail.outbox == []

    def test_what_is_left_of_a_bundle_is_told(self, ours: Place, deliver: Deliver) -> None:
        tell(ours)
        agent = [ours.people["agent"].pk]
        services.notify(
            recipients=agent, kind="assignment_assigned", subject=ours.rows["assignment"], key="coaching"
        )
        Review.objects.update(held=True)
        assert [row.state for row in deliver()] == ["sent"]
        assert mail.outbox[0].subject == "A coaching assignment for you · Ours"

    @pytest.mark.parametrize("change", [{"deactivated_at": timezone.now()}, {"user": None}])
    def test_who_cannot_enter_is_not_mailed(
        self, ours: Place, deliver: Deliver, change: dict[str, Any]
    ) -> None:
        tell(ours)
        Member.objects.filter(pk=ours.people["agent"].pk).update(**change)
        assert [(row.state, row.error) for row in deliver()] == [("dropped", deliveries.NO_READER)]

    def test_the_reviewer_is_named_unless_the_workspace_hides_him(
        self, ours: Place, deliver: Deliver
    ) -> None:
        by, agent = {"by": ours.people["reviewer"].pk, "comment": 7}, ours.rows["agent"].pk
        for key, kind, hidden in (
            ("1", "review_commented", False),
            ("2", "mentioned", False),
            ("3", "review_commented", True),
            ("4", "mentioned", True),
        ):
            WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_reviewer=hidden)
            services.notify_agent(
                agent_id=agent, kind=kind, subject=ours.rows["review"], key=key, parameters=by
            )
            deliver()
            pass_time()
        assert [message.subject.removesuffix(" · Ours") for message in mail.outbox] == [
            "Reviewer replied to a review of your work",
            "Reviewer mentioned you below a review",
            "There is a reply to a review of your work",
            "You were mentioned below a review",
        ]
        for message in mail.outbox[2:]:
            assert "Reviewer" not in message.message().as_string()


class TestPreferences:
    def test_who_wants_no_mail_gets_none(self, ours: Place, deliver: Deliver) -> None:
        _choose(ours, ours.people["agent"], email=False)
        tell(ours)
        assert deliver() == []
        assert Notice.objects.get(key="k").in_inbox

    def test_who_wants_it_out_of_the_inbox_only_gets_mail(self, ours: Place, deliver: Deliver) -> None:
        _choose(ours, ours.people["agent"], inbox=False)
        tell(ours)
        assert len(deliver()) == 1
        assert not Notice.objects.get(key="k").in_inbox

    def test_the_workspaces_default_counts_for_who_has_not_chosen(
        self, ours: Place, deliver: Deliver
    ) -> None:
        _choose(ours, None, email=False)
        tell(ours)
        assert deliver() == []
        _choose(ours, ours.people["agent"])
        tell(ours, "again")
        assert len(deliver()) == 1

    def test_the_lock_wins(self, ours: Place, deliver: Deliver) -> None:
        _choose(ours, ours.people["agent"], email=False, inbox=False)
        _choose(ours, None, locked=True)
        tell(ours)
        assert len(deliver()) == 1
        assert Notice.objects.get(key="k").in_inbox

    def test_kinds_that_wait_in_their_list_are_not_mailed_by_default(
        self, ours: Place, deliver: Deliver
    ) -> None:
        lead = [ours.people["lead"].pk]
        run = ours.rows["coaching_run"]
        services.notify(recipients=lead, kind="assignments_proposed", subject=run, key="k")
        assert deliver() == []


def _choose(
    place: Place, member: Member | None, inbox: bool = True, email: bool = True, locked: bool = False
) -> None:
    NoticeChoice.objects.create(
        workspace=place.workspace, member=member, kind=SUBMITTED, inbox=inbox, email=email, locked=locked
    )


class TestJobs:
    @pytest.mark.django_db(transaction=True)
    def test_telling_asks_for_a_job_that_sends(self, ours: Place) -> None:
        with transaction.atomic():
            tell(ours)
        job = Job.objects.get(name="notices.deliver")
        jobs.work(job_id=job.pk)
        assert len(mail.outbox) == 1
        job.refresh_from_db()
        assert (job.state, job.rows_done) == ("done", 1)

    @pytest.mark.django_db(transaction=True)
    def test_what_was_rolled_back_is_not_sent(self, ours: Place) -> None:
        with transaction.atomic():
            tell(ours)
            transaction.set_rollback(True)
        assert not Job.objects.filter(name="notices.deliver").exists()
        assert not Notice.objects.filter(key="k").exists()

    def test_the_sweep_asks_where_something_waits(self, ours: Place, deliver: Deliver) -> None:
        assert deliveries.sweep() == 0
        tell(ours)
        Job.objects.all().delete()
        assert deliveries.sweep() == 1
        assert [job.workspace_id for job in Job.objects.all()] == [ours.workspace.pk]
        deliver()
        assert deliveries.sweep() == 0

    def test_what_was_sent_is_forgotten_after_ninety_days(self, ours: Place, deliver: Deliver) -> None:
        tell(ours, "old")
        deliver()
        Delivery.objects.update(finished_at=Now() - timedelta(days=91), created_at=Now() - timedelta(days=91))
        tell(ours, "new")
        deliver()
        deliveries.forget_old()
        assert [row.notices.get().key for row in Delivery.objects.all()] == ["new"]
        assert Notice.objects.get(key="old").delivery is None
        deliver()
        assert len(mail.outbox) == 2  # and it is not told again
