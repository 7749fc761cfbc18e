"""How small and how large an invented district may be; commands read it, and load little."""

from __future__ import annotations

#: Residents of an invented district.
LEAST_PEOPLE, MOST_PEOPLE = 500, 1_000_000
