"""``./dev up``: Odoo with the demo database, until Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from . import databases, ports, settings
from .locks import held, is_held
from .problem import Problem, explain
from .process import child

PATIENCE = 300  # seconds until the server must answer


def main(ctx, args):
    """Serve until Ctrl-C; SIGUSR1 (from ``./dev update``) updates our addons and restarts."""
    demo = not args.no_demo
    with held(_lock_file(ctx)) as lock:
        if lock is None:
            raise Problem(_already(ctx))
        _state_file(ctx).unlink(missing_ok=True)
        port = _choose_port(ctx, args.port)
        ctx.plan("python", "odoo", databases=("bare", "base", "yours"), more=1)
        ctx.prepare("python", "odoo")
        with ctx.postgres():
            _serve(ctx, demo, port)
    return 0


def _serve(ctx, demo, port):
    wish = _Wish()
    signal.signal(signal.SIGUSR1, wish.update)
    database = databases.ensure_demo(ctx, demo)
    _serve_once(ctx, database, port, wish)
    while wish.wanted:
        wish.wanted = False
        databases.forget_state(ctx, database)
        databases.ensure_demo(ctx, demo)
        _serve_once(ctx, database, port, wish)


def _serve_once(ctx, database, port, wish):
    with _odoo(ctx, database, port) as process:
        with ctx.step("Odoo starts"):
            _wait_for(ctx, process, port)
        _write_state(ctx, port, database)
        _greet(ctx, port, database)
        _watch(ctx, process, wish)


class _Wish:
    wanted = False

    def update(self, *_signal):
        self.wanted = True


@contextmanager
def _odoo(ctx, database, port):
    log = _server_log(ctx)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = (ctx.python, "-m", "odoo", "--http-port", port, "--max-cron-threads", 1)
    _state_file(ctx).unlink(missing_ok=True)
    with (
        open(log, "w", encoding="utf-8") as out,
        # A session of its own: Ctrl-C reaches us only, and we end it in order.
        child(
            command,
            cwd="/",
            env=ctx.env(database),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as process,
    ):
        yield process


def _watch(ctx, process, wish):
    """Return when an update is wanted or somebody presses Ctrl-C, the way to end it."""
    try:
        while not wish.wanted:
            if process.poll() is not None:
                raise _ended(ctx)
            time.sleep(0.5)
    except KeyboardInterrupt:
        wish.wanted = False
        ctx.say.info("\nStopping …")


def _wait_for(ctx, process, port):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise _ended(ctx)
        if answers(port):
            return
        time.sleep(0.2)
    raise Problem(
        f"Odoo does not answer on port {port} after {PATIENCE} s: see why in its log.",
        log=_server_log(ctx),
    )


def answers(port):
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"{address(port)}/web/login", timeout=60
        ) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _ended(ctx):
    log = _server_log(ctx)
    text = log.read_text(errors="replace")
    if "Address already in use" in text:
        return Problem("The port was taken by another program meanwhile: run ./dev up again.")
    problem = explain("Odoo", text, ctx.cache, network=False) or Problem(
        "Odoo ended: see why in its log."
    )
    problem.log = log
    return problem


def _greet(ctx, port, database):
    ctx.say.info()
    ctx.say.info(f"    {address(port)}")
    ctx.say.info()
    if database == settings.DATABASE:
        for who, login in settings.DEMO_LOGINS:
            ctx.say.info(f"    {who:<14} login {login:<9} password {login}")
    else:
        ctx.say.info("    Administrator  login admin     password admin")
    ctx.say.info()
    ctx.say.info(f"Its log: {_server_log(ctx)}. Ctrl-C stops it; your data stays.")


def address(port):
    return f"http://127.0.0.1:{port}"


# The port


def _choose_port(ctx, asked):
    if asked:
        if not _is_free(asked):
            holder = ports.holder(asked) or "another program"
            raise Problem(
                f"Port {asked} is taken by {holder}: stop that, or choose another with "
                "./dev up --port."
            )
        return asked
    for port in range(settings.PORT, settings.PORT + 100):
        if _is_free(port):
            if port != settings.PORT:
                holder = ports.holder(settings.PORT) or "another program"
                ctx.say.info(f"Port {settings.PORT} is taken by {holder}; using {port}.")
            return port
    raise Problem(
        f"All ports from {settings.PORT} to {settings.PORT + 99} are taken: choose one with "
        "./dev up --port."
    )


def _is_free(port):
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise Problem(
                f"Port {port} is for root only: choose one above 1023 with ./dev up --port."
            ) from error
        except OSError:
            return False
    return True


# Knowing the server that runs


def _lock_file(ctx):
    return ctx.cache / "up.lock"


def _state_file(ctx):
    return ctx.cache / "up.json"


def _server_log(ctx):
    return ctx.log_folder / "odoo.log"


def _write_state(ctx, port, database):
    state = {"pid": os.getpid(), "port": port, "database": database, "since": time.time()}
    _state_file(ctx).write_text(json.dumps(state))


def is_up(ctx):
    """True while some ``./dev up`` runs, also while it starts."""
    return is_held(_lock_file(ctx))


def running(ctx):
    """{pid, port, database, since} of the server that answers, or None."""
    try:
        return json.loads(_state_file(ctx).read_text()) if is_up(ctx) else None
    except (OSError, ValueError):
        return None


def _already(ctx):
    state = running(ctx)
    where = f" at {address(state['port'])} (process {state['pid']})" if state else ""
    return f"./dev up runs already{where}: use that one, or stop it with Ctrl-C where it runs."
