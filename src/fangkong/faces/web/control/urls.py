"""Orders: those to decide, those in force, one order with its decision."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.orders, name="orders"),
    path("<str:key>/", views.order, name="order"),
    path("<str:key>/decide/", views.decide, name="order_decide"),
]
