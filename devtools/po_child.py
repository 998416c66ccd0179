"""Write an addon's translation files from an exported template; run by devtools/i18n.py.

Needs polib, so it runs in the environment of Odoo's libraries. The same terms give the same bytes:
no dates, entries in the order of their terms, each with its sources in order. The names of demo
data are no terms of an addon.
"""

import ast
import json
import sys
import xml.etree.ElementTree as etree
from pathlib import Path

import polib

METADATA = {
    "Project-Id-Version": "Odoo Server 19.0",
    "Report-Msgid-Bugs-To": "",
    "Last-Translator": "",
    "Language-Team": "",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
}
# A language that is not here has English plurals.
PLURALS = {"zh_CN": "nplurals=1; plural=0;"}


def template(exported, without=()):
    """A template with the terms of ``exported``, a polib file.

    :param without: full XML ids of records whose terms are left out
    """
    made = _empty()
    for entry in sorted(exported, key=lambda entry: entry.msgid):
        places = {
            (place, line)
            for place, line in entry.occurrences
            if place.rpartition(":")[2] not in without
        }
        if places:
            made.append(
                polib.POEntry(msgid=entry.msgid, comment=entry.comment, occurrences=sorted(places))
            )
    return made


def demo_records(folder):
    """Full XML ids of the demo data of the addon in ``folder``."""
    manifest = ast.literal_eval((folder / "__manifest__.py").read_text(encoding="utf-8"))
    found = set()
    for name in manifest.get("demo", []):
        for node in etree.parse(folder / name).iter("record"):
            identifier = node.get("id", "")
            found.add(identifier if "." in identifier else f"{folder.name}.{identifier}")
    return found


def translation(terms, language, known):
    """The translation file of a language: the template ``terms`` with what is ``known``.

    :param known: translations by term; what is not needed any more is left out
    """
    made = _empty()
    by_words = {_words(term): text for term, text in known.items()}
    made.metadata["Language"] = language
    made.metadata["Plural-Forms"] = PLURALS.get(language, "nplurals=2; plural=(n != 1);")
    for entry in terms:
        made.append(
            polib.POEntry(
                msgid=entry.msgid,
                # A view that is indented anew breaks the lines of its sentences elsewhere.
                msgstr=known.get(entry.msgid) or by_words.get(_words(entry.msgid), ""),
                comment=entry.comment,
                occurrences=entry.occurrences,
            )
        )
    return made


def _words(term):
    return " ".join(term.split())


def translations(path):
    """{term: translation} of a file, without those that are empty, doubtful or obsolete."""
    if not path.exists():
        return {}
    return {
        entry.msgid: entry.msgstr
        for entry in polib.pofile(str(path))
        if entry.msgstr and not entry.fuzzy and not entry.obsolete
    }


def _empty():
    made = polib.POFile()
    made.header = "Written by ./dev i18n, which keeps the translations and nothing else."
    made.metadata = dict(METADATA)
    return made


def write(root, exported, languages, addons):
    """Write all files. What each has, for devtools.i18n.sentence."""
    told = []
    for addon in addons:
        folder = root / addon / "i18n"
        folder.mkdir(exist_ok=True)
        terms = template(
            polib.pofile((exported / f"{addon}.pot").read_text(encoding="utf-8")),
            without=demo_records(root / addon),
        )
        _save(terms, folder / f"{addon}.pot")
        for language in languages:
            path = folder / f"{language}.po"
            own = translations(path)
            # The same words in another addon are most likely meant the same.
            known = {**_of_others(root, addon, language), **own}
            made = translation(terms, language, known)
            _save(made, path)
            told.append(
                {
                    "path": str(path.relative_to(root)),
                    "terms": len(made),
                    "untranslated": len(made.untranslated_entries()),
                    "removed": len(
                        {_words(term) for term in own} - {_words(entry.msgid) for entry in made}
                    ),
                }
            )
    return told


def _of_others(root, addon, language):
    known = {}
    for path in sorted(root.glob(f"*/i18n/{language}.po")):
        if path.parent.parent.name != addon:
            known.update(translations(path))
    return known


def _save(file, path):
    path.write_text(str(file), encoding="utf-8")


if __name__ == "__main__":
    root, exported, languages, *addons = sys.argv[1:]
    print(json.dumps(write(Path(root), Path(exported), languages.split(","), addons)))
