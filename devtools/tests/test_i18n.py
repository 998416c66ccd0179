"""The translation files: what is kept, what goes, and that nothing changes by itself."""

import io
import json
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import polib
import pytest

from devtools import i18n, po_child
from devtools.problem import Problem
from devtools.say import Say

EXPORTED = """\
# Made by Odoo
msgid ""
msgstr ""
"POT-Creation-Date: 2026-07-01 10:00+0000\\n"
"Content-Type: text/plain; charset=UTF-8\\n"

#. module: expat_kpi
#: model:expat.posting,name:expat_kpi.b
#: model:expat.posting,name:expat_kpi.a
msgid "Posting"
msgstr ""

#. module: expat_kpi
#. odoo-python
#: code:addons/expat_kpi/models/a.py:0
msgid "%(count)s days"
msgstr ""
"""


@pytest.fixture
def root(tmp_path):
    for addon in ("expat_kpi", "expat_kpi_dashboard"):
        folder = tmp_path / "checkout" / addon
        (folder / "demo").mkdir(parents=True)
        (folder / "__manifest__.py").write_text("{'demo': ['demo/demo.xml']}")
        (folder / "demo" / "demo.xml").write_text("<odoo />")
    return tmp_path / "checkout"


@pytest.fixture
def exported(tmp_path):
    folder = tmp_path / "exported"
    folder.mkdir()
    (folder / "expat_kpi.pot").write_text(EXPORTED)
    return folder


def write(root, exported, *addons):
    return po_child.write(root, exported, ["zh_CN"], addons or ["expat_kpi"])


def translated(root, addon="expat_kpi", **of):
    """Write a translation file with these translations, by hand, as it were."""
    path = root / addon / "i18n" / "zh_CN.po"
    path.parent.mkdir(exist_ok=True)
    file = polib.POFile()
    file.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    for term, text in of.items():
        file.append(polib.POEntry(msgid=term, msgstr=text))
    file.save(str(path))
    return path


def test_terms_are_in_order_and_come_in_empty(root, exported):
    assert write(root, exported) == [
        {"path": "expat_kpi/i18n/zh_CN.po", "terms": 2, "untranslated": 2, "removed": 0}
    ]
    for name in ("expat_kpi.pot", "zh_CN.po"):
        entries = polib.pofile(str(root / "expat_kpi" / "i18n" / name))
        assert [entry.msgid for entry in entries] == ["%(count)s days", "Posting"]
        assert [name for name, _line in entries[1].occurrences] == [
            "model:expat.posting,name:expat_kpi.a",
            "model:expat.posting,name:expat_kpi.b",
        ]
        assert entries[0].comment == "module: expat_kpi\nodoo-python"


def test_translations_are_kept_and_those_of_gone_terms_are_not(root, exported):
    path = translated(root, Posting="派驻", Gone="不再")
    assert write(root, exported)[0] == {
        "path": "expat_kpi/i18n/zh_CN.po",
        "terms": 2,
        "untranslated": 1,
        "removed": 1,
    }
    assert po_child.translations(path) == {"Posting": "派驻"}
    assert "Gone" not in path.read_text()


def test_a_doubtful_translation_is_no_translation(root, exported):
    path = translated(root, Posting="派驻")
    file = polib.pofile(str(path))
    file[0].flags.append("fuzzy")
    file.save(str(path))
    assert write(root, exported)[0]["untranslated"] == 2


def test_the_same_words_in_another_addon_are_taken(root, exported):
    translated(root, addon="expat_kpi_dashboard", Posting="派驻")
    assert write(root, exported)[0]["untranslated"] == 1
    path = translated(root, Posting="自己的")
    write(root, exported)
    assert po_child.translations(path) == {"Posting": "自己的"}


