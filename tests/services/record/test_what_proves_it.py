"""What counts as proof (佐证): the files of the completion in force and what was added to it, unless they are void."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import DBAPIError

from models.record import evidence, evidence_voids
from reports.history import history
from reports.verification import verify
from services.change import reopen, waive
from services.complete import complete, prove
from services.errors import Refused
from services.evidence import NewEvidence
from services.void_evidence import void_evidence
from tests.services.record.handed_in import photo

Clock = Callable[..., datetime]
FILES = [NewEvidence(f"照片{number}.jpg", photo()) for number in range(1, 5)]


def record(town: Any, ref: str, folder: Path, *, now: datetime, files: list[NewEvidence]) -> None:
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link"}
    complete(town.store, ref, now=now, done_on=date(2026, 3, 4), workdays=town.workdays, evidence=files, folder=folder, **said)


def seen(town: Any, ref: str) -> list[tuple[str, bool]]:
    found = history(town.store, ref, as_of=date(2026, 3, 5), workdays=town.workdays)
    assert found
    return [(file.name, file.proves) for file in found.evidence]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
def undone(town: Any, clock: Clock, folder: Path) -> str:
    """Done with four photographs, and taken back."""
    ref: str = town.occurrence()
    record(town, ref, folder, now=clock(3, 4), files=FILES)
    reopen(town.store, ref, by="chenxia", reason="登记错了", via="link", now=clock(3, 4, 11))
    return ref


def test_the_files_of_a_revoked_completion_stay_and_prove_nothing(town: Any, clock: Clock, folder: Path, undone: str) -> None:
    assert not town.row(undone).proved
    record(town, undone, folder, now=clock(3, 4, 12), files=[])
    assert not town.row(undone).proved
    assert seen(town, undone) == [(f"照片{number}.jpg", False) for number in range(1, 5)]
    assert verify(town.store, evidence_folder=folder).ok


def test_what_is_added_later_proves_it(town: Any, clock: Clock, folder: Path, undone: str) -> None:
    record(town, undone, folder, now=clock(3, 4, 12), files=[])
    prove(
        town.store,
        undone,
        by="chenxia",
        via="link",
        now=clock(3, 5),
        evidence=[NewEvidence("补交.jpg", photo())],
        folder=folder,
    )
    assert town.row(undone).proved
    assert seen(town, undone)[-1] == ("补交.jpg", True)
    assert verify(town.store).ok


def test_an_item_that_must_be_proved_is_not_done_again_with_what_was_revoked(town: Any, clock: Clock, folder: Path) -> None:
    town.duty("fix", evidence_required=True, evidence=["照片"])
    ref = town.occurrence("fix", "2026-Q1")
    record(town, ref, folder, now=clock(3, 4), files=FILES[:1])
    reopen(town.store, ref, by="chenxia", reason="登记错了", via="link", now=clock(3, 4, 11))
    with pytest.raises(Refused, match="缺少佐证"):
        record(town, ref, folder, now=clock(3, 4, 12), files=[])


def test_what_is_waived_after_it_was_taken_back_is_not_proved_and_the_log_agrees(town: Any, clock: Clock, undone: str) -> None:
    waive(town.store, undone, by="wangmin", reason="上级取消", via="page", now=clock(3, 5))
    assert not town.row(undone).proved
    assert verify(town.store).ok


def test_a_wrong_file_is_declared_void_and_stays_on_record(town: Any, clock: Clock, folder: Path) -> None:
    ref = town.occurrence()
    record(town, ref, folder, now=clock(3, 4), files=FILES[:2])
    void_evidence(town.store, ref, number=1, by="chenxia", reason="传成了别的照片", via="link", now=clock(3, 4, 11))
    assert town.row(ref).proved  # the other one is left
    assert seen(town, ref) == [("照片1.jpg", False), ("照片2.jpg", True)]
    entry = town.log()[-1]
    said = json.loads(entry.payload)
    assert (entry.kind, entry.actor, said["name"], said["reason"]) == (
        "evidence_voided",
        "chenxia",
        "照片1.jpg",
        "传成了别的照片",
    )
    void_evidence(town.store, ref, number=2, by="chenxia", reason="也传错了", via="link", now=clock(3, 4, 12))
    assert not town.row(ref).proved
    assert len(list(folder.iterdir())) == 2
    assert verify(town.store, evidence_folder=folder).ok


@pytest.mark.parametrize(
    ("number", "reason", "code"), [(1, "再来", "already_void"), (9, "没有", "no_such_file"), (2, " ", "reason_missing")]
)
def test_it_is_declared_void_once_with_a_reason(
    town: Any, clock: Clock, folder: Path, *, number: int, reason: str, code: str
) -> None:
    ref = town.occurrence()
    record(town, ref, folder, now=clock(3, 4), files=FILES[:2])
    void_evidence(town.store, ref, number=1, by="chenxia", reason="传错了", via="link", now=clock(3, 4, 11))
    with pytest.raises(Refused) as caught:
        void_evidence(town.store, ref, number=number, by="chenxia", reason=reason, via="link", now=clock(3, 4, 12))
    assert caught.value.code == code
    assert len(town.rows(evidence_voids)) == 1


def test_a_file_declared_void_behind_the_logs_back_is_found(town: Any, clock: Clock, folder: Path) -> None:
    ref = town.occurrence()
    record(town, ref, folder, now=clock(3, 4), files=FILES[:2])
    (first, _) = town.rows(evidence)
    with town.store.write() as db:
        db.execute(insert(evidence_voids), {"evidence_id": first.id, "by": "sunli", "reason": "说不清", "at": clock(3, 5)})
    found = verify(town.store)
    assert not found.ok
    assert "佐证“照片1.jpg”在台账里已作废，记录中没有对应的一条。" in found.sentences
    with pytest.raises(DBAPIError), town.store.write() as db:
        db.execute(delete(evidence_voids))
