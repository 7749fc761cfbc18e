"""What the hub must not store is nowhere in its database, in any table or column."""

from __future__ import annotations

import json

from hub.jobs.push import pushed
from hub.parse import read_json
from tests.fates import city, estate, police, street
from tests.fates.conftest import Hub
from tests.fates.sources import a_workbook

SECRET, POLICE = "绝不该留下的内容", "public_security"
_FORBIDDEN = [
    "刑满释放",
    "重点人员",
    "是否重点人员",
    "宗教信仰",
    "信访",
    "上访人员",
    "吸毒",
    "是否吸毒人员",
    "精神障碍",
    "社区矫正",
    "艾滋",
    "艾滋病患者",
    "fee_coefficient",
    "arrears",
    "ARREARS",
]
_STRANGE = ("房东姓名", "remark2", "自定义字段")


def test_columns_outside_the_agreement_leave_a_name_and_a_count(hub: Hub) -> None:
    columns = dict.fromkeys(_FORBIDDEN, "forbidden") | dict.fromkeys(_STRANGE, "unexpected")
    more = {name: f"{SECRET}{number}" for number, name in enumerate(columns)}
    sqlish = {name.lower(): word for name, word in more.items()}
    hub.register(
        residents=[police.a_resident(1) | sqlish, police.a_resident(2) | dict.fromkeys(sqlish, "")],
        addresses=[police.an_address(1) | sqlish], cameras=[police.a_camera(1) | sqlish],
    )  # fmt: skip
    hub.deliver(
        residents=a_workbook({
            ("北关社区", SECRET): [street.a_resident(1) | more],
            ("慈幼社区", "人口信息"): [street.a_resident(2)],
        }),
        houses=[street.a_house(1) | more], grids=[street.a_grid(1) | more],
    )  # fmt: skip
    hub.answer(
        components=[city.a_component(1) | more], unitGrids=[city.a_unit_grid(1) | more],
        places=[city.a_place(1) | more], buildings=[city.a_building(1) | more],
        reporters=[city.a_reporter(1) | more],
    )  # fmt: skip
    hub.load(rooms=[estate.a_room(1) | more], owners=[estate.an_owner(1) | more])
    done = hub.sync()
    hub.resolve(full=True)
    assert done.failures == {}
    assert {batch.state for batch in done.batches} == {"kept"}
    body = [estate.an_owner(2) | more]
    with pushed(hub.settings, "property", "owners", [read_json(json.dumps(body).encode())]):
        pass
    assert SECRET not in hub.everything()
    datasets = {(batch.source, batch.dataset) for batch in done.batches}
    assert hub.signals() == {
        (source, dataset, f"column.{kind}", name.lower() if source == POLICE else name, 1)
        for source, dataset in datasets
        for name, kind in columns.items()
    }


def test_ignored_columns_are_not_stored_and_cause_no_signal(hub: Hub) -> None:
    hub.deliver(
        residents=a_workbook({("北关社区", "x"): [street.a_resident(1) | {"备注": SECRET}]})
    )
    hub.load(owners=[estate.an_owner(1) | {"age": f"{SECRET}1", "sex": f"{SECRET}2"}])
    hub.sync()
    assert SECRET not in hub.everything()
    assert hub.signals() == set()


_LINKS = (
    "rtsp://admin:{}@10.0.0.9:554/live", "rtsp://admin:p@{}@10.0.0.9/live",
    "rtsp://10.0.0.9:554/live?password={}", "http://10.0.0.9/s;pwd={}/x",
    "rtsp://admin:a/{}@10.0.0.9:554/live", " rtsp://admin:{}@10.0.0.9/live", "admin:{}@10.0.0.9",
    "ｒｔｓｐ：／／admin：{}＠10.0.0.9／live",
)  # fmt: skip


def test_no_account_of_a_camera_is_stored_not_even_in_the_raw_row(hub: Hub) -> None:
    links = [link.format("Geheim123") for link in _LINKS]
    hub.register(cameras=[police.a_camera(n) | {"splj": link} for n, link in enumerate(links)])
    hub.sync("public_security")
    hub.resolve()
    assert "Geheim123" not in hub.everything()
    assert "10.0.0.9" in hub.everything()
    assert len(hub.golden("camera", "entity_id")) == len(links)
