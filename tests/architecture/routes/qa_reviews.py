from __future__ import annotations

from tests.architecture.routes import EVERYBODY, GRADERS, PLANNERS, Route, Routes

ALL_TEAMS = "admin manager"  # whoever plans for the whole workspace, as the world's plan does
REVIEW = {"pk": "review"}
REVIEW_SEEN = "admin manager lead reviewer agent"  # the reviewer's own, about the agent
REVIEW_HIDDEN = "other_lead second_reviewer other_agent"
REVISERS = "admin manager lead reviewer"
ITEM_SEEN = "admin manager lead reviewer"  # planners of its team, and the reviewer who has it
ITEM_HIDDEN = "other_lead second_reviewer agent other_agent"
QUESTION = {"pk": "question"}
PLAN, DRAW, ITEM = {"pk": "plan"}, {"pk": "draw"}, {"pk": "queue_item"}
VIEW = {"pk": "saved_view"}  # the reviewer's, shared
IMPORTED = {"source": "old-tool", "external_id": "r-1"}
PERIOD = {"period_start": "2026-03-02"}

SAMPLING: Routes = {
    ("api-sample-plan-list", "GET"): Route(PLANNERS),
    ("api-sample-plan-list", "POST"): Route(PLANNERS),
    ("api-sample-plan-preview", "POST"): Route(PLANNERS, body={"per_agent": 0}),
    ("api-sample-plan", "GET"): Route(PLANNERS, rows=PLAN),
    ("api-sample-plan", "PATCH"): Route(ALL_TEAMS, rows=PLAN),
    ("api-sample-plan-pause", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("api-sample-plan-resume", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("api-sample-plan-end", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("api-sample-plan-clone", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("api-sample-plan-draws", "GET"): Route(PLANNERS, rows=PLAN),
    ("api-sample-plan-draws", "POST"): Route(ALL_TEAMS, rows=PLAN, body=PERIOD),
    ("api-draw", "GET"): Route(PLANNERS, rows=DRAW),
    ("api-draw-raise", "POST"): Route(ALL_TEAMS, rows=DRAW, body={"per_agent": 0}),
    ("api-draw-redraw", "POST"): Route(ALL_TEAMS, rows=DRAW, body={"reason": "A file came late."}),
    ("draw-raise", "GET"): Route(ALL_TEAMS, rows=DRAW),
    ("draw-raise", "POST"): Route(ALL_TEAMS, rows=DRAW),
    ("draw-redraw", "GET"): Route(ALL_TEAMS, rows=DRAW),
    ("draw-redraw", "POST"): Route(ALL_TEAMS, rows=DRAW),
    ("api-draw-verify", "GET"): Route(PLANNERS, rows=DRAW),
    ("api-draw-ledger", "GET"): Route(PLANNERS, rows=DRAW),
    ("api-queue", "GET"): Route(EVERYBODY),
    ("api-queue-next", "POST"): Route(EVERYBODY),
    ("api-queue-skip", "POST"): Route(
        ITEM_SEEN, hidden=ITEM_HIDDEN, rows=ITEM, body={"reason": "not_reviewable"}
    ),
    ("api-queue-hand-back", "POST"): Route("reviewer", hidden=ITEM_HIDDEN, rows=ITEM),
    ("api-queue-ask", "POST"): Route("reviewer", hidden=ITEM_HIDDEN, rows=ITEM, body={"text": "Is it?"}),
    ("api-question-list", "GET"): Route(PLANNERS),
    ("api-question-answer", "POST"): Route(
        "admin manager lead", hidden="other_lead", rows=QUESTION, body={"answer": "It is."}
    ),
    ("api-queue-reassign", "POST"): Route(
        "admin manager lead", hidden="other_lead", rows=ITEM, body={"reviewer": 1}
    ),
    ("api-plan-board", "GET"): Route(PLANNERS, rows=PLAN),
    ("api-draw-board", "GET"): Route(PLANNERS, rows=DRAW),
    ("api-planner", "GET"): Route(PLANNERS),
    ("api-queue-hand-out", "POST"): Route(PLANNERS, body={"items": [1], "reviewer": None}),
    ("api-queue-spread", "POST"): Route(PLANNERS, body={"reviewer": 1}),
    ("plan-board", "GET"): Route(PLANNERS, rows=PLAN),
    ("plan-board", "POST"): Route(PLANNERS, rows=PLAN),
    ("draw-board", "GET"): Route(PLANNERS, rows=DRAW),
    ("draw-board", "POST"): Route(PLANNERS, rows=DRAW),
    ("planner", "GET"): Route(PLANNERS),
    ("plan-list", "GET"): Route(PLANNERS),
    ("plan-new", "GET"): Route(PLANNERS),
    ("plan-new", "POST"): Route(PLANNERS),
    ("plan", "GET"): Route(PLANNERS, rows=PLAN),
    ("plan-edit", "GET"): Route(ALL_TEAMS, rows=PLAN),
    ("plan-edit", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("plan-pause", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("plan-resume", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("plan-end", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("plan-clone", "POST"): Route(ALL_TEAMS, rows=PLAN),
    ("plan-draw", "POST"): Route(ALL_TEAMS, rows=PLAN, body=PERIOD),
    ("draw", "GET"): Route(PLANNERS, rows=DRAW),
    ("queue", "GET"): Route(EVERYBODY),
    ("queue-next", "POST"): Route(EVERYBODY),
    ("queue-skip", "GET"): Route(ITEM_SEEN, hidden=ITEM_HIDDEN, rows=ITEM),
    ("queue-skip", "POST"): Route(ITEM_SEEN, hidden=ITEM_HIDDEN, rows=ITEM),
    ("queue-hand-back", "POST"): Route("reviewer", hidden=ITEM_HIDDEN, rows=ITEM),
    ("queue-ask", "GET"): Route("reviewer", hidden=ITEM_HIDDEN, rows=ITEM),
    ("queue-ask", "POST"): Route("reviewer", hidden=ITEM_HIDDEN, rows=ITEM),
    ("question-list", "GET"): Route(PLANNERS),
    ("question-answer", "GET"): Route("admin manager lead", hidden="other_lead", rows=QUESTION),
    ("question-answer", "POST"): Route("admin manager lead", hidden="other_lead", rows=QUESTION),
    ("queue-reassign", "GET"): Route("admin manager lead", hidden="other_lead", rows=ITEM),
    ("queue-reassign", "POST"): Route("admin manager lead", hidden="other_lead", rows=ITEM),
}

REVIEWS: Routes = {
    ("api-review-list", "GET"): Route(EVERYBODY),
    ("api-review-list", "POST"): Route(GRADERS),
    ("api-review-import", "POST"): Route("admin manager", body=[]),
    ("api-zendesk-qa-import", "POST"): Route("admin manager", body={}),
    ("api-parity", "GET"): Route("admin manager"),
    ("api-parity-csv", "GET"): Route("admin manager"),
    ("api-review-export", "GET"): Route(PLANNERS),
    ("api-review", "GET"): Route(REVIEW_SEEN, hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("api-review", "PATCH"): Route("reviewer", hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("api-review", "DELETE"): Route("reviewer", hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("api-review-submit", "POST"): Route("reviewer", hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("api-review-revise", "POST"): Route(
        REVISERS, hidden=REVIEW_HIDDEN, rows=REVIEW, body={"reason": "Why", "ratings": []}
    ),
    ("api-review-retract", "POST"): Route(
        REVISERS, hidden=REVIEW_HIDDEN, rows=REVIEW, body={"reason": "Why"}
    ),
    ("api-review-acknowledge", "POST"): Route("agent", hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("workbench", "GET"): Route("reviewer", hidden=ITEM_HIDDEN, rows=ITEM),
    ("workbench", "POST"): Route("reviewer", hidden=ITEM_HIDDEN, rows=ITEM),
    ("review-list", "GET"): Route(EVERYBODY),
    ("review-by", "GET"): Route(REVIEW_SEEN, hidden=REVIEW_HIDDEN, fixed=IMPORTED),
    ("review-release", "POST"): Route(PLANNERS),
    ("saved-view-new", "POST"): Route(
        EVERYBODY, body={"name": "Low", "page": "reviews", "query": "score_max=60"}
    ),
    ("saved-view-delete", "POST"): Route("admin reviewer", rows=VIEW),
    ("api-saved-view-list", "GET"): Route(EVERYBODY),
    ("api-saved-view-list", "POST"): Route(EVERYBODY, body={"page": "reviews", "name": "Low", "query": ""}),
    ("api-saved-view", "GET"): Route(EVERYBODY, rows=VIEW),
    ("api-saved-view", "PATCH"): Route("admin reviewer", rows=VIEW, body={"name": "Lower"}),
    ("api-saved-view", "DELETE"): Route("admin reviewer", rows=VIEW),
    ("review-new", "GET"): Route(GRADERS),
    ("review-new", "POST"): Route(GRADERS),
    ("review", "GET"): Route(REVIEW_SEEN, hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("review", "POST"): Route("agent", hidden=REVIEW_HIDDEN, rows=REVIEW, body={"action": "acknowledge"}),
    ("review-edit", "GET"): Route(REVIEW_SEEN, hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("review-edit", "POST"): Route("reviewer", hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("review-revise", "GET"): Route(REVISERS, hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("review-revise", "POST"): Route(REVISERS, hidden=REVIEW_HIDDEN, rows=REVIEW),
}

DISPUTED = {"pk": "disputed"}
COMMENT = DISPUTED | {"comment_id": "comment"}
DISPUTE = DISPUTED | {"dispute_id": "dispute"}
SAID, OBJECTED = {"body": "Thank you."}, {"kind": "ratings", "comment": "I did ask."}

LIFE: Routes = {
    ("api-review-amend", "POST"): Route(
        "reviewer", hidden=REVIEW_HIDDEN, rows=REVIEW, body={"comment": "Goo"}
    ),
    ("api-review-reveal", "POST"): Route("reviewer", hidden=REVIEW_HIDDEN, rows=REVIEW),
    ("api-review-reviewee", "POST"): Route("reviewer", hidden=REVIEW_HIDDEN, rows=REVIEW, body={"agent": 1}),
    ("api-review-release", "POST"): Route(PLANNERS),
    ("api-review-comments", "GET"): Route(REVIEW_SEEN, hidden=REVIEW_HIDDEN, rows=DISPUTED),
    ("api-review-comments", "POST"): Route(REVIEW_SEEN, hidden=REVIEW_HIDDEN, rows=DISPUTED, body=SAID),
    ("api-review-comment", "PATCH"): Route("reviewer", hidden=REVIEW_HIDDEN, rows=COMMENT, body=SAID),
    ("api-dispute-list", "GET"): Route(REVIEW_SEEN, hidden=REVIEW_HIDDEN, rows=DISPUTED),
    ("api-dispute-list", "POST"): Route("agent", hidden=REVIEW_HIDDEN, rows=DISPUTED, body=OBJECTED),
    ("api-dispute", "GET"): Route(REVIEW_SEEN, hidden=REVIEW_HIDDEN, rows=DISPUTE),
    ("api-dispute-resolve", "POST"): Route(
        REVISERS, hidden=REVIEW_HIDDEN, rows=DISPUTE, body={"outcome": "rejected", "comment": "You did not."}
    ),
    ("api-dispute-reroute", "POST"): Route(REVISERS, hidden=REVIEW_HIDDEN, rows=DISPUTE, body={"to": None}),
}

SEEN = "admin manager lead reviewer second_reviewer agent"
CONVERSATION = {"pk": "conversation"}
IN_HELPDESK = {"source": "helpdesk", "external_id": "1001"}
UNSEEN = "other_lead other_agent"
IMPORTERS = "admin manager"
RUN = {"pk": "import_run"}

CONVERSATIONS: Routes = {
    ("api-conversation-list", "GET"): Route(EVERYBODY),
    ("api-conversation-count", "GET"): Route(EVERYBODY),
    ("api-conversation", "GET"): Route(SEEN, hidden=UNSEEN, rows=CONVERSATION),
    ("conversation-list", "GET"): Route(EVERYBODY),
    ("conversation-count", "GET"): Route(EVERYBODY),
    ("conversation", "GET"): Route(SEEN, hidden=UNSEEN, rows=CONVERSATION),
    ("conversation-by", "GET"): Route(SEEN, hidden=UNSEEN, fixed=IN_HELPDESK),
    ("import-list", "GET"): Route(IMPORTERS),
    ("import-run", "GET"): Route(IMPORTERS, rows=RUN),
    ("import-parity", "GET"): Route(IMPORTERS, rows=RUN),
    ("parity", "GET"): Route(IMPORTERS),
}

TEMPLATE, RULE = {"pk": "comment_template"}, {"pk": "suggestion_rule"}
SHARERS = PLANNERS
SAYS = {"name": "Sorry", "body": "Say sorry first.", "shared": True}

WRITING: Routes = {
    ("api-comment-template-list", "GET"): Route(GRADERS),
    ("api-comment-template-list", "POST"): Route(GRADERS, body={"name": "Own", "body": "Mine."}),
    ("api-comment-template", "GET"): Route(GRADERS, rows=TEMPLATE),
    ("api-comment-template", "PATCH"): Route(SHARERS, rows=TEMPLATE, body=SAYS),
    ("api-comment-template", "DELETE"): Route(SHARERS, rows=TEMPLATE),
    ("api-hashtag-list", "GET"): Route(EVERYBODY),
    ("api-mention-list", "GET"): Route(EVERYBODY),
    ("api-markdown", "POST"): Route(EVERYBODY, body={"text": "**Good**"}),
    ("api-suggestion-list", "POST"): Route(GRADERS, body=[]),
    ("api-suggestion-rule-list", "GET"): Route(GRADERS),
    ("api-suggestion-rule-list", "POST"): Route("admin manager", body={"name": "Rule"}),
    ("api-suggestion-rule", "GET"): Route(GRADERS, rows=RULE),
    ("api-suggestion-rule", "PATCH"): Route("admin manager", rows=RULE, body={"active": False}),
    ("api-suggestion-rule", "DELETE"): Route("admin manager", rows=RULE),
    ("comment-template-list", "GET"): Route(GRADERS),
    ("comment-template-new", "GET"): Route(GRADERS),
    ("comment-template-new", "POST"): Route(GRADERS),
    ("comment-template", "GET"): Route(SHARERS, rows=TEMPLATE),
    ("comment-template", "POST"): Route(SHARERS, rows=TEMPLATE),
    ("comment-template-delete", "POST"): Route(SHARERS, rows=TEMPLATE),
    ("suggestion-rule-list", "GET"): Route(GRADERS),
    ("suggestion-rule-new", "GET"): Route("admin manager"),
    ("suggestion-rule-new", "POST"): Route("admin manager"),
    ("suggestion-rule", "GET"): Route("admin manager", rows=RULE),
    ("suggestion-rule", "POST"): Route("admin manager", rows=RULE),
    ("suggestion-rule-delete", "POST"): Route("admin manager", rows=RULE),
}

SESSION, CALIBRATED = {"pk": "calibration"}, {"pk": "calibration", "row": "calibrated"}
LEADS_SESSION = "admin manager lead"
SEES_SESSION, SESSION_HIDDEN = f"{LEADS_SESSION} reviewer", "other_lead second_reviewer"


def _led(rows: dict[str, str] = SESSION, body: dict[str, object] | None = None) -> Route:
    """For who plans; the session's state may refuse it."""
    return Route(LEADS_SESSION, hidden="other_lead", rows=rows, body=body)


CALIBRATION: Routes = {
    ("api-calibration-list", "GET"): Route(GRADERS),
    ("api-calibration-list", "POST"): Route(PLANNERS, body={}),
    ("api-calibration", "GET"): Route(SEES_SESSION, hidden=SESSION_HIDDEN, rows=SESSION),
    ("api-calibration", "PATCH"): _led(),
    ("api-calibration", "DELETE"): _led(),
    ("api-calibration-open", "POST"): _led(),
    ("api-calibration-discuss", "POST"): _led(),
    ("api-calibration-close", "POST"): _led(),
    ("api-calibration-conversations", "POST"): _led(body={"conversation": 1}),
    ("api-calibration-conversation", "DELETE"): _led(CALIBRATED),
    ("api-calibration-grade", "POST"): Route("reviewer", hidden=SESSION_HIDDEN, rows=CALIBRATED),
    ("api-calibration-comparison", "GET"): Route(SEES_SESSION, hidden=SESSION_HIDDEN, rows=SESSION),
    ("api-calibration-notes", "POST"): Route(
        SEES_SESSION, hidden=SESSION_HIDDEN, rows=SESSION, body={"conversation": 1, "text": "Oh"}
    ),
    ("api-calibration-decisions", "GET"): Route(SEES_SESSION, hidden=SESSION_HIDDEN, rows=SESSION),
    ("api-calibration-decisions", "POST"): _led(body={"category": "tone", "text": "Oh"}),
    ("calibration-list", "GET"): Route(GRADERS),
    ("calibration-new", "GET"): Route(PLANNERS),
    ("calibration-new", "POST"): Route(PLANNERS),
    ("calibration-add", "GET"): Route(LEADS_SESSION, hidden="other_lead", rows={"pk": "conversation"}),
    ("calibration-add", "POST"): Route(LEADS_SESSION, hidden="other_lead", rows={"pk": "conversation"}),
    ("calibration", "GET"): Route(SEES_SESSION, hidden=SESSION_HIDDEN, rows=SESSION),
    ("calibration-edit", "GET"): _led(),
    ("calibration-edit", "POST"): _led(),
    ("calibration-open", "POST"): _led(),
    ("calibration-discuss", "POST"): _led(),
    ("calibration-close", "POST"): _led(),
    ("calibration-delete", "POST"): _led(),
    ("calibration-conversation-add", "POST"): _led(),
    ("calibration-conversation-remove", "POST"): _led(CALIBRATED),
    ("calibration-decision", "POST"): _led(),
    ("calibration-grade", "POST"): Route("reviewer", hidden=SESSION_HIDDEN, rows=CALIBRATED),
    ("calibration-note", "POST"): Route(SEES_SESSION, hidden=SESSION_HIDDEN, rows=CALIBRATED),
}
ROUTES: Routes = CALIBRATION | SAMPLING | REVIEWS | LIFE | CONVERSATIONS | WRITING
