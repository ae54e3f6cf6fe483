"""Beginning a review by hand: whose work in a conversation, and with which scorecard."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views_base import WorkspacePage
from common import params
from common.errors import Conflict, Invalid, Problem, invalid
from common.refs import Ref
from conversations.models import Conversation
from conversations.selectors import conversation as conversation_of
from qa_reviews.judgement import Judgement
from qa_reviews.models import Review
from qa_reviews.policies.reviews import may_create
from qa_reviews.review_forms import StartForm
from qa_reviews.selectors import conversations as selectors
from qa_reviews.services import opening
from qa_reviews.services.opening import NewReview

SELF = Review.Kind.SELF


class ReviewNew(WorkspacePage):
    """A review of somebody's work, or of one's own where the workspace allows it."""

    capability = Capability.REVIEW_READ

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        self.check(request.GET)
        return self.show(self.conversation(request.GET), self.kind(request.GET))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        self.check(request.POST)
        conversation, kind = self.conversation(request.POST), self.kind(request.POST)
        form = self.form(conversation, kind, request.POST)
        if not form.is_valid():
            return self.show(conversation, kind, form)
        new = NewReview(
            conversation=Ref(id=conversation.pk),
            agent=Ref(id=form.cleaned_data["agent"]),
            scorecard=Ref(id=form.cleaned_data["scorecard"]),
            kind=kind,
        )
        try:
            review = opening.create_review(actor=self.actor, new=new, judgement=Judgement())
        except (Invalid, Conflict) as problem:
            return self.show(conversation, kind, form, problem)
        return redirect("review-edit", slug=slug, pk=review.pk)

    def check(self, query: QueryDict) -> None:
        """Whoever grades may begin one of others; of himself everybody, where the workspace says so."""
        if self.kind(query) == SELF and self.actor.agent_id is not None:
            agent_id = self.actor.agent_id
            may_create(self.actor, kind=SELF, agent_id=agent_id, team_id=None, by_hand=True).demand()
        else:
            self.actor.require(Capability.GRADE)

    def kind(self, query: QueryDict) -> str:
        return SELF if query.get("kind") == SELF else Review.Kind.STANDARD

    def conversation(self, query: QueryDict) -> Conversation:
        given = query.get("conversation", "")
        if not given:
            raise invalid(
                "/conversation", "required", _("Choose a conversation, then review it from its page.")
            )
        return conversation_of(self.actor, params.whole(given, "conversation"))

    def form(self, conversation: Conversation, kind: str, data: QueryDict | None = None) -> StartForm:
        agents = selectors.agents_to_review(self.actor, conversation, kind)
        offers = selectors.offers_for(self.actor, conversation, agents[0] if agents else None)
        return StartForm(
            data,
            agents=[(agent.pk, str(agent)) for agent in agents],
            scorecards=[(offer.id, offer.name if offer.fits else _other(offer.name)) for offer in offers],
            initial={"conversation": conversation.pk, "kind": kind},
        )

    def show(
        self,
        conversation: Conversation,
        kind: str,
        form: StartForm | None = None,
        problem: Problem | None = None,
    ) -> HttpResponse:
        form = form or self.form(conversation, kind)
        if problem is not None:
            form.add_error(None, problem.detail)
        context = {"form": form, "conversation": conversation, "about_self": kind == SELF}
        status = problem.status if problem else 422 if form.is_bound else 200
        return render(self.request, "qa_reviews/review_new.html", context, status=status)


def _other(name: str) -> str:
    return _("%(name)s (meant for other conversations)") % {"name": name}
