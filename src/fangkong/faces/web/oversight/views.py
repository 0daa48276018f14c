"""The audit chain for those who oversee: every write and every look at a name, and whether it is whole."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.record import audit
from fangkong.record.audit_queries import audit_rows
from fangkong.record.models import User

from .watch_views import watch_panels

#: Verbs offered as filters: those a person would ask about.
FILTERS = (
    "identity.unmask",
    "identity.read",
    "identity.search",
    "identity.purge",
    "order.approve",
    "order.reject",
    "exposure.judge",
    "judgement.read",
    "protected.read",
)


@desk("oversight", "audit.read")
@require_GET
def oversight(request: HttpRequest) -> HttpResponse:
    """The newest audit rows, filtered by verb; the chain is verified on request, for it reads every row."""
    verb = request.GET.get("verb", "")
    before = request.GET.get("before", "0")
    page = audit_rows(actor=request.viewing.actor, verb=verb, before=whole_number(request, "before", 0))
    names = dict(
        User.objects.filter(key__in={row.actor for row in page.rows}).values_list("key", "display_name")
    )
    context = {
        "page_title": said("audit.page"),
        "panels": watch_panels(request.viewing),
        "verb": verb,
        "filters": [(code, coded("audit.verb", code)) for code in FILTERS],
        "rows": [
            {
                "row": row,
                "who": names.get(row.actor) or said("audit.system"),
                "deed": coded("audit.verb", row.verb),
                "purpose": coded("veil.purpose", row.purpose) if row.purpose else "",
            }
            for row in page.rows
        ],
        "older_href": f"?verb={verb}&before={page.before}" if page.before else None,
        "newest_href": f"?verb={verb}" if before != "0" else None,
        "verdict": audit.verify() if request.GET.get("verify") == "1" else None,
        "head": audit.head(),
    }
    return render(request, "oversight/audit.html", context)
