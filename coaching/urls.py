from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from coaching.views import assignments, rules, runs

ONE = "coaching/assignments/<int:pk>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("coaching/", assignments.CoachingListPage.as_view(), name="coaching-list"),
    path(ONE, assignments.AssignmentPage.as_view(), name="coaching-assignment"),
    path(f"{ONE}assign/", assignments.AssignPage.as_view(), name="coaching-assign"),
    path(f"{ONE}acknowledge/", assignments.AcknowledgePage.as_view(), name="coaching-acknowledge"),
    path(f"{ONE}start/", assignments.StartPage.as_view(), name="coaching-start"),
    path(f"{ONE}complete/", assignments.CompletePage.as_view(), name="coaching-complete"),
    path(f"{ONE}dismiss/", assignments.DismissPage.as_view(), name="coaching-dismiss"),
    path("coaching/rules/", rules.RuleListPage.as_view(), name="coaching-rule-list"),
    path("coaching/rules/add/", rules.RuleAddPage.as_view(), name="coaching-rule-add"),
    path("coaching/rules/usual/", rules.UsualRulesPage.as_view(), name="coaching-rule-usual"),
    path("coaching/rules/<int:pk>/", rules.RulePage.as_view(), name="coaching-rule"),
    path("coaching/runs/", runs.RunListPage.as_view(), name="coaching-run-list"),
    path("coaching/runs/now/", runs.RunNowPage.as_view(), name="coaching-run-now"),
    path("coaching/runs/<int:pk>/", runs.RunPage.as_view(), name="coaching-run"),
]
