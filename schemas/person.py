"""The public fields of the record type `person`."""

from __future__ import annotations

from typing import ClassVar

from schemas.address import Address
from schemas.field import Section, public, refer
from schemas.house import House
from schemas.kinds import (
    CitizenId,
    Coded,
    Date,
    DivisionCode,
    DocumentNo,
    Identifier,
    ListOf,
    PersonName,
    Phone,
    Text,
)
from schemas.territory import Territory


class Person(Section):
    """A resident, tenant, owner or caller: one natural person."""

    record_type: ClassVar[str] = "person"
    collection: ClassVar[str] = "persons"
    title_zh: ClassVar[str] = "人员"
    letter: ClassVar[str] = "P"

    person_id: str | None = public(
        "POP-001",
        Identifier(r"P[0-9a-f]{32}"),
        "人员标识",
        "Person identifier (hub token)",
        "The entity id of the person: opaque, random, never reused, used in logs, links and "
        "most answers in place of the identity number. Still personal information (PIPL Art 4, "
        "73).",
        authority="hub",
        sharing="conditional",
        level="L3",
        standard="HUB: random, stable",
        required=True,
    )
    citizen_id_no: str | None = public(
        "POP-002",
        CitizenId(),
        "公民身份号码",
        "Citizen identification number",
        "Eighteen characters, upper-case X. Required when POP-003 is 111. Fifteen-digit numbers "
        "are upgraded and flagged. Handled as L4 although GB/T 45574-2025 lists the number no "
        "longer by itself.",
        authority="public_security",
        sharing="conditional",
        level="L4",
        standard="GB 11643-1999; DE00001 GMSFHM (GA/T 543.1-2011)",
    )
    id_document_type: str | None = public(
        "POP-003",
        Coded("GA/T 517"),
        "证件种类",
        "Identity document type",
        "Kind of document; the list is open and loaded from the public-security table.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GA/T 517-2004, GA/T 2000.156 (codes from memory)",
        required=True,
    )
    id_document_no: str | None = public(
        "POP-004",
        DocumentNo(),
        "其他证件号码",
        "Other document number",
        "Number of a document other than the citizen identity card (passport, permit for Hong "
        "Kong, Macao or Taiwan residents, permanent residence card).",
        authority="public_security",
        sharing="conditional",
        level="L4",
        standard="GB/T 31000-2015 证件号码 (22 characters)",
    )
    person_name: str | None = public(
        "POP-005",
        PersonName(),
        "姓名",
        "Name",
        "Name as on the document. Variant characters are never replaced; a folded key "
        "(traditional to simplified, variant table) is kept apart for matching.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 31000-2015 (50 characters); DE00002 XM (GA/T 543.1)",
        required=True,
    )
    former_name: str | None = public(
        "POP-006",
        PersonName(),
        "曾用名",
        "Former name",
        "Former or other name, used in matching old records.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 31000-2015; GA/T 543.1 CYM",
    )
    sex_code: str | None = public(
        "POP-007",
        Coded("GB/T 2261.1"),
        "性别",
        "Sex",
        "0 unknown, 1 male, 2 female, 9 not stated. Many RuoYi-type systems use 0 male, 1 "
        "female: cross-check with digit 17 of the identity number.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 2261.1-2003",
        required=True,
    )
    birth_date: str | None = public(
        "POP-008",
        Date(),
        "出生日期",
        "Date of birth",
        "Must equal digits 7-14 of POP-002 where present; age is computed, never stored.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 7408.1-2023",
        required=True,
    )
    ethnic_group_code: str | None = public(
        "POP-009",
        Coded("GB/T 3304"),
        "民族",
        "Ethnic group",
        "Two-digit code. Xining Chengdong is a multi-ethnic district, so language and festival "
        "services use it; give it only to those who need it.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 3304-1991",
    )
    marital_status_code: str | None = public(
        "POP-010",
        Coded("GB/T 2261.2"),
        "婚姻状况",
        "Marital status",
        "10 unmarried, 20 married (21 first, 22 remarried, 23 restored), 30 widowed, 40 "
        "divorced, 90 not stated.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="GB/T 2261.2-2003",
    )
    political_status_code: str | None = public(
        "POP-011",
        Coded("GB/T 4762"),
        "政治面貌",
        "Political status",
        "01 Party member, 02 probationary member, 03 League member ... 13 general public.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="GB/T 4762-1984",
    )
    education_level_code: str | None = public(
        "POP-012",
        Coded("GB/T 4658"),
        "文化程度",
        "Education level",
        "Two-digit code; first digit alone (10, 20, 60 ...) is valid where only the broad level "
        "is known.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="GB/T 4658-2006",
    )
    employment_status_code: str | None = public(
        "POP-013",
        Coded("GB/T 2261.4"),
        "从业状况",
        "Employment status",
        "Employed, student, unemployed, retired and others; occupation detail (GB/T 6565) is "
        "left to source systems.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="GB/T 2261.4-2003",
    )
    contact_phone: str | None = public(
        "POP-014",
        Phone(),
        "联系电话",
        "Contact phone",
        "Mobile as 11 digits, landline as area code-number (0971-...). Several numbers are "
        "split; the first that works is kept.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="GB/T 31000-2015 联系方式",
    )
    population_category: str | None = public(
        "POP-015",
        Coded("HUB-POP-CATEGORY"),
        "人口类别",
        "Population category",
        "1 registered here and living here, 2 registered here living elsewhere, 3 floating "
        "(registered elsewhere), 4 Hong Kong, Macao or Taiwan resident, 5 foreigner, 9 unknown.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="GB/T 31000-2015 (户籍/流动/境外 kinds); 居住证暂行条例 Art 2",
        required=True,
    )
    household_register_division_code: str | None = public(
        "POP-016",
        DivisionCode(),
        "户籍地行政区划代码",
        "Household-registration division code",
        "County of household registration; old codes allowed and mapped to the current one.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 2260-2007; GB/T 31000-2015 户籍地",
    )
    household_register_address: str | None = public(
        "POP-017",
        Text(100),
        "户籍地详址",
        "Household-registration address",
        "Text below county level.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 31000-2015 户籍门(楼)详址 (80 characters); DQ00002 HJDZ (GA/T 1054)",
    )
    residence_match_code: str | None = public(
        "POP-018",
        Coded("GB/T 31000"),
        "人户一致标识",
        "Person-household match",
        "Whether the person lives at the registered address.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="GB/T 31000-2015 (values seen in an implementation)",
    )
    household_no: str | None = public(
        "POP-019",
        Identifier(r"[0-9A-Z]{1,20}"),
        "户号",
        "Household number",
        "Number of the household register; links family members.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 31000-2015 户号 (9 in one implementation)",
    )
    relationship_to_head_code: str | None = public(
        "POP-020",
        Coded("GB/T 4761"),
        "与户主关系",
        "Relationship to head of household",
        "02 head, 1x spouse, 2x son, 3x daughter, 4x grandchild, 5x parent, 6x grandparent, 7x "
        "sibling, 97 other, 99 non-relative.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="GB/T 4761-2008",
    )
    residence_permit_valid_until: str | None = public(
        "POP-021",
        Date(future=True),
        "居住证有效期至",
        "Residence permit valid until",
        "End of the current yearly endorsement; the hub reminds the grid worker 30 days before "
        "(the card itself is endorsed yearly).",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="居住证暂行条例 (Order 663) Art 4, 10",
    )
    inflow_reason_code: str | None = public(
        "POP-022",
        Coded("HUB-INFLOW"),
        "流入原因",
        "Reason of inflow",
        "At least four other code sets for the same idea were met in practice (0-15, 204-218, "
        "plain text), so map by name.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard=(
            "GB/T 31000-2015 流入原因 (table text not read); order as in a public-security client"
        ),
    )
    residence_start_date: str | None = public(
        "POP-023",
        Date(),
        "现住地居住起始日期",
        "Start of residence at current address",
        "Start of living at the house named by HOU-001; with half a year's living the permit "
        "becomes possible.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="居住证暂行条例 Art 2 (half a year)",
    )
    care_categories: list[str] | None = public(
        "POP-024",
        ListOf(Coded("HUB-CARE"), 10),
        "关爱服务类别",
        "Care service categories",
        "01 elderly living alone, 02 empty-nest elderly, 03 aged 80 and over, 04 incapable or "
        "semi-capable elderly, 05 left-behind child, 06 child in difficulty, 07 special-support "
        "family, 08 veteran or preferential-treatment person, 99 other.",
        authority="street_office",
        sharing="conditional",
        level="L4",
        standard="HUB; 民发〔2022〕29号; seed 001 needs",
    )
    disability_category_code: str | None = public(
        "POP-025",
        Coded("HUB-DISABILITY"),
        "残疾类别",
        "Disability category",
        "From the disability certificate (civil-affairs / disabled persons' federation data "
        "through the street office). Health information: PIPL Art 28.",
        authority="street_office",
        sharing="conditional",
        level="L4",
        standard="GB/T 26341-2010 (from memory); order as GB/T 2261.3 61-67",
    )
    disability_level_code: str | None = public(
        "POP-026",
        Coded("HUB-DISABILITY-LEVEL"),
        "残疾等级",
        "Disability level",
        "1 most severe to 4. Required when POP-025 is given.",
        authority="street_office",
        sharing="conditional",
        level="L4",
        standard="GB/T 26341-2010 (from memory)",
    )
    social_assistance_type: str | None = public(
        "POP-027",
        Coded("HUB-ASSISTANCE"),
        "社会救助类别",
        "Social assistance type",
        "01 minimum living allowance, 02 destitute support, 03 low-income edge family, 04 "
        "rigid-expenditure hardship, 05 temporary aid, 99 other; empty = none known.",
        authority="street_office",
        sharing="conditional",
        level="L4",
        standard="社会救助暂行办法 Art 61 (confidentiality)",
    )
    emergency_contact_name: str | None = public(
        "POP-028",
        PersonName(),
        "紧急联系人姓名",
        "Emergency contact name",
        "Relative, guardian or neighbour to call. For children under 14 this is the guardian.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="PIPL Art 6, 13; Art 31 for children under 14 (guardian)",
    )
    emergency_contact_phone: str | None = public(
        "POP-029",
        Phone(),
        "紧急联系人电话",
        "Emergency contact phone",
        "Phone of POP-028.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="PIPL Art 6, 13",
    )
    last_visit_date: str | None = public(
        "POP-030",
        Date(),
        "最近走访日期",
        "Date of last visit",
        "Last visit or call by the grid worker; drives the visit list for care categories.",
        authority="street_office",
        sharing="conditional",
        level="L3",
        standard="HUB",
    )
    person_status: str | None = public(
        "POP-031",
        Coded("HUB-PERSON-STATUS"),
        "人员状态",
        "Person status",
        "1 living here, 2 moved away, 3 dead, 4 registration cancelled, 5 long absent, 9 "
        "unknown. Dead and moved people leave the working lists at once.",
        authority="public_security",
        sharing="conditional",
        level="L3",
        standard="HUB; GA/T 2000.24 for kinds of change",
        required=True,
    )
    house_code: str | None = refer(House, "house_code")
    address_code: str | None = refer(Address, "address_code")
    standard_address: str | None = refer(
        Address, "standard_address", level="L3", sharing="conditional"
    )
    community_code: str | None = refer(Territory, "community_code")
    grid_code: str | None = refer(Territory, "grid_code")
