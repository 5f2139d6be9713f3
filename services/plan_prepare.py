"""What should be, worked out before the database is locked."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from planning.basis import PlanBasis
from planning.duty import Duty, Party, Role
from planning.escalation import next_up
from planning.fingerprint import Setting, fingerprint
from planning.placement import Crew, Gap, Parties, Wanted, place
from planning.stepping import Agenda

log = logging.getLogger(__name__)

ROLE_WORDS = {
    Role.OWNER: "承办人",
    Role.PARTNER: "配合人",
    Role.OVERSEER: "分管领导",
    Role.LEADER: "主要领导",
    Role.VERIFIER: "验收人",
}
_NAMED_UNITS = 5


@dataclass(frozen=True, slots=True)
class PreparedDuty:
    """A duty with who answers for it; ``wanted`` None: nothing it leans on had changed when it was looked at."""

    position: int  # place in the files
    duty: Duty
    crews: tuple[Crew, ...]
    gaps: tuple[Gap, ...]
    fingerprint: str
    agenda: Agenda
    wanted: tuple[Wanted, ...] | None


@dataclass(frozen=True, slots=True)
class Prepared:
    duties: tuple[PreparedDuty, ...]
    faults: Mapping[str, str]  # key of a duty that could not be planned -> a sentence for the admin


def prepare(basis: PlanBasis, known: Mapping[str, str], *, now: datetime, full: bool) -> Prepared:
    """Place every duty whose fingerprint is not the known one. A duty that fails stops none of the others."""
    parties = Parties(basis.roster, now.astimezone(basis.tz).date())
    setting = Setting.of(basis)
    done: list[PreparedDuty] = []
    faults: dict[str, str] = {}
    for position, duty in enumerate(basis.duties):
        if duty.key in basis.broken:
            continue
        try:
            crews = parties.crews(duty)
            print_now = fingerprint(duty, crews, setting)
            stale = full or known.get(duty.key) != print_now
            wanted = place(duty, crews, basis) if stale else None
            gaps = parties.gaps(duty, crews)
        except Exception as error:  # noqa: BLE001 - one duty's fault, whatever it is, must not stop the town's year
            faults[duty.key] = fault_sentence(duty, error)
            continue
        done.append(PreparedDuty(position, duty, crews, gaps, print_now, Agenda(duty, basis, now=now), wanted))
    return Prepared(tuple(done), faults)


def fault_sentence(duty: Duty, error: Exception) -> str:
    """Log the fault with its place and say it to the admin."""
    log.error("duty %s (%s) could not be planned", duty.key, duty.source, exc_info=error)
    where = f"，见 {duty.source}" if duty.source else ""
    if isinstance(error, ValueError):
        return f"事项“{duty.title}”（{duty.key}{where}）没有排进计划：{error}"
    return f"事项“{duty.title}”（{duty.key}{where}）排计划时程序出错，原有办理项保持不变，其余事项照常；请把日志交给维护人员。"


def gap_sentence(duty: Duty, gaps: Sequence[Gap]) -> str:
    """«找不到承办人（岗位“学习秘书”）»: one sentence for all parties of a duty for whom nobody answers."""
    missing: dict[tuple[Role, Party], list[str]] = {}
    for gap in gaps:
        missing.setdefault((gap.role, gap.party), []).append(gap.each_name)
    listed = "、".join(f"{ROLE_WORDS[role]}（{_named(party, units)}）" for (role, party), units in missing.items())
    missed = f"事项“{duty.title}”（{duty.key}）找不到{listed}，有关提醒{_instead(gaps)}。"
    return f"{missed}请在 people.yaml 里写明由谁担任，或改正该事项。"


def _instead(gaps: Sequence[Gap]) -> str:
    """Who is told in their place: the next one up, as far as somebody holds that office."""
    ups = {gap.role: next_up(gap.role, gap.present) for gap in gaps}
    named = sorted({ROLE_WORDS[up] for up in ups.values() if up is not None})
    if not named:
        return "无人接收"
    instead = f"改由上一级（{'、'.join(named)}）接收"
    return instead if all(ups.values()) else f"部分{instead}，部分无人接收"


def _named(party: Party, each: list[str]) -> str:
    named = f"人员“{party.person}”" if party.person else f"岗位“{party.role}”" if party.role else f"单位“{party.unit}”"
    units = [name for name in each if name]
    more = f"等{len(units)}个单位" if len(units) > _NAMED_UNITS else ""
    return f"{named}：{'、'.join(units[:_NAMED_UNITS])}{more}" if units else named
