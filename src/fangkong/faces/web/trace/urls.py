"""Cases, their chains, people found by an exact number for a purpose, exposures judged, what others report."""

from django.urls import path

from . import chain_views, judgement_views, people_views, third_party_views, views

urlpatterns = [
    path("cases/", views.cases, name="cases"),
    path("cases/<str:key>/", views.case, name="case"),
    path("cases/<str:key>/chain/", chain_views.chain, name="chain"),
    path("cases/<str:key>/unmask/", people_views.unmask_case, name="case_unmask"),
    path("people/", people_views.people, name="people"),
    path("people/<str:key>/", people_views.person, name="person"),
    path("people/<str:key>/unmask/", people_views.unmask_person, name="person_unmask"),
    path("people/<str:key>/judge/", judgement_views.judge, name="judge"),
    path("third-party/", third_party_views.third_party, name="third_party"),
]
