"""Countries and states, as forms offer them and addresses name them.

Sources: ISO 3166-1 and 3166-2, and for the names Unicode's CLDR. Wise's own list of countries is not published; which
of them have states is (https://docs.wise.com/guides/developer/api-guides/address-requirements).
"""

from collections.abc import Mapping

_COUNTRIES = """
AF afg Afghanistan; AL alb Albania; DZ dza Algeria; AS asm American Samoa; AD and Andorra; AO ago Angola;
AI aia Anguilla; AG atg Antigua & Barbuda; AR arg Argentina; AM arm Armenia; AW abw Aruba; AU aus Australia;
AT aut Austria; AZ aze Azerbaijan; BS bhs Bahamas; BH bhr Bahrain; BD bgd Bangladesh; BB brb Barbados;
BY blr Belarus; BE bel Belgium; BZ blz Belize; BJ ben Benin; BM bmu Bermuda; BT btn Bhutan; BO bol Bolivia;
BA bih Bosnia & Herzegovina; BW bwa Botswana; BR bra Brazil; IO iot British Indian Ocean Territory;
VG vgb British Virgin Islands; BN brn Brunei; BG bgr Bulgaria; BF bfa Burkina Faso; BI bdi Burundi; KH khm Cambodia;
CM cmr Cameroon; CA can Canada; CV cpv Cape Verde; BQ bes Caribbean Netherlands; KY cym Cayman Islands;
CF caf Central African Republic; TD tcd Chad; CL chl Chile; CN chn China; CX cxr Christmas Island;
CC cck Cocos (Keeling) Islands; CO col Colombia; KM com Comoros; CG cog Congo - Brazzaville;
CD cod Congo - Kinshasa; CK cok Cook Islands; CR cri Costa Rica; HR hrv Croatia; CU cub Cuba; CW cuw Curaçao;
CY cyp Cyprus; CZ cze Czechia; CI civ Côte d’Ivoire; DK dnk Denmark; DJ dji Djibouti; DM dma Dominica;
DO dom Dominican Republic; EC ecu Ecuador; EG egy Egypt; SV slv El Salvador; GQ gnq Equatorial Guinea;
ER eri Eritrea; EE est Estonia; SZ swz Eswatini; ET eth Ethiopia; FK flk Falkland Islands; FO fro Faroe Islands;
FJ fji Fiji; FI fin Finland; FR fra France; GF guf French Guiana; PF pyf French Polynesia; GA gab Gabon;
GM gmb Gambia; GE geo Georgia; DE deu Germany; GH gha Ghana; GI gib Gibraltar; GR grc Greece; GL grl Greenland;
GD grd Grenada; GP glp Guadeloupe; GU gum Guam; GT gtm Guatemala; GG ggy Guernsey; GN gin Guinea;
GW gnb Guinea-Bissau; GY guy Guyana; HT hti Haiti; HN hnd Honduras; HK hkg Hong Kong; HU hun Hungary;
IS isl Iceland; IN ind India; ID idn Indonesia; IR irn Iran; IQ irq Iraq; IE irl Ireland; IM imn Isle of Man;
IL isr Israel; IT ita Italy; JM jam Jamaica; JP jpn Japan; JE jey Jersey; JO jor Jordan; KZ kaz Kazakhstan;
KE ken Kenya; KI kir Kiribati; KW kwt Kuwait; KG kgz Kyrgyzstan; LA lao Laos; LV lva Latvia; LB lbn Lebanon;
LS lso Lesotho; LR lbr Liberia; LY lby Libya; LI lie Liechtenstein; LT ltu Lithuania; LU lux Luxembourg;
MO mac Macao; MG mdg Madagascar; MW mwi Malawi; MY mys Malaysia; MV mdv Maldives; ML mli Mali; MT mlt Malta;
MH mhl Marshall Islands; MQ mtq Martinique; MR mrt Mauritania; MU mus Mauritius; YT myt Mayotte; MX mex Mexico;
FM fsm Micronesia; MD mda Moldova; MC mco Monaco; MN mng Mongolia; ME mne Montenegro; MS msr Montserrat;
MA mar Morocco; MZ moz Mozambique; MM mmr Myanmar (Burma); NA nam Namibia; NR nru Nauru; NP npl Nepal;
NL nld Netherlands; NC ncl New Caledonia; NZ nzl New Zealand; NI nic Nicaragua; NE ner Niger; NG nga Nigeria;
NU niu Niue; NF nfk Norfolk Island; KP prk North Korea; MK mkd North Macedonia; MP mnp Northern Mariana Islands;
NO nor Norway; OM omn Oman; PK pak Pakistan; PW plw Palau; PS pse Palestinian Territories; PA pan Panama;
PG png Papua New Guinea; PY pry Paraguay; PE per Peru; PH phl Philippines; PN pcn Pitcairn Islands; PL pol Poland;
PT prt Portugal; PR pri Puerto Rico; QA qat Qatar; RO rou Romania; RU rus Russia; RW rwa Rwanda; RE reu Réunion;
WS wsm Samoa; SM smr San Marino; SA sau Saudi Arabia; SN sen Senegal; RS srb Serbia; SC syc Seychelles;
SL sle Sierra Leone; SG sgp Singapore; SX sxm Sint Maarten; SK svk Slovakia; SI svn Slovenia;
SB slb Solomon Islands; SO som Somalia; ZA zaf South Africa; KR kor South Korea; SS ssd South Sudan; ES esp Spain;
LK lka Sri Lanka; BL blm St. Barthélemy; SH shn St. Helena, Ascension & Tristan da Cunha; KN kna St. Kitts & Nevis;
LC lca St. Lucia; MF maf St. Martin; PM spm St. Pierre & Miquelon; VC vct St. Vincent & Grenadines; SD sdn Sudan;
SR sur Suriname; SJ sjm Svalbard & Jan Mayen; SE swe Sweden; CH che Switzerland; SY syr Syria;
ST stp São Tomé & Príncipe; TW twn Taiwan; TJ tjk Tajikistan; TZ tza Tanzania; TH tha Thailand; TL tls Timor-Leste;
TG tgo Togo; TK tkl Tokelau; TO ton Tonga; TT tto Trinidad & Tobago; TN tun Tunisia; TM tkm Turkmenistan;
TC tca Turks & Caicos Islands; TV tuv Tuvalu; TR tur Türkiye; VI vir U.S. Virgin Islands; UG uga Uganda;
UA ukr Ukraine; AE are United Arab Emirates; GB gbr United Kingdom; US usa United States; UY ury Uruguay;
UZ uzb Uzbekistan; VU vut Vanuatu; VA vat Vatican City; VE ven Venezuela; VN vnm Vietnam; WF wlf Wallis & Futuna;
EH esh Western Sahara; YE yem Yemen; ZM zmb Zambia; ZW zwe Zimbabwe; AX ala Åland Islands
"""
"""Two letters, three letters as Wise writes them, and the name. Nobody lives in the few that are left out."""
_STATES = {
    "US": """
AL Alabama; AK Alaska; AS American Samoa; AZ Arizona; AR Arkansas; CA California; CO Colorado; CT Connecticut;
DE Delaware; DC District of Columbia; FL Florida; GA Georgia; GU Guam; HI Hawaii; ID Idaho; IL Illinois; IN Indiana;
IA Iowa; KS Kansas; KY Kentucky; LA Louisiana; ME Maine; MD Maryland; MA Massachusetts; MI Michigan; MN Minnesota;
MS Mississippi; MO Missouri; MT Montana; NE Nebraska; NV Nevada; NH New Hampshire; NJ New Jersey; NM New Mexico;
NY New York; NC North Carolina; ND North Dakota; MP Northern Mariana Islands; OH Ohio; OK Oklahoma; OR Oregon;
PA Pennsylvania; PR Puerto Rico; RI Rhode Island; SC South Carolina; SD South Dakota; TN Tennessee; TX Texas;
UT Utah; VT Vermont; VI Virgin Islands; VA Virginia; WA Washington; WV West Virginia; WI Wisconsin; WY Wyoming
""",
    "CA": """
AB Alberta; BC British Columbia; MB Manitoba; NB New Brunswick; NL Newfoundland and Labrador;
NT Northwest Territories; NS Nova Scotia; NU Nunavut; ON Ontario; PE Prince Edward Island; QC Quebec;
SK Saskatchewan; YT Yukon
""",
    "AU": """
ACT Australian Capital Territory; NSW New South Wales; NT Northern Territory; QLD Queensland; SA South Australia;
TAS Tasmania; VIC Victoria; WA Western Australia
""",
    "BR": """
AC Acre; AL Alagoas; AP Amapá; AM Amazonas; BA Bahia; CE Ceará; DF Distrito Federal; ES Espírito Santo; GO Goiás;
MA Maranhão; MT Mato Grosso; MS Mato Grosso do Sul; MG Minas Gerais; PR Paraná; PB Paraíba; PA Pará; PE Pernambuco;
PI Piauí; RN Rio Grande do Norte; RS Rio Grande do Sul; RJ Rio de Janeiro; RO Rondônia; RR Roraima;
SC Santa Catarina; SE Sergipe; SP São Paulo; TO Tocantins
""",
}


def _read(table: str, words: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(one.split(maxsplit=words)) for one in " ".join(table.split()).split("; "))


_ALL = _read(_COUNTRIES, 2)
COUNTRIES = tuple((two, name) for two, _, name in _ALL)
ISO3: Mapping[str, str] = {two: three for two, three, _ in _ALL}
"""From ``GB`` to ``gbr``."""
ISO2: Mapping[str, str] = {three: two for two, three, _ in _ALL}
STATES: Mapping[str, tuple[tuple[str, str], ...]] = {
    country: tuple((code, name) for code, name in _read(table, 1)) for country, table in _STATES.items()
}
"""Of the countries whose addresses have one."""
