from importlib import import_module

from django.db import migrations

app_role = import_module("accounts.migrations.0002_app_role")
TABLES = ["qa_reviews_reviewevent", "qa_reviews_grading", "qa_reviews_rating"]


class Migration(migrations.Migration):
    dependencies = [("qa_reviews", "0001_initial"), ("accounts", "0002_app_role")]
    operations = [migrations.RunSQL(app_role.append_only(*TABLES), migrations.RunSQL.noop)]
