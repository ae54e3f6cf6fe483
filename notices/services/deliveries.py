"""Sending: claim, commit, send with a stable id, record. At least once: whoever dies between sending and
recording leaves the row pending, and it goes out again with the same Message-ID when its lease is over."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation

from accounts.access import Actor
from accounts.models import Member, User
from accounts.selectors import actor_for
from common.errors import Missing
from notices import chat, mail, selectors
from notices.models import ChatWebhook, Delivery, Notice
from notices.services.chat import note_arrival, note_failure
from notices.services.telling import ask_delivery
from notices.wording import trial_words

log = logging.getLogger(__name__)
Channel, State = Delivery.Channel, Delivery.State

MAIL_EVERY = timedelta(minutes=5)  # at most one mail a member; what comes in between is told in the next
MOST_IN_MESSAGE = 20  # notices of one chat message; the rest follows in another
TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)  # doubled at each try: two hours in all
LEASE = timedelta(minutes=5)  # above the hard limit of a task, so that no living sender is doubled
KEPT = timedelta(days=90)  # what was sent, dropped or given up, for the administrators' list

NOT_SEEN = "Its reader may not see it any more."
NOT_FOR_CHAT = "What it told of is gone, or not for the chat yet."
NO_READER = "Its reader has no log-in here, or none any more."
NO_WEBHOOK = "There is no chat webhook any more."
PAUSED = "The chat webhook is paused."
DIED = "Its sender died each time."


class Nothing(Exception):
    """There is nothing left to send; says why."""


def deliver_next(*, workspace_id: int) -> bool:
    """Claim what is due next in this workspace and send it once the claim is committed; False when nothing
    is. Runs inside the transaction of a job's chunk."""
    delivery = claim_next(workspace_id=workspace_id)
    if delivery is None:
        return False
    transaction.on_commit(partial(send, delivery_id=delivery.pk))
    return True


@transaction.atomic
def claim_next(*, workspace_id: int) -> Delivery | None:
    """The next mail or message, its try counted and its lease begun, or None: first what was tried before,
    then a new mail with all that waits for a member, then a new message with what waits for the chat."""
    return _claim_again(workspace_id) or _new_mail(workspace_id) or _new_message(workspace_id)


def _claim_again(workspace_id: int) -> Delivery | None:
    due = Delivery.objects.in_workspace(workspace_id).filter(state=State.PENDING, due_at__lte=Now())
    worn = due.filter(attempts__gte=TRIES)  # its sender died at the last try
    worn.update(state=State.DEAD, error=DIED, finished_at=Now())
    delivery = due.select_for_update(skip_locked=True).order_by("due_at").first()
    if delivery is not None:
        delivery.attempts += 1
        Delivery.objects.filter(pk=delivery.pk).update(attempts=delivery.attempts, due_at=Now() + LEASE)
    return delivery


def _underway(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Mails of a member that keep the next one waiting: one unfinished, or one begun just now."""
    mails = deliveries.filter(channel=Channel.EMAIL)
    return mails.filter(Q(state=State.PENDING) | Q(created_at__gt=Now() - MAIL_EVERY))


def _new_mail(workspace_id: int) -> Delivery | None:
    """A mail with everything that waits for one member. His row is the lock: two workers make one mail."""
    waiting = Notice.objects.filter(recipient=OuterRef("pk"), waiting=True)
    underway = _underway(Delivery.objects.filter(member=OuterRef("pk")))
    members = Member.objects.in_workspace(workspace_id).filter(Exists(waiting), ~Exists(underway))
    locked = members.select_for_update(skip_locked=True, no_key=True).order_by("pk")
    while (member := locked.first()) is not None:
        if not _underway(Delivery.objects.filter(member=member)).exists():  # as it is under the lock
            notices = Notice.objects.filter(recipient=member, waiting=True)
            return _claimed(workspace_id, Channel.EMAIL, notices, member)
    return None


def _new_message(workspace_id: int) -> Delivery | None:
    """A message with what waits for the chat, unless an earlier one is still on its way."""
    webhooks = ChatWebhook.objects.in_workspace(workspace_id).filter(paused_at=None)
    if webhooks.select_for_update(skip_locked=True, no_key=True).first() is None:
        return None
    deliveries = Delivery.objects.in_workspace(workspace_id)
    if deliveries.filter(channel=Channel.CHAT, state=State.PENDING).exists():
        return None
    waiting = Notice.objects.in_workspace(workspace_id).filter(recipient=None, waiting=True)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:MOST_IN_MESSAGE])
    return _claimed(workspace_id, Channel.CHAT, waiting.filter(pk__in=ids)) if ids else None


def _claimed(
    workspace_id: int, channel: str, notices: QuerySet[Notice], member: Member | None = None
) -> Delivery:
    delivery = Delivery.objects.create(
        workspace_id=workspace_id,
        channel=channel,
        member=member,
        message_id=mail.new_message_id(),
        attempts=1,
        due_at=Now() + LEASE,
    )
    notices.update(waiting=False, delivery=delivery)
    return delivery


def send(*, delivery_id: int) -> None:
    """Send a claimed delivery and record how it went. What its reader may not see any more is left out; when
    nothing is left, it is dropped and says why."""
    rows = Delivery.objects.select_related("workspace__settings", "member__user")
    delivery = rows.filter(pk=delivery_id, state=State.PENDING).first()
    if delivery is None:
        log.info("delivery %s is gone or finished", delivery_id)
        return
    try:
        with translation.override(settings.LANGUAGE_CODE):
            _send_mail(delivery) if delivery.channel == Channel.EMAIL else _post(delivery)
    except Nothing as why:
        _record(delivery, State.DROPPED, str(why))
    except (mail.Transient, chat.Transient) as trouble:
        _try_later(delivery, trouble)
    except (mail.Refused, chat.Trouble) as trouble:
        _record(delivery, State.DEAD, str(trouble))
    else:
        _record(delivery, State.SENT)


def _record(delivery: Delivery, state: str, error: str = "") -> None:
    """Nothing is written over what another worker, who took it over, wrote."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=State.PENDING, attempts=delivery.attempts)
    mine.update(state=state, error=error, finished_at=Now())


def _try_later(delivery: Delivery, trouble: mail.Transient | chat.Transient) -> None:
    if delivery.attempts >= TRIES:
        _record(delivery, State.DEAD, str(trouble))
        return
    pause = min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE)
    asked = timedelta(seconds=getattr(trouble, "wait", 0))
    mine = Delivery.objects.filter(pk=delivery.pk, state=State.PENDING, attempts=delivery.attempts)
    mine.update(due_at=Now() + max(pause, asked), error=str(trouble))


