"""The tables of the first release: landing, batches, records, golden records, feed, clients."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RELATION = """
CREATE VIEW relation AS
SELECT DISTINCT mine.entity_id AS from_id, t.role, theirs.entity_id AS to_id, t.record_id,
    p.residence_start_date AS from_date, CAST(NULL AS date) AS to_date
FROM tie t
JOIN link mine ON mine.record_id = t.record_id
JOIN record_house h ON h.source = t.source AND h.dataset = t.to_dataset AND h.key = t.to_key
JOIN link theirs ON theirs.record_id = h.record_id
LEFT JOIN record_person p ON p.record_id = t.record_id
WHERE t.to_type = 'house' AND t.role <> 'same'
  AND mine.entity_id IS NOT NULL AND theirs.entity_id IS NOT NULL
UNION ALL
SELECT DISTINCT mine.entity_id, 'resident', theirs.entity_id, k.record_id,
    p.residence_start_date, CAST(NULL AS date)
FROM link_key k
JOIN link mine ON mine.record_id = k.record_id
JOIN link_key h ON h.key = k.key AND h.use = 'same' AND h.record_type = 'house'
JOIN link theirs ON theirs.record_id = h.record_id
JOIN record_person p ON p.record_id = k.record_id
WHERE k.use = 'home' AND k.record_type = 'person'
  AND mine.entity_id IS NOT NULL AND theirs.entity_id IS NOT NULL
UNION ALL
SELECT a.entity_id, 'household', b.entity_id, a.members[1],
    CAST(NULL AS date), CAST(NULL AS date)
