"""Names of areas for lists: the district and the street of a code, in the page's language."""

from __future__ import annotations

from django.utils.translation import get_language

from fangkong.record.models import Area


def area_names(codes: list[str]) -> dict[str, str]:
    """Area code -> the names of its district and street, as far as they are known, in the page's language."""
    english = (get_language() or "").startswith("en")
    wanted = {code[:n] for code in codes for n in (6, 9) if len(code) >= n} | set(codes)
    rows = Area.objects.open().filter(key__in=wanted).values_list("key", "name_zh", "name_en")
    names = {key: (en or zh) if english else zh for key, zh, en in rows}
    joined = {}
    for code in codes:
        parts = [names[part] for part in dict.fromkeys((code[:6], code[:9])) if part in names]
        joined[code] = (", ".join(reversed(parts)) if english else "".join(parts)) or names.get(code, code)
    return joined
