"""property: every column and every dirt of rooms and owners."""

# A table is read by its lines: a case stands on one where it can.

from __future__ import annotations

from tests.fates.cases import (
    Blanks,
    Gives,
    Holds,
    Keeps,
    Marks,
    Row,
    Serves,
    Table,
    Withdrawn,
    a_name,
    a_number,
)

CHANGED = "2026-08-01 09:00:00"
A_USCC = "91630100MA752CKW9K"
BOTH = frozenset({("person", ""), ("house", "")})


def a_room(number: int) -> Row:
    """Return a room in a compound of its own."""
    columns = "unit_num layer location built_up_area room_use state lift is_sold company_uscc year"
    return {
        "room_id": f"RM{number:05}",
        "community_name": f"物管{number}小区",
        "floor_num": "1",
        "room_num": "101",
        **dict.fromkeys(columns.split(), ""),
        "status_cd": "0",
        "update_time": CHANGED,
    }


def an_owner(number: int) -> Row:
    """Return somebody who owns a room that nobody else owns."""
    return {
        "member_id": f"MB{number:05}",
        "name": a_name(90_000 + number),
        "id_card": a_number(90_000 + number),
        "link": "",
        "link2": "",
        "owner_type_cd": "1001",
        "room_id": f"RM9{number:04}",
        "room_location": "",
        "move_in_date": "",
        "status_cd": "0",
        "update_time": CHANGED,
    }


rooms = Table("property", "rooms", "house", "room_id", a_room, 1)
owners = Table("property", "owners", "person", "member_id", an_owner, 1)

# -- rooms

rooms.add(
    "a clean row", {}, Serves({"compound_name": "物管1小区", "building_no": "1", "room_no": "101"})
)
rooms.add("the floor is the building", {"floor_num": "7", "layer": "2", "room_num": "203"},
          Serves({"building_no": "7", "floor_no": "2", "room_no": "203"}))  # fmt: skip
for word in ("3号楼", "3栋", "三幢", "3#"):
    rooms.add(f"a building {word}", {"floor_num": word}, Serves({"building_no": "3"}))
rooms.add("a room in full", {"floor_num": "3", "unit_num": "1", "room_num": "3-1-0501"},
          Serves({"building_no": "3", "unit_no": "1"}))  # fmt: skip
rooms.add("a room in full and no other number", {"floor_num": "", "unit_num": "", "room_num": "3-1-0502"},
          Serves({"building_no": "3", "unit_no": "1"}))  # fmt: skip
rooms.words("location", "standard_address", {"城东区 某某小区3幢": "城东区某某小区3幢"})
rooms.words("built_up_area", "floor_area_m2", {"89.50": "89.50", "89.50㎡": "89.50", "89.5平方米": "89.50",
                                               "1,024.5": "1024.50"})  # fmt: skip
rooms.blanks("built_up_area", "floor_area_m2", "number.unreadable", "约90")
for word, code in {"住宅": "01", "商铺": "03", "办公": "04", "车库": "09", "其他": "99"}.items():
    rooms.add(f"room_use says {word}", {"room_use": word}, Serves({"house_use": code}),
              Marks({"house_use": None}))  # fmt: skip
rooms.blanks("room_use", "house_use", "code.unknown", "鬼屋")
for word, code in {"2001": "5", "2002": "9", "2003": "4"}.items():
    rooms.add(f"state says {word}", {"state": word}, Serves({"occupancy_status": code}),
              Marks({"occupancy_status": "provisional"}))  # fmt: skip
rooms.blanks("state", "occupancy_status", "code.unknown", "2009")
rooms.add("a state that would pass for a code", {"state": "5"},
          Blanks("occupancy_status", "code.unknown", "state=5"))  # fmt: skip
rooms.words("lift", "has_elevator", {"1010": "true", "2020": "false"})
rooms.blanks("lift", "has_elevator", "boolean.unreadable", "3030")
rooms.add(
    "sold", {"is_sold": "1"}, Serves({"tenure_type": "1"}), Marks({"tenure_type": "provisional"})
)
rooms.words("is_sold", "tenure_type", {"0": None})
rooms.words("company_uscc", "property_company_code", {A_USCC: A_USCC})
rooms.blanks("company_uscc", "property_company_code", "uscc.checksum", "91630100MA752CKW9X")
rooms.blanks("company_uscc", "property_company_code", "uscc.unreadable", "物业公司")
rooms.words("year", "completion_year", {"1998": "1998", "1998年": "1998"})
rooms.blanks("year", "completion_year", "number.out_of_range", "98", "2999")
rooms.add("withdrawn is 1", {"status_cd": "1"}, Withdrawn())
rooms.add("a time in ISO 8601", {"update_time": "2026-08-01T01:00:00Z"}, Serves({"room_no": "101"}))

# -- owners: who

owners.add("a clean row", {}, Gives(BOTH),
           Serves({"person_name": a_name(90_001), "citizen_id_no": a_number(90_001)}),
           Serves({"owner_name": a_name(90_001), "owner_id_no": a_number(90_001)}, of="house"))  # fmt: skip
