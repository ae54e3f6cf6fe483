"""Forms of the scorecard pages; what a definition may hold is said by `scorecards.definition`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from common.errors import FieldError
from scorecards.services import NAME_LENGTH
from scorecards.wording import plain

MOST_FILE_BYTES = 1_000_000


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)


class GalleryForm(NameForm):
    card = forms.SlugField(widget=forms.HiddenInput)


class DraftForm(forms.Form):
    """A draft as JSON, with the state of the row that was read."""

    definition = forms.CharField(
        label=_("Definition"),
        help_text=_("The scorecard as JSON, as the API takes it."),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )
    etag = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_definition(self) -> object:
        """The parsed JSON."""
        try:
            return json.loads(self.cleaned_data["definition"])
        except json.JSONDecodeError as error:
            message = _("This is not JSON: line %(line)d, column %(column)d: %(what)s.")
            params = {"line": error.lineno, "column": error.colno, "what": error.msg}
            raise forms.ValidationError(message, code="malformed", params=params) from None
        except RecursionError:
            raise forms.ValidationError(_("This JSON is nested too deeply."), code="malformed") from None


class ImportForm(forms.Form):
    """A scorecard as a file: chosen, or pasted. What was chosen is shown as text when it is refused."""

    file = forms.FileField(label=_("File"), required=False, help_text=_("A .yaml or .json file, up to 1 MB."))
    text = forms.CharField(
        label=_("Or paste it"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocapitalize": "none"}),
    )

    def clean_file(self) -> str:
        """The text of the file; empty without one."""
        given: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if given is None:
            return ""
        if (given.size or 0) > MOST_FILE_BYTES:
            raise forms.ValidationError(_("This file is larger than 1 MB."), code="too_large")
        try:
            return str(given.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            message = _("This file is not text in UTF-8.")
            raise forms.ValidationError(message, code="malformed") from None

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["text"] = given.get("file") or given.get("text", "")
        if not given["text"].strip() and not self.errors:
            raise forms.ValidationError(_("Choose a file, or paste a scorecard."), code="required")
        return given


class LinesField(forms.CharField):
    """Words, one a line."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return list(dict.fromkeys(line for line in lines if line))


class SettingsForm(NameForm):
    """What holds for all versions of a scorecard. Its bands are a formset beside it."""

    pass_mark = forms.DecimalField(
        label=_("Pass mark"), required=False, min_value=0, max_value=100, max_digits=7, decimal_places=4
    )
    channel = LinesField(label=_("Channel"), required=False)
    topic = LinesField(label=_("Topic"), required=False)
    tag = LinesField(label=_("Tag of the conversation"), required=False)
    language = LinesField(label=_("Language"), required=False)
    agent_kind = forms.MultipleChoiceField(
        label=_("Work of"),
        required=False,
        choices=[("human", _("people")), ("bot", _("bots"))],
        widget=forms.CheckboxSelectMultiple,
    )
    rank = forms.IntegerField(
        label=_("Place in the order"),
        help_text=_(
            "Where several scorecards fit a conversation, the one with the lowest number is offered."
        ),
    )
    etag = forms.CharField(widget=forms.HiddenInput, required=False)

    OFFER = ("channel", "topic", "tag", "language", "agent_kind")

    @property
    def offer_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OFFER]

    def changes(self, bands: BandFormSet) -> dict[str, Any]:
        """What `services.update_scorecard` takes."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "pass_mark": given["pass_mark"],
            "rank": given["rank"],
            "offer_when": {name: given[name] for name in self.OFFER if given[name]},
            "bands": bands.listed(),
        }

    def blame(self, errors: Iterable[FieldError]) -> None:
        """Puts the service's errors beside the fields they mean."""
        for error in errors:
            steps = error.pointer.strip("/").split("/")
            name = next((step for step in steps if step in self.fields), None)
            self.add_error(name, error.detail)


class BandForm(forms.Form):
    score = forms.DecimalField(
        label=_("From"), min_value=0, max_value=100, max_digits=7, decimal_places=4, required=False
    )
    label = forms.CharField(label=_("Word"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        score, label = given.get("score"), given.get("label")
        if score is None and label and "score" not in self.errors:
            self.add_error("score", _("From which score?"))
        if score is not None and not label:
            self.add_error("label", _("Which word?"))
        return given


class BandFormSet(forms.BaseFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows of bands; empty rows are left out, and the order is that of the scores."""

    def listed(self) -> list[dict[str, str]]:
        """The bands as the scorecard keeps them, highest first."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("label")]
        rows.sort(key=lambda row: row["score"], reverse=True)
        return [{"from": plain(row["score"]), "label": row["label"]} for row in rows]

    @staticmethod
    def initial_of(bands: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        return [{"score": plain(Decimal(band["from"])), "label": band["label"]} for band in bands]


_Bands = forms.formset_factory(BandForm, formset=BandFormSet, extra=3, max_num=20)


def band_rows(data: Mapping[str, Any] | None = None, bands: Sequence[Mapping[str, str]] = ()) -> BandFormSet:
    """The rows of these bands and some empty ones, or what was sent."""
    return cast(BandFormSet, _Bands(data, initial=BandFormSet.initial_of(bands), prefix="bands"))
