"""Duty: the roster's week, one shift, swaps, the close-out of the day, and the hand-over as paper."""

from django.urls import path

from fangkong.faces.web import dates  # noqa: F401 (registers the converter of days)

from . import closing_views, entering, paper_views, roster_views, shift_deeds, swap_views

urlpatterns = [
    path("duty/", roster_views.roster, name="duty"),
    path("duty/mine/", swap_views.mine, name="duty_mine"),
    path("duty/swaps/", swap_views.swaps, name="duty_swaps"),
    path("duty/swaps/<str:key>/", swap_views.step, name="duty_swap_step"),
    path("duty/enter/", entering.enter, name="duty_enter"),
    path("duty/shifts/<str:key>/", roster_views.shift, name="duty_shift"),
    path("duty/shifts/<str:key>/<slug:deed>/", shift_deeds.deed, name="duty_shift_deed"),
    path("close-out/", closing_views.today, name="close_out"),
    path("close-out/<date:on>/", closing_views.day, name="close_out_day"),
    path("close-out/<date:on>/<slug:deed>/", closing_views.deed, name="close_out_deed"),
    *(
        path(
            f"close-out/<date:on>/handover.{ending}",
            paper_views.paper,
            {"ending": ending},
            name=f"handover_{ending}",
        )
        for ending in ("pdf", "docx")
    ),
]
