import sys

import spacy
from spacy.tokens import Doc

from helpers.ner.baseline import annotate_off_the_shelf


def test_without_the_model_a_sentence_says_how_to_install_it(capsys):
    doc = Doc(spacy.blank("en").vocab, words=["Oslo"])
    assert not annotate_off_the_shelf([doc], model="en_core_web_nothing")
    assert "spacy download" in capsys.readouterr().out
    assert "baseline" not in doc.spans


def test_labels_of_ontonotes_are_mapped_and_others_left_out(tmp_path, monkeypatch):
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "GPE", "pattern": "Oslo"},
            {"label": "PERSON", "pattern": "Ana"},
            {"label": "DATE", "pattern": "May"},
        ]
    )
    package = tmp_path / "en_core_web_tiny"
    package.mkdir()
    nlp.to_disk(package / "pipeline")
    (package / "__init__.py").write_text(
        "from pathlib import Path\n"
        "import spacy\n\n"
        "def load(**options):\n"
        "    return spacy.load(Path(__file__).parent / 'pipeline')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("spacy.util.is_package", lambda name: name == package.name)
    doc = Doc(spacy.blank("en").vocab, words=["Ana", "left", "Oslo", "in", "May"])
    assert annotate_off_the_shelf([doc], model=package.name)
    assert [(span.start, span.label_) for span in doc.spans["baseline"]] == [(0, "PER"), (2, "LOC")]
    sys.modules.pop(package.name)
