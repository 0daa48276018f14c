"""Today's board, the day's cycle, searching, and the assessment pages."""

from django.urls import include, path

import fangkong.faces.web.dates  # noqa: F401 (registers <date:...>)

from . import cycle_views, find_views, views

urlpatterns = [
    path("", views.board, name="board"),
    path("cycle/", cycle_views.run, name="cycle_run"),
    path("cycle/<date:day>/", cycle_views.steps, name="cycle"),
    path("find/", find_views.find, name="find"),
    path("assess/", include("fangkong.faces.web.assess.urls")),
]
