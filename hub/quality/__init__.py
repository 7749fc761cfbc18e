"""Great Expectations over whole tables, derived from the declarations of the fields.

    expectations   what is expected of a record type's columns: a pure function of its fields
    predicates     the SQL for what neither a pattern nor a range can say
    report         what was found: counts by field and rule, never a value
    validation     the run over a batch or a table
    library        the library itself, which only that run imports

Kinds judge a value, expectations judge a table; a test shows that both judge alike.
"""

from hub.quality.expectations import Expectation, expectations
from hub.quality.report import Check, Report
from hub.quality.validation import validate_batch, validate_table

__all__ = ["Check", "Expectation", "Report", "expectations", "validate_batch", "validate_table"]