def test_a_term_with_its_lines_broken_elsewhere_keeps_its_translation(root, exported):
    path = translated(root, **{"%(count)s\n        days": "%(count)s 天"})
    assert write(root, exported)[0] == {
        "path": "expat_kpi/i18n/zh_CN.po",
        "terms": 2,
        "untranslated": 1,
        "removed": 0,
    }
    assert po_child.translations(path) == {"%(count)s days": "%(count)s 天"}


def test_twice_gives_the_same_bytes_and_no_dates(root, exported):
    translated(root, Posting="派驻")
    write(root, exported)
    files = sorted((root / "expat_kpi" / "i18n").iterdir())
    first = [path.read_bytes() for path in files]
    later = EXPORTED.replace("2026-07-01", "2027-01-01")
    (exported / "expat_kpi.pot").write_text(later)
    write(root, exported)
    assert [path.read_bytes() for path in files] == first
    assert b"Date" not in b"".join(first)


def test_the_names_of_demo_data_are_no_terms(root, exported):
    demo = """<odoo>
        <record id="a" model="expat.posting" />
        <record id="expat_kpi.b" model="expat.posting" />
    </odoo>"""
    (root / "expat_kpi" / "demo" / "demo.xml").write_text(demo)
    assert write(root, exported)[0]["terms"] == 1


def test_a_term_of_demo_data_and_of_other_data_stays(root, exported):
    demo = '<odoo><record id="a" model="expat.posting" /></odoo>'
    (root / "expat_kpi" / "demo" / "demo.xml").write_text(demo)
    write(root, exported)
    [entry] = [
        entry
        for entry in polib.pofile(str(root / "expat_kpi" / "i18n" / "expat_kpi.pot"))
        if entry.msgid == "Posting"
    ]
    assert entry.occurrences == [("model:expat.posting,name:expat_kpi.b", "")]


def test_an_addon_without_terms_gets_empty_files(root, exported):
    (exported / "expat_kpi.pot").write_text("")
    assert write(root, exported)[0]["terms"] == 0


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"terms": 3, "untranslated": 0, "removed": 0}, "a.po: 3 terms"),
        (
            {"terms": 3, "untranslated": 2, "removed": 1},
            "a.po: 3 terms, 2 without a translation, 1 gone",
        ),
    ],
)
def test_what_is_said(counts, expected):
    assert i18n.sentence(path="a.po", **counts) == expected


@pytest.fixture
def ctx(root, exported):
    """A context whose Odoo copies the exported file, and whose Python is this one."""

    def odoo(*args, database, what, step):
        assert args[:5] == ("i18n", "export", "--languages", "pot", "--output")
        assert database == "scratch"
        _target, addon = args[5:]
        if (exported / f"{addon}.pot").exists():
            shutil.copy(exported / f"{addon}.pot", args[5])

    def output(*command):
        done = po_child.write(
            Path(command[2]), Path(command[3]), command[4].split(","), list(command[5:])
        )
        return json.dumps(done)

    @contextmanager
    def scratch_database():
        yield "scratch"

    say = Say(out=io.StringIO(), err=io.StringIO())
    return SimpleNamespace(
        root=root,
        addons=["expat_kpi", "expat_kpi_dashboard"],
        python=sys.executable,
        say=say,
        plan=lambda *parts, databases, more: None,
        step=say.step,
        odoo=odoo,
        output=output,
        scratch_database=scratch_database,
    )


def test_the_command_writes_all_addons_also_one_without_terms(ctx):
    assert i18n.main(ctx, []) == 0
    told = ctx.say.out.getvalue().splitlines()
    assert "expat_kpi/i18n/zh_CN.po: 2 terms, 2 without a translation" in told
    assert "expat_kpi_dashboard/i18n/zh_CN.po: 0 terms" in told


def test_the_command_writes_only_what_is_named(ctx, root):
    assert i18n.main(ctx, ["expat_kpi"]) == 0
    assert not (root / "expat_kpi_dashboard" / "i18n").exists()


def test_an_unknown_addon_is_named(ctx):
    with pytest.raises(Problem, match="There is no addon crm here"):
        i18n.main(ctx, ["crm"])
