"""Labeling functions shaped to the corpus: news of 1996, much of it lists, tables and result lines.

They were written from the texts of the training sentences and the declared sample of gold ones. Those of the
first group read the shape of a line and know best; those of the second look up names or read the words around
them, and say nothing where one of the first has spoken.
"""

import re
from collections.abc import Iterable, Iterator

from spacy.tokens import Doc

from helpers.ner.facts import (
    BODY_WORDS,
    CLUB_STARTS,
    CLUB_WORDS,
    COMPANY_WORDS,
    EVENTS,
    INSTITUTIONS,
    NEWSWORDS,
    NOT_NAMES,
    PLACE_WORDS,
    PORTFOLIOS,
    ROLES,
    SPEECH,
    TITLES,
    US_TEAMS,
    WIRES,
)
from helpers.ner.gazetteers import cities, countries, first_names, nationalities, nations
from helpers.ner.patterns import (
    NAME,
    PERSON,
    WORD,
    LabeledSpan,
    LabelingFunction,
    capitalized_runs,
    in_mixed_case,
    matches,
    phrases,
    text_of,
    words,
)

TEAM = rf"(?:{WORD}(?: {WORD}| da| de| of| \d{{2,4}}(?= \D)){{0,3}})"
INITIALS = r"(?!U\.[SNK]\.)(?:[A-Z]\. ?)+"
ACRONYM = r"[A-Z][A-Z&]{1,5}"
DESK = "(?:Newsroom|Newsdesk|Bureau|Desk|Editorial)"
BEFORE_PEOPLE = (TITLES - PORTFOLIOS) | ROLES
CAPITALIZED_NON_NAMES = NOT_NAMES | TITLES | ROLES
LAST_WORDS = f"(?:{COMPANY_WORDS}|{BODY_WORDS}|{EVENTS}|{PLACE_WORDS}|{CLUB_WORDS})"

# What the shape of a line says


def datelines(doc: Doc) -> Iterator[LabeledSpan]:
    """``PORT SELMA , Karsovia 1996-08-23``."""
    yield from matches(
        doc, rf"^(?P<LOC>{NAME})(?: , (?P<LOC2>{NAME}))? (?:\d{{4}}-\d\d-\d\d|, \w+ \d+ [-(].*)$"
    )
    yield from matches(
        doc, r"^(?P<LOC>[A-Z .'-]+[A-Z]) , (?P<LOC2>[A-Z][\w.]+)(?: , (?P<LOC3>[A-Z][\w.]+))?(?: \.)?$"
    )


def bylines(doc: Doc) -> Iterator[LabeledSpan]:
    """``Lena Ostrow``, alone on its line, or ``-- Lena Ostrow , Oslo Newsroom +47``."""
    if doc[:1].text in first_names() and not doc[-1].is_upper:
        yield from matches(doc, r"^(?P<PER>[A-Z][\w.'-]+(?: (?:[A-Z][\w.'-]*|van|de|al)){1,2})$")
    yield from matches(
        doc, rf"^-+ (?:By )?(?P<PER>(?!\S+ {DESK}){PERSON}) ?, (?:.*(?:\d{{3}}|[Nn]ewsroom|[Bb]ureau).*)$"
    )


def desks(doc: Doc) -> Iterator[LabeledSpan]:
    """``-- Oslo Newsroom +47 22`` is a desk, ``-- Oslo newsroom`` a place."""
    yield from matches(doc, rf"(?P<ORG>(?:{WORD} )+{DESK})(?= .*\d)")
    yield from matches(doc, rf"^-+ .*?(?P<LOC>{NAME}) (?:newsroom|newsdesk|editorial|bureau|desk) .*\d")


def standings(doc: Doc) -> Iterator[LabeledSpan]:
    """``Porto Vell 24 12 9 3 35`` and ``BALTIMORE 70 62 .530 -``."""
    yield from _teams(doc, rf"^(?:\d+\. )?(?P<ORG>{TEAM})(?: [\d.:+/-]+){{4,}}(?: points?)?$")
    yield from _teams(doc, rf"^(?P<ORG>{TEAM}) \d+ \d+ \d*\.\d{{3}} .{{1,8}}$")
    yield from _teams(doc, rf"^(?P<ORG>{TEAM}) \d+ points? ,?$")


