"""Units of amounts, a scale or a currency, as captions, headings and notes print them.

A unit counts where it stands like one: alone, beside words of captions only, set apart by a comma,
colon or parentheses, or in a note about the amounts. In prose it belongs to a number (`US$ 3
million`) or to what it counts (`millions of dollars of need`). Where it may be either, it counts:
an amount is loaded only if it is in US$ for certain.
"""

import re
from collections.abc import Iterator

_US = (
    r"(?:US\s?\$|USD\$?|\$\s?(?:US|E\.?U)\b\.?|\$|U\.S\.\s?(?:\$|dollars?)|"
    r"(?:US|United\sStates)[\s-]dollars?|"
    r"dollars?(?:\s(?:américains?|des\sÉtats-Unis|E\.?U\b\.?|US))?|"
    r"d[óo]lar(?:es)?(?:\s(?:estadounidenses|americanos|de\slos\sEstados\sUnidos))?)"
)
# In capitals, without codes that are a word, a term of the field or a link: ALL, SDG, TOP.
_CODES = (
    "AED|AFN|AOA|ARS|AUD|BDT|BIF|BOB|BRL|BWP|CAD|CDF|CHF|CLP|CNY|CRC|CVE|DJF|DKK|DZD|EGP|ERN|ETB|"
    "GBP|GHS|GMD|GNF|GTQ|HNL|HTG|IDR|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KRW|KWD|KZT|LBP|"
    "LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MRU|MUR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|"
    "PEN|PGK|PHP|PKR|PLN|PYG|QAR|RSD|RUB|RWF|SAR|SEK|SGD|SLL|SSP|SYP|SZL|THB|TJS|TND|TZS|UAH|UGX|"
    "UYU|UZS|VND|XAF|XDR|XOF|YER|ZAR|ZMW"
)
_FOREIGN = (
    rf"(?:EUR|(?-i:{_CODES})|(?:CA|C|A|AU|NZ|HK|S|R)\$|[€£¥₣₦₹₽₱₩₫₴]|euros?|"
    r"pounds?\ssterling|(?:Canadian|Australian|New\sZealand|Hong\sKong|Singapore)\sdollars?|"
    r"dollars?\scanadiens?|(?:Swiss|CFA)\sfrancs?|francs?\s(?:CFA|suisses?)|F\s?CFA|"
    r"(?:Norwegian|Swedish|Danish)\skron(?:er|or|e|a)|"
    r"(?:local|national)\scurrency|monnaie\s(?:locale|nationale)|moneda\s(?:local|nacional))"
)
_MONEY = rf"(?:{_FOREIGN}|{_US})"
_MARK = "['`\u00b4\u02bc\u2018\u2019\u2032]"  # apostrophes, and what is typed for one
_WORDS_OF_SCALE = (
    r"(?:thousands?|thous\b\.?|millions?|billions?|milliers?|milliards?|millones|milhares|"
    r"milh(?:ão|ões))"
)
# Some mean a scale only beside a currency: `US$ m`, `mil US$`.
_SCALE = (
    rf"(?:{_WORDS_OF_SCALE}|{_MARK}?000(?:{_MARK}?s)?|miles|mille?\b\.?|mil\b\.?|mio\b\.?|mln|mm|mn|"
    r"bn|bln|lakhs?|crores?|tsd\b\.?|k|m|t(?=USD|EUR))"
)
_THOUSAND = r"1[,.\s'’]?000(?:[,.\s'’]?000)?"
_BETWEEN = r"[\s,;:/|–-]{0,3}\(?\s?"
_IN = r"(?<=\b[ie][nm]\s)"
_UNITS_OF = r"\b(?:units?|scale|multiplier|factor)\s?[:=]?\s?(?:of\s)?"
# A scale and a currency beside each other.
_SCALED = (
    rf"{_SCALE}{_BETWEEN}(?:(?:of|de|in|en)\s(?:the\s)?|d['’]\s?)?{_MONEY}"
    rf"|{_MONEY}{_BETWEEN}(?:(?:in|en|x|×)\s)?{_SCALE}"
    rf"|{_MONEY}{_BETWEEN}[x×*]\s?{_THOUSAND}|{_MONEY}\s?{_THOUSAND}{_MARK}?s"
    rf"|{_THOUSAND}{_MARK}?s\s(?:of\s)?{_MONEY}"
    rf"|(?:{_IN}|{_UNITS_OF})(?:{_MONEY}\s?{_THOUSAND}|{_THOUSAND}\s{_MONEY})"
)
_SCALE_ALONE = (
    rf"{_WORDS_OF_SCALE}(?!\s(?:of|de)\s\w|\sd['’]\w)|{_MARK}000(?:{_MARK}?s)?|000{_MARK}?s"
    rf"|{_IN}(?:miles|mille?|mil)|[x×*÷]\s?{_THOUSAND}|{_THOUSAND}{_MARK}?s"
    rf"|10\s?(?:\^\s?[369]|[³⁶⁹])|(?:{_IN}|{_UNITS_OF}){_THOUSAND}"
    rf"|(?:(?<![^(])|{_IN}|(?<=:\s))000(?=\s?\)?$)"
)
# It may be an amount, too.
_THOUSAND_US = rf"(?<=\(){_MONEY}\s?{_THOUSAND}(?=\))|{_THOUSAND}\s{_MONEY}"
# No digit or letter stands before a unit, but a year, or a small letter that a capital is glued to.
_BEGINS = r"(?:(?<!\w)(?<![0-9][.,\s])|(?<=\b(?:19|20)[0-9]{2}\s)|(?-i:(?<=[a-z])(?=[A-Z$€£¥])))"
_UNIT = re.compile(
    rf"{_BEGINS}(?:(?P<scaled>{_SCALED})|(?P<scale>{_SCALE_ALONE})|(?P<thousand>{_THOUSAND_US})"
    rf"|(?P<foreign>{_FOREIGN}(?!\s?[0-9])))(?![\w&])(?![,.][0-9])",
    re.IGNORECASE,
)
# One of these stands in every text with a unit, in lower case: most tables and lines have none.
_SIGNS = (
    "$", "usd", "eur", "pound", "franc", "cfa", "dollar", "dólar", "dolar", "kron", "currency",
    "monnaie", "moneda", "thous", "illi", "millon", "milh", "en mil", "em mil", "10^", "10 ^",
)  # fmt: skip
_SYMBOLS = "€£¥₣₦₹₽₱₩₫₴³⁶⁹"
_ZEROS = re.compile(
    rf"000(?:{_MARK}?[sS]|(?<={_MARK}000)|(?<=1[,.\s'’]000)|(?<=1000)|(?<![0-9,.]000)(?<![0-9]\s000))"
)
_IN_CAPITALS = frozenset(_CODES.split("|"))
_CAPITALS = re.compile(r"[A-Z]{3}(?![A-Z])")
_US_ALONE = re.compile(rf"(?<!\w){_US}(?!\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
# What captions and notes consist of, in the languages of the site's programmes.
_WORDS = frozenset(
    _WORD.findall(
        """
    a above abbreviated all also amount amounts and annual approved approx approximate
    approximately are as at audited balance balances based be been below budget budgets by
    column columns commitment commitments committed constant contribution contributions
    converted cost costs cumulative currencies currency current data decimals delivery
    denominated deposit deposited deposits displayed each equivalent excel except excluding
    expenditure expenditures expressed factor figure figures final financial following for
    format friendly from full funded funding given grand have here herein if in including
    indicated interim is key latest listed measured monetary money multiplier nb nearest net
    nominal not note noted notes number numbers of off omitted on only or organisation
    organisations organization organizations other otherwise page participating payments per
    pledges please presented prices print printed provided provisional quoted reported report
    rounded rounding row rows scale shown sign source specified stated statement status sub sum
    sums table tables that the these this to total totals transfer transferred transfers
    unaudited under unit units unless value values view voucher vouchers where which whole with
    year years refund refunds refunded dollar dollars us usd approuvé arrondi arrondis ce cifra
    cifras chiffre chiffres cuadro dans de del des devise du dépense dépenses el em en et
    exprimé exprimés exprimées expresadas expresados est están gasto gastos importe importes la
    las le les los moneda monnaie montant montants monto montos os presupuesto redondeado
    redondeados son sont tabla tableau todas todos tous toutes unidad unité valeur valeurs
    valor valores y
        """
    )
)
_AMOUNTS = re.compile(
    r"\b(?:amounts?|figures?|values?|sums?|numbers|tables?|columns?|montants?|chiffres|valeurs|"
    r"importes?|montos?|cifras|valores)\b",
    re.IGNORECASE,
)
_MEASURES = re.compile(
    rf"{_AMOUNTS.pattern}|\b(?:total|expen|dépense|gasto|budget|presupuesto|transfer|refund|"
    r"(?:net\s)?fund(?:s|ed|ing)\b|deliver|contribution|commit|deposit|pledge|voucher|payment|disburse|"
    r"balance|cost|fee|currency|income|interest|resources)",
    re.IGNORECASE,
)
_OF_CURRENCY = re.compile(
    rf"(?:\b(?:in|en|em)\s(?:the\s)?|\b(?:currency|devise|moneda|monnaie)\W{{1,3}}"
    rf"|(?:{_AMOUNTS.pattern})\W{{1,3}})$",
    re.IGNORECASE,
)
_APART_BEFORE = re.compile(
    r"(?:^|[(\[{,;:/|–—=*†-]\s?|\b(?:in|en|em|is|are|as)\s(?:the\s)?)$", re.IGNORECASE
)
_APART_BEHIND = re.compile(r"\s?(?:$|[()\]},;:/|–—*†-])")
_GOES_ON = re.compile(
    r"\s?(?:$|[()\]},;:/|–—*†.-])|\s(?:and|unless|except|excluding|rounded|with|without|as|by|per|"
    r"for|only|net|to|et|sauf|y|salvo|view|print)\b",
    re.IGNORECASE,
)
# A bare letter behind a measure, or in a cell of its own: `Expenditure (K)`, `M`.
_LETTER = re.compile(r"[\s,(\[–-]*(?<![\w&])(?P<letter>k|m|mm|mn|bn)[\s)\].]*$", re.IGNORECASE)
_LAST_LETTERS = frozenset("kKmMnN")
_LONGEST_LETTER = 8  # characters, with what sets it apart
_LONGEST_CAPTION = 120  # characters
_LONGEST_NOTE = 120  # characters of a note before its unit
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
# What sets a unit apart, where it is gone: `Expenditure (in )`.
_LEFT_OVER = re.compile(r"[(\[]\s*(?:\b(?:in|en)\b)?\s*(?:[)\]]|$)|\b(?:in|en)\s*$", re.IGNORECASE)
_FEWEST_WORDS = 5  # of a sentence


def may_name_unit(text: str) -> bool:
    """Return whether a text, or one of several joined in it, may name a unit."""
    folded = text.lower()
    return (
        any(sign in folded for sign in _SIGNS)
        or (not text.isascii() and any(symbol in text for symbol in _SYMBOLS))
        or ("000" in text and _ZEROS.search(text) is not None)
        or not _IN_CAPITALS.isdisjoint(_CAPITALS.findall(text))
    )


def unit_in(text: str, *, in_narrative: bool = False) -> str | None:
    """Return the scale or foreign currency that a text gives to amounts, as printed.

    None if it gives none: US$ alone is none, nor is a unit in prose.

    Args:
        text: a line's or cell's.
        in_narrative: whether a sentence in it may be about other amounts.
    """
    for part in _parts_of(text, in_narrative=in_narrative):
        for found in _UNIT.finditer(part):
            if in_narrative and (found["thousand"] or _may_be_acronym(part, found)):
                continue
            if _is_caption(part, found) or (not in_narrative and _is_noted(part, found)):
                return found[0].strip()
    return None


def without_unit(heading: str) -> str:
    """Return a heading without its unit, and without what sets this apart."""
    if unit := unit_in(heading):
        before, _, behind = heading.partition(unit)
        heading = before if any(map(str.isalpha, before)) else behind
    elif found := measure_and_letter(heading):
        heading = found[0]
    return _LEFT_OVER.sub(" ", _US_ALONE.sub(" ", heading)).strip(" ,;:/()–-")


def measure_and_letter(text: str) -> tuple[str, str] | None:
    """Return `Expenditure` and `K` of `Expenditure (K)`; the first is empty where `K` is alone."""
    if text.rstrip(" )].")[-1:] not in _LAST_LETTERS or len(text) > _LONGEST_CAPTION:
        return None
    tail = text[-_LONGEST_LETTER:]
    found = _LETTER.search(tail)
    if found is None:
        return None
    return text[: len(text) - len(tail) + found.start()], found["letter"]


def _parts_of(text: str, *, in_narrative: bool) -> Iterator[str]:
    """Yield a text that may name a unit; only sentences about amounts if it is a long one."""
    if len(text) <= _LONGEST_CAPTION:
        if may_name_unit(text):
            yield text
    elif not in_narrative and may_name_unit(text):
        yield from filter(_AMOUNTS.search, _SENTENCE_END.split(text))


def _may_be_acronym(text: str, unit: re.Match[str]) -> bool:
    """Return whether a code may be no currency: `CHF` is the Common Humanitarian Fund, too."""
    return unit[0] in _IN_CAPITALS and _OF_CURRENCY.search(text[: unit.start()]) is None


def _is_caption(text: str, unit: re.Match[str]) -> bool:
    """Return whether a unit stands in a caption or heading."""
    if len(text) > _LONGEST_CAPTION:
        return False
    if unit["thousand"] is not None and _MEASURES.search(text) is None:
        return False
    return _has_words_of_captions(text, unit) or _is_set_apart(text, unit)


def _has_words_of_captions(text: str, unit: re.Match[str]) -> bool:
    """Return whether nothing but words of captions stands beside a unit."""
    rest = f"{text[: unit.start()]} {text[unit.end() :]}"
    rest = _UNIT.sub(" ", _US_ALONE.sub(" ", rest))
    return all(word in _WORDS for word in _WORD.findall(rest.lower()))


def _is_set_apart(text: str, unit: re.Match[str]) -> bool:
    """Return whether a unit stands apart in a text that is no sentence.

    A scale or currency alone must be that of a measure: villages are counted in thousands, too.
    """
    if text.endswith(".") and len(text.split()) >= _FEWEST_WORDS:
        return False
    return (
        (unit["scaled"] is not None or _MEASURES.search(text) is not None)
        and _APART_BEFORE.search(text[: unit.start()]) is not None
        and _APART_BEHIND.match(text, unit.end()) is not None
    )


def _is_noted(text: str, unit: re.Match[str]) -> bool:
    """Return whether a sentence about amounts says that they are in a unit."""
    before = text[max(0, unit.start() - _LONGEST_NOTE) : unit.start()]
    clause = _SENTENCE_END.split(before)[-1]
    return (
        _AMOUNTS.search(clause) is not None
        and _APART_BEFORE.search(clause) is not None
        and _GOES_ON.match(text, unit.end()) is not None
    )
