"""Response levels: what is in force where, one level; and contingency plans with their runs."""

from django.urls import path

from . import level_views, paper_views, plan_views, run_views

urlpatterns = [
    path("response/", level_views.response, name="response"),
    path("response/propose/", level_views.propose, name="level_propose"),
    path("response/enter/", level_views.enter, name="level_enter"),
    path("response/<str:key>/", level_views.level, name="level"),
    path("response/<str:key>/do/", level_views.do, name="level_do"),
    path("plans/", plan_views.plans, name="plans"),
    path("plans/new/", plan_views.new, name="plan_new"),
    path("plans/runs/<str:key>/", run_views.run, name="plan_run"),
    path("plans/runs/<str:key>/do/", run_views.do, name="plan_run_do"),
    path("plans/<str:key>/", plan_views.plan, name="plan"),
    path("plans/<str:key>/do/", plan_views.do, name="plan_do"),
    *(
        path(f"plans/<str:key>/plan.{ending}", paper_views.paper, {"ending": ending}, name=f"plan_{ending}")
        for ending in ("pdf", "docx")
    ),
]