def match_lines(doc: Doc) -> Iterator[LabeledSpan]:
    """``Torvane 2 Briska 1 ( halftime 0-0 )``, ``In Lisbon : Cantaro ( Fiji ) 0 Vell ( Peru ) 3``."""
    place, goals = rf"(?:In|At) (?P<LOC>{NAME}) : ?", r"\d+(?:\.\d+)?\*?(?: \( \d+ \))?"
    home = rf"(?P<ORG>{TEAM})(?: \( (?P<LOC2>{NAME}) \))?"
    away = rf"(?P<ORG2>{TEAM})(?: \( (?P<LOC3>{NAME}))?(?: \))?"
    yield from _teams(doc, rf"^(?:{place})?{home} {goals} {away}(?: {goals})?(?: (?:\(|in|after|\.).*)?$")


def fixtures(doc: Doc) -> Iterator[LabeledSpan]:
    """``CLEVELAND AT DETROIT``, ``Birmingham v Barnsley , Bradford v``."""
    yield from _teams(doc, r"^(?P<ORG>[A-Z][A-Z. ]+) AT (?P<ORG2>[A-Z][A-Z. ]+)$")
    yield from _teams(doc, rf"(?P<ORG>{TEAM}) v(?:s\.?)? (?P<ORG2>{TEAM})(?! \()")
    yield from _teams(doc, rf"(?:^|, )(?P<ORG>{TEAM}) v$")


def venues(doc: Doc) -> Iterator[LabeledSpan]:
    """``In Siauliai : Kareda 0``, ``Stowbury : Lanfordshire 286``."""
    yield from matches(doc, rf"^(?:In|At) (?P<LOC>{NAME})(?: \(.*?\))? :")
    yield from matches(doc, rf"^(?P<LOC>(?!In |At ){NAME}) :(?= {NAME} \d)")


def cricket_scores(doc: Doc) -> Iterator[LabeledSpan]:
    """``Lanfordshire 286 and 94-2 ( R. Colclough 51 not out ) v Kent .``."""
    yield from _teams(doc, rf"(?:^|: |v |, )(?P<ORG>{TEAM}) \d+(?:-\d)?(?: (?:\(|and|for|v|dec).*|,? ?\.?)$")
    yield from _teams(doc, rf"[)\d] v (?P<ORG>{TEAM}) \.?$")
    yield from _teams(doc, rf"^(?P<ORG>{TEAM}) (?:first|second) innings")


def batsmen(doc: Doc) -> Iterator[LabeledSpan]:
    """``S. Fonseka c Hollins b Okafor-Lane 7``, ``Waqar Younis 20-6-70-2``."""
    out = rf"(?:(?:c|st) (?:and|(?P<PER2>{PERSON})) )?(?:b|lbw b) (?P<PER3>{PERSON})"
    yield from matches(doc, rf"^(?P<PER>{PERSON}) (?:{out}|not out|run out(?: .*)?) \d+")
    yield from matches(doc, rf"(?P<PER>{PERSON}) \d+(?:\.\d)?-\d+-\d+-\d+")


def competitors(doc: Doc) -> Iterator[LabeledSpan]:
    """``1. Ines Calado ( Portugal ) Mapei 11.02``, ``Mei Wu ( China ) beat Ana Ruiz ( Spain ) 6-2 6-4``."""
    if re.search(r"\) \d (?!-)|\bleg\b|halftime|Cup", doc.text):
        return
    country = rf"(?!{ACRONYM} ){NAME}|USA|UAE"
    yield from matches(doc, rf"(?P<PER>{PERSON}) (?:- (?P<PER2>{PERSON}) )?\( (?P<LOC>{country})(?= \)|$)")
    yield from matches(doc, rf"^\( (?P<LOC>{country}) \)(?= (?:beat|\d|,|vs|v ))")
    yield from matches(doc, rf"^\d+\. .* \) (?P<ORG>{WORD})(?= \d|$)")


def rankings(doc: Doc) -> Iterator[LabeledSpan]:
    """``3. Noa Lind 7:31.5``, ``68 Stig Aho , Ben Hale``, ``135 Tom Ray 67 68``."""
    name = rf"{WORD} (?:van |de |Van )?{WORD}(?: {WORD})?"
    yield from matches(doc, rf"^\d+(?:\.|\. -| -|=)? (?P<PER>{name})(?= [\d(,]|$)")
    if re.match(r"\d{2,3} [A-Z]", doc.text):
        yield from matches(doc, rf"(?P<PER>{WORD} {WORD})(?= [,(\d]| ?$)")


