"""urban_management: every column and every dirt of what its platform answers."""

# A table is read by its lines: a case stands on one where it can.

from __future__ import annotations

from tests.fates.cases import (
    Blanks,
    Covers,
    Holds,
    Keeps,
    Row,
    Serves,
    Stands,
    Table,
    Warns,
    Withdrawn,
    a_name,
    a_square,
    in_frame,
)

CHANGED = "2026-08-01 09:00:00"
A_USCC = "91630100MA752CKW9K"
PLACE = '{"type": "Point", "coordinates": [101.8000000, 36.6000000]}'


def a_component(number: int) -> Row:
    """Return a component."""
    columns = (
        "LargeClass SmallClass DeptCode1 DeptCode2 DeptName2 DeptCode3 DeptName3 BGID ObjState ORDate CHDate "
        "PointX PointY DataSource SZJDDM SZSQDM"
    )
    return dict.fromkeys(columns.split(), "") | {
        "ObjID": f"63010202{number:08}",
        "ObjName": "路灯",
        "UpdateTime": CHANGED,
        "Deleted": "0",
    }


def a_unit_grid(number: int) -> Row:
    """Return a unit grid."""
    return {
        "BGID": f"630102001001{number:03}",
        "BGName": f"{number}单元",
        "SZSQDM": "",
        "Boundary": "",
        "UpdateTime": CHANGED,
        "Deleted": "0",
    }


def a_place(number: int) -> Row:
    """Return a place."""
    return {
        "EntityID": f"CD-C-{number:04}",
        "Name": f"城管{number}院",
        "Class": "",
        "SZSQDM": "",
        "Address": "",
        "Boundary": "",
        "CRS": "CGCS2000",
        "Accuracy": "",
        "UpdateTime": CHANGED,
        "Deleted": "0",
    }


def a_building(number: int) -> Row:
    """Return a building."""
    columns = (
        "BuildingCode EntityID Address SZSQDM LOD Height GroundElevation VerticalDatum FloorsUp FloorsDown "
        "ModelURI Structure Year"
    )
    return {"ModelID": f"B-{number:04}", **dict.fromkeys(columns.split(), "")} | {
        "UpdateTime": CHANGED,
        "Deleted": "0",
    }


def a_reporter(number: int) -> Row:
    """Return a caller of the hotline."""
    return {
        "ReporterID": f"RP{number:05}",
        "Name": a_name(60_000 + number),
        "Phone": "",
        "Address": "",
        "LastCallTime": CHANGED,
        "UpdateTime": CHANGED,
        "Deleted": "0",
    }


components = Table("urban_management", "components", "component", "ObjID", a_component, 1)
unit_grids = Table("urban_management", "unitGrids", "grid", "BGID", a_unit_grid, 1)
places = Table("urban_management", "places", "geo_entity", "EntityID", a_place, 1)
buildings = Table("urban_management", "buildings", "building", "ModelID", a_building, 1)
reporters = Table("urban_management", "reporters", "person", "ReporterID", a_reporter, 1)

# -- components

components.add("a clean row", {}, Serves({"component_id": "6301020200000001"}))
components.add("a code of 17 digits", {"ObjID": "63010202010000003"},
               Serves({"component_id": "63010202010000003"}))  # fmt: skip
components.add("padded values", {"ObjID": " 6301020299999999 ", "ObjName": " 井盖 ", "ObjState": " 2",
                                 "DeptName2": "  水务局 "},
               Serves({"component_id": "6301020299999999", "component_name": "井盖",
                       "component_status": "2", "owner_unit_name": "水务局"}))  # fmt: skip
components.add("a code of another length", {"ObjID": "630102"},
               Blanks("component_id", "component_id.unreadable", "630102"))  # fmt: skip
components.add(
    "classes", {"LargeClass": "02", "SmallClass": "01"}, Serves({"component_class_code": "0201"})
)
components.add("classes of five digits", {"LargeClass": "02", "SmallClass": "001"},
               Serves({"component_class_code": "02001"}))  # fmt: skip
components.add("classes in words", {"LargeClass": "公用", "SmallClass": "井盖"},
               Blanks("component_class_code", "component_class.unreadable", "公用井盖"))  # fmt: skip
for column, name in {"DeptCode1": "supervising_unit_code", "DeptCode2": "owner_unit_code",
                     "DeptCode3": "maintenance_unit_code"}.items():  # fmt: skip
    components.words(column, name, {A_USCC: A_USCC})
    components.blanks(column, name, "uscc.unreadable", "3333")
    components.blanks(column, name, "uscc.checksum", "91630100MA752CKW9X")
