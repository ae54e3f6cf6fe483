"""What settings name of higher apps is checked here: accounts know only the number."""

from __future__ import annotations

from accounts.services.settings import check_setting
from desk.selectors import headline_plan_error

check_setting("headline_plan_id", headline_plan_error)