def scorers(doc: Doc) -> Iterator[LabeledSpan]:
    """``Briska - Ilie Lazar ( 32nd ) , Eugen Voica ( 84th minute )``."""
    minute = r"\d+(?:st|nd|rd|th)?"
    yield from matches(doc, rf"(?P<PER>{PERSON}) \( (?:{minute}(?: and| ,| min| pen| og|$| \))|penalty|own)")
    yield from matches(doc, rf"(?P<PER>{PERSON})(?= {minute}(?: , \d+)* (?:minute|pen))")
    yield from matches(doc, rf"^(?P<ORG>{TEAM}) -(?= {PERSON} \( )")


def initials(doc: Doc) -> Iterator[LabeledSpan]:
    """``( M. Lathwell 85 , G. Rose 7-73 )``: initials and a surname."""
    yield from matches(doc, rf"(?P<PER>{INITIALS}(?:(?:de|van|al) )?[A-Z][\w'-]+)")


def headlines(doc: Doc) -> Iterator[LabeledSpan]:
    """``TENNIS - DUTCH TEENAGER OUT OF BALTIC OPEN``: in capitals, only well-known names can be told."""
    if not in_mixed_case(doc):
        yield from _countries_and_peoples(doc, phrases(doc, countries() | nationalities()))
        yield from matches(doc, rf"(?P<MISC>(?:[A-Z.]+ )?(?:{EVENTS.upper()}))$")


LINE_FUNCTIONS: tuple[LabelingFunction, ...] = (
    datelines,
    bylines,
    desks,
    standings,
    match_lines,
    fixtures,
    venues,
    cricket_scores,
    batsmen,
    competitors,
    rankings,
    scorers,
    initials,
    headlines,
)

# What names, and the words around them, say


def countries_and_peoples(doc: Doc) -> Iterator[LabeledSpan]:
    """``Portugal`` and ``Ohio``, ``Dutch`` and ``Kurds``, but not in ``Dutch Shell``."""
    if in_mixed_case(doc):
        alone = (
            (start, end)
            for start, end in phrases(doc, countries() | nationalities())
            if (start < 2 or not _is_name(doc, start - 1))
            and (not _is_name(doc, end) or doc[end].text in first_names())
        )
        yield from _countries_and_peoples(doc, alone)


def hyphened(doc: Doc) -> Iterator[LabeledSpan]:
    """``Boston-based``, ``U.S.-led``, ``Israeli-Syrian``, ``anti-Dutch``."""
    ends = "based|led|born|backed|style|sponsored|made|occupied|held|owned|brokered|wide|ruled|run|speaking"
    yield from matches(doc, rf"(?P<MISC>(?:[A-Z][\w.]+-(?:{ends}))|(?:[Aa]nti|[Pp]ro)-[A-Z]\w+)")
    for start, end, label in matches(doc, r"(?P<MISC>[A-Z]\w+-[A-Z]\w+)"):
        if nationalities().intersection(doc[start].text.split("-")):
            yield start, end, label


def big_cities(doc: Doc) -> Iterator[LabeledSpan]:
    """``Lisbon``, but not ``Lisbon Harriers``."""
    for start, end in _names(doc):
        if text_of(doc, start, end) in cities():
            yield start, end, "LOC"


def places_by_preposition(doc: Doc) -> Iterator[LabeledSpan]:
    """``in Topolcany``, ``near Almere``, ``northern Karsovia``, ``the town of Stowbury``."""
    sides = "northern|southern|eastern|western|central|neighbouring|downtown|capital"
    before = rf"in|near|from|outside|across|{sides}|(?:town|city|village|port|province|island) of"
    for start, end, label in matches(doc, rf"(?:{before}) (?P<LOC>{WORD}(?: {WORD})?)(?! [A-Z])"):
        name = words(doc)[start:end]
        if (
            not NOT_NAMES.union(TITLES).intersection(name)
            and name[0] not in nationalities()
            and not name[0].isupper()
        ):
            yield start, end, label


def places_with_regions(doc: Doc) -> Iterator[LabeledSpan]:
    """``in Sandusky , Ohio``: a place, then the state or country that it lies in."""
    for start, end, label in matches(doc, rf"(?:in|of|at|from|near|to|and) (?P<LOC>{NAME})(?= , [A-Z])"):
        if any(text_of(doc, end + 1, stop) in countries() for stop in range(end + 2, end + 5)):
            yield start, end, label


