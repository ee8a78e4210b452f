# The gateway as a container: no compiler, no package index and no root once it runs; the root file system may be read-only.
#
#   docker build -t contact-gateway .
#   docker run --read-only --tmpfs /tmp -v gateway:/var/lib/gateway -p 127.0.0.1:8080:8080 contact-gateway
#
# Any Python from 3.11 on will do; every requirement is a wheel whose hash is in requirements/postgres.txt.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
RUN python -m venv --without-pip /opt/gateway
COPY requirements/postgres.txt /build/
RUN python -m pip --python /opt/gateway/bin/python install --quiet --disable-pip-version-check --no-cache-dir \
        --no-compile --only-binary :all: --require-hashes -r /build/postgres.txt
COPY service service
COPY policies policies
COPY templates templates
COPY LICENSE README.md pyproject.toml ./
# Compiled here once, for nothing is written there later; unchecked, for the files' times change from layer to layer.
RUN python -m compileall -q --invalidation-mode unchecked-hash /opt/gateway/lib service

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 gateway \
 && useradd --uid 10001 --gid gateway --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin gateway \
 && install --directory --owner gateway --group gateway --mode 0700 /var/lib/gateway
COPY --from=build /opt/gateway /opt/gateway
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/gateway/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GATEWAY_DATA_DIR=/var/lib/gateway \
    GATEWAY_HOST=0.0.0.0
USER 10001:10001
VOLUME /var/lib/gateway
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('GATEWAY_PORT') or 8080}/readyz\", timeout=2)"]
CMD ["python", "-m", "service", "serve"]
