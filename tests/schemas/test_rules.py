"""The rules and notes and what people are told of them."""

import re

import pytest

from schemas.rules import RULES, Rule


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_rule_is_told_in_both_languages_without_a_value(rule: Rule) -> None:
    assert re.fullmatch("[a-z_]+[.][a-z0-9_]+", rule.name)
    assert re.search("[\u4e00-\u9fff]", rule.zh)
    assert re.search("[A-Za-z]", rule.en)
    assert not re.search(r"[{}%]", rule.zh + rule.en)


def test_rules_are_told_apart() -> None:
    assert len({rule.zh for rule in RULES.values()}) == len(RULES)
    assert len({rule.en for rule in RULES.values()}) == len(RULES)
