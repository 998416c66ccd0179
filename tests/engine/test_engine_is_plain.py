"""The engine is plain Python: examples in it are true, and nothing of Odoo or eval is in it."""

import ast
import doctest
import importlib
import sys
from pathlib import Path

import engine
import pytest

FOLDER = Path(engine.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"engine.{name}"))
    assert result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_imports_only_the_standard_library_and_pytz(name):
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add(node.module.partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1, "the engine imports nothing of the addon around it"
    assert imported <= set(sys.stdlib_module_names) | {"pytz"}


@pytest.mark.parametrize("name", MODULES)
def test_evaluates_no_text(name):
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__"}
