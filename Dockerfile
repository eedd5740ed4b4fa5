# syntax=docker/dockerfile:1
# Built in one stage, run in another: the image holds Python, the bot and what it needs, and nothing to build with.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/backcheck
COPY requirements/run.txt requirements/run.txt
RUN /opt/backcheck/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICES.md ./
COPY tgbot tgbot
COPY content content
COPY docs/clinical-safety.md docs/clinical-safety.md
# Building learns the finder's words, so that no start of the image has to.
RUN /opt/backcheck/bin/pip install --no-cache-dir --no-deps --no-build-isolation .
RUN /opt/backcheck/bin/pip uninstall --yes hatchling editables pathspec pluggy trove-classifiers pip

FROM python:3.13-slim
RUN useradd --uid 10001 --home-dir /data --shell /usr/sbin/nologin backcheck \
    && install --directory --owner=backcheck --group=backcheck /data
COPY --from=build /opt/backcheck /opt/backcheck
ENV PATH=/opt/backcheck/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    XDG_CACHE_HOME=/data/cache \
    BACKCHECK_HEALTH=127.0.0.1:8080 \
    BACKCHECK_LOG=json
USER backcheck
# The database is backcheck.db in the working directory, unless a deployment names one: both would be refused.
WORKDIR /data
VOLUME /data
# The root file system may be read-only; /data keeps the database, /tmp takes what is drawn.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=2 CMD ["backcheck", "health"]
ENTRYPOINT ["backcheck"]
CMD ["run"]
