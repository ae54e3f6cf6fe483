"""What the demo's people write to each other about reviews."""

from __future__ import annotations

TEMPLATES = (
    ("Open question", "Half of what the customer asked stayed open: please go back to the first message."),
    ("Well done", "Thank you, this is how we want it. #kudos"),
    ("Policy", "The rule here is different: see the guideline on returns. #policy"),
)
ASKED = "The customer writes about two orders here. Do I review only the one that was solved?"
ASKED_BEFORE = "The second half is in a language that I do not read. Is the first half enough?"
ANSWERED = "Yes: review what you can judge, and say in the comment what you left out."
MORE = "Two unhappy customers in the same week: we want to be surer."
OBJECTION = (
    "The customer wrote again after I had sent the full answer; the first part is in my second message."
)
ACCEPTED = "You are right, the answer is complete. I have corrected it. #policy"
STILL_OPEN = "I had followed the guideline of that week; it was changed only on Friday."
QUESTION = "Which guideline do you mean here, @{reviewer}? The one on returns says the opposite."
REPLY = "The one on open parcels, page 2. Shall we go through it together? #onboarding"
NOTE = "Third time with parcels this month: a talk would help more than another comment."
OVERALL = "Quick and friendly. One thing to look at: the last question of the customer. #kudos"
PRAISED = "A warm beginning."
SHOULD_SEE = "This part of the question stays open."
