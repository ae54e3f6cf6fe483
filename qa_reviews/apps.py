from django.apps import AppConfig


class QaReviewsConfig(AppConfig):
    name = "qa_reviews"
