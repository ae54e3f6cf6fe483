"""Who works at Alpenrad, the invented bicycle shop of the demo."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access import Role

SLUG, NAME, ZONE = "demo", "Alpenrad support", "Europe/Vienna"
SOURCE = "helpdesk"
CHAT, MAIL = "Chat", "E-mail"


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """`skill`: the chance that a category of his work is rated at its best; `pleases`: that a customer is
    satisfied. The two differ on purpose: liked is not the same as by the book."""

    external_id: str
    name: str
    team: str
    skill: float
    pleases: float
    weak_in: str = ""
    kind: str = "human"

    @property
    def email(self) -> str:
        return f"{self.external_id}@alpenrad.example"


AGENTS = (
    DemoAgent("mara", "Mara Lindqvist", CHAT, 0.90, 0.92),
    DemoAgent("jonas", "Jonas Weber", CHAT, 0.42, 0.55, weak_in="solution"),
    DemoAgent("amira", "Amira Haddad", CHAT, 0.85, 0.90),
    DemoAgent("tomasz", "Tomasz Nowak", CHAT, 0.78, 0.86, weak_in="handover"),
    DemoAgent("lucia", "Lucía Romero", MAIL, 0.88, 0.60),
    DemoAgent("ben", "Ben Okafor", MAIL, 0.62, 0.93, weak_in="process"),
    DemoAgent("yuki", "Yuki Tanaka", MAIL, 0.92, 0.94),
    DemoAgent("elena", "Elena Rossi", MAIL, 0.80, 0.85),
)
BOT = DemoAgent("pedal", "Pedal (bot)", CHAT, 0.7, 0.7, kind="bot")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who logs in; a lead for one team, an agent as one of AGENTS."""

    key: str
    name: str
    role: Role
    team: str | None = None
    agent: str | None = None

    @property
    def email(self) -> str:
        return f"{self.key}@alpenrad.example"


PEOPLE = (
    DemoPerson("admin", "Ada Berger", Role.ADMIN),
    DemoPerson("manager", "Max Huber", Role.MANAGER),
    DemoPerson("lead", "Lea Novak", Role.LEAD, team=CHAT),
    DemoPerson("reviewer", "Rita Steiner", Role.REVIEWER),
    DemoPerson("reviewer2", "Robin Keller", Role.REVIEWER),
    DemoPerson("jonas", "Jonas Weber", Role.AGENT, agent="jonas"),
)
