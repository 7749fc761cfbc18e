"""The police's population, address and video registers, read from their tables."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pandas as pd

from hub.columns import Admitted, Columns, Spelling
from hub.connector import Dataset
from hub.fetch import SqlTables
from hub.model import Records, Title, faults
from hub.written import as_end, as_one_phone
from schemas import Address, Camera, Person
from schemas.chinese import settled
from schemas.codes import code_table, find_divisions
from schemas.distinct import Texts, read_each
from schemas.kinds import split_phones, without_account
from schemas.positions import points

_RESIDENCE_MATCH = {"1": "01", "2": "02"}


class RegisterDataset(Dataset):
    """What all tables have in common: time of change and mark of withdrawal."""

    changed_at, withdrawal = "gxsj", ("czlx", "D")
    spelling = Spelling("%Y%m%d", words=False)
    trust = 10


class Residents(RegisterDataset):
    """Everybody registered in the district or known to live there."""

    name, location, key = "residents", "zk_rkxx", "rybh"
    identity = ("gmsfhm", "zjhm")
    model, title = Person, Title("实有人口", "Residents")

    def translate(self, said: Columns) -> list[Records]:
        phone, other_phones = split_phones(said.take("dh"), said.district.area_code)
        said.stands(phone, as_one_phone("dh"))
        fields = {**_identity(said), **_home(said), "contact_phone": phone}
        return [said.records(Person, fields, evidence={"other_phones": other_phones})]

    def sample(self) -> list[dict[str, str]]:
        return [_RESIDENT | other for other in _OTHER_RESIDENTS]


class Addresses(RegisterDataset):
    """The standard addresses of the district, down to the room."""

    name, location, key = "addresses", "zk_dzxx", "dzbm"
    model, title = Address, Title("标准地址", "Standard addresses")

    def translate(self, said: Columns) -> list[Records]:
        x, y = said.take("zbx"), said.take("zby")
        frame = said.take("zbxt").fillna("CGCS2000")
        point = points(x, y, frame, said.district.epsg)
        fields = {
            "address_code": said.take("dzbm"),
            "standard_address": said.take("dzqc"),
            "division_code": said.take("xzqh"),
            "subdistrict_code": said.take("jddm"),
            "community_code": said.take("sqdm"),
            "thoroughfare_name": said.take("jlxmc"),
            "doorplate_no": said.take("mlph"),
            "compound_name": said.take("xqmc"),
            "building_no": said.take("ldh"),
            "unit_no": said.take("dyh"),
            "floor_no": said.take("szlc"),
            "room_no": said.take("sh"),
            "address_point": point.values,
            "source_crs": frame,
            "address_status": said.decode("dzzt", "HUB-LIFECYCLE"),
        }
        # A grid's police area is the most frequent one among the addresses in it.
        evidence = {"police_organ_code": said.take("jwqdm")}
        broken = faults("address_point", point.rules, x, y)
        return [said.records(Address, fields, evidence=evidence, faults=broken)]

    def sample(self) -> list[dict[str, str]]:
        return [_ADDRESS | other for other in _OTHER_ADDRESSES]


class Cameras(RegisterDataset):
    """Public video cameras."""

    name, location, key = "cameras", "zk_spsb", "sbbm"
    model, title = Camera, Title("视频设备", "Cameras")

    def translate(self, said: Columns) -> list[Records]:
        x, y = said.take("jd"), said.take("wd")
        point = points(x, y, "CGCS2000", said.district.epsg)
        fields = {
            "device_code": said.take("sbbm"),
            "device_name": said.take("sbmc"),
            "device_type": said.decode("sblx", "GB28181-PTZTYPE"),
            "managing_unit_code": said.take("gldwdm"),
            "device_point": point.values,
            "azimuth_deg": said.take("fwj"),
            "field_of_view_deg": said.take("sjj"),
            "device_status": said.decode("sbzt", "HUB-DEVICE-STATUS"),
            "retention_days": said.take("ccts"),
            "police_filing_no": said.take("babh"),
            "stream_uri": said.take("splj"),
        }
        broken = faults("device_point", point.rules, x, y)
        return [said.records(Camera, fields, faults=broken)]

    def admit(self, frame: pd.DataFrame) -> Admitted:
        """Cut accounts off stream addresses before they land: nobody has asked for passwords."""
        admitted = super().admit(frame)
        links = read_each(admitted.rows["splj"], _without_account)
        return replace(admitted, rows={**admitted.rows, "splj": links})

    def sample(self) -> list[dict[str, str]]:
        return [_CAMERA | other for other in _OTHER_CAMERAS]


class PublicSecurity(SqlTables):
    """Reads the police's tables."""

    name, title = "public_security", Title("公安", "Public security")
    datasets = (Residents(), Addresses(), Cameras())
    time_form: ClassVar = "%Y%m%d%H%M%S"
    takes = "verification"


def _identity(said: Columns) -> dict[str, Texts]:
    return {
        "citizen_id_no": said.take("gmsfhm"),
        "id_document_type": said.decode("zjlx", "GA/T 517"),
        "id_document_no": said.take("zjhm"),
        "person_name": said.take("xm"),
        "former_name": said.take("cym"),
        "sex_code": said.decode("xb", "GB/T 2261.1"),
        "birth_date": said.take("csrq"),
        "ethnic_group_code": said.decode("mz", "GB/T 3304"),
        "education_level_code": said.decode("whcd", "GB/T 4658"),
        "political_status_code": said.decode("zzmm", _unpadded("GB/T 4762")),
        "marital_status_code": said.decode("hyzk", "GB/T 2261.2"),
        "person_status": said.decode("ryzt", "HUB-PERSON-STATUS"),
    }


