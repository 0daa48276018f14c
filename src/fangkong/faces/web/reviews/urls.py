"""Reviews with their timeline, and the register of gaps."""

from django.urls import path

from . import gap_views, paper_views, views

urlpatterns = [
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/open/", views.open_one, name="review_open"),
    path("reviews/<str:key>/", views.review, name="review"),
    path("reviews/<str:key>/hold/", views.hold, name="review_hold"),
    path("reviews/<str:key>/remark/", views.remark, name="review_remark"),
    path("reviews/<str:key>/cause/", views.cause, name="review_cause"),
    path("reviews/<str:key>/gap/", views.gap, name="review_gap"),
    path("reviews/<str:key>/close/", views.close, name="review_close"),
    *(
        path(
            f"reviews/<str:key>/review.{ending}",
            paper_views.paper,
            {"ending": ending},
            name=f"review_{ending}",
        )
        for ending in ("pdf", "docx")
    ),
    path("gaps/", gap_views.gaps, name="gaps"),
    path("gaps/<str:key>/", gap_views.gap, name="gap"),
    path("gaps/<str:key>/prove/", gap_views.prove, name="gap_prove"),
    path("gaps/<str:key>/close/", gap_views.close, name="gap_close"),
    path("gaps/<str:key>/return/", gap_views.send_back, name="gap_return"),
    path("gaps/<str:key>/assign/", gap_views.assign, name="gap_assign"),
]
