"""Signing in and out, language, looking back."""

from django.urls import path

from . import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.language, name="language"),
    path("look-back/", views.look_back, name="look_back"),
    path("look-back/end/", views.look_back_end, name="look_back_end"),
]
