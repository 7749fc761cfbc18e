"""A town with work for its stewards: pairs to judge, requests, corrections, dead letters."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from hub.database import engine
from hub.jobs.quality import measure_sources
from hub.jobs.resolve import CHINA
from hub.jobs.sync import sync
from hub.store import share_requests
from hub.store.clients import add_client
from hub.store.share_materials import Clock, Materials
from tests.build import a_grid
from tests.delivery.town import CITY, POLICE, STREET, Town
from tests.jobs.world import csv_bytes

MUTE, HEARD = "打不通", "13997000001"
NAMES = (
    *("祁生莲", "赵桂兰", "麻青兰", "才让东智", "拉毛措"),
    *("冶金花", "铁国栋", "沙永禄", "喇海清", "星玉芳"),
)


def pairs_to_judge(town: Town, count: int) -> None:
    """Have two departments speak of people who are alike, but not surely the same."""
    police, street = town.people[0][POLICE], town.people[0][STREET]
    none = {"gmsfhm": "", "cym": "", "hh": "", "hjdz": "", "jzdzbm": ""}
    ours = {"身份证号": "", "联系电话": "", "户号": "", "户籍地址": "", "网格编号": ""}
    told, said = [], []
    for number, name in enumerate(NAMES[:count]):
        home, born = f"南山小区{number + 2}号楼", f"19{50 + number}0512"
        mine = {"rybh": f"R10{number}", "xm": name, "dh": f"1389700100{number}", "csrq": born}
        told.append({**police, **none, **mine, "jzdzxz": f"{home}2单元201室"})
        theirs = {"人员编号": f"SQ009-{number}", "姓名": name, "出生日期": born[:6] + "27"}
        said.append({**street, **ours, **theirs, "现住址": f"{home}1单元501室"})
    town.push(POLICE, *told)
    town.push(STREET, *said)


def a_correction(town: Town, due_in: int = 10) -> int:
    """Have a worker doubt what the police say of a name; return the number."""
    (number,) = town.enter(person_name="马海鸣").corrections
    due = datetime.now(CHINA).date() + timedelta(days=due_in)
    _do(town, "UPDATE correction SET due_on = :due WHERE correction_id = :id", due=due, id=number)
    return number


def a_share_request(town: Town, **said: object) -> int:
    """Have a department ask to share; return the number."""
    stated = {
        "wanted": {"persons": ["person_name", "care_categories"]},
        "masked": {"persons": ["contact_phone"]},
        "purposes": ("care",),
        "basis": "青海省养老服务条例 第二十一条",
        "scene": "独居老人巡访",
        "mode": "service",
        "approver": "民政局 局长",
        "used_from": date(2026, 1, 1),
        "used_until": date(2099, 12, 31),
    }
    with engine(town.settings).begin() as connection:
        client, _ = add_client(connection, "民政局", "department")
        materials = Materials(**{**stated, **said})  # type: ignore[arg-type]
        made = share_requests.ask(connection, client, materials, client, Clock())
    return made.request_id


def dead_letters(town: Town) -> int:
    """Have everything that is on its way die; return how much that was."""
    town.enter(contact_phone="13997001234")
    return _do(town, "UPDATE delivery SET state = 'dead', reason = '对方系统停机', attempts = 8")


def deliver_grids(town: Town, many: int, at: str) -> None:
    """Have the street office deliver a snapshot of its grids."""
    folder = town.street / "inbox" / at
    folder.mkdir()
    rows = [a_grid(number) for number in range(1, many + 1)]
    (folder / "网格信息.csv").write_bytes(csv_bytes(rows))
    (folder / "_SUCCESS").touch()


def say_phone(town: Town, phone: str, **more: str) -> None:
    """Have the police say a telephone of a resident."""
    town.push(POLICE, town.people[0][POLICE] | {"dh": phone, **more})


def make_busy(town: Town) -> Town:
    """Have something of everything wait for the steward."""
    deliver_grids(town, 60, "20260901T080000")
    town.sync(STREET)
    deliver_grids(town, 24, "20260908T080000")
    sync(town.settings, [STREET])
    say_phone(town, MUTE, 新列="x")
    town.city.stop()
    assert set(sync(town.settings, [CITY]).failures) == {CITY}
    for day in (date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 4)):
        measure_sources(town.settings, day)
    return town


def _do(town: Town, statement: str, **said: object) -> int:
    with engine(town.settings).begin() as connection:
        return connection.execute(sa.text(statement), said).rowcount