def _send_mail(delivery: Delivery) -> None:
    workspace, user = delivery.workspace, _login(delivery)
    told = selectors.told(_reader(workspace.slug, user), _notices(delivery))
    if not told:
        raise Nothing(NOT_SEEN)
    lines = [
        mail.Line(each.words.title, each.words.text, _address("inbox-notice", workspace.slug, each.notice.pk))
        for each in told
    ]
    composed = mail.Mail(
        to=user.email,
        workspace=workspace.name,
        lines=lines,
        settings_url=_address("settings-notices", workspace.slug),
        message_id=delivery.message_id,
    )
    mail.send(mail.compose(composed))


def _login(delivery: Delivery) -> User:
    user = delivery.member.user if delivery.member else None
    if user is None:
        raise Nothing(NO_READER)
    return user


def _reader(slug: str, user: User) -> Actor:
    """The recipient as he is now; Nothing when he cannot enter any more."""
    try:
        return actor_for(slug, user=user)
    except Missing:
        raise Nothing(NO_READER) from None


def _post(delivery: Delivery) -> None:
    webhook = ChatWebhook.objects.in_workspace(delivery.workspace_id).first()
    if webhook is None:
        raise Nothing(NO_WEBHOOK)
    if webhook.paused_at is not None and delivery.channel == Channel.CHAT:
        raise Nothing(PAUSED)
    lines = _chat_lines(delivery)
    if not lines:
        raise Nothing(NOT_FOR_CHAT)
    try:
        chat.post(webhook.url, lines, delivery.message_id)
    except chat.Trouble as trouble:
        note_failure(
            webhook_id=webhook.pk,
            url=webhook.url,
            why=str(trouble),
            gone=isinstance(trouble, chat.Gone),
            tried=delivery.pk,
        )
        raise
    note_arrival(webhook_id=webhook.pk)


def _chat_lines(delivery: Delivery) -> list[chat.Line]:
    """In the words of the service itself, which sees everything: each kind's words for the chat say only what
    a room full of people may read."""
    actor = Actor.system(delivery.workspace)
    if delivery.channel == Channel.TEST:
        said = [trial_words(actor)]
    else:
        said = [each.words for each in selectors.told_in_chat(actor, _notices(delivery))]
    return [chat.Line(mail.one_line(words.title), settings.PUBLIC_URL + words.url) for words in said]


def _notices(delivery: Delivery) -> list[Notice]:
    return list(Notice.objects.in_workspace(delivery.workspace_id).filter(delivery=delivery).order_by("pk"))


def _address(route: str, slug: str, *args: int) -> str:
    """A whole address; routes of higher apps by their name, as the frame of every page has them."""
    return f"{settings.PUBLIC_URL}{reverse(route, args=[slug, *args])}"


def sweep() -> int:
    """Ask for delivery in each workspace where something waits or is due, e.g. because a mail was held back
    by MAIL_EVERY, a try has to be repeated, or a worker died; how many."""
    due = Delivery.objects.filter(state=State.PENDING, due_at__lte=Now())
    waiting = Notice.objects.filter(waiting=True)
    found = {*due.values_list("workspace_id", flat=True), *waiting.values_list("workspace_id", flat=True)}
    for workspace_id in sorted(found):
        ask_delivery(workspace_id=workspace_id)
    return len(found)


def forget_old() -> int:
    """Delete what was finished longer than KEPT ago, with the chat's own notices; inboxes keep theirs."""
    old = Delivery.objects.exclude(state=State.PENDING).filter(finished_at__lt=Now() - KEPT)
    Notice.objects.filter(recipient=None, delivery__in=old).delete()
    return old.delete()[0]
