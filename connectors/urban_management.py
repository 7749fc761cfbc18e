"""The urban-management platform: components, unit grids, places and buildings, over paged REST."""

from __future__ import annotations

from typing import ClassVar

from hub.columns import Columns, Spelling
from hub.connector import Dataset, fields_of
from hub.fetch import RestPages
from hub.model import Records, Title, faults
from hub.written import as_one_phone
from schemas import Building, Component, GeoEntity, Grid, Person
from schemas.distinct import Texts, joined
from schemas.kinds import split_phones
from schemas.positions import points, shapes

_UNIT_GRID = "4"


class PlatformDataset(Dataset):
    """What all datasets of the platform have in common: time of change and mark of withdrawal."""

    changed_at, withdrawal = "UpdateTime", ("Deleted", "1")
    spelling = Spelling(words=False)
    trust = 30


class Components(PlatformDataset):
    """Street lamps, manhole covers, public toilets and other components of the city."""

    name = location = "components"
    model, title, key = Component, Title("城市部件", "City components"), "ObjID"

    def translate(self, said: Columns) -> list[Records]:
        x, y = said.take("PointX"), said.take("PointY")
        point = points(x, y, said.optional("CRS"), said.district.epsg)
        fields = {
            "component_id": said.take("ObjID"),
            "component_name": said.take("ObjName"),
            "component_class_code": joined(said.take("LargeClass"), said.take("SmallClass")),
            "supervising_unit_code": said.take("DeptCode1"),
            "owner_unit_code": said.take("DeptCode2"),
            "owner_unit_name": said.take("DeptName2"),
            "maintenance_unit_code": said.take("DeptCode3"),
            "maintenance_unit_name": said.take("DeptName3"),
            "unit_grid_code": said.take("BGID"),
            "component_status": said.decode("ObjState", "HUB-CMP-STATUS"),
            "installed_date": said.take("ORDate"),
            "status_changed_date": said.take("CHDate"),
            "component_point": point.values,
            "community_code": said.take("SZSQDM"),
        }
        evidence = {
            "data_source": said.take("DataSource"),
            "subdistrict_code": said.take("SZJDDM"),
        }
        broken = faults("component_point", point.rules, x, y)
        return [said.records(Component, fields, evidence=evidence, faults=broken)]

    def sample(self) -> list[dict[str, str]]:
        return [_COMPONENT | other for other in _OTHER_COMPONENTS]


class UnitGrids(PlatformDataset):
    """The platform's own unit grids, by which components are surveyed."""

    name = location = "unitGrids"
    model, title, key = Grid, Title("单元网格", "Unit grids"), "BGID"

    def translate(self, said: Columns) -> list[Records]:
        wkt = said.take("Boundary")
        boundary = shapes(wkt, said.optional("CRS"), said.district.epsg)
        fields: dict[str, Texts | str] = {
            "unit_grid_code": said.take("BGID"),
            "grid_name": said.take("BGName"),
            "grid_type": _UNIT_GRID,
            "community_code": said.take("SZSQDM"),
            "grid_boundary": boundary.values,
        }
        broken = faults("grid_boundary", boundary.rules, wkt)
        return [said.records(Grid, fields, faults=broken)]

    def sample(self) -> list[dict[str, str]]:
        return [_UNIT_GRID_ROW | other for other in _OTHER_UNIT_GRIDS]


class Places(PlatformDataset):
    """Compounds, communities, facilities and footprints as places on the map."""

    name = location = "places"
    model, title, key = GeoEntity, Title("地理实体", "Places"), "EntityID"
    acts_for: ClassVar = {"surveying": fields_of(GeoEntity, "surveying")}

    def translate(self, said: Columns) -> list[Records]:
        wkt = said.take("Boundary")
        frame = said.take("CRS").fillna("UNKNOWN")
        boundary = shapes(wkt, frame, said.district.epsg)
        fields = {
            "geo_entity_id": said.take("EntityID"),
            "geo_entity_name": said.take("Name"),
            "geo_entity_class": said.decode("Class", "HUB-GEO-CLASS"),
            "community_code": said.take("SZSQDM"),
            "boundary_geometry": boundary.values,
            "source_crs": frame,
            "positional_accuracy_m": said.take("Accuracy"),
        }
        broken = faults("boundary_geometry", boundary.rules, wkt)
        evidence = {"address": said.take("Address")}
        return [said.records(GeoEntity, fields, evidence=evidence, faults=broken)]

    def sample(self) -> list[dict[str, str]]:
        return [_PLACE | other for other in _OTHER_PLACES]