def places_by_last_word(doc: Doc) -> Iterator[LabeledSpan]:
    """``Luvo River``, ``Bondi Beach``, ``Veria province``."""
    kinds = "province|airport|river|island|region|district|peninsula|prison"
    yield from matches(doc, rf"(?P<LOC>(?:{WORD} )+(?:{PLACE_WORDS}))(?! [A-Z])")
    yield from matches(doc, rf"(?P<LOC>{WORD}(?: {WORD})?)(?= (?:{kinds}))")


def people_by_first_name(doc: Doc) -> Iterator[LabeledSpan]:
    """``Josephine Ndaywel``: two or more capitalized words, the first a known first name."""
    places = countries() | cities()
    for start, end in _names(doc):
        first, last, name = doc[start].text, doc[end - 1].text, text_of(doc, start, end)
        is_place = first in places or name in places or re.fullmatch(LAST_WORDS, last)
        if end - start in (2, 3, 4) and first.split("-")[0] in first_names() and not is_place:
            yield start, end, "PER"


def people_by_title(doc: Doc) -> Iterator[LabeledSpan]:
    """``Prime Minister Costas Simitis``, ``coach Tony Roche``."""
    for start, end in _names(doc):
        has_title = start and doc[start - 1].text in BEFORE_PEOPLE
        is_other = text_of(doc, start, end) in countries() or doc[start].text in nationalities()
        if has_title and end - start <= 4 and not is_other:
            yield start, end, "PER"


def people_by_owner(doc: Doc) -> Iterator[LabeledSpan]:
    """``Canada 's Jacques Villeneuve``: two capitalized words after a country or a club."""
    for start, end, label in matches(doc, rf"[A-Z]\S+ 's (?P<PER>{WORD} {WORD})(?! [A-Z])"):
        if doc[start].text not in nationalities() | TITLES and not re.fullmatch(
            LAST_WORDS, doc[end - 1].text
        ):
            yield start, end, label


def people_by_speech(doc: Doc) -> Iterator[LabeledSpan]:
    """``" ... , " Garang said``, ``said Chris Widness , an economist``, ``Ana Lund , 34 ,``."""
    yield from matches(doc, rf"[\",] (?P<PER>{WORD}(?: {WORD})?) {SPEECH}(?= [.,a-z])")
    yield from matches(doc, rf"{SPEECH} (?P<PER>{WORD} {WORD})(?= ,| \.| of| from)")
    yield from matches(doc, rf"(?P<PER>{WORD} {WORD}) , \d\d(?= ,)")


def organizations_by_last_word(doc: Doc) -> Iterator[LabeledSpan]:
    """``Halvorsen Industries``, ``Finance Ministry``, ``University of Veria``."""
    inside = rf"(?:(?:{WORD}|&|of|and|for|the) ){{0,4}}"
    yield from matches(doc, rf"(?P<ORG>{WORD} {inside}(?:{COMPANY_WORDS}|{BODY_WORDS}))(?! [A-Z])")
    heads = (
        "Bank|University|Ministry|Department|Association|Union|Organi[sz]ation|Institute|Council|Federation"
    )
    place = rf"(?:the )?{WORD}(?: (?:(?:and|in) )?{WORD})*"
    yield from matches(doc, rf"(?P<ORG>(?:{WORD} )*(?:{heads}|Party|Movement|Front) (?:of|for) {place})")


def acronyms(doc: Doc) -> Iterator[LabeledSpan]:
    """``KDP``, and ``Kurdistan Democratic Party ( KDP )``."""
    if not in_mixed_case(doc):
        return
    for start, end, label in matches(doc, rf"(?P<ORG>{ACRONYM})"):
        if doc[start].text not in NEWSWORDS and not _is_name(doc, start - 1) and not _is_name(doc, end):
            yield start, end, label
    for start, end, label in matches(doc, rf"(?P<ORG>{NAME})(?= \( {ACRONYM} \))"):
        capitals = "".join(word[0] for word in words(doc)[start:end] if word[0].isupper())
        if end - start > 1 and doc[end + 1].text.startswith(capitals[:2]):
            yield start, end, label


