"""public_security: every column and every dirt of its three tables."""

# A table is read by its lines: a case stands on one where it can.

from __future__ import annotations

from tests.build import an_id_number
from tests.fates.cases import (
    Blanks,
    Holds,
    Keeps,
    Notes,
    Row,
    Serves,
    Stands,
    Table,
    Warns,
    Withdrawn,
    a_name,
    a_number,
    in_frame,
)

GXSJ = "20260801090000"
A_USCC = "91630100MA752CKW9K"


def a_resident(number: int) -> Row:
    """Return a row of zk_rkxx that says who somebody is and nothing else."""
    columns = (
        "zjlx zjhm cym xb csrq mz whcd zzmm hyzk hjxzqh hjdz hh yhzgx dh rkfl jzsy jzdzbm jzdzxz "
        "jzrq jzzyxq ryzt"
    )
    return dict.fromkeys(columns.split(), "") | {
        "rybh": f"R{number:012}",
        "gmsfhm": a_number(number),
        "xm": a_name(number),
        "gxsj": GXSJ,
        "czlx": "I",
    }


def an_address(number: int) -> Row:
    """Return a row of zk_dzxx with a code, a text and a place of its own."""
    columns = "xzqh jddm sqdm jlxmc mlph xqmc ldh dyh szlc sh zbx zby zbxt jwqdm dzzt"
    return dict.fromkeys(columns.split(), "") | {
        "dzbm": f"630102001001A{number:06}",
        "dzqc": f"青海省西宁市城东区为民巷{number}号",
        "gxsj": GXSJ,
        "czlx": "I",
    }


def a_camera(number: int) -> Row:
    """Return a row of zk_spsb."""
    columns = "sblx gldwdm jd wd fwj sjj sbzt ccts babh splj"
    return dict.fromkeys(columns.split(), "") | {
        "sbbm": f"63010200001320{number:06}",
        "sbmc": f"为民巷{number}号路口",
        "gxsj": GXSJ,
        "czlx": "I",
    }


people = Table("public_security", "residents", "person", "rybh", a_resident, 1)
addresses = Table("public_security", "addresses", "address", "dzbm", an_address, 1)
cameras = Table("public_security", "cameras", "camera", "sbbm", a_camera, 1)

# -- zk_rkxx: who somebody is

_X = "63010219800101006X"
people.add("a clean row", {}, Serves({"person_name": a_name(1), "citizen_id_no": a_number(1)}),
           Notes("birth_date", "person.derived_from_id"),
           Notes("sex_code", "person.derived_from_id"))  # fmt: skip
people.add(
    "an id of 15 digits", {"gmsfhm": "630102800202001"},
    Serves({"citizen_id_no": "630102198002020016", "birth_date": "1980-02-02"}),
    Notes("citizen_id_no", "citizen_id.upgraded"),
)  # fmt: skip
people.add("an id with a lower-case x", {"gmsfhm": _X.lower()}, Serves({"citizen_id_no": _X}))
people.add(
    "an id in full-width digits", {"gmsfhm": "６３０１０２１９８１０２０３００５１"},
    Serves({"citizen_id_no": "630102198102030051"}),
)  # fmt: skip
people.add(
    "an id typed with spaces", {"gmsfhm": " 630102 19810204 0022 "},
    Serves({"citizen_id_no": "630102198102040022"}),
)  # fmt: skip
people.add(
    "an id of a division in no table", {"gmsfhm": an_id_number(1, born="19810205", division="999999")},
    Serves({"citizen_id_no": an_id_number(1, born="19810205", division="999999")}),
    Warns("citizen_id_no", "division.unknown"),
)  # fmt: skip
for rule, numbers in {
    "citizen_id.checksum": ("630102198001010018", "630102198001010010"),
    "citizen_id.birth_date": (
        an_id_number(3, born="19800231"), an_id_number(5, born="18790101"),
        an_id_number(6, born="20990101"),
    ),
    "citizen_id.ruined": ("6.30102E+17", "6.30102198001011E+17", "630102198001011000"),
    "citizen_id.placeholder": ("111111111111111111", "000000000000000000", "123456789012345678"),
    "citizen_id.masked": ("630102********1234", "630102198*******23", "630102××××××××0011"),
    "citizen_id.unreadable": ("63010219800101", "待补录号码"),
}.items():  # fmt: skip
    people.blanks("gmsfhm", "citizen_id_no", rule, *numbers)
