"""The ready scorecard that a new workspace starts with. Pure data: no Django.

Nine categories in six groups. Every option says what the reviewer sees in the conversation, so that
two reviewers choose the same one. Weights add up to 100, so that they read as percentages.
"""

SUPPORT_QUALITY_NAME = "Support quality"


def _rubric(*options: tuple[str, str]) -> list[dict[str, object]]:
    """Options from worst to best out of labels and descriptions, with evenly spaced points."""
    return [
        {"key": str(place + 1), "label": label, "points": place, "description": description}
        for place, (label, description) in enumerate(options)
    ]


_TONE = {
    "key": "tone",
    "name": "Tone of voice",
    "description": "Does every message sound like our brand: friendly, plain and respectful? "
    "Rate the words and manners of the agent, not whether the customer was pleased.",
    "weight": "10",
    "options": _rubric(
        ("Rude", "Sarcastic, blaming, dismissive, or disrespectful in at least one message."),
        (
            "Cold",
            "Correct but mechanical: pasted blocks, no greeting or name, jargon the customer cannot know.",
        ),
        ("Friendly", "Polite and clear throughout; at most one stiff or overly casual phrase."),
        (
            "Our voice",
            "Warm, plain and personal from greeting to goodbye, and matched to the customer's mood.",
        ),
    ),
    "comment_required": "negative",
    "tags": ["customer-critical"],
    "root_causes": {
        "negative": [
            "Template pasted unchanged",
            "Blamed the customer",
            "Jargon",
            "Too casual",
            "No greeting or goodbye",
        ],
        "positive": ["Calmed an upset customer", "Personal touch"],
    },
}

_EMPATHY = {
    "key": "empathy",
    "name": "Empathy",
    "description": "Did the agent notice how the problem affects this customer, and show it? "
    "Choose N/A for plain factual questions without any trouble behind them.",
    "weight": "10",
    "options": _rubric(
        ("Ignored", "The customer's trouble or mood is passed over, or waved away."),
        ("Set phrase", "A stock apology that could stand in any conversation."),
        ("Genuine", "Names what went wrong for this customer and acts in line with it."),
    ),
    "comment_required": "negative",
    "tags": ["customer-critical"],
    "root_causes": {
        "negative": ["Stock apology", "Missed frustration", "Argued instead of listening"],
        "positive": ["Saw an unspoken worry", "Owned our mistake"],
    },
}

_UNDERSTANDING = {
    "key": "understanding",
    "name": "Understanding the question",
    "description": "Did the agent find out what the customer really needs, by reading closely, looking at "
    "the history, and asking what was missing, before answering?",
    "weight": "10",
    "options": _rubric(
        ("Missed", "Answers another question than the one asked, or never finds out what is needed."),
        ("Slow to see", "Gets there only after the customer repeats details given before."),
        ("Understood", "The need is understood; a question too many or too few at most."),
        ("Saw it all", "Understood at once, asked only what was missing, and saw any question behind it."),
    ),
    "comment_required": "negative",
    "tags": ["customer-critical"],
    "root_causes": {
        "negative": ["Did not read the history", "Did not ask", "Asked what was already said"],
        "positive": ["Found the question behind the question"],
    },
}

_SOLUTION = {
    "key": "solution",
    "name": "Solution",
    "description": "Was the answer right, complete and usable for this customer? Check it against the "
    "knowledge base as it was on that day. An honest no, with the reason and the best "
    "alternative, is a solution.",
    "weight": "25",
    "options": _rubric(
        ("Wrong", "Wrong, harmful or no answer; following it does not help or makes things worse."),
        ("Incomplete", "Right in part: a step, a condition or one of several questions is left out."),
        ("Solved", "Right and complete; the customer can act on it without asking again."),
        (
            "Solved for good",
            "Right and complete, and it prevents the next question or the same problem again.",
        ),
    ),
    "comment_required": "negative",
    "tags": ["customer-critical", "business-critical"],
    "root_causes": {
        "negative": [
            "Wrong information",
            "Outdated article",
            "Question left open",
            "Wrong product or plan",
            "Closed too early",
            "Tool or permission missing",
        ],
        "positive": ["Prevented a follow-up", "Creative way out"],
    },
}

_SPEED = {
    "key": "speed",
    "name": "Speed",
    "description": "Did the conversation move as fast as its channel allows, within what the agent could "
    "control? Look at gaps between replies and needless rounds, not at waiting caused by the queue or "
    "the customer.",
    "weight": "10",
    "options": _rubric(
        ("Stalled", "Long silences without a word, or the customer had to chase us."),
        ("Slow", "Needless rounds or waits, or a promised time missed by a little."),
        ("Steady", "Replies in good time; longer work was announced and the promise kept."),
    ),
    "comment_required": "negative",
    "tags": ["customer-critical"],
    "root_causes": {
        "negative": [
            "No word while waiting",
            "Promise missed",
            "Needless round of questions",
            "Too many chats",
        ],
        "positive": ["Solved in one reply"],
    },
}

