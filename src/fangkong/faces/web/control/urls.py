"""Orders: those to decide, those in force, one order with its decision, its life, its appeals and its papers."""

from django.urls import path

from . import campaign, deeds, household_pages, offers, order_papers, proposing, views

urlpatterns = [
    path("", views.orders, name="orders"),
    path("offers/", offers.decide, name="offers_decide"),
    path("propose/", proposing.propose, name="order_propose"),
    path("campaign/", campaign.campaign, name="campaign_plan"),
    path("propose/household/", household_pages.household_propose, name="household_propose"),
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
    path("<str:key>/household/", household_pages.household_order, name="household_order"),
    path("<str:key>/household/decide/", household_pages.household_decide, name="household_decide"),
    *(
        path(
            f"<str:key>/household/notice.{ending}",
            household_pages.household_paper,
            {"ending": ending},
            name=f"household_notice_{ending}",
        )
        for ending in ("pdf", "docx")
    ),
    *(
        path(
            f"<str:key>/{paper}.{ending}",
            order_papers.paper,
            {"ending": ending, "release": paper == "release"},
            name=f"order_{paper}_{ending}",
        )
        for paper in ("notice", "release")
        for ending in ("pdf", "docx")
    ),
]
