"""The environment that children get."""

from . import browser, odoo_source, postgres, python_env

# Variables that would lead a child somewhere else than where we want it.
STRAY = ("PGDATABASE", "PYTHONHOME", "PYTHONSTARTUP", "OPENERP_SERVER", "ODOO_RC", "VIRTUAL_ENV")


def for_children(ctx, database=None, **more):
    env = {name: value for name, value in ctx.environ.items() if name not in STRAY}
    if ctx.server:
        if ctx.server.embedded:
            env = {name: value for name, value in env.items() if not name.startswith("PG")}
        env.update(ctx.server.env)
    folders = [
        browser.wrapper_folder(ctx),
        postgres.programs(ctx),
        python_env.python(ctx).parent,
    ]
    env["PATH"] = ":".join([str(path) for path in folders if path] + [env.get("PATH", "")])
    source = odoo_source.folder(ctx)
    if source:
        env["PYTHONPATH"] = str(source)
    env["HYPOTHESIS_STORAGE_DIRECTORY"] = str(ctx.cache / "hypothesis")
    if database:
        env["ODOO_RC"] = str(_config_file(ctx, database))
    env.update({name: str(value) for name, value in more.items()})
    return env


def _config_file(ctx, database):
    """Odoo's configuration for one database; the way to PostgreSQL is in PG* variables."""
    lines = [
        "[options]",
        f"db_name = {database}",
        f"dbfilter = ^{database}$",
        f"data_dir = {ctx.server.home / 'data'}",
        "http_interface = 127.0.0.1",
        "max_cron_threads = 0",
        "list_db = False",
        f"screenshots = {ctx.cache / 'screenshots'}",
    ]
    if ctx.addons:
        lines.append(f"addons_path = {ctx.root}")
    path = ctx.server.home / "conf" / f"{database}.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
