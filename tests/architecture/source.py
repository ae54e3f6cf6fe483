"""The project's own Python files, parsed once, for the tests of house rules."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    *("common", "jobs", "accounts", "notices", "conversations", "scorecards"),
    *("qa_reviews", "insights", "coaching", "desk", "config"),
)


@cache
def files() -> dict[Path, ast.Module]:
    """Relative path -> syntax tree of every module of the apps, migrations aside."""
    paths = [
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
    ]
    return {path.relative_to(ROOT): ast.parse(path.read_text()) for path in paths}


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, docstring aside."""
    body = node.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
