"""All rules over one agent, with room for the most urgent. Pure: no Django."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from coaching.rules import Evidence, NotProposed, Proposal, Rule, judge

Result = Proposal | NotProposed


def judge_agent(
    rules: Mapping[int, Rule], evidence: Mapping[int, Evidence], open_cap: int
) -> Iterator[tuple[int, Result]]:
    """What each rule makes of one agent, as (rule id, result); both maps are by rule id.

    An agent is asked to carry at most `open_cap` assignments: where there is no room for all, the most urgent
    ones are proposed and the others told why not.
    """
    urgency = {pk: _urgency(judge(rule, evidence[pk], open_cap)) for pk, rule in rules.items()}
    kept = 0
    for pk in sorted(rules, key=lambda each: (-urgency[each], each)):
        history = evidence[pk].history
        history = replace(history, open_assignments=history.open_assignments + kept)
        for result in judge(rules[pk], replace(evidence[pk], history=history), open_cap):
            kept += isinstance(result, Proposal)
            yield pk, result


def _urgency(results: Sequence[Result]) -> int:
    return max((result.priority for result in results if isinstance(result, Proposal)), default=0)
