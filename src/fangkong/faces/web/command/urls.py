"""Tasks, one person's day, and reports."""

from django.urls import include, path

from . import my_day_views, task_board_views, task_bulk_views, task_views

urlpatterns = [
    path("tasks/", task_views.tasks, name="tasks"),
    path("tasks/board/", task_board_views.board, name="task_board"),
    path("tasks/new/", task_bulk_views.new, name="task_new"),
    path("tasks/assign/", task_bulk_views.assign, name="task_assign"),
    path("tasks/reassign/", task_bulk_views.reassign, name="task_reassign"),
    path("tasks/<str:key>/", task_views.task, name="task"),
    path("tasks/<str:key>/step/", task_views.step, name="task_step"),
    path("tasks/<str:key>/split/", task_bulk_views.split, name="task_split"),
    path("my-day/", my_day_views.day, name="my_day"),
    path("my-day/emergency/", my_day_views.emergency, name="my_day_emergency"),
    path("", include("fangkong.faces.web.command.report_urls")),
]
