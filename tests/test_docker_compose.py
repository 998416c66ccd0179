"""docker-compose.yml: valid, complete, and of no use to a stranger. No Docker engine is needed."""

import configparser
import json
import re
import subprocess

import pytest

from devtools.context import Context

COMPOSE = "docker-compose.yml"
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:\?[^}]+|:-[^}]*)?\}")

# The official image's own folders, where files may be mounted without a look into this checkout.
ENTRYPOINTS = {"python3", "odoo", "postgres"}


@pytest.fixture(scope="module")
def tools():
    """Python of the linters, which have a YAML reader and the compose schema."""
    return Context().tool_python("lint")


@pytest.fixture(scope="module")
def compose(repository, tools):
    program = (
        "import json, sys, ruamel.yaml as yaml\n"
        "print(json.dumps(yaml.YAML(typ='safe').load(open(sys.argv[1]))))"
    )
    done = subprocess.run(
        [tools, "-c", program, repository / COMPOSE], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="module")
def configuration(repository):
    parser = configparser.ConfigParser()
    parser.read(repository / "deploy" / "odoo.conf", encoding="utf-8")
    return parser["options"]


def mounts(service):
    for volume in service["volumes"]:
        source, target, *mode = volume.split(":")
        yield source, target, mode


def test_fits_the_compose_schema(repository, tools):
    schema = ["--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [tools, "-m", "check_jsonschema", *schema, repository / COMPOSE],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_images_are_official_and_of_a_version(services):
    assert {name: service["image"] for name, service in services.items()} == {
        "db": "postgres:17",
        "prepare": "odoo:19.0",
        "odoo": "odoo:19.0",
    }


def test_everything_mounted_exists_and_cannot_be_written(repository, compose, services):
    for service in services.values():
        for source, target, mode in mounts(service):
            if source.startswith("./"):
                assert (repository / source).exists(), source
                assert mode == ["ro"], f"{source} could be changed from inside"
            else:
                assert source in compose["volumes"], f"{source} is no named volume"
            assert target.startswith("/")


def test_everything_called_exists(repository, services):
    for service in services.values():
        mounted = {target: source for source, target, _mode in mounts(service)}
        for called in ("entrypoint", "command"):
            if not service.get(called):
                continue
            program, *arguments = service[called]
            assert program in ENTRYPOINTS
            for argument in arguments:
                if argument.startswith("/"):
                    folder, _slash, name = argument.rpartition("/")
                    assert (repository / mounted[folder] / name).is_file(), argument


def test_all_addons_are_mounted(repository, services):
    addons = {path.parent.name for path in repository.glob("*/__manifest__.py")}
    for name in ("prepare", "odoo"):
        targets = {target for _source, target, _mode in mounts(services[name])}
        assert {f"/mnt/extra-addons/{addon}" for addon in addons} <= targets


def test_what_must_survive_lies_in_named_volumes(services):
    targets = {
        (name, target)
        for name, service in services.items()
        for source, target, _mode in mounts(service)
        if not source.startswith(".")
    }
    assert ("db", "/var/lib/postgresql/data") in targets
    assert ("odoo", "/var/lib/odoo") in targets
    assert ("prepare", "/var/lib/odoo") in targets


def test_odoo_waits_for_a_healthy_database_and_installed_addons(services):
    healthy = {"condition": "service_healthy"}
    assert services["prepare"]["depends_on"] == {"db": healthy}
    assert services["odoo"]["depends_on"] == {
        "db": healthy,
        "prepare": {"condition": "service_completed_successfully"},
    }
    for name in ("db", "odoo"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"
        assert services[name]["restart"] == "unless-stopped"
    # It is over when it has succeeded.
    assert services["prepare"]["restart"] == "no"


def test_memory_is_limited(services, configuration):
    for service in services.values():
        assert service["deploy"]["resources"]["limits"]["memory"]
    soft, hard = (int(configuration[f"limit_memory_{kind}"]) for kind in ("soft", "hard"))
    assert 0 < soft < hard


def test_odoo_runs_as_in_production(services, configuration):
    command = " ".join(services["odoo"]["command"])
    assert re.search(r"--workers=\$\{ODOO_WORKERS:-[2-9]\}", command)
    # A name alone would also match databases that contain it.
    assert "--db-filter=^${ODOO_DATABASE:-expat}$$" in command
    assert configuration.getboolean("proxy_mode")
    assert not configuration.getboolean("list_db")


def test_ports_are_open_to_this_machine_only(services):
    assert "ports" not in services["db"]
    for port in services["odoo"]["ports"]:
        assert port.startswith("127.0.0.1:")


def test_databases_connections_are_enough_for_all_processes(services, configuration):
    workers = int(re.search(r"ODOO_WORKERS:-(\d+)", str(services["odoo"]["command"]))[1])
    # Each worker and cron worker, the one for websockets, and the one-off beside them.
    processes = workers + int(configuration["max_cron_threads"]) + 2
    allowed = int(re.search(r"max_connections=(\d+)", str(services["db"]["command"]))[1])
    assert processes * int(configuration["db_maxconn"]) < allowed


# Passwords


def passwords(repository):
    return {
        name: default
        for name, default in VARIABLE.findall((repository / COMPOSE).read_text(encoding="utf-8"))
        if "PASSWORD" in name
    }


def test_compose_refuses_to_start_without_passwords(repository):
    found = passwords(repository)
    assert set(found) == {"POSTGRES_PASSWORD", "ODOO_ADMIN_PASSWORD"}
    for name, default in found.items():
        # ":?" refuses an unset and an empty value, and says what to do.
        assert default.startswith(":?"), name
        assert ".env.example" in default


def test_no_password_stands_in_a_file(repository, compose, services):
    example = (repository / ".env.example").read_text(encoding="utf-8")
    for name in passwords(repository):
        assert re.search(rf"^{name}=$", example, re.MULTILINE), f"{name} has a value"
    for service in services.values():
        for name, value in service["environment"].items():
            if "PASSWORD" in name:
                assert VARIABLE.fullmatch(value), f"{name} has a value"
    conf = (repository / "deploy" / "odoo.conf").read_text(encoding="utf-8")
    assert not re.search(r"^\s*(db_password|admin_passwd)\s*=", conf, re.MULTILINE)


def test_the_filled_in_file_is_never_committed(repository):
    assert ".env" in (repository / ".gitignore").read_text(encoding="utf-8").split()


def test_the_example_names_every_variable_with_its_default(repository):
    example = dict(
        re.findall(
            r"^#?([A-Z_]+)=(.*)$",
            (repository / ".env.example").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    used = {}
    for name, default in VARIABLE.findall((repository / COMPOSE).read_text(encoding="utf-8")):
        used[name] = default.removeprefix(":-") if default.startswith(":-") else ""
    assert example == used
