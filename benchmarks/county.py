"""A county as large as wanted: villages, their people, and monthly duties for each village."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from models.schema import create_schema
from models.store import Store, open_store
from planning.basis import PlanBasis
from planning.duty import Duty, Kind, Party, Shift
from planning.ladder import parse_ladder
from planning.roster import Person, Post, Roster, Unit
from planning.rules import MonthlyDay
from planning.workdays import Workdays, builtin_years

YEAR = 2026
BEFORE_THE_YEAR = datetime(YEAR - 1, 12, 1, 0, 0, tzinfo=UTC)  # 8:00 in Shanghai on a Monday: every reminder lies ahead
REMINDERS_EACH = 12  # of one occurrence: seven steps for the owner, three for the overseer, two for the leader
VILLAGES = 200
_MONTHS = 12
_STANDARD = "T-7 T-3 T-1 T0 T+1=owner,overseer T+3=owner,overseer,leader T+7=owner,overseer,leader"


def county(occurrences: int) -> PlanBasis:
    """At least so many occurrences in the year, each with an owner, an overseer and a leader, and twelve reminders."""
    villages = min(VILLAGES, -(-occurrences // _MONTHS))
    count = -(-occurrences // (villages * _MONTHS))
    return PlanBasis(
        duties=tuple(_duty(number) for number in range(count)),
        roster=_roster(villages),
        workdays=Workdays(builtin_years()),
        years=(YEAR,),
        tz=ZoneInfo("Asia/Shanghai"),
        remind_at=time(8, 45),
        day_ends_at=time(17, 30),
        revision="benchmark",
    )


def fresh_store(folder: Path, name: str) -> Store:
    store = open_store(f"sqlite:///{folder / name}")
    create_schema(store)
    return store


def _duty(number: int) -> Duty:
    return Duty(
        key=f"duty-{number}",
        kind=list(Kind)[number % len(Kind)],
        title=f"{{unit}}第{number + 1}项工作",
        rule=MonthlyDay(1 + number % 31),
        shift=Shift.BACKWARD,
        owner=Party(unit="each"),
        overseer=Party(role="分管领导"),
        leader=Party(role="主要领导"),
        ladder=parse_ladder(_STANDARD),
        for_each="village",
        revision=str(number),
    )


def _roster(villages: int) -> Roster:
    units = [Unit("county", "垫江县", "county", head="leader")]
    people = [
        Person("leader", "李国强", (Post("county", "县长", ("主要领导",)),)),
        Person("overseer", "陈霞", (Post("county", "副县长", ("分管领导",)),), position=1),
    ]
    for number in range(villages):
        key = f"village-{number}"
        units.append(
            Unit(key, f"第{number + 1}村", "village", parent="county", contact=f"secretary-{number}", position=number + 1)
        )
        people.append(Person(f"secretary-{number}", f"村支书{number + 1}", (Post(key, "村支书"),), position=number + 2))
    return Roster(units={unit.key: unit for unit in units}, people={person.key: person for person in people})