_HANDOVER = {
    "key": "handover",
    "name": "Handover across hours",
    "description": "When the conversation passed to another shift, team or time zone, was it done so that "
    "nothing was lost and the customer was not left waiting? Choose N/A when one agent handled "
    "it throughout.",
    "weight": "10",
    "options": _rubric(
        ("Dropped", "Left with nobody over the change of shift, or the customer had to start over."),
        ("Rough", "Passed on, but with a thin note, to the wrong team, or without telling the customer."),
        ("Seamless", "A note says what is known, done and next; the customer knows who follows up and when."),
    ),
    "comment_required": "negative",
    "tags": ["business-critical"],
    "root_causes": {
        "negative": ["No handover note", "Wrong team", "Customer not told", "No one on shift"],
        "positive": ["Model handover note"],
    },
}

_PROCESS = {
    "key": "process",
    "name": "Process and records",
    "description": "Were the steps of our process followed and written down: right topic and tags, notes, "
    "escalation, refund and approval rules?",
    "weight": "10",
    "options": _rubric(
        ("Not followed", "A required step is missing and someone has to repair it."),
        ("With gaps", "The steps were taken, but topic, tags or notes are missing or wrong."),
        ("Followed", "All steps taken, and the record lets a colleague carry on."),
    ),
    "comment_required": "negative",
    "tags": ["business-critical"],
    "root_causes": {
        "negative": ["Wrong topic or tags", "No internal note", "Escalation missed", "Approval missed"],
        "positive": ["Improved an article or macro"],
    },
}

_PRIVACY = {
    "key": "privacy",
    "name": "Privacy and safety",
    "description": "Fails the whole review when personal data was shown to or changed for someone not "
    "verified, passwords or card numbers were asked for or repeated, or advice was given that policy "
    "or law forbids. "
    "Nothing of the kind in the conversation means: kept.",
    "weight": "5",
    "critical": "review",
    "allow_na": False,
    "options": [
        {
            "key": "1",
            "label": "Broken",
            "points": 0,
            "description": "At least one rule was broken; quote the message in the comment.",
            "fails": True,
        },
        {
            "key": "2",
            "label": "Kept",
            "points": 1,
            "description": "Identity checked where needed, and no data shown or asked for beyond the need.",
        },
    ],
    "comment_required": "negative",
    "tags": ["compliance-critical"],
    "root_causes": {
        "negative": [
            "Identity not checked",
            "Data shown to the wrong person",
            "Secret asked for or repeated",
        ],
        "positive": ["Stopped an attempted fraud"],
    },
}

_LANGUAGE = {
    "key": "language",
    "name": "Language",
    "description": "Is the writing correct and easy to follow in the customer's language? Rate a translated "
    "reply as the customer reads it. Slips that do not disturb reading are no fault.",
    "weight": "10",
    "options": _rubric(
        ("Hard to follow", "Errors or structure hide the meaning, or the reply is in the wrong language."),
        ("With errors", "Understandable, with errors or long-winded passages that distract."),
        ("Clear", "Correct but for a slip or two, in short sentences and good order."),
        ("Effortless", "Correct, natural and well laid out: the customer gets it in one reading."),
    ),
    "comment_required": "negative",
    "tags": ["customer-critical"],
    "root_causes": {
        "negative": ["Spelling or grammar", "Too long", "Wrong language", "Poor translation"],
        "positive": ["Very clear instructions"],
    },
}

SUPPORT_QUALITY: dict[str, object] = {
    "groups": [
        {"key": "style", "name": "Style, voice and tone", "categories": [_TONE, _EMPATHY]},
        {"key": "solution", "name": "Solution quality", "categories": [_UNDERSTANDING, _SOLUTION]},
        {"key": "speed", "name": "Speed", "categories": [_SPEED]},
        {"key": "coverage", "name": "Coverage", "categories": [_HANDOVER]},
        {"key": "process", "name": "Process", "categories": [_PROCESS, _PRIVACY]},
        {"key": "language", "name": "Language", "categories": [_LANGUAGE]},
    ]
}
"""The definition, in the JSON of `scorecards.definition`."""

STARTER: dict[str, object] = {
    "groups": [
        {
            "key": "quality",
            "name": "Quality",
            "categories": [{"key": "solution", "name": "Solution", "description": "Right and complete?"}],
        }
    ]
}
"""The least that can be rated, for who builds a scorecard of his own."""
