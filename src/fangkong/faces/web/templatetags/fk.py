"""Template tags and filters of the web face: words, figures, icons, chips and server-drawn figures.

The language is the active one. Tags that find a part missing raise `MissingPart`: a page that would show a
figure without its source, or an order without its remedy, must fail in a test and not in a corridor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from fangkong.faces.web import drawing, icons
from fangkong.faces.words import catalogue, formats

register = template.Library()

FIGURE_PARTS = ("value", "unit", "interval", "source", "as_of")
#: A run of Chinese with the digits and marks inside it.
_CHINESE = re.compile("([\u4e00-\u9fff](?:[\u3000-\u303f\uff00-\uffef\u4e00-\u9fff0-9()]*[\u4e00-\u9fff])?)")
CHART_WORDS = ("chart.", "channel.", "area.", "quality.")


class MissingPart(ValueError):
    """A component was given something without a part that the page may not leave out."""


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _absent(value: Any) -> bool:
    # Zero is a figure; nothing and the empty string are not.
    return value is None or value == ""


# ---- words


@register.simple_tag
def word(of: str, **params: object) -> str:
    """`{% word "count.case" n=3 %}`: the words of a code in the active language."""
    return catalogue.word(of, get_language(), **params)


@register.filter
def worded(value: str, prefix: str) -> str:
    """`{{ case.channel|worded:"channel" }}`: the word of a stored value; of `unknown` when empty."""
    return catalogue.word(f"{prefix}.{value or 'unknown'}", get_language())


@register.simple_tag
def page_lang() -> str:
    """The `lang` attribute of the page: `zh-CN` or `en`."""
    return "en" if catalogue.language(get_language()) == "en" else "zh-CN"


@register.filter
def tongue(value: Any) -> str:
    """The text with its Chinese marked as such on an English page: who reads it aloud has to know."""
    if page_lang() != "en":
        return str(value)
    parts = _CHINESE.split(str(value))
    # Odd parts are the matches of the split.
    marked = (format_html('<span lang="zh-CN">{}</span>', p) if n % 2 else p for n, p in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in marked))


@register.simple_tag
def tongue_of(value: Any) -> str:
    """`<textarea{% tongue_of note %}>`: ` lang="zh-CN"` for a text with Chinese in it on an English page, else "".

    For what may hold no elements: fields, options.
    """
    marked = page_lang() == "en" and _CHINESE.search(str(value))
    return format_html(' lang="{}"', "zh-CN") if marked else ""


# ---- numbers and dates


@register.filter
def num(value: float | None) -> str:
    """All digits: `1,284`. Empty for None."""
    return "" if value is None else formats.number(value, get_language())


@register.filter
def compact(value: float | None) -> str:
    """For tiles: `1.86 万`, `18.6 k`. Empty for None."""
    return "" if value is None else formats.number(value, get_language(), compact=True)


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def day(value: date | None) -> str:
    """`04-18`, `18 Apr`; of a moment its local day. Empty for None."""
    return "" if value is None else formats.day(_local(value), get_language())


@register.filter
def dayfull(value: date | None) -> str:
    """`2022-04-18 周一`, `18 Apr 2022`. Empty for None."""
    return "" if value is None else formats.day_full(_local(value), get_language())


@register.filter
def clock(value: datetime | None) -> str:
    """`07:12` in the active time zone. Empty for None."""
    if value is None:
        return ""
    local = _local(value)
    assert isinstance(local, datetime), "clock takes a moment; a day has no clock"
    return formats.time(local)


@register.filter
def moment(value: datetime | None) -> str:
    """`04-18 07:12` in the active time zone. Empty for None."""
    return "" if value is None else f"{day(value)} {clock(value)}"


@register.simple_tag
def interval(low: float, high: float, places: int | None = None) -> str:
    """`（47–58）` or `(47–58)`."""
    return formats.interval(low, high, get_language(), places=places)


@register.simple_tag
def share(part: int, whole: int) -> str:
    """`83%，38 / 46` or `83%, 38 of 46`."""
    return formats.share(part, whole, get_language())


@register.simple_tag
def span(left: timedelta) -> str:
    """`余 5 天 2 小时` or `26 h over`."""
    return formats.span(left, get_language())


# ---- icons, chips


@register.simple_tag
def icon(name: str, size: int = 16, hidden: bool = False) -> SafeString:
    """`{% icon "alert" %}` or `{% icon "clock" 12 %}`: inline SVG, attributes only."""
    return icons.svg(name, size, hidden=hidden)


@register.simple_tag
def chip(code: str, note: str = "") -> SafeString:
    """`{% chip "order.state.active" %}`: the word of a state with shape and colour, then `note`."""
    family, shape = icons.CHIPS.get(code, ("", ""))
    return format_html(
        '<span class="chip{}">{}{}{}</span>',
        mark_safe(f" chip--{family}") if family else "",  # noqa: S308 a constant of icons.CHIPS
        icons.svg(shape, 12) if shape else "",
        catalogue.word(code, get_language()),
        f"{catalogue.word('frame.and', get_language())}{note}" if note else "",
    )


# ---- parts that may not be missing


@register.simple_tag
def need(thing: Any, *names: str) -> str:
    """`{% need order "basis" "expiry" "remedy" %}`: nothing, or `MissingPart` naming what is not there."""
    if gone := [name for name in names if _absent(_get(thing, name))]:
        raise MissingPart(f"this component must not be shown without: {', '.join(gone)}")
    return ""


@register.simple_tag
def missing_parts(tile: Any) -> str:
    """Words of the parts a figure lacks, joined for a sentence; empty when all are there.

    A unit may be the empty string (a ratio has none) but not left out.
    """
    gone = [
        name
        for name in FIGURE_PARTS
        if (_get(tile, name) is None if name == "unit" else _absent(_get(tile, name)))
    ]
    lang = get_language()
    return catalogue.word("frame.and", lang).join(
        catalogue.word(f"figure.part.{name}", lang) for name in gone
    )


# ---- figures


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float | None]) -> dict[str, object]:
    """`{% sparkline tile.spark %}`: the small line of a tile, last point marked; nothing under two values."""
    return drawing.sparkline(values or ())


@register.inclusion_tag("components/timeline.html")
def timeline(data: Mapping[str, Any]) -> dict[str, object]:
    """`{% timeline timeline %}`: four lanes as SVG; the context is that of `drawing.timeline`."""
    return drawing.timeline(data)


@register.inclusion_tag("components/meter.html")
def meter(part: float, whole: float) -> dict[str, object]:
    """`{% meter 11 12 %}`: a 3 px meter, amber while not full."""
    filled = 100.0 * part / whole if whole else 0.0
    return {"width": round(min(filled, 100.0), 1), "late": part < whole}


@register.inclusion_tag("components/split.html")
def split(label: str, **parts: int) -> dict[str, object]:
    """`{% split label fok=1241 fwait=31 fstop=12 %}`: one bar in parts; each name is a fill class of the
    look.

    A part above zero is at least 0.6 % wide, so that twelve rejected rows of a million can be seen.
    """
    total = sum(parts.values())
    gaps = 0.25 * max(0, sum(n > 0 for n in parts.values()) - 1)
    raw = {css: max(100.0 * n / total, 0.6) for css, n in parts.items() if n > 0} if total else {}
    scale = (100.0 - gaps) / sum(raw.values()) if raw else 1.0
    shapes, x = [], 0.0
    for css, width in raw.items():
        shapes.append({"css": css, "x": round(x, 2), "width": round(width * scale, 2)})
        x += width * scale + 0.25
    return {"label": label, "parts": shapes}


@register.simple_tag
def off_by(total: int, *parts: int) -> int:
    """By how much parts differ from their total; 0 when they add up."""
    return abs(total - sum(parts))


@register.simple_tag
def chart_words() -> SafeString:
    """JSON data block `#chart-words` with every word that charts and maps need, in the active language."""
    lang = get_language()
    words = {c: catalogue.text(c, lang) for c in sorted(catalogue.codes()) if c.startswith(CHART_WORDS)}
    return json_script(words, "chart-words")
