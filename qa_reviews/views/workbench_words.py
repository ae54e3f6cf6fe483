"""What the workbench says: its errors beside their categories, and the words of its scripts."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from common.errors import FieldError, Problem
from qa_reviews.judgement import Judgement


def errors_of(judgement: Judgement, problem: Problem | None) -> dict[str, str]:
    """The first error of each category or question that a refusal names."""
    found: dict[str, str] = {}
    for error in problem.errors if problem else ():
        key = _key_of(judgement, error)
        if key:
            found.setdefault(key, error.detail)
    return found


def _key_of(judgement: Judgement, error: FieldError) -> str:
    parts = error.pointer.split("/")
    if len(parts) > 2 and parts[1] == "ratings" and parts[2].isdigit():
        return judgement.choices[int(parts[2])].category
    return parts[2] if len(parts) > 2 and parts[1] == "answers" else ""


def problems_in(errors: Mapping[str, str], problem: Problem | None) -> list[dict[str, str]]:
    """Each error in words, linked to its category where it has one."""
    listed = [{"key": key, "text": text} for key, text in errors.items()]
    others = [error.detail for error in problem.errors] if problem else []
    return listed + [{"key": "", "text": text} for text in others if text not in errors.values()]


def words() -> dict[str, str]:
    """The words of the workbench's scripts, by their names there."""
    return _of_saving() | _of_grading()


def _of_saving() -> dict[str, str]:
    return {
        "fresh": "",
        "kept": _("Draft saved"),
        "unsaved": _("Not saved yet"),
        "saving": _("Saving…"),
        "saved": _("Saved {time}"),
        "offline": _("No connection: trying again"),
        "stale": _("Not saved: open elsewhere"),
        "refused": _("Not saved"),
        "staleHelp": _(
            "This draft was saved in another tab or by another device. Nothing here overwrites it: reload "
            "this page to go on with the newer one."
        ),
    }


def _of_grading() -> dict[str, str]:
    return {
        "required": _("Choose an option or N/A."),
        "optionRequired": _("Choose an option."),
        "answerRequired": _("This needs an answer."),
        "commentRequired": _("This rating needs a comment."),
        "incomplete": _("Not submitted: {count} to complete."),
        "notSubmitted": _("Not submitted: the server cannot be reached. What you chose is still here."),
        "nothingElse": _("Nothing else waits for you."),
        "notDone": _("That did not work: the server cannot be reached."),
        "reasonRequired": _("Say why it is revised."),
        "selectFirst": _("Select words of one message first, or go to a message with h and j."),
        "quoted": _("Added as evidence: {name}"),
        "messageFirst": _("Go to a message first: h, then j and k."),
        "noSuggestion": _("Nothing is suggested here."),
        "taken": _("Taken over: {option}"),
        "na": _("N/A"),
        "unfailed": _("Without the critical failure:"),
        "uncapped": _("{score} uncapped"),
        "applies": _("Now to be rated: {names}"),
        "appliesNot": _("No longer asked: {names}"),
        "otherList": _("Show the other list"),
        "remark": _("Remark"),
        "praise": _("Praise"),
        "remarkOn": _("Remark on “{words}”"),
        "praiseFor": _("Praise for “{words}”"),
        "evidenceFor": _("Evidence for {name}"),
        "template": _("Insert a template"),
        "preview": _("Preview"),
        "noTemplates": _("No template has these words."),
        "offers": _("{count} offered: arrow keys and Enter choose"),
        "minutes": _("{minutes} min"),
        "active": _("Active time: {minutes} min {seconds} s. It pauses when you do."),
    }


def key_names() -> dict[str, str]:
    return {
        "title": _("Grading"),
        "next": _("Next category; in the conversation, next message"),
        "previous": _("Previous category or message"),
        "conversation": _("To the conversation"),
        "scorecard": _("To the scorecard"),
        "option": _("Choose an option; among root causes, a cause"),
        "na": _("Not applicable"),
        "comment": _("Comment"),
        "cause": _("Root causes; again, the other list"),
        "take": _("Take the suggestion over"),
        "evidence": _("Selected words as evidence; on a message, all of it"),
        "remark": _("Remark on the message or the selected words"),
        "praise": _("Praise the message or the selected words"),
        "template": _("Insert a comment template"),
        "undo": _("Undo the last choice"),
        "submit": _("Submit, then the next"),
        "skip": _("Skip"),
        "ask": _("Ask a lead"),
        "handBack": _("Hand back"),
        "later": _("Next, later this one"),
        "back": _("Back: out of a field, then off this page"),
        "reading": _("In the conversation"),
        "word": _("Select the next word"),
        "wordBack": _("Select the previous word"),
        "more": _("Select more words"),
        "fewer": _("Select fewer words"),
    }
