"""General knowledge for labeling functions, written down for this project."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _lines(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.replace("\n", ",").split(",") if line.strip())


NOT_NAMES = _words(
    """The A An In On At By For From To With And But Or If As It He She They We You I This That These
    Those There Here Its His Her Their Our My Your What When Where Who Why How Which While After
    Before Since Until Because Although Though However Then Now Not No Nor Yes So Some Many Most All
    Both Each Every Other Another Such Only Also Even Still Yet Just About Over Under Between Among
    During Against Without Within Through Into Out Up Down Off More Less Few Several One Two Three
    Four Five Six Seven Eight Nine Ten Former Latest Last Next Asked Earlier Later Meanwhile Once
    Despite According Following Among Is Are Was Were Has Have Had Do Does Did Will Would Could Should
    May Might Let Police Officials Shares Sources Analysts Traders Dealers Prices Sales Scorers Scorer
    Attendance Results Result Standings Bowling Extras Total Fall Close Scores Summary Note Overall
    Played Playing Add First Second Third Fourth Men Women Government Rebels Troops Opposition People
    Everyone Nobody Nothing Something Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue
    Wed Thu Fri Sat Sun January February March April May June July August September October November
    December Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec"""
)
"""Capitalized at the start of a sentence or by the calendar, seldom names of anything."""

TITLES = _words(
    """President Minister Premier Chancellor Secretary Senator Sen. Rep. Governor Gov. Mayor Ambassador
    Judge Justice General Gen. Lieutenant Lt. Colonel Col. Maj. Captain Capt. Admiral Sergeant Sgt.
    Commissioner Chairman Chairwoman Director Director-General Secretary-General Chief Deputy Vice
    Prime Foreign Finance Defence Defense Interior Trade Energy Farm Justice Environment Health
    Education Transport Labour Economics Agriculture Economy King Queen Prince Princess Pope Patriarch
    Archbishop Bishop Cardinal Father Rabbi Sheikh Imam Ayatollah Mother Mr Mr. Mrs Mrs. Ms Ms. Dr Dr.
    Sir Lord Lady Dame Count Professor Prof. Coach Spokesman Speaker Attorney Representative
    Congressman Congresswoman Emperor Sultan Emir Manager Analyst Rev. Reverend Brigadier Marshal"""
)
"""Words before a person's name, and parts of such titles."""

PORTFOLIOS = _words(
    """Foreign Finance Defence Defense Interior Trade Energy Farm Justice Environment Health Education
    Transport Labour Economics Agriculture Economy Deputy Vice Prime Chief"""
)
"""Parts of titles that do not stand before a name themselves."""

ROLES = _words(
    """spokesman spokeswoman striker midfielder defender goalkeeper captain skipper coach manager analyst
    economist president chairman leader minister director secretary ambassador envoy negotiator lawyer
    attorney judge prosecutor champion seed compatriot teammate batsman bowler wicketkeeper paceman
    spinner rider driver golfer player pitcher reliever starter outfielder shortstop trainer winger
    libero sweeper flanker fly-half wing centre hooker prop lock singer actor actress author writer
    scientist professor doctor dictator premier mayor governor senator guerrilla chief boss commander
    general rebel fugitive suspect billionaire tycoon financier banker dealer trader strategist wife
    husband son daughter brother sister father mother widow girlfriend boyfriend friend partner rookie
    veteran Italian-born Swede American Briton German Frenchman Frenchwoman Italian Spaniard
    Australian Dutchman Russian"""
)
"""Words in lower case (or a nationality as a noun) that a person's name often follows."""

NEWSWORDS = _words(
    """TV PM GDP CPI EPS RBI ERA YR ISS DIV MON TUE WED THU FRI GMT EDT EST USA UK US UAE HK AG II III IV
    NOTE AIDS VAT CD IPO KV MW BP TBN CAPS OF THE AND AT IN NEW SAN ST PRESS DIGEST FEATURE RESEARCH
    ALERT FOCUS MP MPs LTD INC CORP PLC YEN DM FF PCT MLN BLN STG DLR DLRS CTS HK$ C$ A$ NZ$ R$ NO YES
    NIL LP SA NV AB"""
)
"""Words in capitals, and abbreviations, that name no organization."""

SPEECH = r"(?:said|says|told|added|adds|warned|insisted|recalled|joked|explained|argued|admitted|conceded)"
"""Verbs of what people do with words."""

