"""Orders: those to decide, those in force, one order with its decision, its life, its appeals and its papers."""

from django.urls import path

from . import deeds, order_papers, proposing, views

urlpatterns = [
    path("", views.orders, name="orders"),
    path("propose/", proposing.propose, name="order_propose"),
    path("<str:key>/", views.order, name="order"),
    path("<str:key>/decide/", deeds.decide, name="order_decide"),
    path("<str:key>/withdraw/", deeds.withdraw, name="order_withdraw"),
    path("<str:key>/suspend/", deeds.suspend, name="order_suspend"),
    path("<str:key>/resume/", deeds.resume, name="order_resume"),
    path("<str:key>/shorten/", deeds.shorten, name="order_shorten"),
    path("<str:key>/renew/", deeds.renew, name="order_renew"),
    path("<str:key>/appeal/", deeds.appeal, name="order_appeal"),
    path("<str:key>/answer/", deeds.answer, name="order_answer"),
    path("<str:key>/consent/", deeds.consent, name="order_consent"),
    path("<str:key>/gates/", deeds.gates, name="order_gates"),
    path("<str:key>/facts/", deeds.facts, name="order_facts"),
    path("<str:key>/step/", deeds.step, name="order_step"),
    path("<str:key>/rejudged/", deeds.rejudged, name="order_rejudged"),
    path("<str:key>/notice.pdf", order_papers.notice_pdf, name="order_notice_pdf"),
    path("<str:key>/notice.docx", order_papers.notice_docx, name="order_notice_docx"),
    path("<str:key>/release.pdf", order_papers.release_pdf, name="order_release_pdf"),
    path("<str:key>/release.docx", order_papers.release_docx, name="order_release_docx"),
]