components.add("a padded short code", {"DeptCode1": " 3333"},
               Blanks("supervising_unit_code", "uscc.unreadable", "3333"))  # fmt: skip
components.words("DeptName3", "maintenance_unit_name", {"某公司": "某公司"})
components.words("ObjState", "component_status", {
    "1": "1", "2": "2", "3": "3", "4": "4", "5": "5", "完好": "1", "破损": "2", "丢失": "3", "废弃": "4", "移除": "5"})  # fmt: skip
components.blanks("ObjState", "component_status", "code.unknown", "0", "新")
components.words("ORDate", "installed_date", {"2015-06-01": "2015-06-01", "20150601": "2015-06-01",
                                              "2015-06-01 00:00:00": "2015-06-01"})  # fmt: skip
components.blanks("ORDate", "installed_date", "date.placeholder", "1900-01-01")
components.blanks("ORDate", "installed_date", "date.future", "2088-01-01")
components.words("CHDate", "status_changed_date", {"2026-08-01": "2026-08-01"})
components.add("degrees", {"PointX": "101.8", "PointY": "36.6"}, Serves({"component_point": PLACE}))
x, y = in_frame("metres", 101.8, 36.6)
components.add("metres", {"PointX": x, "PointY": y}, Stands("component_point", 101.8, 36.6))
components.add(
    "metres, northing first", {"PointX": y, "PointY": x}, Stands("component_point", 101.8, 36.6)
)
components.add(
    "degrees latitude first",
    {"PointX": "36.6", "PointY": "101.8"},
    Serves({"component_point": PLACE}),
)
for rule, x, y in (
    ("point.zero", "0", "0"),
    ("point.unreadable", "abc", "36.6"),
    ("point.outside", "5", "5"),
):
    components.add(f"a position {x},{y}", {"PointX": x, "PointY": y},
                   Blanks("component_point", rule, f"{x},{y}"))  # fmt: skip
components.add("evidence", {"DataSource": "实测", "SZJDDM": "630102001"},
               Keeps({"data_source": "实测", "subdistrict_code": "630102001"}))  # fmt: skip
components.words("SZSQDM", "community_code", {"630102001001": "630102001001"})
components.words("BGID", "unit_grid_code", {"630102001001001": "630102001001001"})
components.add("a unit grid of 14 digits", {"BGID": "63010200100101"},
               Warns("unit_grid_code", "unit_grid.legacy", "63010200100101"))  # fmt: skip
components.blanks("BGID", "unit_grid_code", "unit_grid.unreadable", "第一格")
components.add("deleted, with state 0", {"Deleted": "1", "ObjState": "0"}, Withdrawn())

# -- unit grids

unit_grids.add("a clean row", {}, Serves({"unit_grid_code": "630102001001001", "grid_type": "4",
                                          "grid_code": None}))  # fmt: skip
unit_grids.add(
    "a code of 14 digits", {"BGID": "63010200100199"}, Warns("unit_grid_code", "unit_grid.legacy")
)
unit_grids.words("BGName", "grid_name", {" 一单元 ": "一单元"})
unit_grids.words("SZSQDM", "community_code", {"630102001001": "630102001001"})
unit_grids.blanks("Boundary", "grid_boundary", "geometry.unreadable", "POLYGON ((1 2")
for frame in ("CGCS2000", "metres", "BD09"):
    said = {"Boundary": a_square(frame, 101.9, 36.9)} | ({"CRS": "BD09"} if frame == "BD09" else {})
    unit_grids.add(f"a boundary in {frame}", said, Covers("grid_boundary", 101.9, 36.9))
unit_grids.add("deleted", {"Deleted": "1"}, Withdrawn())

# -- places

places.add("a clean row", {}, Serves({"geo_entity_id": "CD-C-0001", "source_crs": "CGCS2000"}))
places.words("Class", "geo_entity_class", {
    "01": "01", "02": "02", "03": "03", "04": "04", "05": "05", "06": "06", "07": "07", "99": "99", "道路": "04"})  # fmt: skip
places.blanks("Class", "geo_entity_class", "code.unknown", "88")
places.words("SZSQDM", "community_code", {"630102001001": "630102001001"})
places.add(
    "an address", {"Address": "城东区八一中路100号"}, Keeps({"address": "城东区八一中路100号"})
)
places.add("a point", {"Boundary": "POINT (101.8 36.6)"}, Serves({"boundary_geometry": PLACE}))
places.blanks(
    "Boundary", "boundary_geometry", "geometry.unreadable", "LINESTRING (101 36, 102 36)", "不规则"
)
for frame in ("CGCS2000", "BD09", "GCJ02", "metres"):
    said = {"CRS": "CGCS2000" if frame == "metres" else frame}
    said |= {"Boundary": a_square(frame, 101.9, 36.9)}
    places.add(f"an area in {frame}", said, Covers("boundary_geometry", 101.9, 36.9))
