"""The working days that statutory periods are counted in.

Official days off and make-up days are proclaimed a year at a time, late in the year before. The
library chinese-calendar knows them for the years proclaimed when it was released; what was
proclaimed since is set in `hub.config.WorkingDays`, which always goes before the library. For a
year that neither knows, weekends and the holidays whose dates the law fixes are off: a
period is then rather too short than too long, and `settled` tells that it may still move.
"""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

from hub.config import WorkingDays

#: New Year, Labour Day and National Day: month and day are in the law itself (State Council,
#: Regulation on public holidays, 2024); the others follow the moon or the sun.
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
_SATURDAY = 5
_DAY = timedelta(days=1)

PLAIN = WorkingDays()


def is_workday(day: date, overrides: WorkingDays = PLAIN) -> bool:
    """Tell whether offices work on a day."""
    if day in overrides.working or day in overrides.off:
        return day in overrides.working
    if day.year in _LIBRARY:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED


def workday_after(start: date, count: int, overrides: WorkingDays = PLAIN) -> date:
    """Return the last day of a period of working days; the first one counted is after the start.

    Decree 809 does not say how the day of receipt counts; the hub leaves it out.
    """
    if count < 0:
        raise ValueError("periods run forward")
    day = start
    for _ in range(count):
        day += _DAY
        while not is_workday(day, overrides):
            day += _DAY
    return day


def workdays_between(start: date, end: date, overrides: WorkingDays = PLAIN) -> int:
    """Count the working days after the start up to and with the end; negative where it is past."""
    first, last = sorted((start, end))
    days = (first + _DAY * step for step in range(1, (last - first).days + 1))
    count = sum(is_workday(day, overrides) for day in days)
    return count if start <= end else -count


def settled(start: date, end: date, overrides: WorkingDays = PLAIN) -> bool:
    """Tell whether the days off of all years of a period are known, so that it will not move."""
    proclaimed = {day.year for day in (*overrides.working, *overrides.off)}
    years = range(min(start, end).year, max(start, end).year + 1)
    return all(year in _LIBRARY or year in proclaimed for year in years)


def _years_of_library() -> frozenset[int]:
    return frozenset(day.year for day in chinese_calendar.holidays)


_LIBRARY = _years_of_library()
