"""Databases are named by what they were built from."""

import pytest

from devtools import databases, settings
from devtools.context import Context
from devtools.postgres import Server


@pytest.fixture
def ctx(tmp_path):
    """A checkout with one addon, an Odoo, and a server that nobody asks."""
    root = tmp_path / "checkout"
    write(root, "expat_kpi/__manifest__.py", "{}")
    write(root, "devtools/requirements.txt", "odoo-needs-this==1.0\n")
    source = tmp_path / "odoo"
    write(source, "odoo/release.py", "version_info = (19, 0, 0, 'final', 0, '')\n")
    ctx = Context(root, {"EXPAT_KPI_CACHE": str(tmp_path / "cache"), "ODOO_SOURCE": str(source)})
    ctx.server = Server(embedded=True, major=18, home=tmp_path / "home")
    return ctx


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def names(ctx):
    return databases.base_name(ctx, True), databases.template_name(ctx, True)


@pytest.mark.parametrize(
    "name",
    [
        "tests/test_x.py",
        "static/tests/tours/x.js",
        "readme/USAGE.md",
        "__pycache__/x.pyc",
        "models/__pycache__/x.cpython-311.pyc",
        "i18n/expat_kpi.pot",
    ],
)
def test_what_is_not_installed_keeps_the_template(ctx, name):
    before = names(ctx)
    write(ctx.root, f"expat_kpi/{name}", "changed")
    assert names(ctx) == before


@pytest.mark.parametrize(
    "name", ["models/x.py", "views/x.xml", "i18n/zh_CN.po", "static/src/x.js", "demo/tests.xml"]
)
def test_what_is_installed_makes_another_template_of_the_same_base(ctx, name):
    base, template = names(ctx)
    write(ctx.root, f"expat_kpi/{name}", "changed")
    assert databases.base_name(ctx, True) == base
    assert databases.template_name(ctx, True) != template


def test_a_file_that_moves_makes_another_template(ctx):
    write(ctx.root, "expat_kpi/models/a.py", "same")
    _base, before = names(ctx)
    (ctx.root / "expat_kpi/models/a.py").rename(ctx.root / "expat_kpi/models/b.py")
    assert databases.template_name(ctx, True) != before


def test_a_base_depends_on_all_that_it_is_built_from(ctx, monkeypatch):
    seen = {databases.base_name(ctx, True), databases.base_name(ctx, False)}
    write(ctx.root, "devtools/requirements.txt", "odoo-needs-this==2.0\n")
    seen.add(databases.base_name(ctx, True))
    monkeypatch.setattr(settings, "BASE_MODULES", ("crm",))
    seen.add(databases.base_name(ctx, True))
    monkeypatch.setattr(settings, "LANGUAGES", ())
    seen.add(databases.base_name(ctx, True))
    ctx.server = Server(embedded=True, major=17, home=ctx.server.home)
    seen.add(databases.base_name(ctx, True))
    assert len(seen) == 6


def test_a_bare_database_depends_on_what_our_addons_require(ctx, monkeypatch):
    base, bare = databases.base_name(ctx, True), databases.bare_name(ctx, True)
    monkeypatch.setattr(settings, "REQUIRED_MODULES", ("hr",))
    assert databases.base_name(ctx, True) == base
    assert databases.bare_name(ctx, True) != bare


def test_the_demo_database_remembers_what_it_was_updated_with(ctx):
    databases._state_file(ctx, "x").write_text('{"addons": {"expat_kpi": "1"}, "modules": []}')
    databases.forget_state(ctx, "x")
    assert databases._state(ctx, "x") == {"addons": {"expat_kpi": ""}, "modules": []}
    assert databases._state(ctx, "unknown") == {}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("… odoo.modules.loading: Loading module crm (34/116)", "34 of 116 modules"),
        ("… odoo.modules.loading: Module crm loaded in 1.2s", None),
    ],
)
def test_progress_is_read_from_the_log(line, told):
    assert databases._modules(line) == told