WIRES = _lines(
    """Reuters, Reuter, REUTER, Xinhua, Itar-Tass, Tass, Interfax, Kyodo, Tanjug, Agence France-Presse,
    ANSA, IRNA, Associated Press, CTK, PAP, MTI, BTA, APA, DPA, Bernama, Antara, Yonhap, Anadolu,
    HINA, SRNA, SANA, INA, WAM, BBC, CNN, NBC, CBS, ABC, Radio Free Europe, Voice of America,
    Israel Radio, Tehran Radio, Baghdad Radio, New York Times, The New York Times, Washington Post,
    Wall Street Journal, Financial Times, Los Angeles Times, The Times, Le Monde, Le Figaro,
    Liberation, El Pais, El Mundo, Die Welt, Bild, Der Spiegel, Focus, Izvestia, Pravda, Al-Ahram,
    Asahi Shimbun, Yomiuri Shimbun, Corriere della Sera, La Repubblica, La Stampa, The Guardian,
    The Independent, Daily Telegraph, The Sun, Daily Mail, The Economist, Newsweek, Time magazine,
    Chicago Tribune"""
)
"""News agencies, newspapers and broadcasters."""

INSTITUTIONS = _lines(
    """U.N., UN, United Nations, U.N. Security Council, Security Council, EU, European Union,
    European Commission, European Parliament, Commission, NATO, OPEC, OSCE, IMF,
    International Monetary Fund, World Bank, WTO, World Trade Organisation, ASEAN, OAU, Arab League,
    Red Cross, UNHCR, UNICEF, FBI, CIA, KGB, Mossad, Interpol, FIFA, UEFA, IOC, IAAF, FIA, ATP, WTA,
    NBA, NHL, NFL, PGA, ICC, TCCB, Congress, Senate, House of Representatives, Parliament, State Duma,
    Duma, Knesset, Bundestag, Bundesbank, Fed, Federal Reserve, Pentagon, State Department,
    Foreign Office, Labour, Labour Party, Likud, Hamas, Hizbollah, Hezbollah, Fatah, PLO, IRA,
    Sinn Fein, PKK, PUK, KDP, ETA, Taleban, Taliban, Khmer Rouge, African National Congress, ANC,
    Inkatha, Democratic Party, Republican Party, Conservative Party, Christian Democrats,
    Social Democrats, Islamic Jihad, Supreme Court, High Court, Constitutional Court, White Fleet,
    Red Army, Greenpeace, Amnesty International, Human Rights Watch, USDA, EPA, SEC, FCC, FDA, FAA,
    NASA, GM, IBM, AT&T, Ford, Boeing, Airbus, Toyota, Honda, Nissan, Mitsubishi, Sony, Hitachi,
    Toshiba, Samsung, Hyundai, Daewoo, Volkswagen, BMW, Mercedes, Renault, Peugeot, Fiat, Ferrari,
    McLaren, Benetton, Volvo, Siemens, Bayer, Hoechst, BASF, Philips, Shell, Exxon, Mobil, Texaco,
    Chevron, BP, Microsoft, Intel, Apple, Compaq, Motorola, Merrill Lynch, Goldman Sachs,
    Morgan Stanley, Lehman Brothers, J.P. Morgan, Salomon Brothers, Credit Suisse, Deutsche Bank,
    Dresdner Bank, Commerzbank, Barclays, NatWest, HSBC, Citibank, Chase Manhattan, Lloyds,
    British Airways, Lufthansa, Air France, Qantas, Alitalia, Swissair, KLM, Iberia, Aeroflot, TWA,
    American Airlines, United Airlines, Delta Air Lines, British Telecom, British Gas, Nestle,
    Unilever, Coca-Cola, Pepsi, McDonald's, Disney, Time Warner, Kodak, Xerox, General Motors,
    General Electric, Chrysler"""
)
"""Organizations that the news names without a hint such as Inc."""