class Buildings(PlatformDataset):
    """Buildings as surveyed, with heights, storeys and where their model lies."""

    name = location = "buildings"
    model, title, key = Building, Title("建筑", "Buildings"), "ModelID"
    acts_for: ClassVar = {"surveying": fields_of(Building, "surveying")}

    def translate(self, said: Columns) -> list[Records]:
        fields = {
            "model_object_id": said.take("ModelID"),
            "building_code": said.take("BuildingCode"),
            "geo_entity_id": said.take("EntityID"),
            "community_code": said.take("SZSQDM"),
            "level_of_detail": said.take("LOD"),
            "building_height_m": said.take("Height"),
            "ground_elevation_m": said.take("GroundElevation"),
            "vertical_datum": said.decode("VerticalDatum", "HUB-VDATUM"),
            "storeys_above_ground": said.take("FloorsUp"),
            "storeys_below_ground": said.take("FloorsDown"),
            "model_uri": said.take("ModelURI"),
            "building_structure": said.decode("Structure", "FWJG"),
            "completion_year": said.take("Year"),
        }
        evidence = {"address": said.take("Address")}
        return [said.records(Building, fields, evidence=evidence)]

    def sample(self) -> list[dict[str, str]]:
        return [_BUILDING | other for other in _OTHER_BUILDINGS]


class Reporters(PlatformDataset):
    """Callers of the city hotline: a name that may be half a name, and a telephone."""

    name = location = "reporters"
    model, title, key = Person, Title("热线来电人", "Hotline callers"), "ReporterID"
    changed_at, trust = "LastCallTime", 50

    def translate(self, said: Columns) -> list[Records]:
        # The time of change moves with every call; when the caller last spoke is what counts.
        said.ignore("UpdateTime")
        phone, other_phones = split_phones(said.take("Phone"), said.district.area_code)
        fields = {
            "person_name": said.take("Name"),
            "contact_phone": said.stands(phone, as_one_phone("Phone")),
            "standard_address": said.take("Address"),
        }
        return [said.records(Person, fields, evidence={"other_phones": other_phones})]

    def sample(self) -> list[dict[str, str]]:
        return [_REPORTER | other for other in _OTHER_REPORTERS]


class UrbanManagement(RestPages):
    """Reads the urban-management platform."""

    name, title = "urban_management", Title("城市管理", "Urban management")
    datasets = (Components(), UnitGrids(), Places(), Buildings(), Reporters())
    cursor_column = "UpdateTime"
    takes = "put"


