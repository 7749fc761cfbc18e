"""The two codes by which every record is routed and authorised.

They have a module of their own because grids and places each carry the other's.
"""

from __future__ import annotations

from schemas.field import Section, public
from schemas.kinds import CommunityCode, GridCode


class Territory(Section):
    """The two codes that route and authorise every record: its community and its grid."""

    community_code: str | None = public(
        "GEO-005",
        CommunityCode(),
        "社区(村)代码",
        "Community (village) code",
        "Twelve-digit code of the residents' committee or village: 6 division + 3 street/town + "
        "3 committee (001-199 residents' committee, 200-399 village, 498 virtual community of a "
        "park; ranges warn, the table decides). Used by every record type to route and "
        "authorise data.",
        authority="street_office",
        sharing="unconditional",
        level="L1",
        standard="GB/T 10114-2003; 统计用区划代码编制规则 (国统字〔2009〕91号)",
        required=True,
    )
    grid_code: str | None = public(
        "GRD-001",
        GridCode(),
        "网格编码",
        "Governance grid code",
        "Code of the community governance grid. Has the same 15-digit form as GRD-004: never "
        "join the two by value, always with GRD-003.",
        authority="street_office",
        sharing="unconditional",
        level="L1",
        standard=(
            "HUB: 12-digit community code + 3; GB/T 31000-2015 and GB/T 34300-2017 texts not read"
        ),
    )
