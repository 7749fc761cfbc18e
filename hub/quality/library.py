"""Great Expectations as this project wants it: reporting to nobody, warning of nothing.

Importing it takes seconds and 120 MB, so only a validation does, or who knows that one comes.
"""

from __future__ import annotations

import os
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
with warnings.catch_warnings():
    # It imports modules that Python has deprecated: nothing anybody here could mend.
    warnings.simplefilter("ignore", DeprecationWarning)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.registry import get_expectation_impl

__all__ = ["ProgressBarsConfig", "get_expectation_impl", "gx"]
