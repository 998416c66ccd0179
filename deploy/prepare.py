"""Runs before Odoo in docker-compose.yml, at each start; ends with 0 when Odoo may start.

Makes the database and installs the addons where they are missing, updates those whose version has
changed, and sees to it that "admin" does not keep the password that everybody knows. Every step
looks at what is there, so it goes on where an interrupted start has stopped.

Settings: ODOO_DATABASE, ODOO_ADDONS, ODOO_LANGUAGES (comma-separated), ODOO_ADMIN_PASSWORD, and
the way to PostgreSQL in PGHOST, PGPORT, PGUSER and PGPASSWORD.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import psycopg2

ADDONS_FOLDER = Path(os.environ.get("ODOO_ADDONS_FOLDER", "/mnt/extra-addons"))
ODOO = (sys.executable, "-m", "odoo")
SHORTEST_PASSWORD = 8

# Run in Odoo's shell. The password is read there, so that it stands in no list of processes.
SET_PASSWORD = """
import os
admin = env.ref("base.user_admin")
env.cr.execute("SELECT password FROM res_users WHERE id = %s", [admin.id])
[known] = env.cr.fetchone()
if not known or admin._crypt_context().verify("admin", known):
    admin.password = os.environ["ODOO_ADMIN_PASSWORD"]
    env.cr.commit()
    print("The administrator has the password of ODOO_ADMIN_PASSWORD now.")
"""


class Stop(Exception):
    """Odoo must not start; the sentence says why and what to do."""


def main(environ):
    database = environ["ODOO_DATABASE"]
    check_password(environ.get("ODOO_ADMIN_PASSWORD", ""))
    wanted = with_own_dependencies(names(environ["ODOO_ADDONS"]))
    install, update = to_do(wanted, installed(database))
    if install or update:
        say(f"Installing: {listed(install)}. Updating: {listed(update)}.")
        change(database, install, update, names(environ.get("ODOO_LANGUAGES", "")))
        check(wanted, installed(database))
    else:
        say("All addons are installed in their version.")
    set_password(database)


def say(sentence):
    print(sentence, flush=True)


def names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def listed(these):
    return ", ".join(these) or "nothing"


def check_password(password):
    if len(password) < SHORTEST_PASSWORD or password == "admin":
        raise Stop(
            f"ODOO_ADMIN_PASSWORD has fewer than {SHORTEST_PASSWORD} characters: set a longer one "
            "in .env and start again."
        )


def manifest(addon):
    try:
        content = (ADDONS_FOLDER / addon / "__manifest__.py").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return ast.literal_eval(content)


def with_own_dependencies(addons):
    """{addon: version on disk} of ``addons`` and of those in our folder that they depend on."""
    versions = {}
    waiting = list(addons)
    while waiting:
        addon = waiting.pop()
        found = manifest(addon)
        if found is None and addon in addons:
            raise Stop(
                f"There is no addon {addon} in {ADDONS_FOLDER}: mend ODOO_ADDONS in .env, or "
                "mount the addon in docker-compose.yml."
            )
        if found and addon not in versions:
            versions[addon] = found["version"]
            waiting += found.get("depends", [])
    return versions


def installed(database):
    """{module: its version} in the database; nothing when there is no database yet."""
    try:
        connection = psycopg2.connect(dbname=database)
    except psycopg2.OperationalError as error:
        if "does not exist" in str(error):
            return {}
        raise Stop(f"PostgreSQL does not let us in: {str(error).strip()}") from error
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('ir_module_module') IS NOT NULL")
            if not cursor.fetchone()[0]:
                return {}
            cursor.execute(
                "SELECT name, latest_version FROM ir_module_module WHERE state = 'installed'"
            )
            return dict(cursor.fetchall())
    finally:
        connection.close()


def to_do(wanted, there):
    """(addons to install, addons to update) for the versions on disk and in the database."""
    newer = [
        name for name, version in wanted.items() if name in there and older(version, there[name])
    ]
    if newer:
        raise Stop(
            f"The database has a newer {newer[0]} ({there[newer[0]]}) than this checkout "
            f"({wanted[newer[0]]}): take the newer code, or restore an older database."
        )
    install = sorted(name for name in wanted if name not in there)
    update = sorted(name for name in wanted if name in there and there[name] != wanted[name])
    return install, update


def older(version, than):
    return numbers(version) < numbers(than or "")


def numbers(version):
    return [int(part) for part in version.split(".") if part.isdigit()]


def change(database, install, update, languages):
    command = [*ODOO, f"--database={database}", "--stop-after-init", "--no-http"]
    if install:
        command += ["--init", ",".join(install)]
    if update:
        command += ["--update", ",".join(update)]
    if languages:
        command += ["--load-language", ",".join(languages)]
    if subprocess.run(command, check=False).returncode:
        raise Stop("Odoo could not install the addons: its lines above say why.")


def check(wanted, there):
    if missing := [name for name, version in wanted.items() if there.get(name) != version]:
        raise Stop(f"Odoo did not install {listed(missing)}: its lines above say why.")


def set_password(database):
    command = [*ODOO, "shell", f"--database={database}", "--no-http", "--log-level=warn"]
    if subprocess.run(command, input=SET_PASSWORD, text=True, check=False).returncode:
        raise Stop("The administrator's password could not be set: the lines above say why.")


if __name__ == "__main__":
    try:
        main(os.environ)
    except Stop as stop:
        sys.exit(str(stop))
