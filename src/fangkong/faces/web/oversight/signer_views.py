"""Who signed which judgements of exposure: counts by signer, and one signer's own with their grounds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangkong.core.errors import NotFound
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.figures import disease_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.public import oversight

PAGE_ROWS = 30


@desk("oversight", oversight.READ)
@require_GET
def signers(request: HttpRequest) -> HttpResponse:
    """Everybody who signed, the most of late first."""
    viewing = request.viewing
    found = oversight.signers_list(actor=viewing.actor, at=viewing.at)
    names = people_names(each.key for each in found)
    context = {
        "page_title": said("watch.judgements"),
        "hours": safeguards().judgement_alarm_hours,
        "most": safeguards().judgement_alarm_count,
        "rows": [{"signer": each, "name": names[each.key]} for each in found],
    }
    return render(request, "oversight/signers.html", context)


@desk("oversight", oversight.READ)
@require_GET
def signer(request: HttpRequest, key: str) -> HttpResponse:
    """One signer's judgements with evidence and reason, never a name of whom they are about; the look is recorded."""
    viewing = request.viewing
    known = {each.key: each for each in oversight.signers_list(actor=viewing.actor, at=viewing.at)}
    if key not in known:
        raise NotFound("watch.signer_unknown")
    page = oversight.judgements_of_signer(
        key, actor=viewing.actor, at=viewing.at, limit=PAGE_ROWS, after=request.GET.get("after", "")
    )
    areas = area_names([row.area_code for row in page.rows])
    context = {
        "page_title": said("watch.signer", signer=people_names([key])[key]),
        "total": known[key].total,
        "rows": [
            {
                "judgement": row,
                "area": areas[row.area_code],
                "disease": disease_name(row.disease),
            }
            for row in page.rows
        ],
        "pager": pager(request, page),
    }
    return render(request, "oversight/signer.html", context)
