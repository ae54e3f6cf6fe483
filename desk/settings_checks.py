"""What settings name of higher apps is checked and offered here: accounts know only the number."""

from __future__ import annotations

from accounts.choices import offer
from accounts.services.settings import check_setting
from desk.selectors import headline_plan_error, headline_plans

check_setting("headline_plan_id", headline_plan_error)
offer("headline_plan_id", headline_plans)
