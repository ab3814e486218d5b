# The agent of one Pull cluster. Build from the root of the repository:
#   docker build -f deploy/images/agent.Dockerfile -t flotilla-agent .
# `flotilla agent manifests` prints what runs it in its cluster.
ARG PYTHON=python:3.11-slim

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
COPY deploy/requirements/agent.txt /requirements/
RUN pip install --no-cache-dir --require-hashes -r /requirements/agent.txt
COPY --from=wheel /wheel /wheel
# Without pip nothing can be added later.
RUN pip install --no-cache-dir --no-deps /wheel/*.whl \
    && python -m compileall -q /opt/flotilla \
    && pip uninstall --yes pip setuptools

FROM ${PYTHON}
# PYTHONDONTWRITEBYTECODE: the root file system may be read-only. What is written goes to /var/lib/flotilla and /tmp.
ENV PATH=/opt/flotilla/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/var/lib/flotilla
COPY --from=install /opt/flotilla /opt/flotilla
RUN install -d -o 65532 -g 65532 -m 0700 /var/lib/flotilla
USER 65532:65532
WORKDIR /var/lib/flotilla
VOLUME /var/lib/flotilla
ENTRYPOINT ["flotilla"]
CMD ["agent", "run", "--config=/etc/flotilla/agent.yaml"]
