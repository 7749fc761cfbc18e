"""What a validation found: counts by field and rule, and never a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

#: Critical: the kinds would not have let it pass. Warning: a measure worth a steward's look.
Severity = Literal["critical", "warning"]


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation, and how many of the rows did not meet it."""

    field: str | None
    expectation: str
    rule: str
    severity: Severity
    unexpected: int
    total: int


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one batch or table; it succeeds where no critical one found anything."""

    record_type: str
    rows: int
    checks: tuple[Check, ...]

    @property
    def success(self) -> bool:
        """Tell whether nothing critical was found."""
        return not any(check.unexpected and check.severity == "critical" for check in self.checks)

    @property
    def found(self) -> tuple[Check, ...]:
        """Return the checks that found something."""
        return tuple(check for check in self.checks if check.unexpected)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON, as it is stored with a batch."""
        checks = [asdict(check) for check in self.checks]
        return {
            "success": self.success,
            "record_type": self.record_type,
            "rows": self.rows,
            "checks": checks,
        }
