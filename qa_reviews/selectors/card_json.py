"""A scorecard version as score.js reads it, weights and points as exact text."""

from __future__ import annotations

from typing import Any

from scorecards.definition import Category, Context, Definition, Group, Question, ShowWhen, applies


def card_json(definition: Definition, context: Context) -> list[dict[str, Any]]:
    """All categories that the conversation allows; `when` is what the answers of others must be beside."""
    return [
        _category_json(group, category)
        for group in definition.groups
        for category in group.categories
        if applies(category, context)
    ]


def questions_json(definition: Definition, context: Context) -> list[dict[str, Any]]:
    """All questions that the conversation allows, for `visible` of score.js."""
    return [_question_json(question) for question in definition.questions if applies(question, context)]


def _category_json(group: Group, category: Category) -> dict[str, Any]:
    return {
        "key": category.key,
        "group": group.key,
        "group_weight": None if group.weight is None else f"{group.weight:f}",
        "kind": category.kind,
        "weight": f"{category.weight:f}",
        "critical": category.critical,
        "allow_na": category.allow_na,
        "comment_required": category.comment_required,
        "when": _when_json(category.show_when),
        "options": [
            {"key": option.key, "points": str(option.points), "fails": option.fails}
            for option in category.options
        ],
    }


def _question_json(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "answer": question.answer,
        "required": question.required,
        "when": _when_json(question.show_when),
    }


def _when_json(when: ShowWhen) -> dict[str, list[str]]:
    return {key: list(options) for key, options in when.answers}
