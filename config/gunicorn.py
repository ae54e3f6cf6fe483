"""Settings of the web server: `gunicorn -c config/gunicorn.py config.wsgi`."""

import os
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
if (ROOT / ".env").is_file():
    environ.Env.read_env(ROOT / ".env")

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_WORKERS") or 2)
worker_class = "gthread"
threads = 4
graceful_timeout = 20
control_socket_disable = True
# The worker's heartbeat is a file; on a slow disk it would block the worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
