"""Who works at Alpenrad, the invented bicycle shop of the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.access import Role

SLUG, NAME, ZONE = "demo", "Alpenrad support", "Europe/Vienna"
SOURCE, PHONE = "helpdesk", "phone"
LEARNING_DAYS = 90
CHAT, MAIL = "Chat", "E-mail"


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """`skill`: the chance that a category of his work is rated at its best; `pleases`: that a customer is
    satisfied. The two differ on purpose: liked is not the same as by the book. `weeks`: how long ago he
    started, None where nobody has written it down. `learns`: how much of his skill he still lacked then."""

    external_id: str
    name: str
    team: str
    skill: float
    pleases: float
    weak_in: str = ""
    weeks: int | None = None
    learns: float = 0.0
    source: str = SOURCE
    a_day: tuple[int, ...] = (1, 2, 2, 3)  # conversations of a working day, one of these

    @property
    def email(self) -> str:
        return f"{self.external_id}@alpenrad.example"

    @property
    def channel(self) -> str:
        if self.source == PHONE:
            return "phone"
        return "chat" if self.team == CHAT else "email"

    def skill_after(self, days: int) -> float:
        """His skill so many days after the start."""
        return self.skill - self.learns * max(0.0, 1 - days / LEARNING_DAYS)

    def started(self, monday: date) -> date | None:
        """His first day; `monday` is this week's."""
        return None if self.weeks is None else monday - timedelta(weeks=self.weeks)

    def days_here(self, monday: date, day: date) -> int:
        """Days from the start to the day; LEARNING_DAYS where the start is unknown."""
        started = self.started(monday)
        return LEARNING_DAYS if started is None else (day - started).days


AGENTS = (
    DemoAgent("mara", "Mara Lindqvist", CHAT, 0.90, 0.92, weeks=210),
    DemoAgent("jonas", "Jonas Weber", CHAT, 0.42, 0.55, weak_in="solution", weeks=61),
    DemoAgent("amira", "Amira Haddad", CHAT, 0.85, 0.90, weeks=122),
    DemoAgent("tomasz", "Tomasz Nowak", CHAT, 0.78, 0.86, weak_in="handover"),
    DemoAgent("lucia", "Lucía Romero", MAIL, 0.88, 0.60, weeks=305),
    DemoAgent("ben", "Ben Okafor", MAIL, 0.62, 0.93, weak_in="process", weeks=150),
    DemoAgent("yuki", "Yuki Tanaka", MAIL, 0.92, 0.94, weeks=180),
    DemoAgent("elena", "Elena Rossi", MAIL, 0.80, 0.85, weeks=75),
    DemoAgent("noah", "Noah Fischer", CHAT, 0.86, 0.88, weeks=15, learns=0.34),
    DemoAgent("ines", "Inês Duarte", MAIL, 0.84, 0.86, weeks=15, learns=0.30),
    DemoAgent("farid", "Farid Karimi", CHAT, 0.80, 0.85, weeks=14, learns=0.36),
    DemoAgent("greta", "Greta Holm", MAIL, 0.88, 0.90, weeks=6, learns=0.22),
    DemoAgent("milo", "Milo Horvat", CHAT, 0.85, 0.87, weeks=6, learns=0.20),
    DemoAgent("sana", "Sana Malik", MAIL, 0.86, 0.88, weeks=5, learns=0.24),
)
TWIN = DemoAgent("7", "Ben Okafor", MAIL, 0.60, 0.9, source=PHONE, a_day=(0, 0, 0, 1))
"""The same Ben, as another system knows him: to be merged by who tries it."""
BOT = DemoAgent("pedal", "Pedal (bot)", CHAT, 0.7, 0.7)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who logs in; a lead for one team, an agent as one of AGENTS. `languages` and `channels`: what
    he reviews, empty for anything; `goal`: reviews a week."""

    key: str
    name: str
    role: Role
    team: str | None = None
    agent: str | None = None
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    goal: int | None = None

    @property
    def email(self) -> str:
        return f"{self.key}@alpenrad.example"


PEOPLE = (
    DemoPerson("admin", "Ada Berger", Role.ADMIN),
    DemoPerson("manager", "Max Huber", Role.MANAGER),
    DemoPerson("lead", "Lea Novak", Role.LEAD, team=CHAT),
    DemoPerson("reviewer", "Rita Steiner", Role.REVIEWER, languages=("de", "en"), goal=25),
    DemoPerson(
        "reviewer2", "Robin Keller", Role.REVIEWER, languages=("en", "ar"), channels=("email", "phone")
    ),
    DemoPerson("reviewer3", "Sofia Brandt", Role.REVIEWER),
    DemoPerson("jonas", "Jonas Weber", Role.AGENT, agent="jonas"),
    DemoPerson("mara", "Mara Lindqvist", Role.AGENT, agent="mara"),
)
