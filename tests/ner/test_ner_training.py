import numpy as np
import pytest
import spacy

from helpers.ner.errors import NoAnnotationError, OverlappingSpansError, TrainingError
from helpers.ner.training import predict, select, train

ORG = [(0, 1, "ORG")]


def test_as_many_blank_as_annotated(make_doc):
    docs = [make_doc(f"d{i} x", weak=ORG if i < 3 else []) for i in range(10)]
    chosen = select(docs, "weak", seed=0)
    assert [len(doc.ents) for doc in chosen] == [1, 1, 1, 0, 0, 0]
    assert all(doc.has_annotation("ENT_IOB") for doc in chosen)
    assert [doc.text for doc in select(docs, "weak", seed=1)] != [doc.text for doc in chosen]


def test_all_the_blank_ones_where_they_are_few(make_doc):
    docs = [make_doc("a b", weak=ORG), make_doc("c d", weak=ORG), make_doc("e f")]
    assert len(select(docs, "weak", seed=0)) == 3


def test_gold_is_not_read(make_doc):
    (copy,) = select([make_doc("a b", [(1, 2, "PER")], weak=ORG)], "weak", seed=0)
    assert [(ent.start, ent.label_) for ent in copy.ents] == [(0, "ORG")]


def test_nothing_to_train_on(make_doc):
    with pytest.raises(NoAnnotationError, match="'weak'"):
        select([make_doc("a")], "weak", seed=0)


def test_overlapping_spans_name_the_document(make_doc):
    docs = [make_doc("a b", weak=ORG), make_doc("a b", weak=[(0, 2, "ORG"), (1, 2, "PER")])]
    with pytest.raises(OverlappingSpansError, match="Document 1"):
        select(docs, "weak", seed=0)


def test_trains_on_the_command_line_and_predicts(make_doc, tmp_path):
    clubs = ["Torvane", "Briska", "Vilmar", "Cantaro"]
    docs = [make_doc(f"{club} won {i} games", weak=ORG) for i in range(5) for club in clubs]
    docs += [make_doc(f"it rained {i} hours") for i in range(20)]
    # What a configuration would take for its own syntax is a part of a path.
    odd = tmp_path / "a $b ${c.d} {e} %s 'f'"
    nlp = spacy.blank("en")
    nlp.vocab.set_vector("won", np.ones(4, dtype="f"))
    odd.mkdir()
    nlp.to_disk(odd / "word vectors")
    model = train(docs, "weak", odd / "model", vectors=odd / "word vectors", max_steps=40, seed=1)
    assert model.command[2:4] == ("spacy", "train")
    assert model.curve.columns.tolist() == ["step", "loss", "f1", "precision", "recall"]
    assert model.curve["step"].tolist() == [0, 40]
    test = make_doc("Torvane won 9 games", [(0, 1, "PER")])
    predict(model, [test], "model")
    assert [(span.text, span.label_) for span in test.spans["model"]] == [("Torvane", "ORG")]
    assert [ent.label_ for ent in test.ents] == ["PER"]


def test_no_steps_are_refused(make_doc, tmp_path):
    with pytest.raises(TrainingError, match="max_steps=0 would train nothing"):
        train([make_doc("a b", weak=ORG)], "weak", tmp_path / "model", max_steps=0)
    assert not (tmp_path / "model").exists()


def test_failure_shows_what_spacy_said(make_doc, tmp_path):
    with pytest.raises(TrainingError, match="no-such-vectors"):
        train(
            [make_doc("a b", weak=ORG)] * 2,
            "weak",
            tmp_path,
            vectors=tmp_path / "no-such-vectors",
            max_steps=1,
        )


def test_vectors_distilled_from_the_encoder(make_doc, tmp_path):
    from helpers.data.encoder import packaged_model
    from helpers.ner.vectors import DIMENSIONS, distill_vectors

    sentence_transformers = pytest.importorskip("sentence_transformers")
    encoder = sentence_transformers.SentenceTransformer(str(packaged_model()))
    docs = [make_doc("Oslo OSLO 42 film movie tractor")]
    vectors = spacy.load(distill_vectors(encoder, docs, tmp_path / "new" / "vectors")).vocab.vectors
    assert vectors.shape[0] == 4
    assert vectors.shape[1] <= DIMENSIONS
    assert {vectors.strings[key] for key in vectors} == {"Oslo", "OSLO", "film", "movie", "tractor"}
    assert (vectors[vectors.strings["Oslo"]] == vectors[vectors.strings["OSLO"]]).all()
    film, movie, tractor = (vectors[vectors.strings[word]] for word in ("film", "movie", "tractor"))
    assert film @ film == pytest.approx(1)
    assert film @ movie > film @ tractor


def test_one_document_cannot_be_trained_on_and_held_out(make_doc, tmp_path):
    with pytest.raises(TrainingError, match="one document to train on, 'a b '"):
        train([make_doc("a b", weak=ORG)], "weak", tmp_path / "model", max_steps=1)
