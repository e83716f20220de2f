"""What runs in containers: held to the compose specification, to the code, and to itself."""

import copy
import json
import re
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from roadworthy.gateway import SERVICES
from shared.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
LAUNCHER = {"HOST", "PORT", "LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT", "FORWARDED_ALLOW_IPS"}
BUCKET = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT"}
"""Read by the library that keeps attachments, where they are in a bucket."""
VARIABLE = re.compile(r"(?<!\$)\$(?:\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}|\w+)")

Container = dict[str, Any]


def interpolated(text: str, environment: dict[str, str]) -> str:
    """Fill in a compose file's variables; an unset required one raises KeyError."""

    def value(found: re.Match[str]) -> str:
        if found["kind"] == "-":
            return environment.get(found["name"]) or found["rest"]
        return environment[found["name"]]

    return VARIABLE.sub(value, text)


def required() -> set[str]:
    return {found["name"] for found in VARIABLE.finditer(COMPOSE) if found["kind"] == "?"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        interpolated(COMPOSE, dict.fromkeys(required(), "given"))
    )
    return document


@pytest.fixture(scope="module")
def containers(compose: dict[str, Any]) -> dict[str, Container]:
    found: dict[str, Container] = compose["services"]
    return found


def validate(document: dict[str, Any]) -> None:
    """Raise ValueError unless the document keeps to the compose specification."""
    PyCompose.from_json(json.dumps(document)).validate()


class TestSpecification:
    def test_the_file_keeps_to_it(self, compose: dict[str, Any]) -> None:
        validate(compose)

    @pytest.mark.parametrize(
        "plant",
        [
            lambda services: services["quote"].update(imagee="typo"),
            lambda services: services["gateway"].update(ports=["http:8080"]),
            lambda services: services["kafka"]["healthcheck"].update(interval="soon"),
            lambda services: services["order"]["depends_on"]["kafka"].update(condition="happy"),
            lambda services: services["migrate"].update(restart="sometimes"),
        ],
        ids=["unknown key", "port", "duration", "condition", "restart"],
    )
    def test_a_planted_mistake_is_found(
        self, compose: dict[str, Any], plant: Callable[[dict[str, Container]], None]
    ) -> None:
        broken = copy.deepcopy(compose)
        plant(broken["services"])
        with pytest.raises(ValueError, match=r"line 1 column"):
            validate(broken)

    def test_what_it_names_is_there(
        self, compose: dict[str, Any], containers: dict[str, Container]
    ) -> None:
        for container in containers.values():
            for name, dependency in container.get("depends_on", {}).items():
                one_shot = containers[name].get("restart") == "no"
                ends = dependency["condition"] == "service_completed_successfully"
                assert one_shot == ends, name
            for volume in container.get("volumes", ()):
                source = volume.partition(":")[0]
                is_file = source.startswith(".")
                assert (ROOT / source).exists() if is_file else source in compose["volumes"]


class TestContainers:
    def test_each_service_has_one_and_a_one_shot_migrates_first(
        self, containers: dict[str, Container]
    ) -> None:
        for name in SERVICES:
            assert containers[name]["command"] == ["serve", name]
            assert "migrate" in containers[name]["depends_on"]
        assert containers["migrate"]["command"][0] == "migrate"

    def test_each_is_bounded_and_healthy_or_ends(self, containers: dict[str, Container]) -> None:
        for name, container in containers.items():
            assert container["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
            assert container["logging"]["options"]["max-size"], name
            built_here = "build" in container and "\nHEALTHCHECK " in DOCKERFILE
            assert built_here or container["healthcheck"]["retries"] > 0, name

    def test_images_are_pinned_to_a_patch_version(self, containers: dict[str, Container]) -> None:
        images = [each["image"] for each in containers.values() if "build" not in each]
        images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
        for image in images:
            assert re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z]+)*$", image), image

    def test_kafka_is_the_one_the_tests_run_on(self, containers: dict[str, Container]) -> None:
        pom = (ROOT / "tests/kafka/pom.xml").read_text()
        version = re.search(r"<kafka\.version>(.+)</kafka\.version>", pom)
        assert version
        assert containers["kafka"]["image"] == f"apache/kafka:{version[1]}"

    def test_the_gateway_is_given_what_its_template_names(
        self, containers: dict[str, Container]
    ) -> None:
        template = (ROOT / "deploy/nginx.conf.template").read_text()
        named = set(re.findall(r"\$\{(\w+)\}", template))
        given = {name for name in containers["gateway"]["environment"] if "NGINX_" not in name}
        assert named == given | {"NGINX_LOCAL_RESOLVERS"}


