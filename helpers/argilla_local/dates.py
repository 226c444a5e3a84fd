"""Dates as Elasticsearch reads them in filters, and as the index keeps them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

_MOMENT = timedelta(microseconds=1)
_LAST = datetime.max
# From the year to the second, and the letters that mean them in Elasticsearch's date math.
_UNITS = "yMdhms"
_LENGTHS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "H": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_MONTHS = {"y": 12, "M": 1}
# A sum, or a rounding; a number that is left out is 1.
_STEP = re.compile(r"([+-]\d*|/)([yMwdhHms])")
_MATH = re.compile(rf"now(?:{_STEP.pattern})*")
# A day and a time may be missing from the end on: the groups tell how much is given.
_TIME = r"(\d\d)(?:(:\d\d)(?:(:\d\d)([.,]\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?"
_DATE = re.compile(rf"\d{{4}}(-\d\d)?(-\d\d)?(?:[T ]{_TIME})?")


def date_text(moment: datetime) -> str:
    """Write a moment in UTC to the microsecond; one without a time zone is taken as UTC.

    >>> date_text(datetime(2024, 5, 1, 12))
    '2024-05-01T12:00:00.000000'
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds")


def span(date: str, now: datetime) -> tuple[str, str]:
    """Return the first and the last moment that a date of a filter means.

    Parameters
    ----------
    date
        A year, month, day or time in ISO 8601, which means all of it, or Elasticsearch's date math on now,
        such as ``now-1d`` or ``now/d``.
    now
        The present, in UTC.

    Raises
    ------
    ValueError
        It is no date.

    References
    ----------
    https://www.elastic.co/guide/en/elasticsearch/reference/current/common-options.html#date-math

    Examples
    --------
    >>> span("2026-02", datetime(2026, 5, 1))
    ('2026-02-01T00:00:00.000000', '2026-02-28T23:59:59.999999')
    >>> span("now-1d/h", datetime(2026, 5, 1, 12, 30))
    ('2026-04-30T12:00:00.000000', '2026-04-30T12:59:59.999999')
    """
    try:
        first, last = _calculated(date, now) if _MATH.fullmatch(date) else _read(date)
        return date_text(first), date_text(last)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"{date!r} is no date: write one like 2026-05-01, 2026-05-01T12:00:00Z, 2026-05 or now-1d."
        ) from error


def _calculated(math: str, now: datetime) -> tuple[datetime, datetime]:
    first = last = now
    for step, unit in _STEP.findall(math):
        if step == "/":
            first, last = _floor(first, unit), _end(_floor(last, unit), unit)
        else:
            number = int(step if step[1:] else f"{step}1")
            first, last = _plus(first, number, unit), _plus(last, number, unit)
    return first, last


def _read(date: str) -> tuple[datetime, datetime]:
    given = _DATE.fullmatch(date)
    if given is None:
        raise ValueError(date)
    parts = [part is not None for part in given.groups()]
    if not all(parts[:2]):
        # datetime reads no date without a day
        date += "-01" * parts[:2].count(False)
    first = datetime.fromisoformat(date)
    unit = _UNITS[sum(parts[:5])]
    return first, first if parts[5] else _end(first, unit)


def _end(first: datetime, unit: str) -> datetime:
    """Return the last moment of a unit that begins at another one."""
    try:
        return _plus(first, 1, unit) - _MOMENT
    except (ValueError, OverflowError):
        return _LAST


def _plus(moment: datetime, number: int, unit: str) -> datetime:
    if unit in _LENGTHS:
        return moment + number * _LENGTHS[unit]
    years, month = divmod(moment.month - 1 + number * _MONTHS[unit], 12)
    year = moment.year + years
    # One that is short has no 31st: its last day counts.
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _floor(moment: datetime, unit: str) -> datetime:
    """Return the begin of the unit in which a moment is."""
    if unit == "w":
        return _floor(moment - timedelta(days=moment.weekday()), "d")
    kept = _UNITS.index(unit.replace("H", "h")) + 1
    year, month, day, hour, minute, second = moment.timetuple()[:kept] + (1, 1, 1, 0, 0, 0)[kept:]
    return datetime(year, month, day, hour, minute, second)
