"""What applies at an address and on a journey, open to anybody."""

from django.urls import path

from . import views

urlpatterns = [path("", views.applies, name="applies")]
