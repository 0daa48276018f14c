"""What applies to me: two questions, answered on the page. They are posted, so that no log of addresses holds them."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from fangkong.core.errors import Forbidden, InputError
from fangkong.faces.web.figures import disease_name
from fangkong.faces.web.flood import WHAT_APPLIES
from fangkong.faces.words.catalogue import has_word, word
from fangkong.faces.words.errors import error_text
from fangkong.public.what_applies import commute_applies, diseases, risk_levels, what_applies
from fangkong.record.installation import Installation, installation
from fangkong.science.rules.movement.commuter import CommuteAnswer

from .answers import commute_in_words, sentence_in_words

FIELDS = (
    *("about", "disease", "day", "area", "risk", "to", "to_risk"),
    *("home", "home_risk", "work", "work_risk", "negative", "registered", "street"),
)

#: The most characters read of a field, and the most digits of a number.
_MOST, _DIGITS = 24, 5


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def applies(request: HttpRequest) -> HttpResponse:
    """The two forms; posted, the answer stands above them. Nothing of either is kept."""
    here, lang = installation(), get_language() or "zh-hans"
    typed = {name: request.POST.get(name, "").strip()[:_MOST] for name in FIELDS}
    about = "commute" if typed["about"] == "commute" else "me"
    known = diseases()
    typed["disease"] = typed["disease"] or (here.disease if here.disease in known else next(iter(known), ""))
    context = {
        "about": about,
        "typed": typed | {"day": typed["day"] or here.today().isoformat()},
        "diseases": [(code, disease_name(code)) for code in known],
        "levels": [(code, _level(code, lang)) for code in risk_levels()],
        "answer": None,
        "journey": None,
        "problem": "",
        "asked": request.method == "POST",
    }
    status = 200
    if request.method == "POST":
        address = request.META.get("REMOTE_ADDR", "")
        try:
            WHAT_APPLIES.check(address)
            WHAT_APPLIES.count(address)
            on = _day(typed["day"], here)
            if about == "commute":
                context["journey"] = commute_in_words(_commute(typed, on, here), on, lang)
            else:
                found = what_applies(
                    typed["area"],
                    risk=typed["risk"],
                    on=on,
                    disease=typed["disease"],
                    journey_to=typed["to"],
                    to_risk=typed["to_risk"],
                )
                context["answer"] = sentence_in_words(found, on, lang)
        except (InputError, Forbidden) as refused:
            status = 429 if isinstance(refused, Forbidden) else 400
            context["problem"] = error_text(refused, lang)
    return render(request, "applies/applies.html", context, status=status)


def _commute(typed: dict[str, str], on: date, here: Installation) -> CommuteAnswer:
    return commute_applies(
        typed["home"],
        typed["work"],
        home_risk=typed["home_risk"],
        work_risk=typed["work_risk"],
        on=on,
        disease=typed["disease"],
        zone=here.zone,
        negative_hours_ago=_number(typed["negative"]),
        registered_hours_ago=_number(typed["registered"]),
        risk_street_days=_number(typed["street"]),
    )


def _level(code: str, lang: str) -> str:
    return word(f"areas.level.{code}", lang) if has_word(f"areas.level.{code}") else code


def _day(given: str, here: Installation) -> date:
    try:
        return date.fromisoformat(given) if given else here.today()
    except ValueError:
        raise InputError("error.bad_date") from None


def _number(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= _DIGITS):
        return -1  # said to be wrong by the question itself, with the range
    return int(given)