_ONE, _TWO = "630102197001010014", "630102197001020028"
for sign in ("、", ",", "，", "/", "；"):
    owners.add(
        f"two owners with {sign} between", {"name": f"张三{sign}李四", "id_card": "", "link": ""},
        Gives(frozenset({("person", "1"), ("person", "2"), ("house", "")})),
        Serves({"person_name": "张三"}, part="#1"), Serves({"person_name": "李四"}, part="#2"),
    )  # fmt: skip
owners.add("two owners, as many numbers and telephones",
           {"name": "张三、李四", "id_card": f"{_ONE}、{_TWO}", "link": "13997005001、13997005002"},
           Serves({"citizen_id_no": _ONE, "contact_phone": "13997005001"}, part="#1"),
           Serves({"citizen_id_no": _TWO, "contact_phone": "13997005002"}, part="#2"),
           Serves({"owner_name": "张三、李四", "owner_id_no": _ONE}, of="house"))  # fmt: skip
owners.add("two owners, one number and one telephone",
           {"name": "王五、赵六", "id_card": "630102197001030015", "link": "13997005003"},
           Serves({"citizen_id_no": "630102197001030015", "contact_phone": "13997005003"}, part="#1"),
           Serves({"citizen_id_no": None, "contact_phone": None}, part="#2"))  # fmt: skip
owners.add("a name cut at twelve", {"name": "阿卜杜热合曼阿卜杜热合曼"},
           Serves({"person_name": "阿卜杜热合曼阿卜杜热合曼"}), Keeps({"name_cut": "true"}))  # fmt: skip
owners.add("a company by its code", {"name": "某某", "id_card": A_USCC}, Gives(frozenset({("house", "")})),
           Serves({"owner_name": "某某", "owner_id_no": A_USCC}, of="house"))  # fmt: skip
for name in (
    "青海某某置业有限公司",
    "某某集团",
    "某某服务中心",
    "某某银行",
    "第一中学校",
    "某社区居民委员会",
):
    owners.add(f"a company by its name {name}", {"name": name, "id_card": ""},
               Gives(frozenset({("house", "")})), Serves({"owner_name": name}, of="house"))  # fmt: skip
owners.add("a company's code with a wrong check", {"name": "某某", "id_card": "91630100MA752CKW9X"},
           Gives(frozenset({("house", "")})),
           Blanks("owner_id_no", "uscc.checksum", "91630100MA752CKW9X", of="house"))  # fmt: skip
for word in ("", "业主"):
    faults = (("person_name", "person_name.placeholder"),) if word else ()
    owners.add(
        f"an owner without a name: {word!r}", {"name": word}, Holds("person.no_name", faults)
    )
owners.add("a wrong check digit", {"id_card": "630102198001010018"},
           Blanks("citizen_id_no", "citizen_id.checksum", "630102198001010018"),
           Blanks("owner_id_no", "citizen_id.checksum", "630102198001010018", of="house"))  # fmt: skip
owners.add("a masked number", {"id_card": "630102********1234"},
           Blanks("citizen_id_no", "citizen_id.masked", "630102********1234"),
           Blanks("owner_id_no", "citizen_id.masked", "630102********1234", of="house"))  # fmt: skip

# -- owners: how to reach them, and their room

owners.add("a telephone", {"link": "13997005011"}, Serves({"contact_phone": "13997005011"}),
           Serves({"owner_phone": "13997005011"}, of="house"))  # fmt: skip
owners.add("a local telephone", {"link": "8123456"}, Serves({"contact_phone": "0971-8123456"}))
owners.add("a second telephone", {"link": "", "link2": "13997005012"}, Serves({"contact_phone": None}),
           Serves({"owner_phone": None}, of="house"), Keeps({"other_phones": '["13997005012"]'}))  # fmt: skip
owners.add("an unreadable telephone", {"link": "打不通"},
           Blanks("contact_phone", "phone.unreadable", "打不通"),
           Blanks("owner_phone", "phone.unreadable", "打不通", of="house"))  # fmt: skip
for role in ("1002", "1003"):
    owners.add(
        f"owner_type_cd {role} sets no owner",
        {"owner_type_cd": role},
        Gives(frozenset({("person", "")})),
    )
owners.add("a role of no table", {"owner_type_cd": "1009"}, Gives(frozenset({("person", "")})))
owners.add("where the room is", {"room_location": "某某小区3-1-501"}, Keeps({"location": "某某小区3-1-501"}),
           Keeps({"location": "某某小区3-1-501"}, of="house"))  # fmt: skip
owners.words("move_in_date", "residence_start_date", {"2015-06-01": "2015-06-01"})
owners.blanks("move_in_date", "residence_start_date", "date.future", "2088-01-01")
owners.add("withdrawn is 1", {"status_cd": "1"}, Withdrawn())

TABLES = (rooms, owners)
