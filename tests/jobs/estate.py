"""Rows that speak of one estate, its rooms and who lives there, under several names."""

from __future__ import annotations

from tests.build import a_grid, a_house, a_place, a_resident, a_square, an_id_number
from tests.jobs.history import COMMUNITIES

OFFICIAL, POPULAR = "康东豪庭", "邮电局家属院"
NAMES = (OFFICIAL, POPULAR, "康东豪庭小区", "康东豪庭二期")
DOOR = "夏都大街291号"


def a_named_place(number: int, variant: int) -> dict[str, str]:
    """Give a place at a spot, or a little off it, with its door or without."""
    corner = (101.705, 36.505) if variant < 6 else (101.745, 36.505)
    return a_place(
        number,
        EntityID=f"XQ{'ABC'[number]}001",
        Name=NAMES[variant % 4],
        Address=("", DOOR)[variant % 2] if variant < 4 else DOOR,
        Boundary=a_square(*corner, 0.001),
        SZSQDM=COMMUNITIES[number // 2],
    )


def a_named_house(number: int, variant: int) -> dict[str, str]:
    return a_house(
        number,
        小区=NAMES[variant % 2],
        楼栋="1号楼",
        单元=("1单元", "", "2单元")[(number + variant) % 3],
        房号="101",
        房屋地址=("", f"{DOOR}{OFFICIAL}1号楼101")[variant // 2 % 2],
        网格编号=("", a_grid(1)["网格编号"])[variant // 4 % 2],
    )


def a_dweller(number: int, variant: int) -> dict[str, str]:
    """Give one of a few people, who live in a room by one of its names."""
    return {"@工作表": "北关社区"} | a_resident(
        number,
        姓名=("马海明", "李雪梅")[variant % 2],
        身份证号=(an_id_number(1, born="19400101"), an_id_number(2, born="19500202"), "")[
            variant // 2 % 3
        ],
        联系电话=f"1390000000{variant % 2}",
        现住址=f"{NAMES[variant // 4 % 2]}1号楼{('', '1单元')[variant // 2 % 2]}101室",
    )


#: What makes a row of a dataset.
ESTATE = {"places": a_named_place, "houses": a_named_house, "residents": a_dweller}
