"""Where our server never knocks, however the address is dressed up."""

from __future__ import annotations

import socket

import pytest
from pytest_django.fixtures import Settings

from notices import hosts

PUBLIC = "93.184.215.14"


def judge(url: str) -> str:
    return hosts.address_of(hosts.parsed(url))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",  # short
        "2130706433",  # decimal
        "0x7f000001",  # hexadecimal
        "017700000001",  # octal
        "0.0.0.0",
        "localhost",  # a name
        "[::1]",
        "[::]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # shared by carriers
        "169.254.169.254",  # a cloud's data about its machine
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[ff02::1]",
    ],
)
def test_private_hosts_are_blocked(host: str) -> None:
    with pytest.raises(hosts.Blocked, match="private network"):
        judge(f"https://{host}/hook")


@pytest.mark.parametrize("answer", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1"])
def test_a_public_looking_name_with_a_private_address_is_blocked(
    monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """Also when only one of its addresses is private."""
    found = [(socket.AF_INET, 0, 0, "", (PUBLIC, 443)), (socket.AF_INET, 0, 0, "", (answer, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(hosts.Blocked):
        judge("https://hooks.example.com/x")


def test_a_public_address_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(host: str, port: int, **kwargs: object) -> list[object]:
        asked.append((host, port))
        return [(socket.AF_INET, 0, 0, "", (PUBLIC, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert judge("https://hooks.example.com/x") == PUBLIC
    assert judge("https://hooks.example.com:8443/x") == PUBLIC
    assert asked == [("hooks.example.com", 443), ("hooks.example.com", 8443)]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "hooks.example.com/x",
        "https://",
        "https:///x",
        "https://user:secret@hooks.example.com/x",
        "https://[::1/x",
        "",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(hosts.Blocked):
        hosts.parsed(url)


def test_an_unknown_name_may_be_known_later() -> None:
    with pytest.raises(hosts.Unresolved):
        judge("https://no-such-host.invalid/x")


def test_an_intranet_may_allow_its_own_hosts(settings: Settings) -> None:
    settings.NOTICES_ALLOW_PRIVATE_HOSTS = True
    assert judge("http://127.0.0.1:8080/x") == "127.0.0.1"
    with pytest.raises(hosts.Blocked):
        hosts.parsed("file:///etc/passwd")
