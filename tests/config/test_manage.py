"""Which commands start the embedded servers."""

import pytest

from manage import needs_servers


@pytest.mark.parametrize(
    "arguments", [["migrate"], ["up", "--demo"], ["shell"], ["import_conversations", "x.csv"]]
)
def test_commands_that_work_on_the_database_start_the_servers(arguments):
    assert needs_servers(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--version"],
        ["help"],
        ["check"],
        ["makemigrations", "--check"],
        ["collectstatic"],
        ["migrate", "--help"],
    ],
)
def test_checks_and_builds_start_nothing(arguments):
    assert not needs_servers(arguments)
