# One image for every service; the command chooses: `serve quote`, `migrate`.
FROM python:3.13.16-slim-bookworm AS build

RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /src

# The locked versions and hashes, of what runs alone: neither the embedded parts nor the tests.
COPY pyproject.toml requirements.lock README.md LICENSE ./
RUN uv venv /opt/roadworthy \
    && VIRTUAL_ENV=/opt/roadworthy uv pip install --only-binary :all: --require-hashes \
        -r pyproject.toml -c requirements.lock

COPY roadworthy roadworthy
COPY services services
COPY shared shared
RUN uv build --wheel --require-hashes --build-constraints requirements.lock --out-dir /dist \
    && VIRTUAL_ENV=/opt/roadworthy uv pip install --no-deps /dist/*.whl


FROM python:3.13.16-slim-bookworm

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin roadworthy
RUN install --directory --owner roadworthy /var/lib/roadworthy/attachments
COPY --from=build /opt/roadworthy /opt/roadworthy
ENV PATH=/opt/roadworthy/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=3)"]
ENTRYPOINT ["roadworthy"]
CMD ["--help"]
