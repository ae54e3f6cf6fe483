from django.db import migrations, models


class Migration(migrations.Migration):
    """The index that estimates are read from tells the scorecard, whose pass mark may be its own."""

    dependencies = [("qa_reviews", "0011_calibration")]

    operations = [
        migrations.RemoveIndex(model_name="review", name="review_stratum"),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(
                    ("kind__in", ["standard", "peer"]),
                    ("state__in", ["submitted", "disputed", "resolved"]),
                    ("stratum__isnull", False),
                ),
                fields=["stratum", "conversation"],
                include=("reviewer", "score", "kind", "scorecard"),
                name="review_stratum",
            ),
        ),
    ]
