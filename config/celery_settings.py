"""How doorbells travel (stack.md, "Jobs that are never lost"): the truth is the Job row."""

from __future__ import annotations

from django.conf import settings

broker_url = settings.BROKER_URL
broker_connection_retry_on_startup = True
broker_transport_options = {
    "visibility_timeout": 300,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    # A request rings the bell: one more try at once, where kombu would go on for six seconds.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
result_backend = None
task_ignore_result = True
task_serializer = "json"
accept_content = ["json"]
task_acks_late = True
task_reject_on_worker_lost = True
task_time_limit = 240
task_soft_time_limit = 200
worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 500
worker_soft_shutdown_timeout = 20.0
worker_hijack_root_logger = False
timezone = "UTC"
beat_schedule = {"tick": {"task": "jobs.tick", "schedule": 5.0}}
