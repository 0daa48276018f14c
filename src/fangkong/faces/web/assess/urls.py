"""The assessment of the area and of each of its districts."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.assess, name="assess"),
    path("<str:code>/", views.area, name="assess_area"),
]
