"""The assessment: the overview, the methods that watch, and each area; slow panels have addresses of their own."""

from django.urls import path

from . import detection_views, views

urlpatterns = [
    path("", views.assess, name="assess"),
    path("detection/", detection_views.detection, name="assess_detection"),
    path("detection/expected/", detection_views.expected, name="assess_expected"),
    path("<str:code>/", views.area, name="assess_area"),
    path("<str:code>/outlook/", views.outlook, name="assess_outlook"),
    path("<str:code>/past/", views.past, name="assess_past"),
]
