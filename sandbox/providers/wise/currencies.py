"""Currencies in which money can be sent, and from which into which.

Sources: a recorded answer of ``GET /v1/currencies`` (January 2025); Wise's description 2026Q3, "Currencies"; for the
pairs the models of public clients, which agree.
"""

from decimal import Decimal

from sandbox.providers.context import Body, ReadContext, Request, Response
from sandbox.providers.kit.calls import look, told
from sandbox.providers.wise.rates import IN_DOLLARS
from sandbox.providers.wise.style import STYLE
from sandbox.providers.wise.users import ANY_USER

_ALL = """
AED د.إ AE:United Arab Emirates dirham; AUD A$ AU:Australian dollar; BGN лв BG:Bulgarian lev; BRL R$ BR:Brazilian real;
CAD C$ CA:Canadian dollar; CHF SFr. CH,LI:Swiss franc; CNY ¥ CN:Chinese yuan; CZK Kč CZ:Czech koruna;
DKK kr DK:Danish krone; EUR € AT,BE,DE,ES,FI,FR,GR,IE,IT,NL,PT:Euro; GBP £ GB:British pound;
HKD $ HK:Hong Kong dollar; HUF Ft HU:Hungarian forint;
IDR Rp ID:Indonesian rupiah; ILS ₪ IL:Israeli shekel; INR ₹ IN:Indian rupee; JPY ¥ JP:Japanese yen;
KES Ksh KE:Kenyan shilling; KRW ₩ KR:South Korean won; MXN Mex$ MX:Mexican peso; MYR RM MY:Malaysian ringgit;
NGN ₦ NG:Nigerian naira; NOK kr NO:Norwegian krone; NZD $ NZ:New Zealand dollar; PHP ₱ PH:Philippine peso;
PLN zł PL:Polish złoty; RON L RO:Romanian leu; SEK kr SE:Swedish krona; SGD S$ SG:Singapore dollar;
THB ฿ TH:Thai baht; TRY TL TR:Turkish lira; USD $ US:United States dollar; ZAR R ZA:South African rand
"""
"""Code, symbol, countries, and the name in English."""
WITHOUT_DECIMALS = ("HUF", "IDR", "JPY", "KES", "KRW")
MOST, LEAST = Decimal(1_000_000), Decimal(1)
"""Of one payment. Wise's own limits differ by currency and are not published as a table."""


def _currencies() -> list[Body]:
    from sandbox.providers.wise.places import COUNTRIES, ISO3

    names, found = dict(COUNTRIES), []
    for one in " ".join(_ALL.split()).split("; "):
        head, _, name = one.partition(":")
        code, symbol, countries = head.split()
        keywords = [word for country in countries.split(",") for word in (country, names[country], ISO3[country])]
        currency = {"code": code, "symbol": symbol, "name": name, "countryKeywords": [code, *keywords]}
        found.append({**currency, "supportsDecimals": code not in WITHOUT_DECIMALS})
    return found


def list_currencies(request: Request, context: ReadContext) -> Response:
    """In English, whatever language is asked for."""
    return Response(status=200, json=_currencies())


def list_pairs(request: Request, context: ReadContext) -> Response:
    """Each currency into each, itself too."""
    codes = sorted(IN_DOLLARS)
    targets = [{"currencyCode": code, "minInvoiceAmount": LEAST, "fixedTargetPaymentAllowed": True} for code in codes]
    sources = [
        {
            "currencyCode": code,
            "maxInvoiceAmount": MOST,
            "targetCurrencies": targets,
            "totalTargetCurrencies": len(targets),
        }
        for code in codes
    ]
    return Response(status=200, json={"sourceCurrencies": sources, "total": len(sources)})


ENDPOINTS = told(
    look("/v1/currencies", list_currencies, STYLE),
    source="recorded; description 2026Q3",
    simplified="names in English only; 33 of 163 currencies",
    tokens=ANY_USER,
)
LEGACY = told(
    look("/v1/currency-pairs", list_pairs, STYLE),
    source="models of public clients",
    simplified="every currency into every other; the limits are the sandbox's own",
    tokens=ANY_USER,
)
