"""The protected line: a form for anybody. No account is read, no address and no session is kept with it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from fangkong.core.errors import Forbidden, InputError
from fangkong.faces.web.flood import PROTECTED_LINE
from fangkong.faces.words.errors import error_text
from fangkong.public.protected_line import MOST_CHARACTERS, MOST_NUMBER, report_file, subjects
from fangkong.record.installation import installation

FIELDS = ("subject", "text", "area", "order_no")

#: The field that an error speaks of.
WRONG = {
    "protected.unknown_subject": "subject",
    "protected.text_needed": "text",
    "protected.too_long": "text",
    "protected.unknown_area": "area",
}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def protected(request: HttpRequest) -> HttpResponse:
    """The form; after it, that the report has arrived. What is wrong is said beside its field, as typed."""
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    context = {
        "subjects": subjects(),
        "most": MOST_CHARACTERS,
        "most_number": MOST_NUMBER,
        "typed": typed,
        "sent": request.method != "POST" and request.GET.get("sent") == "1",
        "problem": "",
        "wrong": "",
    }
    status = 200
    if request.method == "POST":
        address = request.META.get("REMOTE_ADDR", "")
        try:
            PROTECTED_LINE.check(address)
            report_file(
                typed["subject"],
                typed["text"],
                area=typed["area"],
                order_no=typed["order_no"],
                at=installation().now(),
            )
        except (InputError, Forbidden) as refused:
            context |= {
                "problem": error_text(refused, get_language() or "zh-hans"),
                "wrong": WRONG.get(refused.code, ""),
            }
            status = 429 if isinstance(refused, Forbidden) else 400
        else:
            PROTECTED_LINE.count(address)
            return redirect(f"{reverse('protected')}?sent=1")
    return render(request, "protected/form.html", context, status=status)
