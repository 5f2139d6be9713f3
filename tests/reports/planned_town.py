"""A town whose year is planned and changed through the services, for calendars and ledgers that follow it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from sqlalchemy import select

from models.occurrence import occurrences
from models.store import Store
from planning.basis import PlanBasis
from planning.duty import Duty, Kind, Party
from planning.ladder import parse_ladder
from planning.roster import Person, Post, Roster, Unit
from planning.rules import FixedDay
from planning.workdays import Workdays
from reports.feed import Feed, FeedForm, person_feed, unit_feed
from services.change import hand_over, reopen, waive
from services.complete import complete
from services.extend import extend
from services.extension_requests import ask_extension
from services.plan import plan
from services.sign_off import review, sign_off

TZ = ZoneInfo("Asia/Shanghai")
FORM = FeedForm(title="法治建设工作提醒", domain="caohui.example", tz=TZ)
JANUARY = datetime(2026, 1, 5, 9, 0, tzinfo=TZ)
TODAY = date(2026, 3, 9)

_UNITS = (
    Unit("caohui", "曹回镇", "town", position=0),
    Unit("sifasuo", "司法所", "office", parent="caohui", contact="wangmin", position=1),
    Unit("huilong", "回龙村", "village", parent="sifasuo", contact="zhaolei", position=2),
    Unit("dangzheng", "党政办", "office", parent="caohui", position=3),
)
_PEOPLE = (
    Person("chenxia", "陈霞", (Post("sifasuo", "司法所所长", ("分管领导",)),), position=0),
    Person("wangmin", "王敏", (Post("sifasuo", "司法助理员"),), position=1),
    Person("zhaolei", "赵磊", (Post("huilong", "村支书"),), position=2),
)


@dataclass
class PlannedTown:
    store: Store
    basis: PlanBasis
    now: datetime = JANUARY

    def at(self, month: int, day: int, hour: int = 10) -> PlannedTown:
        self.now = datetime(2026, month, day, hour, tzinfo=TZ)
        return self

    def duty(self, key: str = "study-law", day: FixedDay = FixedDay(3, 30), **fields: Any) -> Duty:  # noqa: B008 - frozen
        usual: dict[str, Any] = {"kind": Kind.STUDY, "title": "专题学法", "owner": Party(unit="sifasuo")}
        return Duty(key=key, rule=day, ladder=parse_ladder("T-3 T0 T+1"), **(usual | fields))

    def plan(self, *duties: Duty, **options: Any) -> None:
        named = {name: options.pop(name) for name in list(options) if name in PlanBasis.__dataclass_fields__}
        self.basis = replace(self.basis, duties=duties, **named)
        plan(self.store, self.basis, now=self.now, **options)

    def extend(self, ref: str, to: date) -> None:
        ladders = {"workdays": self.basis.workdays, "remind_at": self.basis.remind_at, "tz": TZ}
        extend(self.store, ref, to=to, by="wangmin", reason="领导出差", via="link", now=self.now, **ladders)

    def done(self, ref: str, *, standing: bool = False, **said: Any) -> None:
        usual: dict[str, Any] = {"by": "wangmin", "by_name": "王敏", "recorded_by": "wangmin", "via": "link"}
        usual |= {"done_on": self.now.date(), "now": self.now, "workdays": self.basis.workdays}
        (review if standing else complete)(self.store, ref, **{**usual, "note": "王敏的手机：13800000000", **said})

    def waive(self, ref: str) -> None:
        waive(self.store, ref, by="chenxia", reason="上级取消了", via="page", now=self.now)

    def sign_off(self, ref: str) -> None:
        sign_off(self.store, ref, by="chenxia", via="page", now=self.now)

    def ask_extension(self, ref: str, to: date) -> None:
        ask_extension(self.store, ref, to=to, by="wangmin", by_name="王敏", reason="领导出差", via="link", now=self.now, tz=TZ)

    def reopen(self, ref: str) -> None:
        reopen(self.store, ref, by="chenxia", reason="材料不全", via="page", now=self.now)

    def hand_over(self, ref: str, to: str, name: str) -> None:
        hand_over(self.store, ref, to=to, to_name=name, by="wangmin", reason="岗位调整", via="page", now=self.now)

    def feed(self, person: str = "wangmin", *, as_of: date = TODAY, form: FeedForm = FORM) -> Feed:
        found = person_feed(self.store, person, as_of=as_of, form=form)
        assert found is not None
        return found

    def unit_feed(self, unit: str = "caohui", *, as_of: date = TODAY, form: FeedForm = FORM) -> Feed:
        found = unit_feed(self.store, unit, as_of=as_of, form=form)
        assert found is not None
        return found

    def uid(self, ref: str) -> str:
        key, _, period = ref.partition(":")
        this = (occurrences.c.duty_key == key) & (occurrences.c.period == period)
        with self.store.read() as db:
            return f"occurrence-{db.execute(select(occurrences.c.id).where(this)).scalar_one()}@caohui.example"


def entries(feed: Feed) -> dict[str, Any]:
    """The entries of a feed by their summary."""
    return {str(entry["SUMMARY"]): entry for entry in Calendar.from_ical(feed.text).walk("VEVENT")}


def found_town(store: Store, workdays: Workdays) -> PlannedTown:
    basis = PlanBasis(
        duties=(),
        roster=Roster(units={unit.key: unit for unit in _UNITS}, people={person.key: person for person in _PEOPLE}),
        workdays=workdays,
        years=(2026,),
        tz=TZ,
        remind_at=time(8, 45),
        day_ends_at=time(17, 30),
        revision="1",
    )
    return PlannedTown(store, basis)


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=TZ).astimezone(UTC)
