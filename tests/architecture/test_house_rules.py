"""House rules that matter are tests that fail (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest
from django.apps import apps

from common.models import Owned, OwnedQuerySet
from jobs.names import JobName
from jobs.registry import handlers, schedules
from tests.architecture.source import ROOT, files, functions, length

DOORS = {"models", "selectors", "services", "migrations"}
EDGES = {"views", "api", "forms", "serializers", "tasks", "urls", "api_urls", "admin", "management"}
RUNG = [
    ("common",), ("jobs",), ("accounts",), ("notices",), ("conversations", "scorecards"), ("qa_reviews",),
    ("insights",), ("coaching",), ("desk",), ("config",),
]  # fmt: skip
LEVEL = {app: level for level, group in enumerate(RUNG) for app in group}
OPERATOR_TABLES = {"Job", "ScheduleSlot"}


def rooms(path: Path) -> set[str]:
    return {part.removesuffix(".py") for part in path.parts[1:]}


def test_managers_are_touched_only_in_models_selectors_and_services() -> None:
    hits = [
        f"{path}:{node.lineno}"
        for path, tree in files().items()
        if not rooms(path) & DOORS
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}
    ]
    assert hits == []


def test_there_are_no_signals() -> None:
    hits = [
        f"{path}:{node.lineno}"
        for path, tree in files().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        and any(
            "signals" in name for name in [getattr(node, "module", "") or "", *[a.name for a in node.names]]
        )
    ]
    assert hits == []


def test_no_model_saves_with_effects() -> None:
    hits = [
        f"{path}: {node.name}.{inner.name}"
        for path, tree in files().items()
        if "models" in rooms(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for inner in node.body
        if isinstance(inner, ast.FunctionDef) and inner.name in {"save", "delete", "clean"}
    ]
    assert hits == []


def test_imports_stand_at_the_top() -> None:
    hits = [
        f"{path}:{node.lineno}"
        for path, tree in files().items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hits == []


def test_modules_and_functions_are_small() -> None:
    long_modules = [
        f"{path}: {lines}" for path in files() if (lines := len((ROOT / path).read_text().splitlines())) > 400
    ]
    assert long_modules == []
    sizes = {
        f"{path}:{function.name}": length(function)
        for path, tree in files().items()
        for function in functions(tree)
    }
    assert {name: size for name, size in sizes.items() if size > 40} == {}
    assert statistics.median(sizes.values()) < 10


def test_services_are_keyword_only() -> None:
    hits = [
        f"{path}: {function.name}"
        for path, tree in files().items()
        if "services" in rooms(path) and "audit" not in rooms(path)  # a note inside a service, not a service
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and len(function.args.args) > 1
    ]
    assert hits == []


def test_every_owned_model_says_who_sees_it() -> None:
    silent = []
    for model in apps.get_models():
        if model._meta.app_label in {"auth", "contenttypes", "sessions", "account", "pghistory"}:
            continue
        if model.__name__.endswith("Event") and hasattr(model, "pgh_id"):
            continue  # the database's own record of changes
        if issubclass(model, Owned):
            queryset = model._default_manager.all()
            if "visible_to" not in _defined(type(queryset)) and model.__name__ != "Customer":
                silent.append(model.__name__)
        elif model.__name__ not in OPERATOR_TABLES | {"User", "Workspace"}:
            silent.append(f"{model.__name__} has no workspace")
    assert silent == []


def _defined(queryset: type) -> set[str]:
    own = [c for c in queryset.__mro__ if issubclass(c, OwnedQuerySet) and c is not OwnedQuerySet]
    return {name for c in own for name in vars(c)}


def reverse_names() -> dict[str, tuple[str, str]]:
    """Reverse accessor name -> (app of the model that holds it, app of the model that points)."""
    found = {}
    for model in apps.get_models():
        for relation in model._meta.related_objects:
            owner, pointer = model._meta.app_label, relation.related_model._meta.app_label
            if owner in LEVEL and pointer in LEVEL and LEVEL[pointer] > LEVEL[owner]:
                name = relation.get_accessor_name()
                if name:
                    found[name] = (owner, pointer)
    return found


def test_no_lower_app_uses_a_reverse_accessor_of_a_higher_one() -> None:
    upward = reverse_names()
    hits = []
    for path, tree in files().items():
        app = path.parts[0]
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                words = {node.attr}
            elif not isinstance(node, ast.Call):
                continue
            else:  # filter(reviews__state=...)
                words = {k.arg.split("__")[0] for k in node.keywords if k.arg and "__" in k.arg}
            for word in words & set(upward):
                owner, pointer = upward[word]
                if LEVEL.get(app, 99) < LEVEL[pointer] and LEVEL.get(app, 99) >= LEVEL[owner]:
                    hits.append(f"{path}:{node.lineno} {word}")
    assert hits == []


def test_each_job_has_one_handler() -> None:
    assert set(handlers) == set(JobName)
    assert {schedule.name for schedule in schedules} <= set(handlers)


def test_celery_knows_only_the_doorbell_and_the_clock() -> None:
    names = [
        str(keyword.value.value)
        for path, tree in files().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "shared_task"
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    ]
    assert sorted(names) == ["jobs.tick", "jobs.work"]


def test_env_example_names_every_setting() -> None:
    source = "".join(
        (ROOT / "config" / name).read_text() for name in ("settings.py", "guardian.py", "embedded.py")
    )
    source += "".join(p.read_text() for p in (ROOT / "config").glob("*.py"))
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    read |= set(re.findall(r'environ(?:\.get\(|\[)\s*"([A-Z_]+)"', source))
    read -= {"PYTEST_VERSION", "PYTEST_XDIST_WORKER", "DJANGO_SETTINGS_MODULE", "PATH", "XDG_RUNTIME_DIR"}
    listed = set(re.findall(r"^#?\s?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read <= listed


@pytest.mark.parametrize("word", ["/work/", "pypi.org", "files.pythonhosted", "registry.npmjs"])
def test_the_project_names_no_machine(word: str) -> None:
    skipped = {".git", ".venv", "var", "staticfiles", "node_modules", ".mypy_cache", ".ruff_cache"}
    hits = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.is_file()
        and not skipped & set(path.relative_to(ROOT).parts)
        and path.suffix
        in {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".html", ".js", ".css", ".json", ".in"}
        and path != Path(__file__)
        and word in path.read_text(errors="ignore")
    ]
    assert hits == []
