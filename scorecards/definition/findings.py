"""What is wrong with a definition, or could be better."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "suggestion"]

POINTER_NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a definition; `pointer` is a JSON pointer (RFC 6901), empty for the whole."""

    severity: Severity
    code: str
    pointer: str
    message: str


class InvalidDefinition(ValueError):
    """The definition has errors; `findings` holds them all, none of lower severity."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{finding.pointer}: {finding.message}" for finding in findings[:5]))
        self.findings = findings


def pointer_to(parent: str, step: str | int) -> str:
    """The JSON pointer one step below `parent`. A stranger's name is cut and made encodable."""
    name = str(step).encode("utf-8", "replace").decode()
    if len(name) > POINTER_NAME_LENGTH:
        name = name[:POINTER_NAME_LENGTH] + "…"
    return f"{parent}/{name.replace('~', '~0').replace('/', '~1')}"
