"""Directives: what waits for the own office, what it has issued, one directive with its tree; and standing duties."""

from django.urls import path

from . import deeds, drafting, duty_views, paper_views, views

urlpatterns = [
    path("directives/", views.directives, name="directives"),
    path("directives/new/", drafting.new, name="directive_new"),
    path("directives/<str:key>/", views.directive, name="directive"),
    path("directives/<str:key>/edit/", drafting.edit, name="directive_edit"),
    path("directives/<str:key>/issue/", deeds.issue, name="directive_issue"),
    path("directives/<str:key>/withdraw/", deeds.withdraw, name="directive_withdraw"),
    path("directives/<str:key>/complete/", deeds.complete, name="directive_complete"),
    path("directives/<str:key>/acknowledge/", deeds.acknowledge, name="directive_acknowledge"),
    path("directives/<str:key>/reply/", deeds.reply, name="directive_reply"),
    path("directives/<str:key>/done/", deeds.done, name="directive_done"),
    path("directives/<str:key>/tasks/", deeds.tasks, name="directive_tasks"),
    *(
        path(
            f"directives/<str:key>/directive.{ending}",
            paper_views.paper,
            {"ending": ending},
            name=f"directive_{ending}",
        )
        for ending in ("pdf", "docx")
    ),
    path("duties/", duty_views.duties, name="standing_duties"),
    path("duties/new/", duty_views.new, name="standing_duty_new"),
    path("duties/<str:key>/", duty_views.duty, name="standing_duty"),
    path("duties/<str:key>/keep/", duty_views.keep, name="standing_duty_keep"),
    path("duties/<str:key>/end/", duty_views.end, name="standing_duty_end"),
]