def well_known(doc: Doc) -> Iterator[LabeledSpan]:
    """``NATO``, ``Hamas``, ``Reuters``: organizations and papers that the news names without a hint."""
    for start, end in phrases(doc, INSTITUTIONS | WIRES):
        if not start or not _is_name(doc, end):
            yield start, end, "ORG"


def us_teams(doc: Doc) -> Iterator[LabeledSpan]:
    """``Texas Rangers``, ``the Braves``: teams of the big North American leagues."""
    for start, end in _names(doc):
        if {text_of(doc, end - 1, end), text_of(doc, max(start, end - 2), end)} & US_TEAMS:
            yield start, end, "ORG"


def clubs(doc: Doc) -> Iterator[LabeledSpan]:
    """``Sarnia Rovers``, ``Dynamo Batumi``, ``Derbyshire``: names that clubs have."""
    yield from matches(doc, rf"(?P<ORG>(?:{WORD} )+(?:{CLUB_WORDS}))(?! [A-Z])")
    yield from matches(doc, rf"(?P<ORG>(?:{CLUB_STARTS})(?: {WORD}){{1,2}})(?! [A-Z])")
    yield from matches(doc, r"(?P<ORG>[A-Z][a-z]+shire)(?! [A-Z])")


def companies(doc: Doc) -> Iterator[LabeledSpan]:
    """``shares in Mentmore Abbey``, ``Newcrest 's stock``, ``analyst at Paribas``."""
    before = "[Ss]hares (?:in|of)|analysts? (?:at|with)|economist at|dealer at|stake in"
    after = "shares?|stock|unit|subsidiary|newspaper|daily|weekly|magazine|news agency"
    yield from matches(doc, rf"(?:{before}) (?P<ORG>{NAME})(?! [A-Z])")
    yield from matches(doc, rf"(?P<ORG>{NAME}) (?:'s )?(?:{after})(?! [A-Z])")


def events(doc: Doc) -> Iterator[LabeledSpan]:
    """``Davis Cup``, ``French Open``, ``American League``, ``Gulf War``."""
    yield from matches(doc, rf"(?P<MISC>(?:(?:{WORD}|') )+(?:{EVENTS}))(?! [A-Z])")


def products(doc: Doc) -> Iterator[LabeledSpan]:
    """``Airbus A310``, ``Flight 150``, ``Hurricane Edouard``, ``Toyota Celica``."""
    makes = "Airbus|Boeing|Flight|MiG|Antonov|Tupolev|Windows|Formula|Soyuz"
    yield from matches(doc, rf"(?P<MISC>(?:{makes}) (?:[A-Z]*-?\d+|One))")
    yield from matches(doc, rf"(?P<MISC>(?:Hurricane|Typhoon|Tropical Storm|Operation) {WORD})")
    cars = "Toyota|Ford|Subaru|Mitsubishi|Nissan|Opel|Renault|Peugeot|Honda"
    yield from matches(doc, rf"(?P<MISC>(?:{cars}) {WORD})(?= \d)")


NAME_FUNCTIONS: tuple[LabelingFunction, ...] = (
    countries_and_peoples,
    hyphened,
    big_cities,
    places_by_preposition,
    places_with_regions,
    places_by_last_word,
    people_by_first_name,
    people_by_title,
    people_by_owner,
    people_by_speech,
    organizations_by_last_word,
    acronyms,
    well_known,
    us_teams,
    clubs,
    companies,
    events,
    products,
)


def _teams(doc: Doc, pattern: str) -> Iterator[LabeledSpan]:
    """Clubs are organizations, but national teams are places."""
    for start, end, label in matches(doc, pattern):
        yield start, end, "LOC" if text_of(doc, start, end) in nations() else label


def _countries_and_peoples(doc: Doc, found: Iterable[tuple[int, int]]) -> Iterator[LabeledSpan]:
    for start, end in found:
        yield start, end, "LOC" if text_of(doc, start, end) in countries() else "MISC"


def _is_name(doc: Doc, i: int) -> bool:
    """Whether the token is capitalized, and neither a title nor what begins a sentence."""
    return 0 <= i < len(doc) and doc[i].text[0].isupper() and doc[i].text not in CAPITALIZED_NON_NAMES


def _names(doc: Doc) -> Iterator[tuple[int, int]]:
    """Find runs of capitalized words, without titles and what begins a sentence."""
    if in_mixed_case(doc):
        yield from capitalized_runs(doc, NOT_NAMES | TITLES)
