"""What happens before Odoo starts in Docker: install, update, the administrator's password."""

import importlib.util
import sys

import psycopg2
import pytest


@pytest.fixture
def prepare(repository, tmp_path, monkeypatch):
    path = repository / "deploy" / "prepare.py"
    spec = importlib.util.spec_from_file_location("deploy_prepare", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ADDONS_FOLDER", tmp_path)
    for name, version, depends in (
        ("kpi", "19.0.1.0.0", ["hr"]),
        ("kpi_board", "19.0.1.2.0", ["kpi", "web"]),
    ):
        (tmp_path / name).mkdir()
        content = repr({"version": version, "depends": depends})
        (tmp_path / name / "__manifest__.py").write_text(content)
    return module


@pytest.fixture
def run(prepare, monkeypatch):
    """Run it on a database that has ``there``; what Odoo was called with."""

    def run(there, after=None, code=0, password="long enough"):
        calls = []
        states = iter([there, after if after is not None else there])

        class Done:
            returncode = code

        def call(command, **options):
            calls.append((command, options))
            return Done

        monkeypatch.setattr(prepare, "installed", lambda _database: next(states))
        monkeypatch.setattr(prepare.subprocess, "run", call)
        prepare.main(
            {
                "ODOO_DATABASE": "expat",
                "ODOO_ADDONS": "kpi_board",
                "ODOO_LANGUAGES": "en_US, zh_CN",
                "ODOO_ADMIN_PASSWORD": password,
            }
        )
        return calls

    return run


NOW = {"base": "19.0.1.3", "kpi": "19.0.1.0.0", "kpi_board": "19.0.1.2.0"}


def test_a_new_database_gets_the_addons_and_the_languages(run):
    change, password = run({}, after=NOW)
    command = change[0]
    assert command[:3] == [sys.executable, "-m", "odoo"]
    assert "--database=expat" in command
    assert command[command.index("--init") + 1] == "kpi,kpi_board"
    assert command[command.index("--load-language") + 1] == "en_US,zh_CN"
    assert "--update" not in command
    assert "shell" in password[0]


def test_an_addon_of_another_version_is_updated(run):
    change, _password = run({**NOW, "kpi": "19.0.0.9.0"}, after=NOW)
    command = change[0]
    assert command[command.index("--update") + 1] == "kpi"
    assert "--init" not in command


def test_nothing_is_done_twice_but_looking_at_the_password(run):
    [password] = run(NOW)
    assert "shell" in password[0]


def test_the_password_stands_in_no_command(run):
    for command, options in run({}, after=NOW):
        assert "long enough" not in " ".join(command)
        assert "long enough" not in options.get("input", "")


def test_older_code_does_not_touch_a_newer_database(prepare, run):
    with pytest.raises(prepare.Stop, match=r"newer kpi \(19.0.1.10.0\) than this checkout"):
        run({**NOW, "kpi": "19.0.1.10.0"})


@pytest.mark.parametrize("password", ["", "admin", "short"])
def test_a_poor_password_stops_before_anything_is_made(prepare, run, password):
    with pytest.raises(prepare.Stop, match="ODOO_ADMIN_PASSWORD"):
        run({}, password=password)


def test_a_failing_installation_stops(prepare, run):
    with pytest.raises(prepare.Stop, match="could not install"):
        run({}, code=1)


def test_an_addon_that_odoo_left_out_stops(prepare, run):
    with pytest.raises(prepare.Stop, match="did not install kpi_board"):
        run({}, after={"kpi": "19.0.1.0.0"})


def test_an_unknown_addon_is_named(prepare):
    with pytest.raises(prepare.Stop, match="no addon nonsense"):
        prepare.with_own_dependencies(["nonsense"])


def test_a_database_that_does_not_exist_is_an_empty_one(prepare, monkeypatch):
    def connect(**_options):
        raise psycopg2.OperationalError('FATAL:  database "expat" does not exist')

    monkeypatch.setattr(prepare.psycopg2, "connect", connect)
    assert prepare.installed("expat") == {}


def test_a_wrong_password_for_postgresql_stops(prepare, monkeypatch):
    def connect(**_options):
        raise psycopg2.OperationalError("FATAL:  password authentication failed")

    monkeypatch.setattr(prepare.psycopg2, "connect", connect)
    with pytest.raises(prepare.Stop, match="password authentication failed"):
        prepare.installed("expat")
