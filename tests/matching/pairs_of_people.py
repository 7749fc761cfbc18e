"""Pairs of records and what becomes of them, each with the reason: made up, read one by one."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hub.matching.features import RECORD_COLUMNS

Said = dict[str, str | None]

# Check characters are right but for the slip; the prefix is no county's: nobody bears these.
MA, MA_TYPO, MA_TWIN = "990102198001010010", "990102198001018010", "990102198001010037"
OTHER = "990102197512120022"


@dataclass(frozen=True)
class Case:
    """Two records, what should become of them (same, different, review), and why."""

    becomes: str
    why: str
    left: Said
    right: Said


def a_person(**said: str | None) -> Said:
    """Return a record of the street office; what is not said is empty."""
    usual: Said = dict.fromkeys(RECORD_COLUMNS)
    return {**usual, "source": "street_office", "dataset": "residents", **said}


def police(**said: str | None) -> Said:
    return a_person(source="public_security", **said)


def caller(**said: str | None) -> Said:
    usual: Said = {"source": "urban_management", "dataset": "reporters"}
    return a_person(**{**usual, "recorded_at": "2026-05-01 10:00:00", **said})


def owner(**said: str | None) -> Said:
    return a_person(**{"source": "property", "dataset": "owners", **said})


def frame_of(*records: Said) -> pd.DataFrame:
    """Make the frame of records, numbered and keyed in the order given where they are not yet."""
    rows = [
        {**record, "record_id": record["record_id"] or str(at), "key": record["key"] or f"K{at}"}
        for at, record in enumerate(records, start=1)
    ]
    return pd.DataFrame(rows, columns=list(RECORD_COLUMNS)).astype("str")


HOME = "康乐|3|1|501"
AT_HOME: Said = {"address_key": HOME, "compound_key": "康乐"}
MAN: Said = {"person_name": "马海明", "sex_code": "1", "birth_date": "1980-01-01"}
PHONE = "13997000001"

CASES = (
    Case("same", "one number, whatever else was typed wrong",
         police(**MAN, citizen_id_no=MA), a_person(person_name="马海名", citizen_id_no=MA)),
    Case("same", "the number is masked, name and birth date agree",
         police(**MAN, citizen_id_no=MA),
         a_person(**MAN, evidence='{"citizen_id_no":"990102********0010"}')),
    Case("same", "the spreadsheet has ruined the number's end",
         police(**MAN, citizen_id_no=MA),
         a_person(**MAN, evidence='{"citizen_id_no":"990102198001010000"}')),
    Case("same", "one digit of the number is wrong, the name is right",
         police(**MAN, citizen_id_no=MA),
         owner(person_name="马海明", evidence=f'{{"citizen_id_no":"{MA_TYPO}"}}')),
    Case("same", "two digits of the number are wrong, the name is right",
         police(**MAN, citizen_id_no=MA),
         owner(person_name="马海明", evidence='{"citizen_id_no":"990102198001018011"}')),
    Case("same", "the number is still the old one of fifteen digits",
         police(**MAN, citizen_id_no=MA),
         owner(person_name="马海明", evidence='{"citizen_id_no":"990102800101001"}')),
    Case("same", "the spreadsheet shows the number as a power of ten",
         police(**MAN, citizen_id_no=MA),
         owner(person_name="马海明", evidence='{"citizen_id_no":"9.90102198001010E+17"}')),
    Case("same", "one digit of the number was left out",
         police(**MAN, citizen_id_no=MA),
         owner(person_name="马海明", evidence='{"citizen_id_no":"90102198001010010"}')),
    Case("same", "one digit of the number was typed twice",
         police(**MAN, citizen_id_no=MA),
         owner(person_name="马海明", evidence='{"citizen_id_no":"9990102198001010010"}')),
    Case("same", "the number is masked in two places",
         police(**MAN, citizen_id_no=MA),
         owner(person_name="马海明", evidence='{"citizen_id_no":"990102**80**010010"}')),
    Case("same", "no more than the number's end is shown, name and birth date agree",
         police(**MAN, citizen_id_no=MA),
         a_person(**MAN, evidence='{"citizen_id_no":"**************0010"}')),
    Case("same", "name and birth date agree and nothing speaks against it",
         police(**MAN), a_person(**MAN)),
    Case("same", "no number: name, telephone and room",
         police(**MAN, **AT_HOME, contact_phone=PHONE),
         owner(person_name="马海明", contact_phone=PHONE, tied_address_key=HOME)),
    Case("same", "a caller's name as heard, same telephone, same compound",
         police(**MAN, **AT_HOME, contact_phone=PHONE),
         caller(person_name="马海鸣", contact_phone=PHONE, standard_address="康乐小区")),
    Case("same", "day and month of birth were swapped",
         police(**{**MAN, "birth_date": "1980-03-04"}, **AT_HOME, citizen_id_no=None),
         a_person(**{**MAN, "birth_date": "1980-04-03"}, **AT_HOME)),
    Case("same", "a rare character was lost on the way",
         police(**{**MAN, "person_name": "马堃明"}, **AT_HOME),
         a_person(**{**MAN, "person_name": "马?明"}, **AT_HOME)),
    Case("same", "a rare character typed as another of its sound",
         police(**{**MAN, "person_name": "马喆"}, **AT_HOME),
         a_person(**{**MAN, "person_name": "马哲"}, **AT_HOME)),
    Case("same", "a rare character stands as a sign of the maker's own",
         police(**{**MAN, "person_name": "马䶮"}, **AT_HOME),
         a_person(**{**MAN, "person_name": "马\ue863"}, **AT_HOME)),
    Case("same", "a middle dot was left out",
         police(person_name="古丽努尔·买买提", contact_phone=PHONE, sex_code="2"),
         owner(person_name="古丽努尔买买提", contact_phone=PHONE)),
    Case("same", "a full stop stands for the middle dot",
         police(person_name="古丽努尔·买买提", contact_phone=PHONE, sex_code="2"),
         owner(person_name="古丽努尔.买买提", contact_phone=PHONE)),
    Case("same", "one household's two lists, one of them without birth dates",
         police(**MAN, household_no="H1"), a_person(person_name="马海明", household_no="H1")),
    Case("different", "brothers of one home, one character apart, born in different years",
         police(**MAN, **AT_HOME),
         a_person(person_name="马海亮", sex_code="1", birth_date="1983-05-09", **AT_HOME)),
    Case("same", "traditional and simplified characters",
         police(**{**MAN, "person_name": "馬曉東"}), a_person(**{**MAN, "person_name": "马晓东"})),
    Case("same", "a surname read in its own way, heard by another character",
         police(**{**MAN, "person_name": "单晓东"}, contact_phone=PHONE),
         a_person(**{**MAN, "person_name": "山晓东"}, contact_phone=PHONE)),
    Case("same", "a foreigner's names in the other order, one passport",
         police(person_name="KHAN MUHAMMAD", id_document_no="E12345678", birth_date="1985-05-05"),
         a_person(person_name="Muhammad Khan", birth_date="1985-05-05")),
    Case("same", "a long name cut at twelve characters",
         police(person_name="阿卜杜热合曼·买买提艾力吐尔逊", contact_phone=PHONE, sex_code="1"),
         owner(person_name="阿卜杜热合曼·买买提艾力", contact_phone=PHONE)),
    Case("same", "a caller's full name with a title behind it",
         police(**{**MAN, "person_name": "马伟"}, contact_phone=PHONE),
         caller(person_name="马伟先生", contact_phone=PHONE)),
    Case("same", "a given name turned around, everything else agrees",
         police(**MAN, **AT_HOME),
         a_person(**{**MAN, "person_name": "马明海"}, **AT_HOME)),
    Case("same", "one number, and a given name that changed since",
         police(**MAN, **AT_HOME, citizen_id_no=MA),
         owner(person_name="马建国", citizen_id_no=MA, tied_address_key=HOME)),
    Case("same", "one number, and a surname mistyped",
         police(**{**MAN, "person_name": "马伟"}, **AT_HOME, citizen_id_no=MA),
         owner(person_name="冯伟", citizen_id_no=MA, tied_address_key=HOME)),
    Case("same", "one passport, the name once in Latin letters and once in characters",
         police(person_name="KHAN MUHAMMAD", id_document_no="E12345678", contact_phone=PHONE),
         owner(person_name="穆罕默德", id_document_no="E12345678", contact_phone=PHONE)),
    Case("same", "listed twice in one register, once without a birth date",
         a_person(**MAN, **AT_HOME, contact_phone=PHONE),
         a_person(person_name="马海明", **AT_HOME, contact_phone=PHONE)),
    Case("review", "listed twice in one register with two birth dates of one year",
         a_person(**MAN, **AT_HOME, contact_phone=PHONE),
         a_person(**{**MAN, "birth_date": "1980-07-23"}, **AT_HOME, contact_phone=PHONE)),
    Case("same", "a birth date without separators whose day is not known",
         police(person_name="马海明", sex_code="1", evidence='{"birth_date":"19800100"}'),
         a_person(**MAN)),
    Case("same", "a name given up, still used elsewhere",
         police(**{**MAN, "former_name": "马建国"}, contact_phone=PHONE),
         a_person(**{**MAN, "person_name": "马建国"}, contact_phone=PHONE)),
    Case("same", "a married woman registered with her parents, living with her husband",
         police(person_name="李雪梅", sex_code="2", birth_date="1990-06-06", household_no="H1",
                address_key="南山|1|1|101", compound_key="南山"),
         a_person(person_name="李雪梅", sex_code="2", birth_date="1990-06-06", **AT_HOME)),
    Case("different", "twins: one birth date, one home, numbers that differ in two digits",
         police(**{**MAN, "person_name": "马子轩"}, **AT_HOME, citizen_id_no=MA),
         a_person(**{**MAN, "person_name": "马子涵"}, **AT_HOME, citizen_id_no=MA_TWIN)),
    Case("review", "twins without numbers: the name could be a slip",
         police(**{**MAN, "person_name": "马子轩"}, **AT_HOME, contact_phone=PHONE),
         a_person(**{**MAN, "person_name": "马子涵"}, **AT_HOME, contact_phone=PHONE)),
    Case("different", "homonyms with valid numbers of their own",
         police(**MAN, citizen_id_no=MA), a_person(person_name="马海明", citizen_id_no=OTHER)),
    Case("different", "homonyms born in different years, living apart",
         police(**MAN, **AT_HOME),
         a_person(person_name="马海明", birth_date="1956-08-12", address_key="南山|1|1|101",
                  compound_key="南山")),
    Case("different", "husband and wife: telephone and home in common",
         police(**MAN, **AT_HOME, contact_phone=PHONE),
         a_person(person_name="李雪梅", sex_code="2", birth_date="1982-02-02", **AT_HOME,
                  contact_phone=PHONE)),
    Case("different", "mother and daughter of the same surname with one telephone",
         police(person_name="马秀英", sex_code="2", birth_date="1955-05-05", **AT_HOME,
                contact_phone=PHONE),
         a_person(person_name="马雨桐", sex_code="2", birth_date="2015-10-10", **AT_HOME,
                  contact_phone=PHONE)),
    Case("different", "only the name in common",
         police(person_name="马秀英"),
         owner(person_name="马秀英", tied_address_key="南山|1|1|101")),
    Case("different", "the man next door",
         police(**MAN, **AT_HOME), caller(person_name="王先生", address_key="康乐|3|1|502",
                                          compound_key="康乐")),
    Case("different", "a title that a child of the house cannot bear",
         police(person_name="马雨桐", sex_code="2", birth_date="2021-10-10", contact_phone=PHONE),
         caller(person_name="马女士", contact_phone=PHONE)),
    Case("review", "surname and telephone, called Old Ma",
         police(person_name="马秀英", sex_code="2", birth_date="1985-05-05", contact_phone=PHONE),
         caller(person_name="老马", contact_phone=PHONE)),
    Case("review", "surname and telephone, and no more than a title",
         police(person_name="马秀英", sex_code="2", birth_date="1985-05-05", contact_phone=PHONE),
         caller(person_name="马女士", contact_phone=PHONE)),
    Case("review", "father and son whose names sound alike in one home",
         police(**MAN, **AT_HOME, contact_phone=PHONE),
         a_person(person_name="马海鸣", sex_code="1", birth_date="2005-07-23", **AT_HOME,
                  contact_phone=PHONE)),
    Case("review", "one number under two names that have nothing in common",
         police(person_name="马海明", citizen_id_no=MA, sex_code="1", birth_date="1980-01-01"),
         a_person(person_name="祁生莲", citizen_id_no=MA, sex_code="1", birth_date="1980-01-01")),
    Case("review", "the husband's number in his wife's row: their home and telephone prove nothing",
         police(**MAN, **AT_HOME, citizen_id_no=MA, contact_phone=PHONE),
         a_person(**{**MAN, "person_name": "李雪梅"}, **AT_HOME, citizen_id_no=MA,
                  contact_phone=PHONE)),
    Case("review", "the father's number in his child's row, which tells another birth date",
         police(**MAN, **AT_HOME, citizen_id_no=MA, contact_phone=PHONE),
         a_person(**{**MAN, "person_name": "马子轩"}, **AT_HOME, citizen_id_no=MA,
                  evidence='{"birth_date":"2010-05-06"}')),
    Case("review", "the father's number in his daughter's row, which tells another sex",
         police(**MAN, **AT_HOME, citizen_id_no=MA, contact_phone=PHONE),
         a_person(**{**MAN, "person_name": "马雨桐"}, **AT_HOME, citizen_id_no=MA,
                  evidence='{"sex_code":"2"}')),
)  # fmt: skip
