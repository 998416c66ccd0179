"""Every term has its Chinese, in the words of the product, and the templates are up to date."""

import re
from collections import defaultdict
from pathlib import Path

import polib
import pytest

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

from devtools.po_child import demo_records

ROOT = Path(__file__).resolve().parent.parent
ADDONS = sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))
LANGUAGE = "zh_CN"

PLACEHOLDER = re.compile(
    r"%\(\w+\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]"  # %(name)s
    r"|%[#0\- +]*\d*(?:\.\d+)?[sdifgrx]"  # %s
    r"|%%"
    r"|\$\{[^}]*\}|\{\{[^}]*\}\}|\{\w*\}"  # ${x}, {{ x }}, {x}
)
TAG = re.compile(r"</?\w+[^>]*>")
# Attributes whose text is shown, and so translated.
SHOWN = re.compile(r"\b(title|placeholder|alt|aria-label)=\"[^\"]*\"")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# The same in both languages.
UNCHANGED = {"ID", "KPI", "&lt;!DOCTYPE html&gt;"}

# One term, one word. A word that is wrong for this product, and what excuses it.
LABELS = {
    "Actual": "实际值",
    "Cycle": "考核周期",
    "Daily Fact": "日数据",
    "Indicator": "指标",
    "KPI Plan": "绩效计划",
    "Measure": "取数规则",
    "No data": "暂无数据",
    "Posting": "派驻",
    "Region": "区域",
    "Host Country": "驻在国",
    "Stretch": "挑战值",
    "Target": "目标值",
    "Threshold": "底线值",
    "Weight": "权重",
    "Attainment": "达成率",
    "Behaviour": "行为",
    "Outcome": "成果",
    "Efficiency": "效率",
    "Draft": "草稿",
    "In Negotiation": "协商中",
    "Approved": "已生效",
    "Adjusted": "已调整",
    "Closed": "已结束",
    "Cancelled": "已取消",
    "Proposal": "修改提议",
    "Signature": "签署",
    "Override by HR": "人力资源裁定",
    "Deputy": "代理人",
    "Expat": "驻外员工",
    "Benchmark": "行业参考值",
    "Company Goal": "公司战略目标",
    "KPI Template": "指标模板",
    "Parallel Run": "并行试运行",
}
WRONG_WORDS = {
    "外派": ("境外派驻",),
    "措施": ("支持措施",),
    "循环": (),
    "重量": (),
    "基准测试": (),
}


def entries(addon, name):
    return polib.pofile(str(ROOT / addon / "i18n" / name), encoding="utf-8")


def pairs():
    for addon in ADDONS:
        for entry in entries(addon, f"{LANGUAGE}.po"):
            yield addon, entry


def needs_chinese(term):
    words = TAG.sub("", PLACEHOLDER.sub("", term))
    return bool(re.search(r"[A-Za-z]", words)) and words.strip() not in UNCHANGED


@pytest.mark.parametrize("addon", ADDONS)
def test_translation_has_the_terms_of_the_template(addon):
    terms = {entry.msgid for entry in entries(addon, f"{addon}.pot")}
    translated = entries(addon, f"{LANGUAGE}.po")
    assert {entry.msgid for entry in translated if not entry.obsolete} == terms
    assert not translated.obsolete_entries()
    assert not translated.fuzzy_entries()


def test_every_term_is_translated():
    missing = [
        f"{addon}: {entry.msgid}"
        for addon, entry in pairs()
        if needs_chinese(entry.msgid) and not CHINESE.search(entry.msgstr)
    ]
    assert not missing, f"{len(missing)} terms have no Chinese; translate them in i18n/zh_CN.po"


def test_placeholders_are_the_same():
    for addon, entry in pairs():
        if entry.msgstr:
            assert sorted(PLACEHOLDER.findall(entry.msgstr)) == sorted(
                PLACEHOLDER.findall(entry.msgid)
            ), f"{addon}: {entry.msgid}"


def tags(text):
    return sorted(SHOWN.sub(r"\1", tag) for tag in TAG.findall(text))


def test_tags_are_the_same():
    for addon, entry in pairs():
        if entry.msgstr:
            assert tags(entry.msgstr) == tags(entry.msgid), f"{addon}: {entry.msgid}"


def test_labels_are_the_words_of_the_product():
    for addon, entry in pairs():
        for term, word in LABELS.items():
            if entry.msgid.lower() == term.lower():
                assert entry.msgstr == word, f"{addon}: {entry.msgid}"


def test_no_wrong_word_is_used():
    for addon, entry in pairs():
        for word, excuses in WRONG_WORDS.items():
            rest = entry.msgstr
            for excuse in excuses:
                rest = rest.replace(excuse, "")
            assert word not in rest, f"{addon}: {entry.msgid}"


def test_a_term_is_the_same_in_all_addons():
    found = defaultdict(set)
    for _addon, entry in pairs():
        found[entry.msgid].add(entry.msgstr)
    assert not {term: texts for term, texts in found.items() if len(texts) > 1}


@tagged("post_install", "-at_install")
class TestTemplates(TransactionCase):
    def test_templates_are_up_to_date(self):
        """``./dev i18n`` would change nothing."""
        demo = {record for addon in ADDONS for record in demo_records(ROOT / addon)}
        fresh = defaultdict(set)
        for addon in ADDONS:
            # One by one, as they are exported: of a model that two of them extend, the name is
            # a term of both.
            for _addon, _type, _name, record, term, *_rest in TranslationModuleReader(
                self.env.cr, modules=[addon]
            ):
                if record not in demo:
                    fresh[addon].add(term)
        for addon in ADDONS:
            written = {entry.msgid for entry in entries(addon, f"{addon}.pot")}
            self.assertEqual(written, fresh[addon], f"Run ./dev i18n {addon}")

    def test_odoo_shows_the_translations(self):
        """The files are read by Odoo itself: each field has its Chinese name."""
        self.env["res.lang"]._activate_lang(LANGUAGE)
        self.env["ir.module.module"]._load_module_terms(ADDONS, [LANGUAGE], overwrite=True)
        self.env.invalidate_all()
        seen = 0
        for _addon, entry in pairs():
            for place, _line in entry.occurrences:
                match = re.fullmatch(r"model:ir\.model\.fields,field_description:(\S+)", place)
                if match and entry.msgstr:
                    field = self.env.ref(match[1]).with_context(lang=LANGUAGE)
                    self.assertEqual(field.field_description, entry.msgstr)
                    seen += 1
        self.assertGreater(seen, 50)
