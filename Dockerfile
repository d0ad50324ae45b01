# The bot alone: no compiler, no pip cache, not root, and nothing that it writes but /data.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/faxbot
COPY requirements.txt .
RUN /opt/faxbot/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md ./
COPY bot bot
COPY handlers handlers
COPY playground playground
RUN /opt/faxbot/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home faxbot
COPY --from=build /opt/faxbot /opt/faxbot
ENV PATH=/opt/faxbot/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=3000 \
    LOG_FORMAT=json \
    DATABASE_URL=sqlite:////data/faxbot.db
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --start-period=10s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["faxbot"]
CMD ["serve"]