def _home(said: Columns) -> dict[str, Texts]:
    category = said.decode("rkfl", "HUB-POP-CATEGORY")
    _, rest = find_divisions(said.take("hjdz"), said.district.division)
    return {
        "household_register_division_code": said.take("hjxzqh"),
        "household_register_address": said.stands(rest, as_end("hjdz")),
        "household_no": said.take("hh"),
        "relationship_to_head_code": said.decode("yhzgx", "GB/T 4761"),
        "population_category": category,
        "residence_match_code": read_each(category, _RESIDENCE_MATCH.get),
        "inflow_reason_code": said.decode("jzsy", "HUB-INFLOW"),
        "address_code": said.take("jzdzbm"),
        "standard_address": said.take("jzdzxz"),
        "residence_start_date": said.take("jzrq"),
        "residence_permit_valid_until": said.take("jzzyxq"),
    }


def _without_account(link: str) -> str:
    text = settled(link, "NFKC", spaces=False)
    # What is no address may still be the rest of one.
    bare = without_account(text) if "://" in text else text.rpartition("@")[2]
    return link if bare == text else bare


def _unpadded(table: str) -> dict[str, str]:
    """Return a table's words, codes also without their leading zero."""
    known = code_table(table)
    return {code.lstrip("0"): code for code in known.labels} | dict(known.codes)


# Made-up rows: the first of each kind as it should be, the others as they also come.
_RESIDENT = {
    "rybh": "R000000000001",
    "gmsfhm": "630102198001010019",
    "zjlx": "111",
    "zjhm": "",
    "xm": "马海燕",
    "cym": "马小燕",
    "xb": "1",
    "csrq": "19800101",
    "mz": "03",
    "whcd": "31",
    "zzmm": "13",
    "hyzk": "2",
    "hjxzqh": "630102",
    "hjdz": "青海省西宁市城东区北小街12号",
    "hh": "630102001",
    "yhzgx": "02",
    "dh": "13997000001",
    "rkfl": "1",
    "jzsy": "",
    "jzdzbm": "630102001001A0001",
    "jzdzxz": "康乐小区3号楼1单元501室",
    "jzrq": "20150601",
    "jzzyxq": "",
    "ryzt": "1",
    "gxsj": "20260830090000",
    "czlx": "U",
}
_OTHER_RESIDENTS: list[dict[str, str]] = [
    {},
    {
        "rybh": "R000000000002",
        "gmsfhm": "630102560812002",
        "xm": "李\ue123",
        "xb": "女",
        "csrq": "19560812",
        "mz": "土",
        "zzmm": "1",
        "hyzk": "9",
        "dh": "0971-8123456/13997000003；不详",
        "rkfl": "3",
        "jzsy": "01",
        "jzzyxq": "20990101",
        "cym": "无",
    },
    {
        "rybh": "R000000000003",
        "gmsfhm": "111111111111111111",
        "zjlx": "414",
        "zjhm": "e1234567",
        "xm": "?",
        "csrq": "19900000",
        "mz": "99",
        "rkfl": "5",
        "ryzt": "7",
        "hjdz": "",
    },
    {
        "rybh": "R000000000004",
        "gmsfhm": "６３０１０３２０１００９０１００５７",
        "czlx": "D",
        "gxsj": "20260830085959",
    },
    {"rybh": "R000000000005", "gmsfhm": "620102198806170043", "csrq": "", "xb": ""},
]
_ADDRESS = {
    "dzbm": "630102001001A0001",
    "dzqc": "青海省西宁市城东区北小街12号康乐小区3号楼1单元501室",
    "xzqh": "630102",
    "jddm": "630102001",
    "sqdm": "630102001001",
    "jlxmc": "北小街",
    "mlph": "12号",
    "xqmc": "康乐小区",
    "ldh": "3",
    "dyh": "1",
    "szlc": "5",
    "sh": "501",
    "zbx": "101.7951234",
    "zby": "36.6156789",
    "zbxt": "",
    "jwqdm": "63010200Q101",
    "dzzt": "1",
    "gxsj": "20260830090000",
    "czlx": "I",
}
_OTHER_ADDRESSES: list[dict[str, str]] = [
    {},
    {"dzbm": "630102001001A0002", "zbx": "36.6156789", "zby": "101.7951234", "zbxt": "WGS84"},
    {"dzbm": "630102001001A0003", "ldh": "三幢", "szlc": "0", "zbx": "0", "zby": "0"},
    {"dzbm": "630102001001A0004", "zbxt": "GCJ02", "dzzt": "9", "sh": "", "czlx": "D"},
]
_CAMERA = {
    "sbbm": "63010200001320000001",
    "sbmc": "北小街路口",
    "sblx": "1",
    "gldwdm": "11630102MB0X00001M",
    "jd": "101.7951234",
    "wd": "36.6156789",
    "fwj": "90",
    "sjj": "65.5",
    "sbzt": "1",
    "ccts": "30",
    "babh": "XN-2025-0001",
    "splj": "rtsp://10.0.0.8:554/live/1",
    "gxsj": "20260830090000",
    "czlx": "I",
}
_OTHER_CAMERAS: list[dict[str, str]] = [
    {},
    {"sbbm": "63010200001320000002", "splj": "rtsp://admin:12345@10.0.0.8:554/live/2"},
    {"sbbm": "63010200001320000003", "fwj": "400", "sblx": "9", "jd": "36.61", "wd": "101.79"},
]