people.words("gmsfhm", "citizen_id_no", {"": None, "无": None, "不详": None})
people.words("zjlx", "id_document_type", {"111": "111", "414": "414", "516": "516", "护照": "414"})
people.blanks("zjlx", "id_document_type", "code.unknown", "000", "会员卡")
people.words("zjhm", "id_document_no", {"E12345678": "E12345678", "h1234567801": "H1234567801"})
people.blanks("zjhm", "id_document_no", "document_no.unreadable", "？")
people.blanks("zjhm", "id_document_no", "document_no.masked", "E12***678")

for word in ("无名氏", "测试", "测试用户1", "未知姓名", "ＸＸＸ"):
    people.add(
        f"nobody but {word}", {"xm": word},
        Holds("person.no_name", (("person_name", "person_name.placeholder"),)),
    )  # fmt: skip
for word in ("", "   ", "无", "不详"):
    people.add(f"a name that says nothing: {word!r}", {"xm": word}, Holds("person.no_name"))
people.add("a name that is all lost", {"xm": "??"},
           Holds("person.no_name", (("person_name", "person_name.unreadable"),)))  # fmt: skip
people.add("a rare character as ?", {"xm": "李?"}, Serves({"person_name": "李?"}),
           Warns("person_name", "person_name.lost_character"))  # fmt: skip
people.add("a private-use character", {"xm": "李\ue123"}, Serves({"person_name": "李\ue123"}),
           Warns("person_name", "person_name.private_character"))  # fmt: skip
people.words(
    "xm", "person_name",
    {
        "李　四": "李四", " 王 五 ": "王五", "买买提•艾力": "买买提·艾力",
        "买买提．艾力": "买买提·艾力", "买买提・艾力": "买买提·艾力", "ＪＯＨＮ ＳＭＩＴＨ": "JOHN SMITH",
    },
)  # fmt: skip
people.words("cym", "former_name", {"马小燕": "马小燕", "无": None, "": None})

people.words("xb", "sex_code", {"1": "1", "2": "2", "0": "0", "9": "9", "男": "1", "女": "2",
                                "１": "1"}, gmsfhm="")  # fmt: skip
people.blanks("xb", "sex_code", "code.unknown", "3", "不男不女", gmsfhm="")
people.add("another sex than the id's", {"gmsfhm": "630102198001010019", "xb": "2"},
           Blanks("sex_code", "person.id_sex_differs", "2", instead="1"))  # fmt: skip
people.add("an unknown sex beside an id", {"gmsfhm": "630102198303030015", "xb": "9"},
           Serves({"sex_code": "1"}), Notes("sex_code", "person.derived_from_id"))  # fmt: skip
people.add("an unreadable sex beside an id", {"gmsfhm": "630102198303040037", "xb": "7"},
           Blanks("sex_code", "code.unknown", "7", instead="1"),
           Notes("sex_code", "person.derived_from_id"))  # fmt: skip
people.words("csrq", "birth_date", {"19810304": "1981-03-04", "1981-03-05": "1981-03-05"},
             gmsfhm="")  # fmt: skip
people.blanks("csrq", "birth_date", "date.unreadable", "19900000", "19810230", "生日", gmsfhm="")
people.blanks("csrq", "birth_date", "date.future", "20880101", gmsfhm="")
people.blanks("csrq", "birth_date", "date.before_1880", "18791231", "17000101", gmsfhm="")
people.blanks("csrq", "birth_date", "date.placeholder", "19000101", "99991231", gmsfhm="")
people.add("another birth date than the id's", {"gmsfhm": "630102198505050014", "csrq": "19850506"},
           Blanks("birth_date", "person.id_birth_differs", "19850506", instead="1985-05-05"))  # fmt: skip
for word, rule in {"19900000": "date.unreadable", "20880101": "date.future"}.items():
    number = an_id_number(8, born=f"1985060{len(word) + (word > '2')}"[:8])
    people.add(
        f"a birth date {word} beside a valid id", {"gmsfhm": number, "csrq": word},
        Blanks("birth_date", rule, word, instead=f"{number[6:10]}-{number[10:12]}-{number[12:14]}"),
        Notes("birth_date", "person.derived_from_id"),
    )  # fmt: skip
people.add("a birth date of the id's own", {"gmsfhm": "630102198607070016", "csrq": "19860707"},
           Serves({"birth_date": "1986-07-07"}))  # fmt: skip

