"""The kinds: families of values and how they are cleaned, checked, described and stored."""

from schemas.kinds.coded import Coded
from schemas.kinds.dates import Date, excel_serial, read_times
from schemas.kinds.doors import BuildingNo, Doorplate, RoomNo, UnitNo
from schemas.kinds.geometry import Geometry
from schemas.kinds.identifiers import (
    CommunityCode,
    ComponentClass,
    ComponentId,
    DeviceCode,
    DivisionCode,
    GridCode,
    Identifier,
    PoliceOrganCode,
    SubdistrictCode,
    UnitGridCode,
)
from schemas.kinds.identity import (
    CitizenId,
    DocumentNo,
    OwnerId,
    Uscc,
    birth_date_of,
    has_uscc_check,
    is_credit_code,
    sex_of,
)
from schemas.kinds.kind import SILENCE, Judged, Kind, Verdict, is_silent
from schemas.kinds.lists import ListOf
from schemas.kinds.numbers import Boolean, Floor, Integer, Number
from schemas.kinds.phone import DutyPhone, Phone, split_phones
from schemas.kinds.text import PersonName, Text, Uri, is_placeholder_name, without_account

__all__ = [
    "SILENCE",
    "Boolean",
    "BuildingNo",
    "CitizenId",
    "Coded",
    "CommunityCode",
    "ComponentClass",
    "ComponentId",
    "Date",
    "DeviceCode",
    "DivisionCode",
    "DocumentNo",
    "Doorplate",
    "DutyPhone",
    "Floor",
    "Geometry",
    "GridCode",
    "Identifier",
    "Integer",
    "Judged",
    "Kind",
    "ListOf",
    "Number",
    "OwnerId",
    "PersonName",
    "Phone",
    "PoliceOrganCode",
    "RoomNo",
    "SubdistrictCode",
    "Text",
    "UnitGridCode",
    "UnitNo",
    "Uri",
    "Uscc",
    "Verdict",
    "birth_date_of",
    "excel_serial",
    "has_uscc_check",
    "is_credit_code",
    "is_placeholder_name",
    "is_silent",
    "read_times",
    "sex_of",
    "split_phones",
    "without_account",
]
