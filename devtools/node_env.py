"""Node packages for the linters of JavaScript and XML, installed by npm into the cache."""

import re
import shutil
import subprocess

from . import files, machine, settings
from .problem import Problem

REMEDY = f"install Node {settings.NODE_MIN} or newer with npm (Debian: apt-get install nodejs npm)"


def version(ctx):
    """Node's major version, or None."""
    node = machine.tool(ctx, "node")
    if not node:
        return None
    told = subprocess.run([node, "--version"], stdout=subprocess.PIPE, text=True).stdout
    match = re.match(r"v(\d+)", told)
    return int(match[1]) if match else None


def missing(ctx):
    """What is missing as a sentence, or None."""
    found = version(ctx)
    if found is None or not machine.tool(ctx, "npm"):
        return f"Node and npm are missing, which the linters of JavaScript and XML need: {REMEDY}."
    if found < settings.NODE_MIN:
        return f"Node is version {found}, too old for the linters of JavaScript and XML: {REMEDY}."
    return None


def node_modules(ctx):
    """Folder with the packages of devtools/package.json, as its lock file pins them."""
    if missing(ctx) and ctx.is_root and machine.is_debian(ctx):
        with ctx.say.step("Node from Debian") as step:
            machine.apt_install(ctx, "Node", ("nodejs", "npm"), step)
    if sentence := missing(ctx):
        raise Problem(sentence)
    manifests = [ctx.root / "devtools" / name for name in ("package.json", "package-lock.json")]
    key = files.digest(*(files.sha256(path) for path in manifests), version(ctx))
    home = ctx.cache / "node" / key
    if not home.exists():
        with ctx.lock():
            if not home.exists():
                with ctx.say.step("Node packages for lint") as step:
                    _install(ctx, home, manifests, step)
    return home / "node_modules"


def _install(ctx, home, manifests, step):
    making = home.with_name(home.name + ".making")
    files.remove(making)
    making.mkdir(parents=True)
    for manifest in manifests:
        shutil.copy(manifest, making)
    ctx.run_logged(
        "Node packages by npm",
        *(machine.tool(ctx, "npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"),
        cwd=making,
        env=ctx.environ,
        step=step,
        network=True,
    )
    for other in home.parent.iterdir():
        if other != making:
            files.remove(other)
    making.rename(home)