# -- zk_rkxx: codes

people.words("mz", "ethnic_group_code", {"01": "01", "03": "03", "回": "03", "回族": "03",
                                         "撒拉族": "35", "３０": "30", "3": "03"})  # fmt: skip
people.blanks("mz", "ethnic_group_code", "code.unknown", "77", "火星族")
people.words("whcd", "education_level_code", {"10": "10", "20": "20", "31": "31", "60": "60",
                                              "90": "90"})  # fmt: skip
people.blanks("whcd", "education_level_code", "code.unknown", "99", "15岁")
people.words("zzmm", "political_status_code", {"1": "01", "01": "01", "3": "03", "13": "13"})
people.blanks("zzmm", "political_status_code", "code.unknown", "14", "88")
people.words("hyzk", "marital_status_code", {"1": "10", "2": "20", "3": "30", "4": "40", "9": "90",
                                             "10": "10", "21": "21", "40": "40"})  # fmt: skip
people.blanks("hyzk", "marital_status_code", "code.unknown", "7", "50")
people.words("yhzgx", "relationship_to_head_code", {"02": "02", "10": "10", "20": "20", "30": "30",
                                                    "51": "51", "97": "97"})  # fmt: skip
people.blanks("yhzgx", "relationship_to_head_code", "code.unknown", "98", "亲戚的亲戚")
for word, match in {"1": "01", "2": "02", "3": None, "4": None, "5": None}.items():
    people.add(f"rkfl says {word}", {"rkfl": word},
               Serves({"population_category": word, "residence_match_code": match}))  # fmt: skip
people.blanks("rkfl", "population_category", "code.unknown", "6", "常住")
people.words("jzsy", "inflow_reason_code", {"01": "01", "06": "06"})
people.blanks("jzsy", "inflow_reason_code", "code.unknown", "98")
people.words("ryzt", "person_status", {"1": "1", "2": "2", "3": "3", "4": "4"})
people.blanks("ryzt", "person_status", "code.unknown", "7", "在逃")

# -- zk_rkxx: registration, residence, telephones

people.words("hjxzqh", "household_register_division_code", {"630102": "630102", "620102": "620102"})
people.blanks("hjxzqh", "household_register_division_code", "division.unreadable", "6301", "青海")
people.add("a division in no table", {"hjxzqh": "630199"},
           Warns("household_register_division_code", "division.unknown", "630199"))  # fmt: skip
people.add("an abolished division", {"hjxzqh": "632121"},
           Serves({"household_register_division_code": "632121"}))  # fmt: skip
people.words("hjdz", "household_register_address", {"青海省西宁市城东区北小街12号": "北小街12号"})
people.words("hh", "household_no", {"630102001": "630102001", "h630102": "H630102"})
people.blanks("hh", "household_no", "identifier.unreadable", "户口本丢失")
for sign in ("/", "、", ";", ",", "；", "，", " / "):
    people.add(
        f"two telephones with {sign!r} between", {"dh": f"13997001111{sign}0971-8123456"},
        Serves({"contact_phone": "13997001111"}), Keeps({"other_phones": '["0971-8123456"]'}),
    )  # fmt: skip
people.add("a bad telephone before a good one", {"dh": "139970/13997001112"},
           Serves({"contact_phone": "13997001112"}))  # fmt: skip
people.add("three telephones", {"dh": "8123456/13997001113、+86 13997001114"},
           Serves({"contact_phone": "0971-8123456"}),
           Keeps({"other_phones": '["13997001113", "13997001114"]'}))  # fmt: skip
people.words("dh", "contact_phone", {
    "8123456": "0971-8123456", "0971-8123457": "0971-8123457", "09718123458": "0971-8123458",
    "(0971)8123459": "0971-8123459", "１３９９７００１１１５": "13997001115",
    "+86-139 9700 1116": "13997001116", "010-65551234": "010-65551234", "无": None, "": None,
})  # fmt: skip
people.blanks(
    "dh", "contact_phone", "phone.unreadable", "1399700111", "110", "打不通", "12345678901"
)
people.blanks("dh", "contact_phone", "phone.masked", "139****1111")
people.words("jzdzbm", "address_code", {"630102001001A009999": "630102001001A009999", "": None})
people.words("jzdzxz", "standard_address", {"西宁市城东区 为民巷 77号": "西宁市城东区为民巷77号"})
people.words("jzrq", "residence_start_date", {"20150601": "2015-06-01"})
people.blanks("jzrq", "residence_start_date", "date.future", "20880101")
people.blanks("jzrq", "residence_start_date", "date.unreadable", "20150631")
people.words("jzzyxq", "residence_permit_valid_until", {"20270601": "2027-06-01"})
people.blanks("jzzyxq", "residence_permit_valid_until", "date.unreadable", "长期有效吧")

