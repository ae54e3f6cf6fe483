"""Forms of the notices' settings: a row of boxes for each kind, and the chat's address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notices.registry import Kind
from notices.selectors import KindChoice
from notices.services.choices import Change

COLUMNS = {"inbox": gettext_lazy("Inbox"), "email": gettext_lazy("E-mail")}
LOCKABLE = COLUMNS | {"locked": gettext_lazy("Locked")}


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind with its boxes, each beside the name of its column."""

    kind: Kind
    locked: bool
    boxes: list[tuple[Any, BoundField]]


class KindsForm(forms.Form):
    """A box for each kind and column, named "<kind>-<column>". In own preferences locked kinds are shown
    and not taken."""

    def __init__(self, data: Any = None, *, rows: Sequence[KindChoice], lockable: bool = False) -> None:
        super().__init__(data)
        self.kinds, self.columns = rows, LOCKABLE if lockable else COLUMNS
        for row in rows:
            for column, label in self.columns.items():
                words = _("%(column)s: %(kind)s") % {"column": label, "kind": row.kind.title}
                self.fields[f"{row.kind.name}-{column}"] = forms.BooleanField(
                    label=words,
                    widget=forms.CheckboxInput(attrs={"aria-label": words}),
                    initial=getattr(row.choice, column),
                    required=False,
                    disabled=row.choice.locked and not lockable,
                )

    def rows(self) -> Iterable[KindRow]:
        for row in self.kinds:
            boxes = [(label, self[f"{row.kind.name}-{column}"]) for column, label in self.columns.items()]
            yield KindRow(row.kind, row.choice.locked, boxes)

    def changes(self) -> list[Change]:
        """Of each kind that differs from what counts now, all columns."""
        said = self.cleaned_data
        found = []
        for row in self.kinds:
            given = {column: said[f"{row.kind.name}-{column}"] for column in self.columns}
            if any(getattr(row.choice, column) != value for column, value in given.items()):
                found.append(Change(row.kind.name, **given))
        return found


class ChatForm(forms.Form):
    """The address is write-only: left empty, the one that stands stays."""

    url = forms.CharField(
        label=gettext_lazy("Address for incoming messages"),
        help_text=gettext_lazy(
            "Slack: an incoming webhook. Teams: the workflow “Post to a channel when a webhook request is"
            " received”. Whoever knows the address can post, so it is not shown again."
        ),
        max_length=2000,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url", "dir": "ltr"}
        ),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What is told there"),
        help_text=gettext_lazy(
            "Messages name the agent and what happened, with a link. Scores, comments and reviewers stay out:"
            " everybody in the channel reads along."
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, kinds: Sequence[Kind], chosen: Sequence[str]) -> None:
        super().__init__(data, initial={"kinds": list(chosen)})
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (kind.name, kind.title) for kind in kinds
        ]
