"""Listening: citizens' concerns, new problems and proposals of the grass roots."""

from django.urls import path

from . import concern_views, entering, item_views, views

urlpatterns = [
    path("listening/", views.listening, name="listening"),
    path("listening/concern/", entering.concern, name="concern_new"),
    path("listening/paste/", entering.paste, name="concerns_paste"),
    path("listening/problem/", entering.problem, name="problem_new"),
    path("listening/proposal/", entering.proposal, name="proposal_new"),
    path("listening/merge/", concern_views.merge, name="concerns_merge"),
    path("listening/concerns/<str:key>/", concern_views.concern, name="concern"),
    path("listening/concerns/<str:key>/answer/", concern_views.answer, name="concern_answer"),
    path("listening/concerns/<str:key>/outside/", concern_views.outside, name="concern_outside"),
    path("listening/concerns/<str:key>/sort/", concern_views.sort, name="concern_sort"),
    path("listening/concerns/<str:key>/same/", concern_views.same, name="concern_same"),
    path("listening/concerns/<str:key>/split/", concern_views.split, name="concern_split"),
    path("listening/problems/<str:key>/", item_views.problem, name="problem"),
    path("listening/problems/<str:key>/study/", item_views.study, name="problem_study"),
    path("listening/problems/<str:key>/answer/", item_views.answer, name="problem_answer"),
    path("listening/proposals/<str:key>/", item_views.proposal, name="proposal"),
    path("listening/proposals/<str:key>/tried/", item_views.tried, name="proposal_tried"),
    path("listening/proposals/<str:key>/adopt/", item_views.adopt, name="proposal_adopt"),
    path("listening/proposals/<str:key>/decline/", item_views.decline, name="proposal_decline"),
]
