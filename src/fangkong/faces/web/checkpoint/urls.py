"""The checkpoint's page, and the permits: the list, one to ask for, one with its decision."""

from django.urls import path

from . import gate_views, permit_views

urlpatterns = [
    path("", gate_views.gate, name="checkpoint"),
    path("permits/", permit_views.permits, name="permits"),
    path("permits/propose/", permit_views.propose, name="permit_propose"),
    path("permits/<str:key>/", permit_views.permit, name="permit"),
    path("permits/<str:key>/decide/", permit_views.decide, name="permit_decide"),
]