US_TEAMS = _lines(
    """Orioles, Red Sox, Angels, White Sox, Indians, Tigers, Royals, Brewers, Twins, Yankees, Athletics,
    Mariners, Rangers, Blue Jays, Braves, Cubs, Reds, Rockies, Marlins, Astros, Dodgers, Expos, Mets,
    Phillies, Pirates, Padres, Giants, Hawks, Celtics, Hornets, Bulls, Cavaliers, Mavericks, Nuggets,
    Pistons, Warriors, Rockets, Pacers, Clippers, Lakers, Heat, Bucks, Timberwolves, Nets, Knicks,
    Magic, 76ers, Suns, Trail Blazers, Blazers, Sacramento Kings, Spurs, SuperSonics, Sonics, Raptors,
    Jazz, Grizzlies, Bullets, Bruins, Sabres, Flames, Blackhawks, Avalanche, Red Wings, Oilers,
    Whalers, Canadiens, Devils, Islanders, Senators, Flyers, Coyotes, Penguins, Blues, Sharks,
    Lightning, Maple Leafs, Canucks, Capitals, Falcons, Ravens, Bills, Panthers, Bears, Bengals,
    Cowboys, Broncos, Lions, Packers, Colts, Jaguars, Chiefs, Dolphins, Vikings, Patriots, Saints,
    Jets, Raiders, Eagles, Steelers, Chargers, 49ers, Seahawks, Rams, Buccaneers, Redskins, Cardinals"""
)
"""Nicknames of the teams of the four big North American leagues."""

COUNTRIES = _lines(
    """U.S., U.S.A., USA, U.K., UK, Britain, Great Britain, England, Scotland, Wales, Northern Ireland,
    Czech Republic, Slovak Republic, Bosnia, Bosnia-Herzegovina, Yugoslavia, Macedonia, Soviet Union,
    USSR, Zaire, Burma, Swaziland, Cape Verde, Netherlands, Holland, America, Palestine, Gaza,
    Gaza Strip, West Bank, East Jerusalem, Chechnya, Ingushetia, Dagestan, Tatarstan, Kashmir, Tibet,
    Kurdistan, Crimea, Ulster, Catalonia, Basque Country, Bavaria, Saxony, Tyrol, Sicily, Sardinia,
    Corsica, Siberia, Punjab, Sindh, Tasmania, Queensland, New South Wales, Quebec, Ontario,
    British Columbia, Alberta, Manitoba, Nova Scotia, UAE, Republic of Ireland, Irish Republic,
    East Timor, Vatican, Faroe Islands, Ivory Coast, Holy See, Europe, Asia, Africa, Latin America,
    North America, South America, Central America, Middle East, Mideast, Far East, Caribbean, Balkans,
    Scandinavia, Western Europe, Eastern Europe, Central Europe, Southeast Asia, Gulf, Persian Gulf,
    Mediterranean, Atlantic, Pacific, Baltic, Black Sea, Red Sea, North Sea, Caspian Sea, Adriatic,
    Caucasus, Central Asia, Alps, West, East Germany, West Germany, S. Africa, S. Korea, N. Korea,
    N. Ireland, H.K., Wall Street, White House, Kremlin, Downing Street, Buckingham Palace,
    Capitol Hill, Golan Heights, Golan, Suez Canal, Panama Canal, The Hague, Hague, Old Trafford,
    The Oval, Lord's, Wembley, Wimbledon, Headingley, Trent Bridge, Edgbaston, Bay Area,
    Silicon Valley, Hollywood, Manhattan, Brooklyn, Long Island"""
)
"""Countries as the news of the 1990s calls them, regions, seas, and some famous places."""

US_STATES_SHORT = _words(
    """Ala. Ariz. Ark. Calif. Colo. Conn. Del. Fla. Ga. Ill. Ind. Kan. Ky. La. Md. Mass. Mich. Minn.
    Miss. Mo. Mont. Neb. Nev. N.H. N.J. N.M. N.Y. N.C. N.D. Okla. Ore. Pa. R.I. S.C. S.D. Tenn. Tex.
    Vt. Va. Wash. W.Va. Wis. Wyo. D.C. Ont. Que. Alta. B.C."""
)

