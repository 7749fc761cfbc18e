"""The upper half of an address: divisions, community, road, doorplate and compound."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.addresses.dwelling import NUMERAL, read_number
from schemas.chinese import HAN

_HAN = f"[{HAN}]"
# Signs that no name of a division, town or committee has inside.
_NAME = f"(?:(?![路街巷号院楼栋幢区县市省])[{HAN}])"
_NO_MARKET = "(?<![城超都夜门集农菜])市(?![场政民委府内花])"
_NO_COUNTY = "小社校园院厂宅活属业老片墅济户一二三四五六七八九十"
_COUNTY_AREA = f"(?<![{_NO_COUNTY}])区"
_NOT_NUMBERED = r"(?![0-9A-Z]|[一二三四五六七八九十]+[号栋幢座期])"

_PROVINCE = re.compile(
    rf"(?:{_HAN}{{2,3}}省(?![委直级政府人])|(?:北京|天津|上海|重庆)市|内蒙古自治区"
    rf"|广西壮族自治区|西藏自治区|宁夏回族自治区|新疆维吾尔自治区|(?:香港|澳门)特别行政区)"
)
_CITY = re.compile(rf"(?:{_NAME}{{2,9}}?(?:自治州|地区|盟(?={_HAN})|{_NO_MARKET})|市辖区)")
_COUNTY = re.compile(
    rf"(?:{_NAME}{{1,11}}?(?:自治县|自治旗|县(?![委医城政直])|{_NO_MARKET}|{_COUNTY_AREA})"
    rf"|{_NAME}{{2,6}}?旗){_NOT_NUMBERED}"
)
# Without a city before it a county must look like one: 城东区, not 幸福西区.
_COUNTY_ALONE = re.compile(
    rf"(?:{_NAME}[东西南北中]区|{_NAME}{{1,3}}?(?<![东西南北中新{_NO_COUNTY}])区"
    rf"|{_NAME}{{1,8}}?自治县|{_NAME}{{1,4}}?县(?![委医城政直])"
    rf"|{_NAME}{{2,4}}?新区(?={_HAN}{{1,9}}?(?:街道|镇|乡|社区|路|街)))"
    rf"(?=$|{_HAN}){_NOT_NUMBERED}"
)
_SUFFIX = (
    "(?:小区|新村|家属|花园|公寓|大厦|大楼|广场|住宅|宿舍|佳苑|家园|名苑|苑|新苑|院|商厦|市场|职工)"
)
_TOWN = re.compile(
    rf"{_HAN}{{1,10}}?街道(?:办事处|办)?"
    rf"|{_NAME}{{2,9}}?(?:民族乡|镇|乡|苏木)(?!{_SUFFIX}|[路街巷道])(?=$|{_HAN})"
)
_COMMUNITY = re.compile(
    rf"(?P<name>(?:(?!小区)[{HAN}0-9]){{1,12}}?)"
    r"(?P<word>社区居民委员会|社区居委会|社区|居民委员会|居委会|村民委员会|村委会)"
)
_GROUP = rf"(?P<group>[0-9]{{1,2}}|{NUMERAL})(?:村民小组|组|社|队)"
_VILLAGE = re.compile(
    rf"{_NAME}{{1,8}}?(?<!新)村(?=(?:[0-9]{{1,2}}|{NUMERAL})(?:村民小组|组|社|队)"
    rf"|[0-9]{{1,4}}号(?!楼|院)|(?<![东西南北中一二三四五六七八九十]村)$)"
)
_VILLAGE_OF_TOWN = re.compile(rf"{_NAME}{{1,8}}?(?<!新)村(?!{_SUFFIX})")
_TAKE_GROUP = re.compile(_GROUP)
_ROAD_SIGN = (
    rf"(?:(?!小区|社区|公寓|花园|大厦|家属)(?![号楼栋幢室])[{HAN}A-Z]"
    r"|[0-9]{1,3}(?=号?路|街|巷|大道|线))"
)
_ROAD_END = (
    "(?:大道|大街|胡同|公路|路|街|巷|(?:弄|里|道|条|线|坊|台|沟)(?=[0-9]{1,5}(?:-[0-9]+)?号(?!楼)))"
)
_ROAD = re.compile(
    rf"{_ROAD_SIGN}{{1,12}}?{_ROAD_END}(?:[东南西北中]?[一二三四五六七八九十]?段"
    r"|[东西南北中](?=[0-9]))?(?![局桥口道])"
)
_NO_ROADS = frozenset({"铁路", "公路", "马路", "邮路", "网路", "水路", "电路", "道路", "公铁路"})
_COMPOUND_GOES_ON = re.compile(rf"[东西南北中上下新老]?{_SUFFIX}")
_BUILDING_WORD = "(?!楼|栋|幢|座)"
_DOORPLATE = re.compile(
    rf"(?P<before>[甲乙丙丁])?(?P<number>[0-9]{{1,5}}|{NUMERAL})(?:-(?P<second>[0-9]{{1,4}}))?"
    rf"(?P<sign>[A-Z甲乙丙丁])?(?:号{_BUILDING_WORD}|(?=附))"
    r"(?:(?P<after>[甲乙丙丁])(?![单栋幢座楼区]))?"
    rf"(?:附(?P<annex>[0-9]{{1,4}}|{NUMERAL})号?|之(?P<of>[0-9]{{1,4}})(?![0-9-])"
    rf"|-(?P<behind>[0-9]{{1,4}})(?=$|[{HAN}])(?!号?[楼栋幢座]|单元|[室号层]))?(?:院内|院|内)?"
)
_BARE_DOORPLATE = re.compile(
    rf"(?P<number>[0-9]{{1,5}})(?:-(?P<second>[0-9]{{1,2}}))?(?=$|{_HAN})"
    r"(?!号|楼|栋|幢|座|单|层|室|房|户|弄|期|区|组|村|里|米)"
)
_ROOM_FOLLOWS = re.compile(
    rf"[-、]?(?:第?(?:[0-9]{{1,3}}|[A-Z]|{NUMERAL})单元|[0-9]{{1,2}}-[0-9]{{2,4}}|[0-9]{{3,4}}室?$)"
)
_TRAILING_DOORPLATE = re.compile(r"(?P<name>.*[^0-9.、-])(?P<number>[0-9]{1,5}(?:-[0-9]{1,4})?)号")
_COMPOUND_FIRST = re.compile(
    rf"(?P<name>.+?{_SUFFIX})(?P<road>{_HAN}{{1,8}}?(?:大道|大街|路|街|巷))(?P<number>[0-9]{{1,5}})号"
)
_ELSEWHERE = re.compile(
    ".*(?:、|[路街巷弄][0-9-]+号?|[到至][0-9]|对面|附近|旁边|隔壁|路口|交叉|交汇|交界|对过|后面|前面|不详).*"
)


@dataclass(slots=True)
class Place:
    """What an address says down to the compound; ``after`` is the text behind the doorplate."""

    division: str = ""
    subdistrict: str = ""
    community: str = ""
    road: str = ""
    doorplate: str = ""
    compound: str = ""
    after: str = ""


def read_place(text: str, at: int = 0, has_county: bool = False) -> Place:
    """Read divisions, community, road and doorplate from the beginning of an address.

    Up to ``at`` the divisions are known already, from a table, with or without the county.
    """
    place = Place()
    if not has_county:
        at = _read_division(text, at)
    place.division = text[:at]
    town = _TOWN.match(text, at)
    if town:
        place.subdistrict, at = _street_office(town.group()), town.end()
    at = _read_community(place, text, at)
    at = _read_road(place, text, at)
    at = _read_doorplate(place, text, at)
    place.after = text[at:].lstrip("、.-/")
    return place


def settle_compound(place: Place, name: str, deeper: bool) -> str:
    """Give the place what stands between doorplate and building; return what is no name.

    ``deeper`` tells that a building or room follows, so that the text must name something.
    """
    name = name.strip("、.-/·")
    first = _COMPOUND_FIRST.fullmatch(name) if not place.road else None
    if first:
        name, place.road, place.doorplate = first["name"], first["road"], first["number"]
    trailing = _TRAILING_DOORPLATE.fullmatch(name) if not place.doorplate else None
    if trailing and not deeper:
        name, place.doorplate = trailing["name"], trailing["number"]
    if len(name) > 60 or (not deeper and _ELSEWHERE.fullmatch(name)):
        return name
    place.compound = name
    return ""


def _read_division(text: str, at: int) -> int:
    for pattern in (_PROVINCE, _CITY):
        found = pattern.match(text, at)
        at = found.end() if found else at
    county = (_COUNTY if at else _COUNTY_ALONE).match(text, at)
    return county.end() if county else at


def _street_office(name: str) -> str:
    return name.removesuffix("办事处").removesuffix("办")


def _read_community(place: Place, text: str, at: int) -> int:
    found = _COMMUNITY.match(text, at)
    if found:
        word = "村" if found["word"].startswith("村") else "社区"
        place.community, at = found["name"].removesuffix(word) + word, found.end()
    else:
        rural = place.subdistrict.endswith(("镇", "乡", "苏木"))
        village = (_VILLAGE_OF_TOWN if rural else _VILLAGE).match(text, at)
        if village:
            place.community, at = village.group(), village.end()
    group = _TAKE_GROUP.match(text, at) if place.community else None
    if group:
        # A villagers' group stands where a town has its road: 李家村3组12号.
        place.road, at = read_number(group["group"]) + "组", group.end()
    return at


def _read_road(place: Place, text: str, at: int) -> int:
    while not place.road.endswith("组"):
        found = _ROAD.match(text, at)
        if found is None:
            break
        goes_on = _COMPOUND_GOES_ON.match(text, found.end())
        numbered = _DOORPLATE.match(text, found.end())
        lane = bool(place.road)
        if goes_on or (lane and not numbered) or (found.group() in _NO_ROADS and not numbered):
            break
        place.road, at = place.road + found.group(), found.end()
    return at


def _read_doorplate(place: Place, text: str, at: int) -> int:
    on_road = bool(place.road) or place.community.endswith("村")
    found = _DOORPLATE.match(text, at)
    if found is None and on_road:
        found = _BARE_DOORPLATE.match(text, at)
    if found is None or (not on_road and _is_no_doorplate(found)):
        return at
    said = found.groupdict()
    second = said["second"] or said.get("of") or said.get("behind")
    number = read_number(said["number"]) + (f"-{second}" if second else "")
    if said.get("annex"):
        number += "附" + read_number(said["annex"])
    else:
        number += said.get("sign") or said.get("before") or said.get("after") or ""
    place.doorplate = number
    return found.end()


def _is_no_doorplate(found: re.Match[str]) -> bool:
    """Tell a number away from any road that names a building (3号501) or a courtyard (36号院)."""
    follows = _ROOM_FOLLOWS.match(found.string, found.end())
    return follows is not None or found.group().endswith("院")