class TestSettings:
    @pytest.mark.parametrize("service", SERVICES)
    def test_a_service_can_be_given_each_of_its_settings_and_no_other(
        self, containers: dict[str, Container], service: str
    ) -> None:
        own = {name.upper() for name in settings_of(service).model_fields}
        given = set(containers[service]["environment"])
        assert own - given == set()
        assert given - own <= LAUNCHER | (BUCKET if service == "order" else set())

    def test_a_service_gets_no_other_ones_secret(self) -> None:
        raw = yaml.safe_load(COMPOSE)["services"]
        for service in SERVICES:
            used = set(re.findall(r"\w+_DB_PASSWORD", json.dumps(raw[service]["environment"])))
            assert used == {f"{service.upper()}_DB_PASSWORD"}

    def test_the_example_documents_every_setting_with_its_default(self) -> None:
        documented = dict(re.findall(r"^#?(\w+)=(.*)$", ENV_EXAMPLE, re.MULTILINE))
        for service in SERVICES:
            for name, field in settings_of(service).model_fields.items():
                given = yaml.safe_load(COMPOSE)["services"][service]["environment"][name.upper()]
                if given is None and not field.is_required():  # passed on as it is, or unset
                    assert documented[name.upper()] == as_text(field.default), name

    def test_what_must_be_set_is_asked_for_and_no_secret_is_given(self) -> None:
        documented = dict(re.findall(r"^(\w+)=(.*)$", ENV_EXAMPLE, re.MULTILINE))
        assert documented == dict.fromkeys(sorted(required()), "")

    def test_every_other_variable_has_a_default(self) -> None:
        for found in VARIABLE.finditer(COMPOSE):
            assert found["kind"] in {"-", "?"}, found[0]


class TestImage:
    def test_its_context_holds_what_is_copied_and_nothing_else(self) -> None:
        ignored = (ROOT / ".dockerignore").read_text().split("\n")
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        assert {each[1:] for each in ignored if each[:1] == "!"} == set(" ".join(copied).split())
        assert all((ROOT / each).exists() for each in " ".join(copied).split())

    def test_it_holds_every_package_that_the_project_has(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
            assert f"COPY {package} {package}\n" in DOCKERFILE

    def test_it_is_built_from_hashes_and_runs_as_nobody_special(self) -> None:
        assert DOCKERFILE.count("--require-hashes") == 2
        assert re.search(r"^USER \d{5}$", DOCKERFILE, re.MULTILINE)

    def test_its_uv_is_the_makefiles(self) -> None:
        pins = re.findall(r"uv==([\d.]+)", DOCKERFILE + (ROOT / "Makefile").read_text())
        assert len(pins) == 2
        assert len(set(pins)) == 1


def settings_of(service: str) -> type[ServiceSettings]:
    module = import_module(f"services.{service}.settings")
    [found] = [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, ServiceSettings)
        and each.__module__ == module.__name__
    ]
    return found


def as_text(default: object) -> str:
    """Write a default as the environment would have it."""
    if default is None:
        return ""
    if isinstance(default, bool | tuple):
        return json.dumps(default)
    secret = getattr(default, "get_secret_value", None)
    return str(secret() if secret else default)
