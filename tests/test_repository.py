"""Promises of the checkout as a whole: what depends on what, what is listed, what is not in it."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

import odoo

ROOT = Path(__file__).resolve().parent.parent
ADDONS = sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))
HEART, *AROUND = ADDONS
FRAGMENTS = ("DESCRIPTION", "CONTEXT", "CONFIGURE", "USAGE", "ROADMAP")
LISTED_FOLDERS = ("security", "data", "views", "wizards", "report", "demo")

# Where this was made, and where packages come from, are nobody's business. The parts are kept apart
# so that this file does not find itself.
STRANGE_PLACES = re.compile(
    "|".join(
        [
            r"/wo" + r"rk/",
            r"/op" + r"t/(pypi|wheels)",
            r"/ho" + r"me/\w+/",
            r"/ro" + r"ot/\w",
            r"\bpypi\.o" + r"rg",
            r"pythonhos" + r"ted\.org",
            r"npmjs\.(o" + r"rg|com)",
            r"\bdeb\.deb" + r"ian\.org",
            r"security\.deb" + r"ian\.org",
        ]
    )
)


def manifest(addon):
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text(encoding="utf-8"))


def files_of_git():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        # An archive of the code without its history.
        return [path for path in ROOT.rglob("*") if path.is_file()]
    return [ROOT / name for name in told.split("\0") if name and (ROOT / name).is_file()]


def code_of(addon):
    """Text of what makes the addon work, without its documentation and translations."""
    for path in sorted((ROOT / addon).rglob("*")):
        if path.suffix in (".py", ".xml", ".js", ".scss", ".csv"):
            yield path, path.read_text(encoding="utf-8")


def test_there_are_three_addons():
    assert ADDONS == ["expat_kpi", "expat_kpi_connectors", "expat_kpi_dashboard"]


# Dependencies


@pytest.mark.parametrize("addon", ADDONS)
def test_depends_on_odoo_community_and_on_each_other_only(addon):
    community = {
        path.parent.name
        for folder in odoo.addons.__path__
        if not Path(folder).is_relative_to(ROOT)
        for path in Path(folder).glob("*/__manifest__.py")
    }
    # A sign that this is the source of Odoo, and not something else.
    assert {"base", "hr", "crm"} <= community
    assert set(manifest(addon)["depends"]) <= community | set(ADDONS)


@pytest.mark.parametrize("addon", ADDONS)
def test_community_modules_are_of_odoo(addon):
    """What stands in a folder of addons may still be of somebody else."""
    for name in set(manifest(addon)["depends"]) - set(ADDONS):
        found = odoo.modules.module.Manifest.for_addon(name)
        assert found["author"].startswith("Odoo S.A."), f"{addon} depends on {name}"
        assert found["license"] == "LGPL-3", f"{addon} depends on {name}"


@pytest.mark.parametrize("addon", ADDONS)
def test_needs_no_library_that_odoo_does_not_need(addon):
    assert "external_dependencies" not in manifest(addon)


@pytest.mark.parametrize(
    ("addon", "others"),
    [
        ("expat_kpi", ["expat_kpi_connectors", "expat_kpi_dashboard"]),
        ("expat_kpi_connectors", ["expat_kpi_dashboard"]),
        ("expat_kpi_dashboard", ["expat_kpi_connectors"]),
    ],
)
def test_addon_does_not_know_the_other(addon, others):
    assert not set(manifest(addon)["depends"]) & set(others)
    for path, text in code_of(addon):
        for other in others:
            assert other not in text, f"{path.relative_to(ROOT)} names {other}"


# Manifests


@pytest.mark.parametrize("addon", ADDONS)
def test_version_licence_and_author(addon):
    found = manifest(addon)
    assert re.fullmatch(r"19\.0\.\d+\.\d+\.\d+", found["version"])
    assert found["license"] == "LGPL-3"
    assert found["author"] == "expat_kpi contributors"
    assert found["summary"]
    assert found.get("installable", True)


@pytest.mark.parametrize("addon", ADDONS)
def test_every_data_file_is_listed_once_and_exists(addon):
    found = manifest(addon)
    listed = [*found.get("data", []), *found.get("demo", [])]
    assert len(listed) == len(set(listed))
    there = {
        str(path.relative_to(ROOT / addon))
        for folder in LISTED_FOLDERS
        for path in (ROOT / addon / folder).rglob("*")
        if path.suffix in (".xml", ".csv")
    }
    assert set(listed) == there


@pytest.mark.parametrize("addon", ADDONS)
def test_demo_data_is_demo(addon):
    assert all(name.startswith("demo/") for name in manifest(addon).get("demo", []))
    assert not any(name.startswith("demo/") for name in manifest(addon).get("data", []))


@pytest.mark.parametrize("addon", ADDONS)
def test_every_script_and_style_is_in_a_bundle(addon):
    """Assets are named by patterns; a file that none of them matches is never loaded."""
    patterns = [
        entry if isinstance(entry, str) else entry[-1]
        for entries in manifest(addon).get("assets", {}).values()
        for entry in entries
        if isinstance(entry, str) or entry[0] != "remove"
    ]
    bundled = {path for pattern in patterns for path in ROOT.glob(pattern.removeprefix("/"))}
    for path in (ROOT / addon / "static").rglob("*"):
        if path.suffix in (".js", ".scss", ".css", ".xml") and "lib" not in path.parts:
            assert path in bundled, f"{path.relative_to(ROOT)} is in no bundle"


@pytest.mark.parametrize("addon", ADDONS)
@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_readme_fragments(addon, fragment):
    path = ROOT / addon / "readme" / f"{fragment}.md"
    assert path.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("addon", ADDONS)
def test_every_module_is_imported_by_its_package(addon):
    """A model that nobody imports is not there, and its tests pass by not running."""
    for package in sorted((ROOT / addon).rglob("__init__.py")):
        if package.parent.name in ("engine", "tools", "i18n"):
            continue  # plain Python: imported where it is used
        imported = set(re.findall(r"\b\w+\b", package.read_text(encoding="utf-8")))
        is_tests = package.parent.name == "tests"
        for path in package.parent.glob("test_*.py" if is_tests else "*.py"):
            if path.name not in ("__init__.py", "__manifest__.py"):
                assert path.stem in imported, f"{path.relative_to(ROOT)} is not imported"


# The repository


def test_licence_is_lgpl_3():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text


def test_no_place_of_one_machine_is_named():
    for path in files_of_git():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = STRANGE_PLACES.search(text)
        assert not found, f"{path.relative_to(ROOT)} names {found and found[0]}"


def test_the_lock_file_says_no_registry():
    assert '"resolved"' not in (ROOT / "devtools" / "package-lock.json").read_text()


def test_no_folder_is_called_odoo():
    """Odoo is started as ``python -m odoo``; such a folder would be taken for it."""
    assert not [path for path in ROOT.glob("**/odoo") if ".git" not in path.parts]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (ROOT / target).exists(), f"{name} links to {target}"


def test_news_fragments_have_a_known_name():
    """As CONTRIBUTING.md says; a fragment with another name would not reach the changelog."""
    for path in (ROOT / "newsfragments").iterdir():
        if path.name != "README.md":
            assert re.fullmatch(r"[\w-]+\.(feature|bugfix|removal|doc|misc)\.md", path.name)
            assert path.read_text(encoding="utf-8").strip()