# Made-up rows: the first of each kind as it should be, the others as they also come.
_COMPONENT = {
    "ObjID": "6301020201000001",
    "ObjName": "公共厕所",
    "LargeClass": "02",
    "SmallClass": "01",
    "DeptCode1": "11630102MB0X00001M",
    "DeptCode2": "3301",
    "DeptName2": "城东区城市管理局",
    "DeptCode3": "",
    "DeptName3": "",
    "BGID": "63010200100101",
    "ObjState": "完好",
    "ORDate": "2015-06-01",
    "CHDate": "20260801",
    "PointX": "101.7951234",
    "PointY": "36.6156789",
    "DataSource": "实测",
    "SZJDDM": "630102001",
    "SZSQDM": "630102001001",
    "UpdateTime": "2026-08-30 09:00:00",
    "Deleted": "0",
}
_OTHER_COMPONENTS: list[dict[str, str]] = [
    {},
    {
        "ObjID": " 6301020201000002",
        "DeptName2": " 自来水公司 ",
        "ObjState": " 2 ",
        "ORDate": "1900-01-01",
        "PointX": "392180.5",
        "PointY": "4053110.2",
        "SZSQDM": "",
    },
    {"ObjID": "63010202010000003", "PointX": "0", "PointY": "0", "SmallClass": "001"},
    {
        "ObjID": "6301020201000004",
        "ObjState": "0",
        "Deleted": "1",
        "PointX": "36.61",
        "PointY": "101.79",
    },
    {"ObjID": "6301020201000005", "ObjState": "新", "PointX": "abc", "PointY": ""},
]
_UNIT_GRID_ROW = {
    "BGID": "63010200100101",
    "BGName": "北小街01单元",
    "SZSQDM": "630102001001",
    "Boundary": "POLYGON ((101.79 36.61, 101.80 36.61, 101.80 36.62, 101.79 36.62, 101.79 36.61))",
    "UpdateTime": "2026-08-30 09:00:00",
    "Deleted": "0",
}
_OTHER_UNIT_GRIDS: list[dict[str, str]] = [
    {},
    {
        "BGID": "630102001001002",
        "Boundary": "POLYGON ((391000 4052000, 392000 4052000, 392000 4053000, 391000 4052000))",
    },
    {"BGID": "63010200100103", "Boundary": "POLYGON ((1 2", "SZSQDM": ""},
]
_PLACE = {
    "EntityID": "CD-C-0001",
    "Name": "康乐小区",
    "Class": "01",
    "SZSQDM": "",
    "Address": "城东区八一中路100号",
    "Boundary": "POINT (101.7951234 36.6156789)",
    "CRS": "BD09",
    "Accuracy": "",
    "UpdateTime": "2026-08-31 10:00:00",
    "Deleted": "0",
}
_OTHER_PLACES: list[dict[str, str]] = [
    {},
    {"EntityID": "CD-C-0002", "CRS": ""},
    {
        "EntityID": "CD-C-0003",
        "Name": "北关社区",
        "Class": "02",
        "SZSQDM": "630102001001",
        "Boundary": "POLYGON ((101.79 36.61, 101.8 36.61, 101.8 36.62, 101.79 36.61))",
        "CRS": "CGCS2000",
        "Accuracy": "0.5",
    },
    {"EntityID": "CD-C-0004", "Class": "88", "Boundary": "LINESTRING (1 1, 2 2)", "CRS": "GCJ02"},
]
_BUILDING = {
    "ModelID": "B-0001",
    "BuildingCode": "6301020010010001",
    "EntityID": "CD-C-0005",
    "Address": "城东区康乐小区3号楼",
    "SZSQDM": "630102001001",
    "LOD": "1",
    "Height": "18.30",
    "GroundElevation": "2261.5",
    "VerticalDatum": "CN1985",
    "FloorsUp": "6",
    "FloorsDown": "0",
    "ModelURI": "http://3d.example/B-0001.json",
    "Structure": "混合",
    "Year": "1998",
    "UpdateTime": "2026-08-30 09:00:00",
    "Deleted": "0",
}
_OTHER_BUILDINGS: list[dict[str, str]] = [
    {},
    {"ModelID": "B-0002", "Structure": "钢筋混凝土", "Height": "", "Year": " 2012 "},
    {"ModelID": "B-0003", "Structure": "木头", "Height": "高", "FloorsUp": "6.0", "Deleted": "1"},
]
_REPORTER = {
    "ReporterID": "RP00001",
    "Name": "马海燕",
    "Phone": "13997000001",
    "Address": "康乐小区3号楼1单元501室",
    "LastCallTime": "2026-08-20 08:30:00",
    "UpdateTime": "2026-08-30 09:00:00",
    "Deleted": "0",
}
_OTHER_REPORTERS: list[dict[str, str]] = [
    {},
    {"ReporterID": "RP00002", "Name": "王女士", "Phone": "8123456/13997000005", "Address": ""},
    {"ReporterID": "RP00003", "Name": "", "Phone": "不详", "LastCallTime": ""},
]