# -- zk_rkxx: times and withdrawal

people.add(
    "a time nobody can read",
    {"gxsj": "昨天"},
    Serves({"person_name": a_name(people.first + len(people.cases))}),
)
people.add("a row first seen as withdrawn", {"czlx": "D"}, Withdrawn())
people.add(
    "a withdrawn row owes nothing", {"czlx": "D", "csrq": "19900000", "mz": "77"}, Withdrawn()
)
people.add("a withdrawn row without a name", {"czlx": "D", "xm": ""}, Withdrawn())

# -- zk_dzxx

addresses.add("a clean row", {}, Serves({"address_code": "630102001001A000001"}))
addresses.words(
    "dzqc",
    "standard_address",
    {"青海省西宁市城东区为民巷 ９０１号": "青海省西宁市城东区为民巷901号"},
)
addresses.words("xzqh", "division_code", {"630102": "630102"})
addresses.add(
    "a division in no table", {"xzqh": "630199"}, Warns("division_code", "division.unknown")
)
addresses.blanks("xzqh", "division_code", "division.unreadable", "城东区")
addresses.words("jddm", "subdistrict_code", {"630102001": "630102001"})
addresses.add("a street out of the usual range", {"jddm": "630102655"},
              Warns("subdistrict_code", "subdistrict.unusual"))  # fmt: skip
addresses.blanks("jddm", "subdistrict_code", "subdistrict.unreadable", "63010200")
addresses.words("sqdm", "community_code", {"630102001001": "630102001001"})
addresses.add("a community out of the usual range", {"sqdm": "630102001655"},
              Warns("community_code", "community.unusual"))  # fmt: skip
addresses.blanks("sqdm", "community_code", "community.unreadable", "6301020010")
addresses.words("jlxmc", "thoroughfare_name", {"为民巷": "为民巷"})
addresses.words(
    "mlph", "doorplate_no", {"12号": "12", "１２": "12", "12-3号": "12-3", "十二号": "12"}
)
addresses.blanks("mlph", "doorplate_no", "doorplate.unreadable", "大门口")
addresses.words("xqmc", "compound_name", {"某某小区": "某某小区"})
addresses.words("ldh", "building_no", {"3号楼": "3", "3栋": "3", "三幢": "3", "3#": "3", "3": "3"})
addresses.blanks("ldh", "building_no", "building_no.unreadable", "最高的那栋")
addresses.words("dyh", "unit_no", {"1单元": "1", "一单元": "1", "1": "1"})
addresses.words("szlc", "floor_no", {"5": "5", "5层": "5", "负一": "-1", "B2": "-2", "-1": "-1"})
addresses.blanks("szlc", "floor_no", "number.out_of_range", "0", "300")
addresses.words("sh", "room_no", {"501": "501", "501室": "501", "五〇一": "501"})
addresses.words("dzzt", "address_status", {"1": "1", "4": "4", "在用": "1"})
addresses.blanks("dzzt", "address_status", "code.unknown", "9")
addresses.add(
    "a police area", {"jwqdm": "63010200Q101"}, Keeps({"police_organ_code": "63010200Q101"})
)
addresses.add("a code in lower case", {"dzbm": "630102001001b777777"},
              Serves({"address_code": "630102001001B777777"}))  # fmt: skip
addresses.add("a row first seen as withdrawn", {"czlx": "D"}, Withdrawn())

#: One place, as each frame says it; the conversions were made with another program.
PLACE = '{"type": "Point", "coordinates": [101.8000000, 36.6000000]}'
addresses.add("a position", {"zbx": "101.8", "zby": "36.6"},
              Serves({"address_point": PLACE, "source_crs": "CGCS2000"}))  # fmt: skip