NATIONALITIES = _lines(
    """Afghan, African, Albanian, Algerian, American, Angolan, Arab, Arabic, Argentine, Argentinian,
    Armenian, Asian, Australian, Austrian, Azerbaijani, Azeri, Bahraini, Baltic, Bangladeshi, Basque,
    Belarussian, Belgian, Bolivian, Bosnian, Botswanan, Brazilian, British, Briton, Bulgarian,
    Burmese, Burundian, Cambodian, Cameroonian, Canadian, Catalan, Caucasian, Chechen, Chilean,
    Chinese, Colombian, Corsican, Costa Rican, Croat, Croatian, Cuban, Cypriot, Czech, Dane, Danish,
    Dominican, Dutch, Dutchman, Ecuadorean, Egyptian, English, Englishman, Eritrean, Estonian,
    Ethiopian, European, Fijian, Filipino, Finn, Finnish, Flemish, French, Frenchman, Frenchwoman,
    Georgian, German, Ghanaian, Greek, Guatemalan, Guinean, Gypsy, Haitian, Honduran, Hungarian,
    Icelandic, Indian, Indonesian, Iranian, Iraqi, Irish, Irishman, Israeli, Italian, Ivorian,
    Jamaican, Japanese, Jordanian, Kazakh, Kenyan, Korean, South Korean, North Korean, Kurd, Kurdish,
    Kuwaiti, Kyrgyz, Lao, Laotian, Latin, Latin American, Latvian, Lebanese, Liberian, Libyan,
    Lithuanian, Luxembourger, Macedonian, Malawian, Malaysian, Malian, Maltese, Mauritanian, Mexican,
    Moldovan, Mongolian, Montenegrin, Moroccan, Mozambican, Namibian, Nepalese, Nepali, New Zealander,
    Nicaraguan, Nigerian, Nordic, North African, Norwegian, Omani, Pakistani, Palestinian, Panamanian,
    Paraguayan, Persian, Peruvian, Pole, Polish, Portuguese, Qatari, Romanian, Russian, Rwandan,
    Salvadoran, Saudi, Saudi Arabian, Scandinavian, Scot, Scottish, Scots, Senegalese, Serb, Serbian,
    Bosnian Serb, Bosnian Serbs, Bosnian Croat, Sicilian, Singaporean, Slav, Slovak, Slovakian,
    Slovene, Slovenian, Somali, South African, South African-born, South American, Soviet, Spaniard,
    Spanish, Sri Lankan, Sudanese, Swede, Swedish, Swiss, Syrian, Tahitian, Taiwanese, Tajik, Tamil,
    Tanzanian, Thai, Tibetan, Tunisian, Turk, Turkish, Turkmen, Ugandan, Ukrainian, Uruguayan, Uzbek,
    Venezuelan, Vietnamese, Welsh, Welshman, West African, West Indian, West Indies, Western,
    Westerner, Yemeni, Yugoslav, Zairean, Zambian, Zimbabwean, Hutu, Tutsi, Zulu, Sikh, Moslem,
    Muslim, Shi'ite, Sunni, Islamic, Islamist, Jew, Jewish, Christian, Catholic, Roman Catholic,
    Protestant, Orthodox, Hindu, Buddhist, Anglican, Maronite, Hebrew, Zionist, Nazi, Communist,
    Republican, Democrat, Democratic, Conservative, Marxist, Maoist, Leninist, Socialist, Texan,
    Californian, Parisian, Olympic, Afrikaner, Swahili, Urdu, Mandarin, Cantonese, Anglo-Saxon, Euro,
    GMT, EDT, Internet, Nobel, Nobel Prize, Nobel Peace Prize, Cold War, Gulf War, World War Two,
    World War One, Holocaust, Vietnam War, Christmas, Easter, Ramadan, Nikkei, FTSE, DAX, Dow, Nasdaq,
    NASDAQ, Brent, Windows, Tamil Tiger, Tamil Tigers, Grand Slam, Bible, Koran"""
)
"""Nationalities, peoples, faiths and convictions, and a few things that the corpus calls MISC."""

ORDINARY_FIRST_WORDS = (
    "National|United|New|First|Federal|Bank|University|American|British|European|International|Central|"
    "General|Royal|World|State|Supreme|High|Foreign|Finance|Defence|Interior|Ministry|Department|"
    "Institute|Association|Union|Council"
)
"""First words of organizations' names that are no short form of them."""

EVENTS = (
    "Cup|Open|League|Championships?|Series|Grand Prix|Tour|Masters|Classic|Olympics|Games|Trophy|"
    "Shield|Rally|Marathon|Stakes|Derby|Slam|Division|Conference|Festival|Prize|War|Treaty|Act|Accord|"
    "Agreement|Day|Constitution|Convention"
)
"""Last words of the names of competitions, wars, laws and other MISC."""

PLACE_WORDS = (
    "River|Island|Islands|Sea|Ocean|Bay|Lake|Mountains?|Valley|Street|Road|Avenue|Square|Airport|"
    "Province|County|Peninsula|Coast|Gulf|Canal|Strait|Straits|Park|Stadium|Hills?|Beach|Desert|"
    "Plateau|Heights|Bridge|Falls|Forest|Region|Plaza|Palace|Prison|Reef|Springs|Harbour|Port|Field|"
    "Dome|Arena|Ground"
)
"""Last words of the names of places."""