FROM golden_person a
JOIN golden_person b ON b.household_no = a.household_no AND b.entity_id <> a.entity_id
WHERE a.retired_at IS NULL AND b.retired_at IS NULL
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE SEQUENCE record_number")
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("record_type", sa.Text(), nullable=True),
        sa.Column("entity_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "about",
            sa.Text(),
            nullable=True,
            comment="What it concerns besides entities: a batch, an export, a source.",
        ),
        sa.Column("origin", sa.Text(), nullable=True, comment="The address the call came from."),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit")),
        comment="Who read or wrote what, for which purpose.",
    )
    op.create_table(
        "change",
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cause", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "seq", name=op.f("pk_change")),
        comment="The feed: every change of every golden record, densely numbered.",
    )
    op.create_index(op.f("ix_change_entity_id"), "change", ["entity_id"], unique=False)
    op.create_table(
        "client",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.Text(),
            nullable=True,
            comment="The source a department's system may push for.",
        ),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client")),
        comment="Systems that may call the API.",
    )
    op.create_table(
        "compound_community",
        sa.Column("compound_key", sa.Text(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("compound_key", name=op.f("pk_compound_community")),
        comment="The community that a compound of this name lies in, where the records agree.",
    )
    op.create_table(
        "cursor",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "dataset", name=op.f("pk_cursor")),
        comment="How far a dataset has been read; written with the data it speaks of.",
    )
    op.create_table(
        "entity",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_entity")),
        comment="The person, house, … itself. An id is never reused and never deleted.",
    )
    op.create_index(op.f("ix_entity_superseded_by"), "entity", ["superseded_by"], unique=False)
    op.create_table(
        "export",
        sa.Column("export_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column(
            "fields",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="The fields asked for; empty: all.",
        ),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="queued, running, done, failed or expired"
        ),
        sa.Column("row_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "files",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="name, rows, bytes and sha256 of each",
        ),
        sa.Column(
            "epoch",
            sa.Integer(),
            nullable=True,
            comment="Where the feed goes on from what was exported.",
        ),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_export")),
        comment="Golden records written to files for one client.",
    )
    op.create_table(
        "feed",
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column(
            "system_identifier",
            sa.Text(),
            nullable=False,
            comment="Tells that a dump was restored.",
        ),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_feed")),
        comment="The last number given out in each epoch of the feed.",
    )
    op.create_table(
        "golden_address",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last record was withdrawn.",
        ),
        sa.Column(
            "marks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field: provisional or disputed",
        ),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "subdistrict_code",
            sa.Text(),
            nullable=True,
            comment="ADR-003 街道(乡镇)代码: Nine-digit code: 6 division + 3 (001-099 street office, 100-199 town, 200-399 township, 400-599 merged with enterprise or park; ranges warn, the table decides).",
        ),
        sa.Column(
            "thoroughfare_name",
            sa.Text(),
            nullable=True,
            comment="ADR-004 街路巷名称: Standard name of street, road or lane (jlxmc in police systems).",
        ),
        sa.Column(
            "doorplate_no",
            sa.Text(),
            nullable=True,
            comment="ADR-005 门牌号: Doorplate on the thoroughfare without the suffix character, half-width digits: 36, 36-2, 36附1. Empty in old compounds; then ADR-006 is required.",
        ),
        sa.Column(
            "compound_name",
            sa.Text(),
            nullable=True,
            comment="ADR-006 小区(院落)名称: Name of the residential compound, courtyard or dormitory area.",
        ),
        sa.Column(
            "building_no",
            sa.Text(),
            nullable=True,
            comment="ADR-007 楼栋号: Building number inside the compound: digits or letter, Chinese numerals converted, suffix 栋/幢/号楼/座 removed.",
        ),
        sa.Column(
            "unit_no",
            sa.Text(),
            nullable=True,
            comment="ADR-008 单元号: Unit or stairwell number with the suffix 单元 removed. A one-unit building has 1 only where a unit plate exists; otherwise empty.",
        ),
        sa.Column(
            "floor_no",
            sa.Integer(),
            nullable=True,
            comment="ADR-009 楼层号: Real floor; B1 becomes -1. Taken from the room number only when the compound's numbering rule is known (skipped floors 4, 13, 14 exist).",
        ),
        sa.Column(
            "room_no",
            sa.Text(),
            nullable=True,
            comment="ADR-010 户室号: Room (flat) number. Conditional and personal, because with a name it tells where a person lives.",
        ),
        sa.Column(
            "address_aliases",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="ADR-011 别名地址: Former names, popular names and spellings met in source systems. Only down to the building; room-level variants are kept in the match log.",
        ),
        sa.Column(
            "address_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="ADR-012 地址点位置: Entrance point of the building, else centroid of its footprint.",
        ),
        sa.Column(
            "address_status",
            sa.Text(),
            nullable=True,
            comment="ADR-013 地址状态: 1 in use, 2 planned, 3 suspended, 4 abolished. Abolished addresses stay so that old records resolve.",
        ),
        sa.Column(
            "division_code",
            sa.Text(),
            nullable=True,
            comment="GEO-004 县级行政区划代码: Six-digit code of the county or district, e.g. 630102. Checked against the table valid on the record's date, so merged or renamed counties still pass for old records.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "source_crs",
            sa.Text(),
            nullable=True,
            comment="GEO-007 原始坐标系: Coordinate system of the record before conversion: CGCS2000, WGS84, GCJ02, BD09, LOCAL (independent city system), UNKNOWN. UNKNOWN coordinates are kept but not used for matching.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_address")),
        comment="Golden records of type address.",
    )
    op.create_index(
        "ix_golden_address_address_code",
        "golden_address",
        ["address_code"],
        unique=False,
        postgresql_where=sa.text("address_code IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_address_community_code",
        "golden_address",
        ["community_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_address_compound_name_trgm",
        "golden_address",
        ["compound_name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"compound_name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_golden_address_grid_code", "golden_address", ["grid_code", "entity_id"], unique=False
    )
    op.create_index(
        "ix_golden_address_standard_address_trgm",
        "golden_address",
        ["standard_address"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"standard_address": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_golden_address_updated_at",
        "golden_address",
        ["updated_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "golden_building",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last record was withdrawn.",
        ),
        sa.Column(
            "marks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field: provisional or disputed",
        ),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column(
            "model_object_id",
            sa.Text(),
            nullable=True,
            comment="G3D-001 三维模型对象标识: Key of the CityObject in the city model; joined to HOU-002 building_code.",
        ),
        sa.Column(
            "level_of_detail",
            sa.Text(),
            nullable=True,
            comment="G3D-002 细节层次: LoD of the best geometry present: 0 footprint, 1 block, 2 roof shape, 3 openings; refined form such as 2.2 allowed.",
        ),
        sa.Column(
            "building_height_m",
            sa.Numeric(),
            nullable=True,
            comment="G3D-003 建筑高度: Height from ground to highest roof point in metres; used for fire-engine access and line-of-sight work.",
        ),
        sa.Column(
            "ground_elevation_m",
            sa.Numeric(),
            nullable=True,
            comment="G3D-004 室外地坪高程: Elevation of the ground at the entrance in the datum named by G3D-005.",
        ),
        sa.Column(
            "vertical_datum",
            sa.Text(),
            nullable=True,
            comment="G3D-005 高程基准: CN1985, CGCS2000_ELLIPSOID or LOCAL. Required when G3D-004 is given.",
        ),
        sa.Column(
            "storeys_above_ground",
            sa.Integer(),
            nullable=True,
            comment="G3D-006 地上层数: Number of storeys above ground; a room's floor (ADR-009) may not exceed it.",
        ),
        sa.Column(
            "storeys_below_ground",
            sa.Integer(),
            nullable=True,
            comment="G3D-007 地下层数: Number of basement storeys; the lowest ADR-009 value is its negative.",
        ),
        sa.Column(
            "model_uri",
            sa.Text(),
            nullable=True,
            comment="G3D-008 三维模型资源地址: Address of the CityJSON or 3D Tiles resource inside the government network. No model file is copied into the hub.",
        ),
        sa.Column(
            "building_code",
            sa.Text(),
            nullable=True,
            comment="HOU-002 楼栋编码: Code of the building; parent of HOU-001 and key to the 3D model and the footprint.",
        ),
        sa.Column(
            "building_structure",
            sa.Text(),
            nullable=True,
            comment="HOU-005 建筑结构: Structure class. Some systems use another order (e.g. 2 = reinforced concrete), so each connector needs its own map.",
        ),
        sa.Column(
            "completion_year",
            sa.Integer(),
            nullable=True,
            comment="HOU-014 建成年份: Year of completion; used for old-compound renewal and lift retrofit.",
        ),
        sa.Column(
            "geo_entity_id",
            sa.Text(),
            nullable=True,
            comment="GEO-001 地理实体标识码: Identifier that the surveying department gives to a 2D entity (residential compound, community area, public facility, road). Kept as issued; never re-numbered by the hub.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_building")),
        comment="Golden records of type building.",
    )
    op.create_index(
        "ix_golden_building_building_code",
        "golden_building",
        ["building_code"],
        unique=False,
        postgresql_where=sa.text("building_code IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_building_community_code",
        "golden_building",
        ["community_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_building_grid_code", "golden_building", ["grid_code", "entity_id"], unique=False
    )
    op.create_index(
        "ix_golden_building_model_object_id",
        "golden_building",
        ["model_object_id"],
        unique=False,
        postgresql_where=sa.text("model_object_id IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_building_updated_at",
        "golden_building",
        ["updated_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "golden_camera",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last record was withdrawn.",
        ),
        sa.Column(
            "marks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field: provisional or disputed",
        ),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column(
            "device_code",
            sa.Text(),
            nullable=True,
            comment="VID-001 视频设备编码: Twenty-digit device number. Property cameras without one get none; the hub does not invent device codes.",
        ),
        sa.Column(
            "device_name",
            sa.Text(),
            nullable=True,
            comment="VID-002 视频点位名称: Name of the point, e.g. 康东小区东门人行道.",
        ),
        sa.Column(
            "device_type", sa.Text(), nullable=True, comment="VID-003 摄像机类型: Type of camera."
        ),
        sa.Column(
            "managing_unit_code",
            sa.Text(),
            nullable=True,
            comment="VID-004 视频系统管理单位代码: Unit that manages the system and answers for retention and the look-up register.",
        ),
        sa.Column(
            "device_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="VID-005 设备安装位置: Camera position. Never unconditional: a full map of cameras shows where there are none.",
        ),
        sa.Column(
            "azimuth_deg",
            sa.Numeric(),
            nullable=True,
            comment="VID-006 主视方向方位角: Main viewing direction. GB/T 28181 gives only eight directions, turned into multiples of 45 degrees and flagged coarse.",
        ),
        sa.Column(
            "field_of_view_deg",
            sa.Numeric(),
            nullable=True,
            comment="VID-007 水平视场角: Horizontal angle of view; with VID-005, VID-006 gives the view sector that must not reach into homes.",
        ),
        sa.Column(
            "device_status",
            sa.Text(),
            nullable=True,
            comment="VID-008 设备状态: Current state, from the police or property platform.",
        ),
        sa.Column(
            "retention_days",
            sa.Integer(),
            nullable=True,
            comment="VID-009 视频存储期限: Days kept. At least 30 for systems of Order 799 Art 7; systems of Art 9 are exempt from Art 14 and 17.",
        ),
        sa.Column(
            "police_filing_no",
            sa.Text(),
            nullable=True,
            comment="VID-010 公安备案编号: Receipt of the filing with the county police; the number's form is local.",
        ),
        sa.Column(
            "stream_uri",
            sa.Text(),
            nullable=True,
            comment="VID-011 视频流调用地址: Not shared through the hub: viewing needs a unit's own legal duty and procedure (Art 20) and entry in the look-up register (Art 16). The public-security bureau must state reason and legal basis in the catalogue (Order 809 Art 15); until then the hub denies it by default.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_camera")),
        comment="Golden records of type camera.",
    )
    op.create_index(
        "ix_golden_camera_community_code",
        "golden_camera",
        ["community_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_camera_device_code",
        "golden_camera",
        ["device_code"],
        unique=False,
        postgresql_where=sa.text("device_code IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_camera_grid_code", "golden_camera", ["grid_code", "entity_id"], unique=False
    )
    op.create_index(
        "ix_golden_camera_updated_at",
        "golden_camera",
        ["updated_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "golden_component",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last record was withdrawn.",
        ),
        sa.Column(
            "marks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field: provisional or disputed",
        ),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column(
            "component_id",
            sa.Text(),
            nullable=True,
            comment="CMP-001 部件标识码: Identifier on the component's plate. Sixteen-digit codes stay valid as legacy until the department re-issues them.",
        ),
        sa.Column(
            "component_name",
            sa.Text(),
            nullable=True,
            comment="CMP-002 部件名称: Name of the kind of component, e.g. 雨水箅子.",
        ),
        sa.Column(
            "component_class_code",
            sa.Text(),
            nullable=True,
            comment="CMP-003 部件分类代码: Big class (2) + small class (3, legacy 2).",
        ),
        sa.Column(
            "supervising_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-004 主管部门代码: Department in charge. CJ/T 214 systems hold short local codes (DeptCode1), turned into credit codes by a table.",
        ),
        sa.Column(
            "owner_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-005 权属单位代码: Unit that owns the component (DeptCode2).",
        ),
        sa.Column(
            "owner_unit_name",
            sa.Text(),
            nullable=True,
            comment="CMP-006 权属单位名称: Name of the owner; inside compounds often the owners represented by the property company.",
        ),
        sa.Column(
            "maintenance_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-007 养护单位代码: Unit that keeps the component (DeptCode3).",
        ),
        sa.Column(
            "maintenance_unit_name",
            sa.Text(),
            nullable=True,
            comment="CMP-008 养护单位名称: Name of the unit that keeps the component; receives the repair order.",
        ),
        sa.Column(
            "component_status",
            sa.Text(),
            nullable=True,
            comment="CMP-009 部件状态: State of the component. Reports by grid workers enter as a correction request (校核) and not as an overwrite.",
        ),
        sa.Column(
            "component_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="CMP-010 部件位置: Location in CGCS2000. Old systems hold local projected PointX/PointY. Some kinds (gas, power) may be sensitive in bulk.",
        ),
        sa.Column(
            "installed_date",
            sa.Date(),
            nullable=True,
            comment="CMP-011 初始日期: Date of installation or first survey.",
        ),
        sa.Column(
            "status_changed_date",
            sa.Date(),
            nullable=True,
            comment="CMP-012 变更日期: Date of the last change of status or attributes.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "unit_grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-004 单元网格标识码: Urban-management unit grid. Old 14-digit codes are kept as given and marked legacy; only the department's own table may turn them into 15 digits.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_component")),
        comment="Golden records of type component.",
    )
    op.create_index(
        "ix_golden_component_community_code",
        "golden_component",
        ["community_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_component_component_id",
        "golden_component",
        ["component_id"],
        unique=False,
        postgresql_where=sa.text("component_id IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_component_grid_code",
        "golden_component",
        ["grid_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_component_updated_at",
        "golden_component",
        ["updated_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "golden_geo_entity",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last record was withdrawn.",
        ),
        sa.Column(
            "marks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field: provisional or disputed",
        ),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column(
            "geo_entity_id",
            sa.Text(),
            nullable=True,
            comment="GEO-001 地理实体标识码: Identifier that the surveying department gives to a 2D entity (residential compound, community area, public facility, road). Kept as issued; never re-numbered by the hub.",
        ),
        sa.Column(
            "geo_entity_name",
            sa.Text(),
            nullable=True,
            comment="GEO-002 地理实体名称: Standard name of the entity as in the national place-name information base; common names go to ADR-011 address_aliases.",
        ),
        sa.Column(
            "geo_entity_class",
            sa.Text(),
            nullable=True,
            comment="GEO-003 地理实体类别: Kind of entity: 01 residential compound, 02 community area, 03 public service facility, 04 road, 05 green space, 06 water, 07 building footprint, 99 other.",
        ),
        sa.Column(
            "division_code",
            sa.Text(),
            nullable=True,
            comment="GEO-004 县级行政区划代码: Six-digit code of the county or district, e.g. 630102. Checked against the table valid on the record's date, so merged or renamed counties still pass for old records.",
        ),
        sa.Column(
            "boundary_geometry",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GEO-006 实体边界: Outline of the entity in CGCS2000 longitude and latitude. Large-scale survey data may be classified; the surveying department decides what may enter the hub. A point where only a point is known.",
        ),
        sa.Column(
            "source_crs",
            sa.Text(),
            nullable=True,
            comment="GEO-007 原始坐标系: Coordinate system of the record before conversion: CGCS2000, WGS84, GCJ02, BD09, LOCAL (independent city system), UNKNOWN. UNKNOWN coordinates are kept but not used for matching.",
        ),
        sa.Column(
            "positional_accuracy_m",
            sa.Numeric(),
            nullable=True,
            comment="GEO-008 平面位置精度: Estimated horizontal error in metres after conversion. Round trip GCJ-02 below 0.01 m, BD-09 below 0.3 m, unknown systems 1000 m.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_geo_entity")),
        comment="Golden records of type geo_entity.",
    )
    op.create_index(
        "ix_golden_geo_entity_community_code",
        "golden_geo_entity",
        ["community_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_geo_entity_geo_entity_id",
        "golden_geo_entity",
        ["geo_entity_id"],
        unique=False,
        postgresql_where=sa.text("geo_entity_id IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_geo_entity_geo_entity_name_trgm",
        "golden_geo_entity",
        ["geo_entity_name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"geo_entity_name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_golden_geo_entity_grid_code",
        "golden_geo_entity",
        ["grid_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_geo_entity_updated_at",
        "golden_geo_entity",
        ["updated_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "golden_grid",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last record was withdrawn.",
        ),
        sa.Column(
            "marks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field: provisional or disputed",
        ),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "grid_name",
            sa.Text(),
            nullable=True,
            comment="GRD-002 网格名称: Name of the grid, e.g. 学院社区第三网格.",
        ),
        sa.Column(
            "grid_type",
            sa.Text(),
            nullable=True,
            comment="GRD-003 网格类型: 1 community grid, 2 dedicated grid (school, market, hospital), 3 micro grid (building or stairwell), 4 urban-management unit grid.",
        ),
        sa.Column(
            "unit_grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-004 单元网格标识码: Urban-management unit grid. Old 14-digit codes are kept as given and marked legacy; only the department's own table may turn them into 15 digits.",
        ),
        sa.Column(
            "grid_boundary",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GRD-005 网格边界: Boundary of the grid; grids of one type may not overlap and together cover the community.",
        ),
        sa.Column(
            "grid_leader_name",
            sa.Text(),
            nullable=True,
            comment="GRD-006 网格长姓名: Name of the grid leader in his or her duty, as on the public notice board.",
        ),
        sa.Column(
            "grid_leader_phone",
            sa.Text(),
            nullable=True,
            comment="GRD-007 网格长工作电话: Duty phone as published. A private mobile number that is not published must not be entered here.",
        ),
        sa.Column(
            "grid_worker_names",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GRD-008 网格员姓名: Names of full-time and part-time grid workers on duty in the grid.",
        ),
        sa.Column(
            "police_organ_code",
            sa.Text(),
            nullable=True,
            comment="GRD-009 辖区公安机关(警务区)代码: Code of the police station or community police area that covers the grid.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_grid")),
        comment="Golden records of type grid.",
    )
    op.create_index(
        "ix_golden_grid_community_code",
        "golden_grid",
        ["community_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_grid_grid_code", "golden_grid", ["grid_code", "entity_id"], unique=False
    )
    op.create_index(
        "ix_golden_grid_updated_at",
        "golden_grid",
        ["updated_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "golden_history",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("golden", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("pk_golden_history")),
        comment="Versions of golden records that are no longer served.",
    )
    op.create_table(
        "golden_house",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last record was withdrawn.",
        ),
        sa.Column(
            "marks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field: provisional or disputed",
        ),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column(
            "house_code",
            sa.Text(),
            nullable=True,
            comment="HOU-001 房屋编码: Code of one flat or house. The city's official house code where issued; otherwise hub-built as building code + unit + room and replaced when the official one comes.",
        ),
        sa.Column(
            "building_code",
            sa.Text(),
            nullable=True,
            comment="HOU-002 楼栋编码: Code of the building; parent of HOU-001 and key to the 3D model and the footprint.",
        ),
        sa.Column(
            "real_estate_unit_code",
            sa.Text(),
            nullable=True,
            comment="HOU-003 不动产单元代码: Code of the registered real-estate unit. Only through the natural-resources sharing service and for the purpose applied for.",
        ),
        sa.Column(
            "house_use",
            sa.Text(),
            nullable=True,
            comment="HOU-004 房屋用途: 01 dwelling, 02 shop below dwelling, 03 shop, 04 office, 05 industry or storage, 06 school, 07 medical, 08 elderly care, 09 garage, 99 other.",
        ),
        sa.Column(
            "building_structure",
            sa.Text(),
            nullable=True,
            comment="HOU-005 建筑结构: Structure class. Some systems use another order (e.g. 2 = reinforced concrete), so each connector needs its own map.",
        ),
        sa.Column(
            "floor_area_m2",
            sa.Numeric(),
            nullable=True,
            comment="HOU-006 建筑面积: Registered floor area; the property company's charging area is only a fallback and marked so.",
        ),
        sa.Column(
            "tenure_type",
            sa.Text(),
            nullable=True,
            comment="HOU-007 产权性质: 1 market-bought, 2 reformed public housing, 3 municipal public housing, 4 unit-owned dormitory, 5 public rental, 6 self-built, 7 collective land, 9 other or unknown.",
        ),
        sa.Column(
            "occupancy_status",
            sa.Text(),
            nullable=True,
            comment="HOU-008 居住状态: 1 owner-occupied, 2 rented, 3 lent, 4 vacant, 5 not handed over, 6 business use, 9 unknown. Vacancy lists attract burglars, hence conditional.",
        ),
        sa.Column(
            "owner_name",
            sa.Text(),
            nullable=True,
            comment="HOU-009 房屋产权人姓名: Owner as recorded by the property company or the street office; it does not prove title. May be a company.",
        ),
        sa.Column(
            "owner_id_no",
            sa.Text(),
            nullable=True,
            comment="HOU-010 产权人证件号码: Used only to match owner with resident; stored encrypted (SM4) with a keyed digest (HMAC-SM3) for joins; never returned in clear to the property company.",
        ),
        sa.Column(
            "owner_phone",
            sa.Text(),
            nullable=True,
            comment="HOU-011 产权人联系电话: Phone for leaks, lifts and fire-lane calls.",
        ),
        sa.Column(
            "safety_hazards",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="HOU-012 安全隐患类型: Hazards found on visits: 01 fire, 02 gas, 03 electric, 04 structure, 05 group renting, 06 e-bike charging, 07 public order, 99 other; empty array means checked and none.",
        ),
        sa.Column(
            "resident_count",
            sa.Integer(),
            nullable=True,
            comment="HOU-013 实际居住人数: People who live there now; recomputed by the hub from person records and compared with the visit's figure.",
        ),
        sa.Column(
            "completion_year",
            sa.Integer(),
            nullable=True,
            comment="HOU-014 建成年份: Year of completion; used for old-compound renewal and lift retrofit.",
        ),
        sa.Column(
            "has_elevator",
            sa.Boolean(),
            nullable=True,
            comment="HOU-015 是否有电梯: Lift in the unit; source codes differ (1010 yes / 2020 no in one open-source property system).",
        ),
        sa.Column(
            "property_company_code",
            sa.Text(),
            nullable=True,
            comment="HOU-016 物业服务企业统一社会信用代码: Company (or owners' committee, or community in compounds without property management) that runs the compound.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "compound_name",
            sa.Text(),
            nullable=True,
            comment="ADR-006 小区(院落)名称: Name of the residential compound, courtyard or dormitory area.",
        ),
        sa.Column(
            "building_no",
            sa.Text(),
            nullable=True,
            comment="ADR-007 楼栋号: Building number inside the compound: digits or letter, Chinese numerals converted, suffix 栋/幢/号楼/座 removed.",
        ),
        sa.Column(
            "unit_no",
            sa.Text(),
            nullable=True,
            comment="ADR-008 单元号: Unit or stairwell number with the suffix 单元 removed. A one-unit building has 1 only where a unit plate exists; otherwise empty.",
        ),
        sa.Column(
            "floor_no",
            sa.Integer(),
            nullable=True,
            comment="ADR-009 楼层号: Real floor; B1 becomes -1. Taken from the room number only when the compound's numbering rule is known (skipped floors 4, 13, 14 exist).",
        ),
        sa.Column(
            "room_no",
            sa.Text(),
            nullable=True,
            comment="ADR-010 户室号: Room (flat) number. Conditional and personal, because with a name it tells where a person lives.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_house")),
        comment="Golden records of type house.",
    )
    op.create_index(
        "ix_golden_house_community_code",
        "golden_house",
        ["community_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_house_grid_code", "golden_house", ["grid_code", "entity_id"], unique=False
    )
    op.create_index(
        "ix_golden_house_house_code",
        "golden_house",
        ["house_code"],
        unique=False,
        postgresql_where=sa.text("house_code IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_house_owner_id_no",
        "golden_house",
        ["owner_id_no"],
        unique=False,
        postgresql_where=sa.text("owner_id_no IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_house_owner_name",
        "golden_house",
        ["owner_name"],
        unique=False,
        postgresql_where=sa.text("owner_name IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_house_owner_name_trgm",
        "golden_house",
        ["owner_name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"owner_name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_golden_house_owner_phone",
        "golden_house",
        ["owner_phone"],
        unique=False,
        postgresql_where=sa.text("owner_phone IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_house_standard_address_trgm",
        "golden_house",
        ["standard_address"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"standard_address": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_golden_house_updated_at",
        "golden_house",
        ["updated_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "golden_person",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last record was withdrawn.",
        ),
        sa.Column(
            "marks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field: provisional or disputed",
        ),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column(
            "person_id",
            sa.Text(),
            nullable=True,
            comment="POP-001 人员标识: The entity id of the person: opaque, random, never reused, used in logs, links and most answers in place of the identity number. Still personal information (PIPL Art 4, 73).",
        ),
        sa.Column(
            "citizen_id_no",
            sa.Text(),
            nullable=True,
            comment="POP-002 公民身份号码: Eighteen characters, upper-case X. Required when POP-003 is 111. Fifteen-digit numbers are upgraded and flagged. Handled as L4 although GB/T 45574-2025 lists the number no longer by itself.",
        ),
        sa.Column(
            "id_document_type",
            sa.Text(),
            nullable=True,
            comment="POP-003 证件种类: Kind of document; the list is open and loaded from the public-security table.",
        ),
        sa.Column(
            "id_document_no",
            sa.Text(),
            nullable=True,
            comment="POP-004 其他证件号码: Number of a document other than the citizen identity card (passport, permit for Hong Kong, Macao or Taiwan residents, permanent residence card).",
        ),
        sa.Column(
            "person_name",
            sa.Text(),
            nullable=True,
            comment="POP-005 姓名: Name as on the document. Variant characters are never replaced; a folded key (traditional to simplified, variant table) is kept apart for matching.",
        ),
        sa.Column(
            "former_name",
            sa.Text(),
            nullable=True,
            comment="POP-006 曾用名: Former or other name, used in matching old records.",
        ),
        sa.Column(
            "sex_code",
            sa.Text(),
            nullable=True,
            comment="POP-007 性别: 0 unknown, 1 male, 2 female, 9 not stated. Many RuoYi-type systems use 0 male, 1 female: cross-check with digit 17 of the identity number.",
        ),
        sa.Column(
            "birth_date",
            sa.Date(),
            nullable=True,
            comment="POP-008 出生日期: Must equal digits 7-14 of POP-002 where present; age is computed, never stored.",
        ),
        sa.Column(
            "ethnic_group_code",
            sa.Text(),
            nullable=True,
            comment="POP-009 民族: Two-digit code. Xining Chengdong is a multi-ethnic district, so language and festival services use it; give it only to those who need it.",
        ),
        sa.Column(
            "marital_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-010 婚姻状况: 10 unmarried, 20 married (21 first, 22 remarried, 23 restored), 30 widowed, 40 divorced, 90 not stated.",
        ),
        sa.Column(
            "political_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-011 政治面貌: 01 Party member, 02 probationary member, 03 League member ... 13 general public.",
        ),
        sa.Column(
            "education_level_code",
            sa.Text(),
            nullable=True,
            comment="POP-012 文化程度: Two-digit code; first digit alone (10, 20, 60 ...) is valid where only the broad level is known.",
        ),
        sa.Column(
            "employment_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-013 从业状况: Employed, student, unemployed, retired and others; occupation detail (GB/T 6565) is left to source systems.",
        ),
        sa.Column(
            "contact_phone",
            sa.Text(),
            nullable=True,
            comment="POP-014 联系电话: Mobile as 11 digits, landline as area code-number (0971-...). Several numbers are split; the first that works is kept.",
        ),
        sa.Column(
            "population_category",
            sa.Text(),
            nullable=True,
            comment="POP-015 人口类别: 1 registered here and living here, 2 registered here living elsewhere, 3 floating (registered elsewhere), 4 Hong Kong, Macao or Taiwan resident, 5 foreigner, 9 unknown.",
        ),
        sa.Column(
            "household_register_division_code",
            sa.Text(),
            nullable=True,
            comment="POP-016 户籍地行政区划代码: County of household registration; old codes allowed and mapped to the current one.",
        ),
        sa.Column(
            "household_register_address",
            sa.Text(),
            nullable=True,
            comment="POP-017 户籍地详址: Text below county level.",
        ),
        sa.Column(
            "residence_match_code",
            sa.Text(),
            nullable=True,
            comment="POP-018 人户一致标识: Whether the person lives at the registered address.",
        ),
        sa.Column(
            "household_no",
            sa.Text(),
            nullable=True,
            comment="POP-019 户号: Number of the household register; links family members.",
        ),
        sa.Column(
            "relationship_to_head_code",
            sa.Text(),
            nullable=True,
            comment="POP-020 与户主关系: 02 head, 1x spouse, 2x son, 3x daughter, 4x grandchild, 5x parent, 6x grandparent, 7x sibling, 97 other, 99 non-relative.",
        ),
        sa.Column(
            "residence_permit_valid_until",
            sa.Date(),
            nullable=True,
            comment="POP-021 居住证有效期至: End of the current yearly endorsement; the hub reminds the grid worker 30 days before (the card itself is endorsed yearly).",
        ),
        sa.Column(
            "inflow_reason_code",
            sa.Text(),
            nullable=True,
            comment="POP-022 流入原因: At least four other code sets for the same idea were met in practice (0-15, 204-218, plain text), so map by name.",
        ),
        sa.Column(
            "residence_start_date",
            sa.Date(),
            nullable=True,
            comment="POP-023 现住地居住起始日期: Start of living at the house named by HOU-001; with half a year's living the permit becomes possible.",
        ),
        sa.Column(
            "care_categories",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="POP-024 关爱服务类别: 01 elderly living alone, 02 empty-nest elderly, 03 aged 80 and over, 04 incapable or semi-capable elderly, 05 left-behind child, 06 child in difficulty, 07 special-support family, 08 veteran or preferential-treatment person, 99 other.",
        ),
        sa.Column(
            "disability_category_code",
            sa.Text(),
            nullable=True,
            comment="POP-025 残疾类别: From the disability certificate (civil-affairs / disabled persons' federation data through the street office). Health information: PIPL Art 28.",
        ),
        sa.Column(
            "disability_level_code",
            sa.Text(),
            nullable=True,
            comment="POP-026 残疾等级: 1 most severe to 4. Required when POP-025 is given.",
        ),
        sa.Column(
            "social_assistance_type",
            sa.Text(),
            nullable=True,
            comment="POP-027 社会救助类别: 01 minimum living allowance, 02 destitute support, 03 low-income edge family, 04 rigid-expenditure hardship, 05 temporary aid, 99 other; empty = none known.",
        ),
        sa.Column(
            "emergency_contact_name",
            sa.Text(),
            nullable=True,
            comment="POP-028 紧急联系人姓名: Relative, guardian or neighbour to call. For children under 14 this is the guardian.",
        ),
        sa.Column(
            "emergency_contact_phone",
            sa.Text(),
            nullable=True,
            comment="POP-029 紧急联系人电话: Phone of POP-028.",
        ),
        sa.Column(
            "last_visit_date",
            sa.Date(),
            nullable=True,
            comment="POP-030 最近走访日期: Last visit or call by the grid worker; drives the visit list for care categories.",
        ),
        sa.Column(
            "person_status",
            sa.Text(),
            nullable=True,
            comment="POP-031 人员状态: 1 living here, 2 moved away, 3 dead, 4 registration cancelled, 5 long absent, 9 unknown. Dead and moved people leave the working lists at once.",
        ),
        sa.Column(
            "house_code",
            sa.Text(),
            nullable=True,
            comment="HOU-001 房屋编码: Code of one flat or house. The city's official house code where issued; otherwise hub-built as building code + unit + room and replaced when the official one comes.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_golden_person")),
        comment="Golden records of type person.",
    )
    op.create_index(
        "ix_golden_person_citizen_id_no",
        "golden_person",
        ["citizen_id_no"],
        unique=False,
        postgresql_where=sa.text("citizen_id_no IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_person_community_code",
        "golden_person",
        ["community_code", "entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_golden_person_contact_phone",
        "golden_person",
        ["contact_phone"],
        unique=False,
        postgresql_where=sa.text("contact_phone IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_person_former_name",
        "golden_person",
        ["former_name"],
        unique=False,
        postgresql_where=sa.text("former_name IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_person_grid_code", "golden_person", ["grid_code", "entity_id"], unique=False
    )
    op.create_index(
        "ix_golden_person_household_no",
        "golden_person",
        ["household_no"],
        unique=False,
        postgresql_where=sa.text("household_no IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_person_id_document_no",
        "golden_person",
        ["id_document_no"],
        unique=False,
        postgresql_where=sa.text("id_document_no IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_person_person_name",
        "golden_person",
        ["person_name"],
        unique=False,
        postgresql_where=sa.text("person_name IS NOT NULL"),
    )
    op.create_index(
        "ix_golden_person_person_name_trgm",
        "golden_person",
        ["person_name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"person_name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_golden_person_standard_address_trgm",
        "golden_person",
        ["standard_address"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"standard_address": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_golden_person_updated_at",
        "golden_person",
        ["updated_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "idempotency",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "fingerprint",
            sa.Text(),
            nullable=False,
            comment="Hash of the request the key was used for.",
        ),
        sa.Column(
            "answer",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What to answer again.",
        ),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("client_id", "route", "key", name=op.f("pk_idempotency")),
        comment="Answers to requests that must have one effect only, kept with the effect.",
    )
    op.create_table(
        "landing",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hash", sa.UUID(), nullable=False),
        sa.Column(
            "row",
            sa.Text(),
            nullable=False,
            comment="JSON array of text in the order of the layout.",
        ),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="live, quarantined, withdrawn or missing"
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source", "dataset", "key", name=op.f("pk_landing")),
        comment="The last row of each key as the source sent it.",
    )
    op.create_index(op.f("ix_landing_batch_id"), "landing", ["batch_id"], unique=False)
    op.create_table(
        "layout",
        sa.Column("layout_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("names", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("layout_id", name=op.f("pk_layout")),
        sa.UniqueConstraint("names", name=op.f("uq_layout_names")),
        comment="Names in order: of the columns of raw rows, of the fields that origins are about.",
    )
    op.create_table(
        "link",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column(
            "entity_id", sa.Text(), nullable=True, comment="Empty while the record is withdrawn."
        ),
        sa.Column("home_id", sa.Text(), nullable=False, comment="The id it had before any merge."),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="Where the record belongs: said, or derived.",
        ),
        sa.Column("compound_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_link")),
        comment="Which entity a record speaks of.",
    )
    op.create_index(op.f("ix_link_entity_id"), "link", ["entity_id"], unique=False)
    op.create_table(
        "link_key",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.UUID(), nullable=False),
        sa.Column(
            "use", sa.Text(), nullable=False, comment="same: equal keys link; home: only looked up"
        ),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "key", "use", name=op.f("pk_link_key")),
        comment="What records of one entity have in common, hashed.",
    )
    op.create_index(op.f("ix_link_key_key_use"), "link_key", ["key", "use"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("outbox_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "change",
            sa.Text(),
            nullable=False,
            comment="created, updated, withdrawn, merged or split",
        ),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cause", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_outbox")),
        comment="Changes committed with their cause, waiting to be numbered.",
    )
    op.create_table(
        "quarantine",
        sa.Column("quarantine_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=True),
        sa.Column(
            "field",
            sa.Text(),
            nullable=True,
            comment="The field whose value is held; empty: the whole record is.",
        ),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "released_by", sa.BigInteger(), nullable=True, comment="The batch whose row passed."
        ),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("pk_quarantine")),
        comment="Records and values that broke a rule: kept with the reason, not published.",
    )
    op.create_index(
        "uq_quarantine_open",
        "quarantine",
        ["source", "dataset", "key", "record_type", "field", "rule"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "record_address",
        sa.Column(
            "record_id",
            sa.BigInteger(),
            server_default=sa.text("nextval('record_number')"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "row_key", sa.Text(), nullable=False, comment="Key of the native row it came from."
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the values first appeared, unless since.",
        ),
        sa.Column(
            "since",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="When values that changed later first appeared.",
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "subdistrict_code",
            sa.Text(),
            nullable=True,
            comment="ADR-003 街道(乡镇)代码: Nine-digit code: 6 division + 3 (001-099 street office, 100-199 town, 200-399 township, 400-599 merged with enterprise or park; ranges warn, the table decides).",
        ),
        sa.Column(
            "thoroughfare_name",
            sa.Text(),
            nullable=True,
            comment="ADR-004 街路巷名称: Standard name of street, road or lane (jlxmc in police systems).",
        ),
        sa.Column(
            "doorplate_no",
            sa.Text(),
            nullable=True,
            comment="ADR-005 门牌号: Doorplate on the thoroughfare without the suffix character, half-width digits: 36, 36-2, 36附1. Empty in old compounds; then ADR-006 is required.",
        ),
        sa.Column(
            "compound_name",
            sa.Text(),
            nullable=True,
            comment="ADR-006 小区(院落)名称: Name of the residential compound, courtyard or dormitory area.",
        ),
        sa.Column(
            "building_no",
            sa.Text(),
            nullable=True,
            comment="ADR-007 楼栋号: Building number inside the compound: digits or letter, Chinese numerals converted, suffix 栋/幢/号楼/座 removed.",
        ),
        sa.Column(
            "unit_no",
            sa.Text(),
            nullable=True,
            comment="ADR-008 单元号: Unit or stairwell number with the suffix 单元 removed. A one-unit building has 1 only where a unit plate exists; otherwise empty.",
        ),
        sa.Column(
            "floor_no",
            sa.Integer(),
            nullable=True,
            comment="ADR-009 楼层号: Real floor; B1 becomes -1. Taken from the room number only when the compound's numbering rule is known (skipped floors 4, 13, 14 exist).",
        ),
        sa.Column(
            "room_no",
            sa.Text(),
            nullable=True,
            comment="ADR-010 户室号: Room (flat) number. Conditional and personal, because with a name it tells where a person lives.",
        ),
        sa.Column(
            "address_aliases",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="ADR-011 别名地址: Former names, popular names and spellings met in source systems. Only down to the building; room-level variants are kept in the match log.",
        ),
        sa.Column(
            "address_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="ADR-012 地址点位置: Entrance point of the building, else centroid of its footprint.",
        ),
        sa.Column(
            "address_status",
            sa.Text(),
            nullable=True,
            comment="ADR-013 地址状态: 1 in use, 2 planned, 3 suspended, 4 abolished. Abolished addresses stay so that old records resolve.",
        ),
        sa.Column(
            "division_code",
            sa.Text(),
            nullable=True,
            comment="GEO-004 县级行政区划代码: Six-digit code of the county or district, e.g. 630102. Checked against the table valid on the record's date, so merged or renamed counties still pass for old records.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "source_crs",
            sa.Text(),
            nullable=True,
            comment="GEO-007 原始坐标系: Coordinate system of the record before conversion: CGCS2000, WGS84, GCJ02, BD09, LOCAL (independent city system), UNKNOWN. UNKNOWN coordinates are kept but not used for matching.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_address")),
        sa.UniqueConstraint(
            "source", "dataset", "key", name=op.f("uq_record_address_source_dataset_key")
        ),
        comment="Records of type address as their sources say them now.",
    )
    op.create_index(
        "ix_record_address_compound_key",
        "record_address",
        ["compound_key"],
        unique=False,
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_record_address_source_dataset_row_key"),
        "record_address",
        ["source", "dataset", "row_key"],
        unique=False,
    )
    op.create_table(
        "record_building",
        sa.Column(
            "record_id",
            sa.BigInteger(),
            server_default=sa.text("nextval('record_number')"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "row_key", sa.Text(), nullable=False, comment="Key of the native row it came from."
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the values first appeared, unless since.",
        ),
        sa.Column(
            "since",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="When values that changed later first appeared.",
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "model_object_id",
            sa.Text(),
            nullable=True,
            comment="G3D-001 三维模型对象标识: Key of the CityObject in the city model; joined to HOU-002 building_code.",
        ),
        sa.Column(
            "level_of_detail",
            sa.Text(),
            nullable=True,
            comment="G3D-002 细节层次: LoD of the best geometry present: 0 footprint, 1 block, 2 roof shape, 3 openings; refined form such as 2.2 allowed.",
        ),
        sa.Column(
            "building_height_m",
            sa.Numeric(),
            nullable=True,
            comment="G3D-003 建筑高度: Height from ground to highest roof point in metres; used for fire-engine access and line-of-sight work.",
        ),
        sa.Column(
            "ground_elevation_m",
            sa.Numeric(),
            nullable=True,
            comment="G3D-004 室外地坪高程: Elevation of the ground at the entrance in the datum named by G3D-005.",
        ),
        sa.Column(
            "vertical_datum",
            sa.Text(),
            nullable=True,
            comment="G3D-005 高程基准: CN1985, CGCS2000_ELLIPSOID or LOCAL. Required when G3D-004 is given.",
        ),
        sa.Column(
            "storeys_above_ground",
            sa.Integer(),
            nullable=True,
            comment="G3D-006 地上层数: Number of storeys above ground; a room's floor (ADR-009) may not exceed it.",
        ),
        sa.Column(
            "storeys_below_ground",
            sa.Integer(),
            nullable=True,
            comment="G3D-007 地下层数: Number of basement storeys; the lowest ADR-009 value is its negative.",
        ),
        sa.Column(
            "model_uri",
            sa.Text(),
            nullable=True,
            comment="G3D-008 三维模型资源地址: Address of the CityJSON or 3D Tiles resource inside the government network. No model file is copied into the hub.",
        ),
        sa.Column(
            "building_code",
            sa.Text(),
            nullable=True,
            comment="HOU-002 楼栋编码: Code of the building; parent of HOU-001 and key to the 3D model and the footprint.",
        ),
        sa.Column(
            "building_structure",
            sa.Text(),
            nullable=True,
            comment="HOU-005 建筑结构: Structure class. Some systems use another order (e.g. 2 = reinforced concrete), so each connector needs its own map.",
        ),
        sa.Column(
            "completion_year",
            sa.Integer(),
            nullable=True,
            comment="HOU-014 建成年份: Year of completion; used for old-compound renewal and lift retrofit.",
        ),
        sa.Column(
            "geo_entity_id",
            sa.Text(),
            nullable=True,
            comment="GEO-001 地理实体标识码: Identifier that the surveying department gives to a 2D entity (residential compound, community area, public facility, road). Kept as issued; never re-numbered by the hub.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_building")),
        sa.UniqueConstraint(
            "source", "dataset", "key", name=op.f("uq_record_building_source_dataset_key")
        ),
        comment="Records of type building as their sources say them now.",
    )
    op.create_index(
        "ix_record_building_compound_key",
        "record_building",
        ["compound_key"],
        unique=False,
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_record_building_source_dataset_row_key"),
        "record_building",
        ["source", "dataset", "row_key"],
        unique=False,
    )
    op.create_table(
        "record_camera",
        sa.Column(
            "record_id",
            sa.BigInteger(),
            server_default=sa.text("nextval('record_number')"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "row_key", sa.Text(), nullable=False, comment="Key of the native row it came from."
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the values first appeared, unless since.",
        ),
        sa.Column(
            "since",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="When values that changed later first appeared.",
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "device_code",
            sa.Text(),
            nullable=True,
            comment="VID-001 视频设备编码: Twenty-digit device number. Property cameras without one get none; the hub does not invent device codes.",
        ),
        sa.Column(
            "device_name",
            sa.Text(),
            nullable=True,
            comment="VID-002 视频点位名称: Name of the point, e.g. 康东小区东门人行道.",
        ),
        sa.Column(
            "device_type", sa.Text(), nullable=True, comment="VID-003 摄像机类型: Type of camera."
        ),
        sa.Column(
            "managing_unit_code",
            sa.Text(),
            nullable=True,
            comment="VID-004 视频系统管理单位代码: Unit that manages the system and answers for retention and the look-up register.",
        ),
        sa.Column(
            "device_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="VID-005 设备安装位置: Camera position. Never unconditional: a full map of cameras shows where there are none.",
        ),
        sa.Column(
            "azimuth_deg",
            sa.Numeric(),
            nullable=True,
            comment="VID-006 主视方向方位角: Main viewing direction. GB/T 28181 gives only eight directions, turned into multiples of 45 degrees and flagged coarse.",
        ),
        sa.Column(
            "field_of_view_deg",
            sa.Numeric(),
            nullable=True,
            comment="VID-007 水平视场角: Horizontal angle of view; with VID-005, VID-006 gives the view sector that must not reach into homes.",
        ),
        sa.Column(
            "device_status",
            sa.Text(),
            nullable=True,
            comment="VID-008 设备状态: Current state, from the police or property platform.",
        ),
        sa.Column(
            "retention_days",
            sa.Integer(),
            nullable=True,
            comment="VID-009 视频存储期限: Days kept. At least 30 for systems of Order 799 Art 7; systems of Art 9 are exempt from Art 14 and 17.",
        ),
        sa.Column(
            "police_filing_no",
            sa.Text(),
            nullable=True,
            comment="VID-010 公安备案编号: Receipt of the filing with the county police; the number's form is local.",
        ),
        sa.Column(
            "stream_uri",
            sa.Text(),
            nullable=True,
            comment="VID-011 视频流调用地址: Not shared through the hub: viewing needs a unit's own legal duty and procedure (Art 20) and entry in the look-up register (Art 16). The public-security bureau must state reason and legal basis in the catalogue (Order 809 Art 15); until then the hub denies it by default.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_camera")),
        sa.UniqueConstraint(
            "source", "dataset", "key", name=op.f("uq_record_camera_source_dataset_key")
        ),
        comment="Records of type camera as their sources say them now.",
    )
    op.create_index(
        "ix_record_camera_compound_key",
        "record_camera",
        ["compound_key"],
        unique=False,
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_record_camera_source_dataset_row_key"),
        "record_camera",
        ["source", "dataset", "row_key"],
        unique=False,
    )
    op.create_table(
        "record_component",
        sa.Column(
            "record_id",
            sa.BigInteger(),
            server_default=sa.text("nextval('record_number')"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "row_key", sa.Text(), nullable=False, comment="Key of the native row it came from."
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the values first appeared, unless since.",
        ),
        sa.Column(
            "since",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="When values that changed later first appeared.",
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "component_id",
            sa.Text(),
            nullable=True,
            comment="CMP-001 部件标识码: Identifier on the component's plate. Sixteen-digit codes stay valid as legacy until the department re-issues them.",
        ),
        sa.Column(
            "component_name",
            sa.Text(),
            nullable=True,
            comment="CMP-002 部件名称: Name of the kind of component, e.g. 雨水箅子.",
        ),
        sa.Column(
            "component_class_code",
            sa.Text(),
            nullable=True,
            comment="CMP-003 部件分类代码: Big class (2) + small class (3, legacy 2).",
        ),
        sa.Column(
            "supervising_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-004 主管部门代码: Department in charge. CJ/T 214 systems hold short local codes (DeptCode1), turned into credit codes by a table.",
        ),
        sa.Column(
            "owner_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-005 权属单位代码: Unit that owns the component (DeptCode2).",
        ),
        sa.Column(
            "owner_unit_name",
            sa.Text(),
            nullable=True,
            comment="CMP-006 权属单位名称: Name of the owner; inside compounds often the owners represented by the property company.",
        ),
        sa.Column(
            "maintenance_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-007 养护单位代码: Unit that keeps the component (DeptCode3).",
        ),
        sa.Column(
            "maintenance_unit_name",
            sa.Text(),
            nullable=True,
            comment="CMP-008 养护单位名称: Name of the unit that keeps the component; receives the repair order.",
        ),
        sa.Column(
            "component_status",
            sa.Text(),
            nullable=True,
            comment="CMP-009 部件状态: State of the component. Reports by grid workers enter as a correction request (校核) and not as an overwrite.",
        ),
        sa.Column(
            "component_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="CMP-010 部件位置: Location in CGCS2000. Old systems hold local projected PointX/PointY. Some kinds (gas, power) may be sensitive in bulk.",
        ),
        sa.Column(
            "installed_date",
            sa.Date(),
            nullable=True,
            comment="CMP-011 初始日期: Date of installation or first survey.",
        ),
        sa.Column(
            "status_changed_date",
            sa.Date(),
            nullable=True,
            comment="CMP-012 变更日期: Date of the last change of status or attributes.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "unit_grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-004 单元网格标识码: Urban-management unit grid. Old 14-digit codes are kept as given and marked legacy; only the department's own table may turn them into 15 digits.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_component")),
        sa.UniqueConstraint(
            "source", "dataset", "key", name=op.f("uq_record_component_source_dataset_key")
        ),
        comment="Records of type component as their sources say them now.",
    )
    op.create_index(
        "ix_record_component_compound_key",
        "record_component",
        ["compound_key"],
        unique=False,
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_record_component_source_dataset_row_key"),
        "record_component",
        ["source", "dataset", "row_key"],
        unique=False,
    )
    op.create_table(
        "record_geo_entity",
        sa.Column(
            "record_id",
            sa.BigInteger(),
            server_default=sa.text("nextval('record_number')"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "row_key", sa.Text(), nullable=False, comment="Key of the native row it came from."
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the values first appeared, unless since.",
        ),
        sa.Column(
            "since",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="When values that changed later first appeared.",
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "geo_entity_id",
            sa.Text(),
            nullable=True,
            comment="GEO-001 地理实体标识码: Identifier that the surveying department gives to a 2D entity (residential compound, community area, public facility, road). Kept as issued; never re-numbered by the hub.",
        ),
        sa.Column(
            "geo_entity_name",
            sa.Text(),
            nullable=True,
            comment="GEO-002 地理实体名称: Standard name of the entity as in the national place-name information base; common names go to ADR-011 address_aliases.",
        ),
        sa.Column(
            "geo_entity_class",
            sa.Text(),
            nullable=True,
            comment="GEO-003 地理实体类别: Kind of entity: 01 residential compound, 02 community area, 03 public service facility, 04 road, 05 green space, 06 water, 07 building footprint, 99 other.",
        ),
        sa.Column(
            "division_code",
            sa.Text(),
            nullable=True,
            comment="GEO-004 县级行政区划代码: Six-digit code of the county or district, e.g. 630102. Checked against the table valid on the record's date, so merged or renamed counties still pass for old records.",
        ),
        sa.Column(
            "boundary_geometry",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GEO-006 实体边界: Outline of the entity in CGCS2000 longitude and latitude. Large-scale survey data may be classified; the surveying department decides what may enter the hub. A point where only a point is known.",
        ),
        sa.Column(
            "source_crs",
            sa.Text(),
            nullable=True,
            comment="GEO-007 原始坐标系: Coordinate system of the record before conversion: CGCS2000, WGS84, GCJ02, BD09, LOCAL (independent city system), UNKNOWN. UNKNOWN coordinates are kept but not used for matching.",
        ),
        sa.Column(
            "positional_accuracy_m",
            sa.Numeric(),
            nullable=True,
            comment="GEO-008 平面位置精度: Estimated horizontal error in metres after conversion. Round trip GCJ-02 below 0.01 m, BD-09 below 0.3 m, unknown systems 1000 m.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_geo_entity")),
        sa.UniqueConstraint(
            "source", "dataset", "key", name=op.f("uq_record_geo_entity_source_dataset_key")
        ),
        comment="Records of type geo_entity as their sources say them now.",
    )
    op.create_index(
        "ix_record_geo_entity_compound_key",
        "record_geo_entity",
        ["compound_key"],
        unique=False,
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_record_geo_entity_source_dataset_row_key"),
        "record_geo_entity",
        ["source", "dataset", "row_key"],
        unique=False,
    )
    op.create_table(
        "record_grid",
        sa.Column(
            "record_id",
            sa.BigInteger(),
            server_default=sa.text("nextval('record_number')"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "row_key", sa.Text(), nullable=False, comment="Key of the native row it came from."
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the values first appeared, unless since.",
        ),
        sa.Column(
            "since",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="When values that changed later first appeared.",
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "grid_name",
            sa.Text(),
            nullable=True,
            comment="GRD-002 网格名称: Name of the grid, e.g. 学院社区第三网格.",
        ),
        sa.Column(
            "grid_type",
            sa.Text(),
            nullable=True,
            comment="GRD-003 网格类型: 1 community grid, 2 dedicated grid (school, market, hospital), 3 micro grid (building or stairwell), 4 urban-management unit grid.",
        ),
        sa.Column(
            "unit_grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-004 单元网格标识码: Urban-management unit grid. Old 14-digit codes are kept as given and marked legacy; only the department's own table may turn them into 15 digits.",
        ),
        sa.Column(
            "grid_boundary",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GRD-005 网格边界: Boundary of the grid; grids of one type may not overlap and together cover the community.",
        ),
        sa.Column(
            "grid_leader_name",
            sa.Text(),
            nullable=True,
            comment="GRD-006 网格长姓名: Name of the grid leader in his or her duty, as on the public notice board.",
        ),
        sa.Column(
            "grid_leader_phone",
            sa.Text(),
            nullable=True,
            comment="GRD-007 网格长工作电话: Duty phone as published. A private mobile number that is not published must not be entered here.",
        ),
        sa.Column(
            "grid_worker_names",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GRD-008 网格员姓名: Names of full-time and part-time grid workers on duty in the grid.",
        ),
        sa.Column(
            "police_organ_code",
            sa.Text(),
            nullable=True,
            comment="GRD-009 辖区公安机关(警务区)代码: Code of the police station or community police area that covers the grid.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_grid")),
        sa.UniqueConstraint(
            "source", "dataset", "key", name=op.f("uq_record_grid_source_dataset_key")
        ),
        comment="Records of type grid as their sources say them now.",
    )
    op.create_index(
        "ix_record_grid_compound_key",
        "record_grid",
        ["compound_key"],
        unique=False,
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_record_grid_source_dataset_row_key"),
        "record_grid",
        ["source", "dataset", "row_key"],
        unique=False,
    )
    op.create_table(
        "record_history",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "until", name=op.f("pk_record_history")),
        comment="What records said before they changed.",
    )
    op.create_table(
        "record_house",
        sa.Column(
            "record_id",
            sa.BigInteger(),
            server_default=sa.text("nextval('record_number')"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "row_key", sa.Text(), nullable=False, comment="Key of the native row it came from."
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the values first appeared, unless since.",
        ),
        sa.Column(
            "since",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="When values that changed later first appeared.",
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "house_code",
            sa.Text(),
            nullable=True,
            comment="HOU-001 房屋编码: Code of one flat or house. The city's official house code where issued; otherwise hub-built as building code + unit + room and replaced when the official one comes.",
        ),
        sa.Column(
            "building_code",
            sa.Text(),
            nullable=True,
            comment="HOU-002 楼栋编码: Code of the building; parent of HOU-001 and key to the 3D model and the footprint.",
        ),
        sa.Column(
            "real_estate_unit_code",
            sa.Text(),
            nullable=True,
            comment="HOU-003 不动产单元代码: Code of the registered real-estate unit. Only through the natural-resources sharing service and for the purpose applied for.",
        ),
        sa.Column(
            "house_use",
            sa.Text(),
            nullable=True,
            comment="HOU-004 房屋用途: 01 dwelling, 02 shop below dwelling, 03 shop, 04 office, 05 industry or storage, 06 school, 07 medical, 08 elderly care, 09 garage, 99 other.",
        ),
        sa.Column(
            "building_structure",
            sa.Text(),
            nullable=True,
            comment="HOU-005 建筑结构: Structure class. Some systems use another order (e.g. 2 = reinforced concrete), so each connector needs its own map.",
        ),
        sa.Column(
            "floor_area_m2",
            sa.Numeric(),
            nullable=True,
            comment="HOU-006 建筑面积: Registered floor area; the property company's charging area is only a fallback and marked so.",
        ),
        sa.Column(
            "tenure_type",
            sa.Text(),
            nullable=True,
            comment="HOU-007 产权性质: 1 market-bought, 2 reformed public housing, 3 municipal public housing, 4 unit-owned dormitory, 5 public rental, 6 self-built, 7 collective land, 9 other or unknown.",
        ),
        sa.Column(
            "occupancy_status",
            sa.Text(),
            nullable=True,
            comment="HOU-008 居住状态: 1 owner-occupied, 2 rented, 3 lent, 4 vacant, 5 not handed over, 6 business use, 9 unknown. Vacancy lists attract burglars, hence conditional.",
        ),
        sa.Column(
            "owner_name",
            sa.Text(),
            nullable=True,
            comment="HOU-009 房屋产权人姓名: Owner as recorded by the property company or the street office; it does not prove title. May be a company.",
        ),
        sa.Column(
            "owner_id_no",
            sa.Text(),
            nullable=True,
            comment="HOU-010 产权人证件号码: Used only to match owner with resident; stored encrypted (SM4) with a keyed digest (HMAC-SM3) for joins; never returned in clear to the property company.",
        ),
        sa.Column(
            "owner_phone",
            sa.Text(),
            nullable=True,
            comment="HOU-011 产权人联系电话: Phone for leaks, lifts and fire-lane calls.",
        ),
        sa.Column(
            "safety_hazards",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="HOU-012 安全隐患类型: Hazards found on visits: 01 fire, 02 gas, 03 electric, 04 structure, 05 group renting, 06 e-bike charging, 07 public order, 99 other; empty array means checked and none.",
        ),
        sa.Column(
            "resident_count",
            sa.Integer(),
            nullable=True,
            comment="HOU-013 实际居住人数: People who live there now; recomputed by the hub from person records and compared with the visit's figure.",
        ),
        sa.Column(
            "completion_year",
            sa.Integer(),
            nullable=True,
            comment="HOU-014 建成年份: Year of completion; used for old-compound renewal and lift retrofit.",
        ),
        sa.Column(
            "has_elevator",
            sa.Boolean(),
            nullable=True,
            comment="HOU-015 是否有电梯: Lift in the unit; source codes differ (1010 yes / 2020 no in one open-source property system).",
        ),
        sa.Column(
            "property_company_code",
            sa.Text(),
            nullable=True,
            comment="HOU-016 物业服务企业统一社会信用代码: Company (or owners' committee, or community in compounds without property management) that runs the compound.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "compound_name",
            sa.Text(),
            nullable=True,
            comment="ADR-006 小区(院落)名称: Name of the residential compound, courtyard or dormitory area.",
        ),
        sa.Column(
            "building_no",
            sa.Text(),
            nullable=True,
            comment="ADR-007 楼栋号: Building number inside the compound: digits or letter, Chinese numerals converted, suffix 栋/幢/号楼/座 removed.",
        ),
        sa.Column(
            "unit_no",
            sa.Text(),
            nullable=True,
            comment="ADR-008 单元号: Unit or stairwell number with the suffix 单元 removed. A one-unit building has 1 only where a unit plate exists; otherwise empty.",
        ),
        sa.Column(
            "floor_no",
            sa.Integer(),
            nullable=True,
            comment="ADR-009 楼层号: Real floor; B1 becomes -1. Taken from the room number only when the compound's numbering rule is known (skipped floors 4, 13, 14 exist).",
        ),
        sa.Column(
            "room_no",
            sa.Text(),
            nullable=True,
            comment="ADR-010 户室号: Room (flat) number. Conditional and personal, because with a name it tells where a person lives.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_house")),
        sa.UniqueConstraint(
            "source", "dataset", "key", name=op.f("uq_record_house_source_dataset_key")
        ),
        comment="Records of type house as their sources say them now.",
    )
    op.create_index(
        "ix_record_house_compound_key",
        "record_house",
        ["compound_key"],
        unique=False,
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_record_house_source_dataset_row_key"),
        "record_house",
        ["source", "dataset", "row_key"],
        unique=False,
    )
    op.create_table(
        "record_person",
        sa.Column(
            "record_id",
            sa.BigInteger(),
            server_default=sa.text("nextval('record_number')"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "row_key", sa.Text(), nullable=False, comment="Key of the native row it came from."
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the values first appeared, unless since.",
        ),
        sa.Column(
            "since",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="When values that changed later first appeared.",
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "person_id",
            sa.Text(),
            nullable=True,
            comment="POP-001 人员标识: The entity id of the person: opaque, random, never reused, used in logs, links and most answers in place of the identity number. Still personal information (PIPL Art 4, 73).",
        ),
        sa.Column(
            "citizen_id_no",
            sa.Text(),
            nullable=True,
            comment="POP-002 公民身份号码: Eighteen characters, upper-case X. Required when POP-003 is 111. Fifteen-digit numbers are upgraded and flagged. Handled as L4 although GB/T 45574-2025 lists the number no longer by itself.",
        ),
        sa.Column(
            "id_document_type",
            sa.Text(),
            nullable=True,
            comment="POP-003 证件种类: Kind of document; the list is open and loaded from the public-security table.",
        ),
        sa.Column(
            "id_document_no",
            sa.Text(),
            nullable=True,
            comment="POP-004 其他证件号码: Number of a document other than the citizen identity card (passport, permit for Hong Kong, Macao or Taiwan residents, permanent residence card).",
        ),
        sa.Column(
            "person_name",
            sa.Text(),
            nullable=True,
            comment="POP-005 姓名: Name as on the document. Variant characters are never replaced; a folded key (traditional to simplified, variant table) is kept apart for matching.",
        ),
        sa.Column(
            "former_name",
            sa.Text(),
            nullable=True,
            comment="POP-006 曾用名: Former or other name, used in matching old records.",
        ),
        sa.Column(
            "sex_code",
            sa.Text(),
            nullable=True,
            comment="POP-007 性别: 0 unknown, 1 male, 2 female, 9 not stated. Many RuoYi-type systems use 0 male, 1 female: cross-check with digit 17 of the identity number.",
        ),
        sa.Column(
            "birth_date",
            sa.Date(),
            nullable=True,
            comment="POP-008 出生日期: Must equal digits 7-14 of POP-002 where present; age is computed, never stored.",
        ),
        sa.Column(
            "ethnic_group_code",
            sa.Text(),
            nullable=True,
            comment="POP-009 民族: Two-digit code. Xining Chengdong is a multi-ethnic district, so language and festival services use it; give it only to those who need it.",
        ),
        sa.Column(
            "marital_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-010 婚姻状况: 10 unmarried, 20 married (21 first, 22 remarried, 23 restored), 30 widowed, 40 divorced, 90 not stated.",
        ),
        sa.Column(
            "political_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-011 政治面貌: 01 Party member, 02 probationary member, 03 League member ... 13 general public.",
        ),
        sa.Column(
            "education_level_code",
            sa.Text(),
            nullable=True,
            comment="POP-012 文化程度: Two-digit code; first digit alone (10, 20, 60 ...) is valid where only the broad level is known.",
        ),
        sa.Column(
            "employment_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-013 从业状况: Employed, student, unemployed, retired and others; occupation detail (GB/T 6565) is left to source systems.",
        ),
        sa.Column(
            "contact_phone",
            sa.Text(),
            nullable=True,
            comment="POP-014 联系电话: Mobile as 11 digits, landline as area code-number (0971-...). Several numbers are split; the first that works is kept.",
        ),
        sa.Column(
            "population_category",
            sa.Text(),
            nullable=True,
            comment="POP-015 人口类别: 1 registered here and living here, 2 registered here living elsewhere, 3 floating (registered elsewhere), 4 Hong Kong, Macao or Taiwan resident, 5 foreigner, 9 unknown.",
        ),
        sa.Column(
            "household_register_division_code",
            sa.Text(),
            nullable=True,
            comment="POP-016 户籍地行政区划代码: County of household registration; old codes allowed and mapped to the current one.",
        ),
        sa.Column(
            "household_register_address",
            sa.Text(),
            nullable=True,
            comment="POP-017 户籍地详址: Text below county level.",
        ),
        sa.Column(
            "residence_match_code",
            sa.Text(),
            nullable=True,
            comment="POP-018 人户一致标识: Whether the person lives at the registered address.",
        ),
        sa.Column(
            "household_no",
            sa.Text(),
            nullable=True,
            comment="POP-019 户号: Number of the household register; links family members.",
        ),
        sa.Column(
            "relationship_to_head_code",
            sa.Text(),
            nullable=True,
            comment="POP-020 与户主关系: 02 head, 1x spouse, 2x son, 3x daughter, 4x grandchild, 5x parent, 6x grandparent, 7x sibling, 97 other, 99 non-relative.",
        ),
        sa.Column(
            "residence_permit_valid_until",
            sa.Date(),
            nullable=True,
            comment="POP-021 居住证有效期至: End of the current yearly endorsement; the hub reminds the grid worker 30 days before (the card itself is endorsed yearly).",
        ),
        sa.Column(
            "inflow_reason_code",
            sa.Text(),
            nullable=True,
            comment="POP-022 流入原因: At least four other code sets for the same idea were met in practice (0-15, 204-218, plain text), so map by name.",
        ),
        sa.Column(
            "residence_start_date",
            sa.Date(),
            nullable=True,
            comment="POP-023 现住地居住起始日期: Start of living at the house named by HOU-001; with half a year's living the permit becomes possible.",
        ),
        sa.Column(
            "care_categories",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="POP-024 关爱服务类别: 01 elderly living alone, 02 empty-nest elderly, 03 aged 80 and over, 04 incapable or semi-capable elderly, 05 left-behind child, 06 child in difficulty, 07 special-support family, 08 veteran or preferential-treatment person, 99 other.",
        ),
        sa.Column(
            "disability_category_code",
            sa.Text(),
            nullable=True,
            comment="POP-025 残疾类别: From the disability certificate (civil-affairs / disabled persons' federation data through the street office). Health information: PIPL Art 28.",
        ),
        sa.Column(
            "disability_level_code",
            sa.Text(),
            nullable=True,
            comment="POP-026 残疾等级: 1 most severe to 4. Required when POP-025 is given.",
        ),
        sa.Column(
            "social_assistance_type",
            sa.Text(),
            nullable=True,
            comment="POP-027 社会救助类别: 01 minimum living allowance, 02 destitute support, 03 low-income edge family, 04 rigid-expenditure hardship, 05 temporary aid, 99 other; empty = none known.",
        ),
        sa.Column(
            "emergency_contact_name",
            sa.Text(),
            nullable=True,
            comment="POP-028 紧急联系人姓名: Relative, guardian or neighbour to call. For children under 14 this is the guardian.",
        ),
        sa.Column(
            "emergency_contact_phone",
            sa.Text(),
            nullable=True,
            comment="POP-029 紧急联系人电话: Phone of POP-028.",
        ),
        sa.Column(
            "last_visit_date",
            sa.Date(),
            nullable=True,
            comment="POP-030 最近走访日期: Last visit or call by the grid worker; drives the visit list for care categories.",
        ),
        sa.Column(
            "person_status",
            sa.Text(),
            nullable=True,
            comment="POP-031 人员状态: 1 living here, 2 moved away, 3 dead, 4 registration cancelled, 5 long absent, 9 unknown. Dead and moved people leave the working lists at once.",
        ),
        sa.Column(
            "house_code",
            sa.Text(),
            nullable=True,
            comment="HOU-001 房屋编码: Code of one flat or house. The city's official house code where issued; otherwise hub-built as building code + unit + room and replaced when the official one comes.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_person")),
        sa.UniqueConstraint(
            "source", "dataset", "key", name=op.f("uq_record_person_source_dataset_key")
        ),
        comment="Records of type person as their sources say them now.",
    )
    op.create_index(
        "ix_record_person_compound_key",
        "record_person",
        ["compound_key"],
        unique=False,
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_record_person_source_dataset_row_key"),
        "record_person",
        ["source", "dataset", "row_key"],
        unique=False,
    )
    op.create_table(
        "resolve_queue",
        sa.Column("queue_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("queue_id", name=op.f("pk_resolve_queue")),
        comment="Records that changed since they were last resolved.",
    )
    op.create_table(
        "signal",
        sa.Column("signal_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_signal")),
        comment="News about a source itself: a new column, an unknown code.",
    )
    op.create_index(op.f("ix_signal_batch_id"), "signal", ["batch_id"], unique=False)
    op.create_table(
        "staged_address",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "subdistrict_code",
            sa.Text(),
            nullable=True,
            comment="ADR-003 街道(乡镇)代码: Nine-digit code: 6 division + 3 (001-099 street office, 100-199 town, 200-399 township, 400-599 merged with enterprise or park; ranges warn, the table decides).",
        ),
        sa.Column(
            "thoroughfare_name",
            sa.Text(),
            nullable=True,
            comment="ADR-004 街路巷名称: Standard name of street, road or lane (jlxmc in police systems).",
        ),
        sa.Column(
            "doorplate_no",
            sa.Text(),
            nullable=True,
            comment="ADR-005 门牌号: Doorplate on the thoroughfare without the suffix character, half-width digits: 36, 36-2, 36附1. Empty in old compounds; then ADR-006 is required.",
        ),
        sa.Column(
            "compound_name",
            sa.Text(),
            nullable=True,
            comment="ADR-006 小区(院落)名称: Name of the residential compound, courtyard or dormitory area.",
        ),
        sa.Column(
            "building_no",
            sa.Text(),
            nullable=True,
            comment="ADR-007 楼栋号: Building number inside the compound: digits or letter, Chinese numerals converted, suffix 栋/幢/号楼/座 removed.",
        ),
        sa.Column(
            "unit_no",
            sa.Text(),
            nullable=True,
            comment="ADR-008 单元号: Unit or stairwell number with the suffix 单元 removed. A one-unit building has 1 only where a unit plate exists; otherwise empty.",
        ),
        sa.Column(
            "floor_no",
            sa.Integer(),
            nullable=True,
            comment="ADR-009 楼层号: Real floor; B1 becomes -1. Taken from the room number only when the compound's numbering rule is known (skipped floors 4, 13, 14 exist).",
        ),
        sa.Column(
            "room_no",
            sa.Text(),
            nullable=True,
            comment="ADR-010 户室号: Room (flat) number. Conditional and personal, because with a name it tells where a person lives.",
        ),
        sa.Column(
            "address_aliases",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="ADR-011 别名地址: Former names, popular names and spellings met in source systems. Only down to the building; room-level variants are kept in the match log.",
        ),
        sa.Column(
            "address_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="ADR-012 地址点位置: Entrance point of the building, else centroid of its footprint.",
        ),
        sa.Column(
            "address_status",
            sa.Text(),
            nullable=True,
            comment="ADR-013 地址状态: 1 in use, 2 planned, 3 suspended, 4 abolished. Abolished addresses stay so that old records resolve.",
        ),
        sa.Column(
            "division_code",
            sa.Text(),
            nullable=True,
            comment="GEO-004 县级行政区划代码: Six-digit code of the county or district, e.g. 630102. Checked against the table valid on the record's date, so merged or renamed counties still pass for old records.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "source_crs",
            sa.Text(),
            nullable=True,
            comment="GEO-007 原始坐标系: Coordinate system of the record before conversion: CGCS2000, WGS84, GCJ02, BD09, LOCAL (independent city system), UNKNOWN. UNKNOWN coordinates are kept but not used for matching.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        comment="Records of type address on their way in.",
    )
    op.create_index(
        op.f("ix_staged_address_batch_id"), "staged_address", ["batch_id"], unique=False
    )
    op.create_table(
        "staged_building",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "model_object_id",
            sa.Text(),
            nullable=True,
            comment="G3D-001 三维模型对象标识: Key of the CityObject in the city model; joined to HOU-002 building_code.",
        ),
        sa.Column(
            "level_of_detail",
            sa.Text(),
            nullable=True,
            comment="G3D-002 细节层次: LoD of the best geometry present: 0 footprint, 1 block, 2 roof shape, 3 openings; refined form such as 2.2 allowed.",
        ),
        sa.Column(
            "building_height_m",
            sa.Numeric(),
            nullable=True,
            comment="G3D-003 建筑高度: Height from ground to highest roof point in metres; used for fire-engine access and line-of-sight work.",
        ),
        sa.Column(
            "ground_elevation_m",
            sa.Numeric(),
            nullable=True,
            comment="G3D-004 室外地坪高程: Elevation of the ground at the entrance in the datum named by G3D-005.",
        ),
        sa.Column(
            "vertical_datum",
            sa.Text(),
            nullable=True,
            comment="G3D-005 高程基准: CN1985, CGCS2000_ELLIPSOID or LOCAL. Required when G3D-004 is given.",
        ),
        sa.Column(
            "storeys_above_ground",
            sa.Integer(),
            nullable=True,
            comment="G3D-006 地上层数: Number of storeys above ground; a room's floor (ADR-009) may not exceed it.",
        ),
        sa.Column(
            "storeys_below_ground",
            sa.Integer(),
            nullable=True,
            comment="G3D-007 地下层数: Number of basement storeys; the lowest ADR-009 value is its negative.",
        ),
        sa.Column(
            "model_uri",
            sa.Text(),
            nullable=True,
            comment="G3D-008 三维模型资源地址: Address of the CityJSON or 3D Tiles resource inside the government network. No model file is copied into the hub.",
        ),
        sa.Column(
            "building_code",
            sa.Text(),
            nullable=True,
            comment="HOU-002 楼栋编码: Code of the building; parent of HOU-001 and key to the 3D model and the footprint.",
        ),
        sa.Column(
            "building_structure",
            sa.Text(),
            nullable=True,
            comment="HOU-005 建筑结构: Structure class. Some systems use another order (e.g. 2 = reinforced concrete), so each connector needs its own map.",
        ),
        sa.Column(
            "completion_year",
            sa.Integer(),
            nullable=True,
            comment="HOU-014 建成年份: Year of completion; used for old-compound renewal and lift retrofit.",
        ),
        sa.Column(
            "geo_entity_id",
            sa.Text(),
            nullable=True,
            comment="GEO-001 地理实体标识码: Identifier that the surveying department gives to a 2D entity (residential compound, community area, public facility, road). Kept as issued; never re-numbered by the hub.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        comment="Records of type building on their way in.",
    )
    op.create_index(
        op.f("ix_staged_building_batch_id"), "staged_building", ["batch_id"], unique=False
    )
    op.create_table(
        "staged_camera",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "device_code",
            sa.Text(),
            nullable=True,
            comment="VID-001 视频设备编码: Twenty-digit device number. Property cameras without one get none; the hub does not invent device codes.",
        ),
        sa.Column(
            "device_name",
            sa.Text(),
            nullable=True,
            comment="VID-002 视频点位名称: Name of the point, e.g. 康东小区东门人行道.",
        ),
        sa.Column(
            "device_type", sa.Text(), nullable=True, comment="VID-003 摄像机类型: Type of camera."
        ),
        sa.Column(
            "managing_unit_code",
            sa.Text(),
            nullable=True,
            comment="VID-004 视频系统管理单位代码: Unit that manages the system and answers for retention and the look-up register.",
        ),
        sa.Column(
            "device_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="VID-005 设备安装位置: Camera position. Never unconditional: a full map of cameras shows where there are none.",
        ),
        sa.Column(
            "azimuth_deg",
            sa.Numeric(),
            nullable=True,
            comment="VID-006 主视方向方位角: Main viewing direction. GB/T 28181 gives only eight directions, turned into multiples of 45 degrees and flagged coarse.",
        ),
        sa.Column(
            "field_of_view_deg",
            sa.Numeric(),
            nullable=True,
            comment="VID-007 水平视场角: Horizontal angle of view; with VID-005, VID-006 gives the view sector that must not reach into homes.",
        ),
        sa.Column(
            "device_status",
            sa.Text(),
            nullable=True,
            comment="VID-008 设备状态: Current state, from the police or property platform.",
        ),
        sa.Column(
            "retention_days",
            sa.Integer(),
            nullable=True,
            comment="VID-009 视频存储期限: Days kept. At least 30 for systems of Order 799 Art 7; systems of Art 9 are exempt from Art 14 and 17.",
        ),
        sa.Column(
            "police_filing_no",
            sa.Text(),
            nullable=True,
            comment="VID-010 公安备案编号: Receipt of the filing with the county police; the number's form is local.",
        ),
        sa.Column(
            "stream_uri",
            sa.Text(),
            nullable=True,
            comment="VID-011 视频流调用地址: Not shared through the hub: viewing needs a unit's own legal duty and procedure (Art 20) and entry in the look-up register (Art 16). The public-security bureau must state reason and legal basis in the catalogue (Order 809 Art 15); until then the hub denies it by default.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        comment="Records of type camera on their way in.",
    )
    op.create_index(op.f("ix_staged_camera_batch_id"), "staged_camera", ["batch_id"], unique=False)
    op.create_table(
        "staged_component",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "component_id",
            sa.Text(),
            nullable=True,
            comment="CMP-001 部件标识码: Identifier on the component's plate. Sixteen-digit codes stay valid as legacy until the department re-issues them.",
        ),
        sa.Column(
            "component_name",
            sa.Text(),
            nullable=True,
            comment="CMP-002 部件名称: Name of the kind of component, e.g. 雨水箅子.",
        ),
        sa.Column(
            "component_class_code",
            sa.Text(),
            nullable=True,
            comment="CMP-003 部件分类代码: Big class (2) + small class (3, legacy 2).",
        ),
        sa.Column(
            "supervising_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-004 主管部门代码: Department in charge. CJ/T 214 systems hold short local codes (DeptCode1), turned into credit codes by a table.",
        ),
        sa.Column(
            "owner_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-005 权属单位代码: Unit that owns the component (DeptCode2).",
        ),
        sa.Column(
            "owner_unit_name",
            sa.Text(),
            nullable=True,
            comment="CMP-006 权属单位名称: Name of the owner; inside compounds often the owners represented by the property company.",
        ),
        sa.Column(
            "maintenance_unit_code",
            sa.Text(),
            nullable=True,
            comment="CMP-007 养护单位代码: Unit that keeps the component (DeptCode3).",
        ),
        sa.Column(
            "maintenance_unit_name",
            sa.Text(),
            nullable=True,
            comment="CMP-008 养护单位名称: Name of the unit that keeps the component; receives the repair order.",
        ),
        sa.Column(
            "component_status",
            sa.Text(),
            nullable=True,
            comment="CMP-009 部件状态: State of the component. Reports by grid workers enter as a correction request (校核) and not as an overwrite.",
        ),
        sa.Column(
            "component_point",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="CMP-010 部件位置: Location in CGCS2000. Old systems hold local projected PointX/PointY. Some kinds (gas, power) may be sensitive in bulk.",
        ),
        sa.Column(
            "installed_date",
            sa.Date(),
            nullable=True,
            comment="CMP-011 初始日期: Date of installation or first survey.",
        ),
        sa.Column(
            "status_changed_date",
            sa.Date(),
            nullable=True,
            comment="CMP-012 变更日期: Date of the last change of status or attributes.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "unit_grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-004 单元网格标识码: Urban-management unit grid. Old 14-digit codes are kept as given and marked legacy; only the department's own table may turn them into 15 digits.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        comment="Records of type component on their way in.",
    )
    op.create_index(
        op.f("ix_staged_component_batch_id"), "staged_component", ["batch_id"], unique=False
    )
    op.create_table(
        "staged_fault",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        comment="Rules that rows of a batch on its way in have broken.",
    )
    op.create_index(op.f("ix_staged_fault_batch_id"), "staged_fault", ["batch_id"], unique=False)
    op.create_table(
        "staged_geo_entity",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "geo_entity_id",
            sa.Text(),
            nullable=True,
            comment="GEO-001 地理实体标识码: Identifier that the surveying department gives to a 2D entity (residential compound, community area, public facility, road). Kept as issued; never re-numbered by the hub.",
        ),
        sa.Column(
            "geo_entity_name",
            sa.Text(),
            nullable=True,
            comment="GEO-002 地理实体名称: Standard name of the entity as in the national place-name information base; common names go to ADR-011 address_aliases.",
        ),
        sa.Column(
            "geo_entity_class",
            sa.Text(),
            nullable=True,
            comment="GEO-003 地理实体类别: Kind of entity: 01 residential compound, 02 community area, 03 public service facility, 04 road, 05 green space, 06 water, 07 building footprint, 99 other.",
        ),
        sa.Column(
            "division_code",
            sa.Text(),
            nullable=True,
            comment="GEO-004 县级行政区划代码: Six-digit code of the county or district, e.g. 630102. Checked against the table valid on the record's date, so merged or renamed counties still pass for old records.",
        ),
        sa.Column(
            "boundary_geometry",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GEO-006 实体边界: Outline of the entity in CGCS2000 longitude and latitude. Large-scale survey data may be classified; the surveying department decides what may enter the hub. A point where only a point is known.",
        ),
        sa.Column(
            "source_crs",
            sa.Text(),
            nullable=True,
            comment="GEO-007 原始坐标系: Coordinate system of the record before conversion: CGCS2000, WGS84, GCJ02, BD09, LOCAL (independent city system), UNKNOWN. UNKNOWN coordinates are kept but not used for matching.",
        ),
        sa.Column(
            "positional_accuracy_m",
            sa.Numeric(),
            nullable=True,
            comment="GEO-008 平面位置精度: Estimated horizontal error in metres after conversion. Round trip GCJ-02 below 0.01 m, BD-09 below 0.3 m, unknown systems 1000 m.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        comment="Records of type geo_entity on their way in.",
    )
    op.create_index(
        op.f("ix_staged_geo_entity_batch_id"), "staged_geo_entity", ["batch_id"], unique=False
    )
    op.create_table(
        "staged_grid",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        sa.Column(
            "grid_name",
            sa.Text(),
            nullable=True,
            comment="GRD-002 网格名称: Name of the grid, e.g. 学院社区第三网格.",
        ),
        sa.Column(
            "grid_type",
            sa.Text(),
            nullable=True,
            comment="GRD-003 网格类型: 1 community grid, 2 dedicated grid (school, market, hospital), 3 micro grid (building or stairwell), 4 urban-management unit grid.",
        ),
        sa.Column(
            "unit_grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-004 单元网格标识码: Urban-management unit grid. Old 14-digit codes are kept as given and marked legacy; only the department's own table may turn them into 15 digits.",
        ),
        sa.Column(
            "grid_boundary",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GRD-005 网格边界: Boundary of the grid; grids of one type may not overlap and together cover the community.",
        ),
        sa.Column(
            "grid_leader_name",
            sa.Text(),
            nullable=True,
            comment="GRD-006 网格长姓名: Name of the grid leader in his or her duty, as on the public notice board.",
        ),
        sa.Column(
            "grid_leader_phone",
            sa.Text(),
            nullable=True,
            comment="GRD-007 网格长工作电话: Duty phone as published. A private mobile number that is not published must not be entered here.",
        ),
        sa.Column(
            "grid_worker_names",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="GRD-008 网格员姓名: Names of full-time and part-time grid workers on duty in the grid.",
        ),
        sa.Column(
            "police_organ_code",
            sa.Text(),
            nullable=True,
            comment="GRD-009 辖区公安机关(警务区)代码: Code of the police station or community police area that covers the grid.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        comment="Records of type grid on their way in.",
    )
    op.create_index(op.f("ix_staged_grid_batch_id"), "staged_grid", ["batch_id"], unique=False)
    op.create_table(
        "staged_house",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "house_code",
            sa.Text(),
            nullable=True,
            comment="HOU-001 房屋编码: Code of one flat or house. The city's official house code where issued; otherwise hub-built as building code + unit + room and replaced when the official one comes.",
        ),
        sa.Column(
            "building_code",
            sa.Text(),
            nullable=True,
            comment="HOU-002 楼栋编码: Code of the building; parent of HOU-001 and key to the 3D model and the footprint.",
        ),
        sa.Column(
            "real_estate_unit_code",
            sa.Text(),
            nullable=True,
            comment="HOU-003 不动产单元代码: Code of the registered real-estate unit. Only through the natural-resources sharing service and for the purpose applied for.",
        ),
        sa.Column(
            "house_use",
            sa.Text(),
            nullable=True,
            comment="HOU-004 房屋用途: 01 dwelling, 02 shop below dwelling, 03 shop, 04 office, 05 industry or storage, 06 school, 07 medical, 08 elderly care, 09 garage, 99 other.",
        ),
        sa.Column(
            "building_structure",
            sa.Text(),
            nullable=True,
            comment="HOU-005 建筑结构: Structure class. Some systems use another order (e.g. 2 = reinforced concrete), so each connector needs its own map.",
        ),
        sa.Column(
            "floor_area_m2",
            sa.Numeric(),
            nullable=True,
            comment="HOU-006 建筑面积: Registered floor area; the property company's charging area is only a fallback and marked so.",
        ),
        sa.Column(
            "tenure_type",
            sa.Text(),
            nullable=True,
            comment="HOU-007 产权性质: 1 market-bought, 2 reformed public housing, 3 municipal public housing, 4 unit-owned dormitory, 5 public rental, 6 self-built, 7 collective land, 9 other or unknown.",
        ),
        sa.Column(
            "occupancy_status",
            sa.Text(),
            nullable=True,
            comment="HOU-008 居住状态: 1 owner-occupied, 2 rented, 3 lent, 4 vacant, 5 not handed over, 6 business use, 9 unknown. Vacancy lists attract burglars, hence conditional.",
        ),
        sa.Column(
            "owner_name",
            sa.Text(),
            nullable=True,
            comment="HOU-009 房屋产权人姓名: Owner as recorded by the property company or the street office; it does not prove title. May be a company.",
        ),
        sa.Column(
            "owner_id_no",
            sa.Text(),
            nullable=True,
            comment="HOU-010 产权人证件号码: Used only to match owner with resident; stored encrypted (SM4) with a keyed digest (HMAC-SM3) for joins; never returned in clear to the property company.",
        ),
        sa.Column(
            "owner_phone",
            sa.Text(),
            nullable=True,
            comment="HOU-011 产权人联系电话: Phone for leaks, lifts and fire-lane calls.",
        ),
        sa.Column(
            "safety_hazards",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="HOU-012 安全隐患类型: Hazards found on visits: 01 fire, 02 gas, 03 electric, 04 structure, 05 group renting, 06 e-bike charging, 07 public order, 99 other; empty array means checked and none.",
        ),
        sa.Column(
            "resident_count",
            sa.Integer(),
            nullable=True,
            comment="HOU-013 实际居住人数: People who live there now; recomputed by the hub from person records and compared with the visit's figure.",
        ),
        sa.Column(
            "completion_year",
            sa.Integer(),
            nullable=True,
            comment="HOU-014 建成年份: Year of completion; used for old-compound renewal and lift retrofit.",
        ),
        sa.Column(
            "has_elevator",
            sa.Boolean(),
            nullable=True,
            comment="HOU-015 是否有电梯: Lift in the unit; source codes differ (1010 yes / 2020 no in one open-source property system).",
        ),
        sa.Column(
            "property_company_code",
            sa.Text(),
            nullable=True,
            comment="HOU-016 物业服务企业统一社会信用代码: Company (or owners' committee, or community in compounds without property management) that runs the compound.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "compound_name",
            sa.Text(),
            nullable=True,
            comment="ADR-006 小区(院落)名称: Name of the residential compound, courtyard or dormitory area.",
        ),
        sa.Column(
            "building_no",
            sa.Text(),
            nullable=True,
            comment="ADR-007 楼栋号: Building number inside the compound: digits or letter, Chinese numerals converted, suffix 栋/幢/号楼/座 removed.",
        ),
        sa.Column(
            "unit_no",
            sa.Text(),
            nullable=True,
            comment="ADR-008 单元号: Unit or stairwell number with the suffix 单元 removed. A one-unit building has 1 only where a unit plate exists; otherwise empty.",
        ),
        sa.Column(
            "floor_no",
            sa.Integer(),
            nullable=True,
            comment="ADR-009 楼层号: Real floor; B1 becomes -1. Taken from the room number only when the compound's numbering rule is known (skipped floors 4, 13, 14 exist).",
        ),
        sa.Column(
            "room_no",
            sa.Text(),
            nullable=True,
            comment="ADR-010 户室号: Room (flat) number. Conditional and personal, because with a name it tells where a person lives.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        comment="Records of type house on their way in.",
    )
    op.create_index(op.f("ix_staged_house_batch_id"), "staged_house", ["batch_id"], unique=False)
    op.create_table(
        "staged_person",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column(
            "address_key",
            sa.Text(),
            nullable=True,
            comment="Folded address down to the room, for comparing.",
        ),
        sa.Column(
            "compound_key",
            sa.Text(),
            nullable=True,
            comment="Folded name of the compound, for comparing.",
        ),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=True,
            comment="JSON: facts kept for matching, never published.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="JSON: what was mended, derived or warned of, by field.",
        ),
        sa.Column("content_hash", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "person_id",
            sa.Text(),
            nullable=True,
            comment="POP-001 人员标识: The entity id of the person: opaque, random, never reused, used in logs, links and most answers in place of the identity number. Still personal information (PIPL Art 4, 73).",
        ),
        sa.Column(
            "citizen_id_no",
            sa.Text(),
            nullable=True,
            comment="POP-002 公民身份号码: Eighteen characters, upper-case X. Required when POP-003 is 111. Fifteen-digit numbers are upgraded and flagged. Handled as L4 although GB/T 45574-2025 lists the number no longer by itself.",
        ),
        sa.Column(
            "id_document_type",
            sa.Text(),
            nullable=True,
            comment="POP-003 证件种类: Kind of document; the list is open and loaded from the public-security table.",
        ),
        sa.Column(
            "id_document_no",
            sa.Text(),
            nullable=True,
            comment="POP-004 其他证件号码: Number of a document other than the citizen identity card (passport, permit for Hong Kong, Macao or Taiwan residents, permanent residence card).",
        ),
        sa.Column(
            "person_name",
            sa.Text(),
            nullable=True,
            comment="POP-005 姓名: Name as on the document. Variant characters are never replaced; a folded key (traditional to simplified, variant table) is kept apart for matching.",
        ),
        sa.Column(
            "former_name",
            sa.Text(),
            nullable=True,
            comment="POP-006 曾用名: Former or other name, used in matching old records.",
        ),
        sa.Column(
            "sex_code",
            sa.Text(),
            nullable=True,
            comment="POP-007 性别: 0 unknown, 1 male, 2 female, 9 not stated. Many RuoYi-type systems use 0 male, 1 female: cross-check with digit 17 of the identity number.",
        ),
        sa.Column(
            "birth_date",
            sa.Date(),
            nullable=True,
            comment="POP-008 出生日期: Must equal digits 7-14 of POP-002 where present; age is computed, never stored.",
        ),
        sa.Column(
            "ethnic_group_code",
            sa.Text(),
            nullable=True,
            comment="POP-009 民族: Two-digit code. Xining Chengdong is a multi-ethnic district, so language and festival services use it; give it only to those who need it.",
        ),
        sa.Column(
            "marital_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-010 婚姻状况: 10 unmarried, 20 married (21 first, 22 remarried, 23 restored), 30 widowed, 40 divorced, 90 not stated.",
        ),
        sa.Column(
            "political_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-011 政治面貌: 01 Party member, 02 probationary member, 03 League member ... 13 general public.",
        ),
        sa.Column(
            "education_level_code",
            sa.Text(),
            nullable=True,
            comment="POP-012 文化程度: Two-digit code; first digit alone (10, 20, 60 ...) is valid where only the broad level is known.",
        ),
        sa.Column(
            "employment_status_code",
            sa.Text(),
            nullable=True,
            comment="POP-013 从业状况: Employed, student, unemployed, retired and others; occupation detail (GB/T 6565) is left to source systems.",
        ),
        sa.Column(
            "contact_phone",
            sa.Text(),
            nullable=True,
            comment="POP-014 联系电话: Mobile as 11 digits, landline as area code-number (0971-...). Several numbers are split; the first that works is kept.",
        ),
        sa.Column(
            "population_category",
            sa.Text(),
            nullable=True,
            comment="POP-015 人口类别: 1 registered here and living here, 2 registered here living elsewhere, 3 floating (registered elsewhere), 4 Hong Kong, Macao or Taiwan resident, 5 foreigner, 9 unknown.",
        ),
        sa.Column(
            "household_register_division_code",
            sa.Text(),
            nullable=True,
            comment="POP-016 户籍地行政区划代码: County of household registration; old codes allowed and mapped to the current one.",
        ),
        sa.Column(
            "household_register_address",
            sa.Text(),
            nullable=True,
            comment="POP-017 户籍地详址: Text below county level.",
        ),
        sa.Column(
            "residence_match_code",
            sa.Text(),
            nullable=True,
            comment="POP-018 人户一致标识: Whether the person lives at the registered address.",
        ),
        sa.Column(
            "household_no",
            sa.Text(),
            nullable=True,
            comment="POP-019 户号: Number of the household register; links family members.",
        ),
        sa.Column(
            "relationship_to_head_code",
            sa.Text(),
            nullable=True,
            comment="POP-020 与户主关系: 02 head, 1x spouse, 2x son, 3x daughter, 4x grandchild, 5x parent, 6x grandparent, 7x sibling, 97 other, 99 non-relative.",
        ),
        sa.Column(
            "residence_permit_valid_until",
            sa.Date(),
            nullable=True,
            comment="POP-021 居住证有效期至: End of the current yearly endorsement; the hub reminds the grid worker 30 days before (the card itself is endorsed yearly).",
        ),
        sa.Column(
            "inflow_reason_code",
            sa.Text(),
            nullable=True,
            comment="POP-022 流入原因: At least four other code sets for the same idea were met in practice (0-15, 204-218, plain text), so map by name.",
        ),
        sa.Column(
            "residence_start_date",
            sa.Date(),
            nullable=True,
            comment="POP-023 现住地居住起始日期: Start of living at the house named by HOU-001; with half a year's living the permit becomes possible.",
        ),
        sa.Column(
            "care_categories",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="POP-024 关爱服务类别: 01 elderly living alone, 02 empty-nest elderly, 03 aged 80 and over, 04 incapable or semi-capable elderly, 05 left-behind child, 06 child in difficulty, 07 special-support family, 08 veteran or preferential-treatment person, 99 other.",
        ),
        sa.Column(
            "disability_category_code",
            sa.Text(),
            nullable=True,
            comment="POP-025 残疾类别: From the disability certificate (civil-affairs / disabled persons' federation data through the street office). Health information: PIPL Art 28.",
        ),
        sa.Column(
            "disability_level_code",
            sa.Text(),
            nullable=True,
            comment="POP-026 残疾等级: 1 most severe to 4. Required when POP-025 is given.",
        ),
        sa.Column(
            "social_assistance_type",
            sa.Text(),
            nullable=True,
            comment="POP-027 社会救助类别: 01 minimum living allowance, 02 destitute support, 03 low-income edge family, 04 rigid-expenditure hardship, 05 temporary aid, 99 other; empty = none known.",
        ),
        sa.Column(
            "emergency_contact_name",
            sa.Text(),
            nullable=True,
            comment="POP-028 紧急联系人姓名: Relative, guardian or neighbour to call. For children under 14 this is the guardian.",
        ),
        sa.Column(
            "emergency_contact_phone",
            sa.Text(),
            nullable=True,
            comment="POP-029 紧急联系人电话: Phone of POP-028.",
        ),
        sa.Column(
            "last_visit_date",
            sa.Date(),
            nullable=True,
            comment="POP-030 最近走访日期: Last visit or call by the grid worker; drives the visit list for care categories.",
        ),
        sa.Column(
            "person_status",
            sa.Text(),
            nullable=True,
            comment="POP-031 人员状态: 1 living here, 2 moved away, 3 dead, 4 registration cancelled, 5 long absent, 9 unknown. Dead and moved people leave the working lists at once.",
        ),
        sa.Column(
            "house_code",
            sa.Text(),
            nullable=True,
            comment="HOU-001 房屋编码: Code of one flat or house. The city's official house code where issued; otherwise hub-built as building code + unit + room and replaced when the official one comes.",
        ),
        sa.Column(
            "address_code",
            sa.Text(),
            nullable=True,
            comment="ADR-001 地址编码: Code of the standard address. The city's issued code where one exists (public-security standard address or place-name office); otherwise hub-built from division + street or yard + building + unit + room.",
        ),
        sa.Column(
            "standard_address",
            sa.Text(),
            nullable=True,
            comment="ADR-002 标准地址: Full address text rebuilt from the parts: province, city, county, street/town, community, road, doorplate, compound, building, unit, room.",
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            nullable=True,
            comment="GEO-005 社区(村)代码: Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + 3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a park; ranges warn, the table decides). Used by every record type to route and authorise data.",
        ),
        sa.Column(
            "grid_code",
            sa.Text(),
            nullable=True,
            comment="GRD-001 网格编码: Code of the community governance grid. Has the same 15-digit form as GRD-004: never join the two by value, always with GRD-003.",
        ),
        comment="Records of type person on their way in.",
    )
    op.create_index(op.f("ix_staged_person_batch_id"), "staged_person", ["batch_id"], unique=False)
    op.create_table(
        "staged_row",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hash", sa.UUID(), nullable=False),
        sa.Column(
            "row", sa.Text(), nullable=True, comment="Absent where the row is known unchanged."
        ),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "ordinal", name=op.f("pk_staged_row")),
        comment="Rows of batches on their way in.",
    )
    op.create_table(
        "staged_tie",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("to_type", sa.Text(), nullable=False),
        sa.Column("to_dataset", sa.Text(), nullable=False),
        sa.Column("to_key", sa.Text(), nullable=False),
        comment="What records of a batch on its way in say about other records of their source.",
    )
    op.create_index(op.f("ix_staged_tie_batch_id"), "staged_tie", ["batch_id"], unique=False)
    op.create_table(
        "tie",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("to_type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("to_dataset", sa.Text(), nullable=False),
        sa.Column("to_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "role", "to_dataset", "to_key", name=op.f("pk_tie")),
        comment="What a record says about another record of its source: owner of a room, …",
    )
    op.create_index(
        op.f("ix_tie_source_to_dataset_to_key"),
        "tie",
        ["source", "to_dataset", "to_key"],
        unique=False,
    )
    op.create_table(
        "batch",
        sa.Column("batch_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("flaw", sa.Text(), nullable=True),
        sa.Column("next_cursor", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("layout_id", sa.Integer(), nullable=True),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quarantined", sa.Integer(), server_default="0", nullable=False),
        sa.Column("withdrawn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("repeated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("missing", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column(
            "quality",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="What the expectations over the whole batch found.",
        ),
        sa.ForeignKeyConstraint(
            ["layout_id"], ["layout.layout_id"], name=op.f("fk_batch_layout_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch")),
        comment="Rows of one dataset taken in together, with the ledger of what became of them.",
    )
    op.create_index(
        op.f("ix_batch_source_dataset_batch_id"),
        "batch",
        ["source", "dataset", "batch_id"],
        unique=False,
    )
    op.execute(RELATION)


def downgrade() -> None:
    op.execute("DROP VIEW relation")
    op.drop_index(op.f("ix_batch_source_dataset_batch_id"), table_name="batch")
    op.drop_table("batch")
    op.drop_index(op.f("ix_tie_source_to_dataset_to_key"), table_name="tie")
    op.drop_table("tie")
    op.drop_index(op.f("ix_staged_tie_batch_id"), table_name="staged_tie")
    op.drop_table("staged_tie")
    op.drop_table("staged_row")
    op.drop_index(op.f("ix_staged_person_batch_id"), table_name="staged_person")
    op.drop_table("staged_person")
    op.drop_index(op.f("ix_staged_house_batch_id"), table_name="staged_house")
    op.drop_table("staged_house")
    op.drop_index(op.f("ix_staged_grid_batch_id"), table_name="staged_grid")
    op.drop_table("staged_grid")
    op.drop_index(op.f("ix_staged_geo_entity_batch_id"), table_name="staged_geo_entity")
    op.drop_table("staged_geo_entity")
    op.drop_index(op.f("ix_staged_fault_batch_id"), table_name="staged_fault")
    op.drop_table("staged_fault")
    op.drop_index(op.f("ix_staged_component_batch_id"), table_name="staged_component")
    op.drop_table("staged_component")
    op.drop_index(op.f("ix_staged_camera_batch_id"), table_name="staged_camera")
    op.drop_table("staged_camera")
    op.drop_index(op.f("ix_staged_building_batch_id"), table_name="staged_building")
    op.drop_table("staged_building")
    op.drop_index(op.f("ix_staged_address_batch_id"), table_name="staged_address")
    op.drop_table("staged_address")
    op.drop_index(op.f("ix_signal_batch_id"), table_name="signal")
    op.drop_table("signal")
    op.drop_table("resolve_queue")
    op.drop_index(op.f("ix_record_person_source_dataset_row_key"), table_name="record_person")
    op.drop_index(
        "ix_record_person_compound_key",
        table_name="record_person",
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.drop_table("record_person")
    op.drop_index(op.f("ix_record_house_source_dataset_row_key"), table_name="record_house")
    op.drop_index(
        "ix_record_house_compound_key",
        table_name="record_house",
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.drop_table("record_house")
    op.drop_table("record_history")
    op.drop_index(op.f("ix_record_grid_source_dataset_row_key"), table_name="record_grid")
    op.drop_index(
        "ix_record_grid_compound_key",
        table_name="record_grid",
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.drop_table("record_grid")
    op.drop_index(
        op.f("ix_record_geo_entity_source_dataset_row_key"), table_name="record_geo_entity"
    )
    op.drop_index(
        "ix_record_geo_entity_compound_key",
        table_name="record_geo_entity",
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.drop_table("record_geo_entity")
    op.drop_index(op.f("ix_record_component_source_dataset_row_key"), table_name="record_component")
    op.drop_index(
        "ix_record_component_compound_key",
        table_name="record_component",
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.drop_table("record_component")
    op.drop_index(op.f("ix_record_camera_source_dataset_row_key"), table_name="record_camera")
    op.drop_index(
        "ix_record_camera_compound_key",
        table_name="record_camera",
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.drop_table("record_camera")
    op.drop_index(op.f("ix_record_building_source_dataset_row_key"), table_name="record_building")
    op.drop_index(
        "ix_record_building_compound_key",
        table_name="record_building",
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.drop_table("record_building")
    op.drop_index(op.f("ix_record_address_source_dataset_row_key"), table_name="record_address")
    op.drop_index(
        "ix_record_address_compound_key",
        table_name="record_address",
        postgresql_where=sa.text("compound_key IS NOT NULL"),
    )
    op.drop_table("record_address")
    op.drop_index(
        "uq_quarantine_open",
        table_name="quarantine",
        postgresql_where=sa.text("released_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_table("quarantine")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_link_key_key_use"), table_name="link_key")
    op.drop_table("link_key")
    op.drop_index(op.f("ix_link_entity_id"), table_name="link")
    op.drop_table("link")
    op.drop_table("layout")
    op.drop_index(op.f("ix_landing_batch_id"), table_name="landing")
    op.drop_table("landing")
    op.drop_table("idempotency")
    op.drop_index(
        "ix_golden_person_updated_at", table_name="golden_person", postgresql_using="brin"
    )
    op.drop_index(
        "ix_golden_person_standard_address_trgm",
        table_name="golden_person",
        postgresql_using="gin",
        postgresql_ops={"standard_address": "gin_trgm_ops"},
    )
    op.drop_index(
        "ix_golden_person_person_name_trgm",
        table_name="golden_person",
        postgresql_using="gin",
        postgresql_ops={"person_name": "gin_trgm_ops"},
    )
    op.drop_index(
        "ix_golden_person_person_name",
        table_name="golden_person",
        postgresql_where=sa.text("person_name IS NOT NULL"),
    )
    op.drop_index(
        "ix_golden_person_id_document_no",
        table_name="golden_person",
        postgresql_where=sa.text("id_document_no IS NOT NULL"),
    )
    op.drop_index(
        "ix_golden_person_household_no",
        table_name="golden_person",
        postgresql_where=sa.text("household_no IS NOT NULL"),
    )
    op.drop_index("ix_golden_person_grid_code", table_name="golden_person")
    op.drop_index(
        "ix_golden_person_former_name",
        table_name="golden_person",
        postgresql_where=sa.text("former_name IS NOT NULL"),
    )
    op.drop_index(
        "ix_golden_person_contact_phone",
        table_name="golden_person",
        postgresql_where=sa.text("contact_phone IS NOT NULL"),
    )
    op.drop_index("ix_golden_person_community_code", table_name="golden_person")
    op.drop_index(
        "ix_golden_person_citizen_id_no",
        table_name="golden_person",
        postgresql_where=sa.text("citizen_id_no IS NOT NULL"),
    )
    op.drop_table("golden_person")
    op.drop_index("ix_golden_house_updated_at", table_name="golden_house", postgresql_using="brin")
    op.drop_index(
        "ix_golden_house_standard_address_trgm",
        table_name="golden_house",
        postgresql_using="gin",
        postgresql_ops={"standard_address": "gin_trgm_ops"},
    )
    op.drop_index(
        "ix_golden_house_owner_phone",
        table_name="golden_house",
        postgresql_where=sa.text("owner_phone IS NOT NULL"),
    )
    op.drop_index(
        "ix_golden_house_owner_name_trgm",
        table_name="golden_house",
        postgresql_using="gin",
        postgresql_ops={"owner_name": "gin_trgm_ops"},
    )
    op.drop_index(
        "ix_golden_house_owner_name",
        table_name="golden_house",
        postgresql_where=sa.text("owner_name IS NOT NULL"),
    )
    op.drop_index(
        "ix_golden_house_owner_id_no",
        table_name="golden_house",
        postgresql_where=sa.text("owner_id_no IS NOT NULL"),
    )
    op.drop_index(
        "ix_golden_house_house_code",
        table_name="golden_house",
        postgresql_where=sa.text("house_code IS NOT NULL"),
    )
    op.drop_index("ix_golden_house_grid_code", table_name="golden_house")
    op.drop_index("ix_golden_house_community_code", table_name="golden_house")
    op.drop_table("golden_house")
    op.drop_table("golden_history")
    op.drop_index("ix_golden_grid_updated_at", table_name="golden_grid", postgresql_using="brin")
    op.drop_index("ix_golden_grid_grid_code", table_name="golden_grid")
    op.drop_index("ix_golden_grid_community_code", table_name="golden_grid")
    op.drop_table("golden_grid")
    op.drop_index(
        "ix_golden_geo_entity_updated_at", table_name="golden_geo_entity", postgresql_using="brin"
    )
    op.drop_index("ix_golden_geo_entity_grid_code", table_name="golden_geo_entity")
    op.drop_index(
        "ix_golden_geo_entity_geo_entity_name_trgm",
        table_name="golden_geo_entity",
        postgresql_using="gin",
        postgresql_ops={"geo_entity_name": "gin_trgm_ops"},
    )
    op.drop_index(
        "ix_golden_geo_entity_geo_entity_id",
        table_name="golden_geo_entity",
        postgresql_where=sa.text("geo_entity_id IS NOT NULL"),
    )
    op.drop_index("ix_golden_geo_entity_community_code", table_name="golden_geo_entity")
    op.drop_table("golden_geo_entity")
    op.drop_index(
        "ix_golden_component_updated_at", table_name="golden_component", postgresql_using="brin"
    )
    op.drop_index("ix_golden_component_grid_code", table_name="golden_component")
    op.drop_index(
        "ix_golden_component_component_id",
        table_name="golden_component",
        postgresql_where=sa.text("component_id IS NOT NULL"),
    )
    op.drop_index("ix_golden_component_community_code", table_name="golden_component")
    op.drop_table("golden_component")
    op.drop_index(
        "ix_golden_camera_updated_at", table_name="golden_camera", postgresql_using="brin"
    )
    op.drop_index("ix_golden_camera_grid_code", table_name="golden_camera")
    op.drop_index(
        "ix_golden_camera_device_code",
        table_name="golden_camera",
        postgresql_where=sa.text("device_code IS NOT NULL"),
    )
    op.drop_index("ix_golden_camera_community_code", table_name="golden_camera")
    op.drop_table("golden_camera")
    op.drop_index(
        "ix_golden_building_updated_at", table_name="golden_building", postgresql_using="brin"
    )
    op.drop_index(
        "ix_golden_building_model_object_id",
        table_name="golden_building",
        postgresql_where=sa.text("model_object_id IS NOT NULL"),
    )
    op.drop_index("ix_golden_building_grid_code", table_name="golden_building")
    op.drop_index("ix_golden_building_community_code", table_name="golden_building")
    op.drop_index(
        "ix_golden_building_building_code",
        table_name="golden_building",
        postgresql_where=sa.text("building_code IS NOT NULL"),
    )
    op.drop_table("golden_building")
    op.drop_index(
        "ix_golden_address_updated_at", table_name="golden_address", postgresql_using="brin"
    )
    op.drop_index(
        "ix_golden_address_standard_address_trgm",
        table_name="golden_address",
        postgresql_using="gin",
        postgresql_ops={"standard_address": "gin_trgm_ops"},
    )
    op.drop_index("ix_golden_address_grid_code", table_name="golden_address")
    op.drop_index(
        "ix_golden_address_compound_name_trgm",
        table_name="golden_address",
        postgresql_using="gin",
        postgresql_ops={"compound_name": "gin_trgm_ops"},
    )
    op.drop_index("ix_golden_address_community_code", table_name="golden_address")
    op.drop_index(
        "ix_golden_address_address_code",
        table_name="golden_address",
        postgresql_where=sa.text("address_code IS NOT NULL"),
    )
    op.drop_table("golden_address")
    op.drop_table("feed")
    op.drop_table("export")
    op.drop_index(op.f("ix_entity_superseded_by"), table_name="entity")
    op.drop_table("entity")
    op.drop_table("cursor")
    op.drop_table("compound_community")
    op.drop_table("client")
    op.drop_index(op.f("ix_change_entity_id"), table_name="change")
    op.drop_table("change")
    op.drop_table("audit")
    op.execute("DROP SEQUENCE record_number")