addresses.add(
    "a swapped position", {"zbx": "36.6", "zby": "101.8"}, Serves({"address_point": PLACE})
)
for frame in ("CGCS2000", "WGS84", "GCJ02", "BD09"):
    x, y = in_frame(frame, 101.8, 36.6)
    addresses.add(f"a position in {frame}", {"zbx": x, "zby": y, "zbxt": frame},
                  Serves({"source_crs": frame}), Stands("address_point", 101.8, 36.6))  # fmt: skip
x, y = in_frame("metres", 101.8, 36.6)
addresses.add("a projected position", {"zbx": x, "zby": y},
              Serves({"source_crs": "CGCS2000"}), Stands("address_point", 101.8, 36.6))  # fmt: skip
addresses.add("a projected position, northing first", {"zbx": y, "zby": x},
              Stands("address_point", 101.8, 36.6))  # fmt: skip
x, y = in_frame("metres", 101.8, 36.6)
addresses.add("a projected position of zone 34", {"zbx": f"34{x}", "zby": y},
              Stands("address_point", 101.8, 36.6))  # fmt: skip
for rule, x, y in (
    ("point.zero", "0", "0"), ("point.unreadable", "东边", "36.6"), ("point.unreadable", "101.8", ""),
    ("point.outside", "12.5", "41.9"),
):  # fmt: skip
    addresses.add(f"a position {x},{y}", {"zbx": x, "zby": y},
                  Blanks("address_point", rule, f"{x},{y}"))  # fmt: skip
addresses.add("a frame of no table", {"zbx": "101.8", "zby": "36.6", "zbxt": "火星2号"},
              Blanks("source_crs", "code.unknown", "火星2号"))  # fmt: skip

# -- zk_spsb

cameras.add("a clean row", {}, Serves({"device_code": "63010200001320000001"}))
cameras.words("sbmc", "device_name", {" 某路口 ": "某路口"})
cameras.words("sblx", "device_type", {"1": "1", "2": "2", "3": "3", "4": "4", "半球": "2"})
cameras.blanks("sblx", "device_type", "code.unknown", "9")
cameras.words("gldwdm", "managing_unit_code", {A_USCC: A_USCC, A_USCC.lower(): A_USCC})
cameras.blanks("gldwdm", "managing_unit_code", "uscc.checksum", "91630100MA752CKW9X")
cameras.blanks("gldwdm", "managing_unit_code", "uscc.unreadable", "3301")
cameras.add("a position", {"jd": "101.8", "wd": "36.6"}, Serves({"device_point": PLACE}))
cameras.add("a swapped position", {"jd": "36.6", "wd": "101.8"}, Serves({"device_point": PLACE}))
cameras.add("no position", {"jd": "0", "wd": "0"}, Blanks("device_point", "point.zero", "0,0"))
cameras.words("fwj", "azimuth_deg", {"90": "90.00", "359": "359.00"})
cameras.blanks("fwj", "azimuth_deg", "number.out_of_range", "400", "-10")
cameras.blanks("fwj", "azimuth_deg", "number.unreadable", "朝北")
cameras.words("sjj", "field_of_view_deg", {"65.5": "65.50"})
cameras.words("sbzt", "device_status", {"1": "1", "4": "4", "在线": "1"})
cameras.blanks("sbzt", "device_status", "code.unknown", "8")
cameras.words("ccts", "retention_days", {"30": "30", "30天": "30"})
cameras.blanks("ccts", "retention_days", "number.unreadable", "很久")
cameras.words("babh", "police_filing_no", {"XN-2025-0001": "XN-2025-0001"})
cameras.words("splj", "stream_uri", {
    "rtsp://10.0.0.8:554/live/1": "rtsp://10.0.0.8:554/live/1",
    "rtsp://admin:Geheim123@10.0.0.9:554/live/2": "rtsp://10.0.0.9:554/live/2",
    "rtsp://admin:Geh/eim123@10.0.0.9:554/live/3": "rtsp://10.0.0.9:554/live/3",
    "rtsp://10.0.0.9:554/live/4?user=admin&password=Geheim123": "rtsp://10.0.0.9:554/live/4?",
})  # fmt: skip
cameras.blanks("splj", "stream_uri", "uri.unreadable", "监控室")
cameras.add("a code of another length", {"sbbm": "6301020000132"},
            Blanks("device_code", "device_code.unreadable", "6301020000132"))  # fmt: skip
cameras.add("a row first seen as withdrawn", {"czlx": "D"}, Withdrawn())

TABLES = (people, addresses, cameras)
