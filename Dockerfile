# syntax=docker/dockerfile:1
FROM node:24-slim AS page
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY vite.config.ts tsconfig.json ./
COPY static/src static/src
COPY templates templates
RUN npm run build

FROM python:3.12-slim
# pip compiles bytecode as it installs, and compileall does it for our own: without it the first import takes seconds more.
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY . .
COPY --from=page /app/static/dist static/dist
RUN python manage.py collectstatic --noinput && python -m compileall -q . \
    && useradd --uid 10001 --no-create-home parley && mkdir -p var && chown parley var
USER parley
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["sh", "scripts/container.sh"]
CMD ["daphne", "-b", "0.0.0.0", "-p", "8000", "--ping-interval", "10", "--ping-timeout", "15", "config.asgi:application"]
