"""Tasks and reports."""

from django.urls import include, path

from . import task_views

urlpatterns = [
    path("tasks/", task_views.tasks, name="tasks"),
    path("tasks/<str:key>/", task_views.task, name="task"),
    path("tasks/<str:key>/step/", task_views.step, name="task_step"),
    path("", include("fangkong.faces.web.command.report_urls")),
]