places.add("no frame", {"CRS": "", "Boundary": "POINT (101.8 36.6)"},
           Serves({"source_crs": "UNKNOWN", "boundary_geometry": PLACE}))  # fmt: skip
for frame in ("WGS84", "GCJ02", "BD09", "CGCS2000"):
    x, y = in_frame(frame, 101.8, 36.6)
    places.add(f"a point in {frame}", {"CRS": frame, "Boundary": f"POINT ({x} {y})"},
               Serves({"source_crs": frame}), Stands("boundary_geometry", 101.8, 36.6))  # fmt: skip
places.add("a frame of no table", {"CRS": "火星2号", "Boundary": "POINT (101.8 36.6)"},
           Blanks("source_crs", "code.unknown", "火星2号"))  # fmt: skip
places.add("a point in UNKNOWN is left where it is", {"CRS": "UNKNOWN", "Boundary": "POINT (101.8 36.6)"},
           Serves({"source_crs": "UNKNOWN", "boundary_geometry": PLACE}))  # fmt: skip
places.words("Accuracy", "positional_accuracy_m", {"0.5": "0.50"})
places.blanks("Accuracy", "positional_accuracy_m", "number.unreadable", "高")
places.add("deleted", {"Deleted": "1"}, Withdrawn())

# -- buildings

buildings.add("a clean row", {}, Serves({"model_object_id": "B-0001"}))
buildings.words("BuildingCode", "building_code", {"6301020010010001": "6301020010010001"})
buildings.words("EntityID", "geo_entity_id", {"CD-C-0005": "CD-C-0005"})
buildings.add(
    "an address", {"Address": "城东区某某小区3号楼"}, Keeps({"address": "城东区某某小区3号楼"})
)
buildings.words("SZSQDM", "community_code", {"630102001001": "630102001001"})
buildings.words("LOD", "level_of_detail", {"1": "1", "2": "2"})
buildings.words("Height", "building_height_m", {"18.30": "18.30", "18.3米": "18.30"})
buildings.blanks("Height", "building_height_m", "number.unreadable", "高")
buildings.words("GroundElevation", "ground_elevation_m", {"2261.5": "2261.50"})
buildings.words(
    "VerticalDatum", "vertical_datum", {"CN1985": "CN1985", "1985国家高程基准": "CN1985"}
)
buildings.blanks("VerticalDatum", "vertical_datum", "code.unknown", "海平面")
buildings.words("FloorsUp", "storeys_above_ground", {"6": "6", "6.0": "6", " 6 ": "6"})
buildings.words("FloorsDown", "storeys_below_ground", {"0": "0", "2": "2"})
buildings.words("ModelURI", "model_uri", {"http://3d.example/B.json": "http://3d.example/B.json"})
buildings.words("Structure", "building_structure", {
    "01": "01", "06": "06", "钢": "01", "钢混": "02", "钢筋混凝土": "03", "混合": "04", "砖木": "05", "其他": "06"})  # fmt: skip
buildings.blanks("Structure", "building_structure", "code.unknown", "木头")
buildings.words("Year", "completion_year", {"1998": "1998", " 2012 ": "2012"})
buildings.blanks("Year", "completion_year", "number.out_of_range", "98")
buildings.add("deleted", {"Deleted": "1"}, Withdrawn())

# -- reporters

reporters.add("a clean row", {}, Serves({"person_name": a_name(60_001)}))
reporters.words("Name", "person_name", {"王女士": "王女士"})
reporters.add("no name", {"Name": ""}, Holds("person.no_name"))
reporters.add("a placeholder name", {"Name": "匿名"},
              Holds("person.no_name", (("person_name", "person_name.placeholder"),)))  # fmt: skip
reporters.words("Phone", "contact_phone", {"13997004001": "13997004001", "8123456": "0971-8123456"})
reporters.add("two telephones", {"Phone": "8123456/13997004002"},
              Serves({"contact_phone": "0971-8123456"}), Keeps({"other_phones": '["13997004002"]'}))  # fmt: skip
reporters.blanks("Phone", "contact_phone", "phone.unreadable", "没留")
reporters.words("Address", "standard_address", {"某某小区3号楼": "某某小区3号楼"})
reporters.add("deleted", {"Deleted": "1"}, Withdrawn())

TABLES = (components, unit_grids, places, buildings, reporters)
