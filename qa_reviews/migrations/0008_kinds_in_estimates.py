from django.db import migrations, models


class Migration(migrations.Migration):
    """The index that estimates are read from tells peers' reviews from others'."""

    dependencies = [("qa_reviews", "0007_sampling")]

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
                include=("reviewer", "score", "kind"),
                name="review_stratum",
            ),
        ),
    ]