COMPANY_WORDS = (
    "Inc|Inc\\.|Corp|Corp\\.|Co|Co\\.|Ltd|Ltd\\.|Plc|PLC|AG|SA|S\\.A\\.|NV|N\\.V\\.|AB|AS|A/S|ASA|Oy|"
    "SpA|S\\.p\\.A\\.|GmbH|LP|L\\.P\\.|LLC|KK|BV|BHD|Bhd|Berhad|Pty|Group|Holdings?|Industries|"
    "International|Bank|Bancorp|Brothers|Partners|Securities|Capital|Trust|Fund|Insurance|Assurance|"
    "Airlines|Airways|Motors?|Steel|Oil|Petroleum|Gas|Energy|Electric|Power|Telecom|Communications|"
    "Systems|Technologies|Technology|Software|Pharmaceuticals|Laboratories|Foods|Stores|Mines|Mining|"
    "Resources|Gold|Entertainment|Broadcasting|Television|TV|Radio|Press|Times|News|Post|Journal|"
    "Tribune|Herald|Gazette|Shipping|Lines|Enterprises|Financial|Finance|Investments?|Management|"
    "Services|Associates|Newsroom|Newsdesk|Newroom|Editorial|Bureau|Desk"
)
"""Last words of the names of companies, papers and desks."""

BODY_WORDS = (
    "Party|Union|Association|Council|Committee|Commission|Federation|Organi[sz]ation|Department|"
    "Ministry|Agency|Authority|Board|Court|Assembly|Parliament|Congress|Senate|Army|Navy|Force|Forces|"
    "Police|Corps|Command|Front|Movement|Alliance|Coalition|Society|Institute|University|College|"
    "School|Hospital|Church|Club|Academy|Foundation|Center|Centre|Museum|Exchange|Corporation|Company|"
    "Office|Administration|Service|Secretariat|Secretary-General's|Embassy|Chamber|Laboratory|Program|"
    "Programme|Council|House of Representatives|Tribunal|Confederation|League of Nations|Guard|Brigade"
)
"""Last words of the names of public bodies, parties and institutions."""

CLUB_WORDS = (
    "United|City|Rovers|Town|County|Wanderers|Athletic|Albion|Hotspur|Villa|Rangers|Celtic|Thistle|"
    "Academical|Alexandra|Argyle|Orient|Forest|Wednesday|Palace|Dynamo|Spartak|Torpedo|Lokomotiv|"
    "Sporting|Atletico|Athletico|Benfica"
)
CLUB_STARTS = (
    "FC|F\\.C\\.|AC|A\\.C\\.|AS|SC|SV|VfB|VfL|FSV|TSV|MSV|Borussia|Bayern|Eintracht|Hapoel|Maccabi|"
    "Dynamo|Dinamo|Spartak|Torpedo|Lokomotiv|CSKA|Real|Atletico|Deportivo|Sporting|Inter|Juventus|"
    "Lazio|Olympique|Paris St|PSV|AEK|IFK|FK|OFK|NK|MSK|Racing|Red Star|Partizan|Steaua|Slavia|Sparta|"
    "Ajax|Feyenoord|Fortuna|Vitesse|Hertha|Hansa|Werder|Queens Park|West Ham|Manchester|Nottingham|"
    "Tottenham|Aston|Sheffield|Newcastle"
)
"""First and last words of the names of football clubs."""

TEAMS_OF_NATIONS = _lines(
    """U.S., USA, Britain, England, Scotland, Wales, Northern Ireland, Czech Republic, Bosnia, Yugoslavia,
    Macedonia, Zaire, Netherlands, Holland, UAE, West Indies, Ivory Coast, Faroe Islands"""
)
"""National teams whose names are not those of countries today."""

CITIES = _lines(
    """Bonn, Kiev, Peking, Calcutta, Bombay, Madras, Rangoon, Saigon, St Petersburg, St. Petersburg,
    Tel Aviv, Jerusalem, Ramallah, Hebron, Nablus, Bethlehem, Grozny, Sarajevo, Banja Luka, Pristina,
    Vaduz, Berne, Cologne, Munich, Nuremberg, Hanover, Frankfurt, Duesseldorf, Lyon, Lyons, Marseille,
    Marseilles, Seville, Antwerp, Ghent, Bruges, Gothenburg, Turin, Genoa, Milan, Naples, Venice,
    Florence, The Hague, Washington, New York, St. Louis, Mexico City, Kuwait City"""
)
"""Cities as the news of the 1990s spells them."""
