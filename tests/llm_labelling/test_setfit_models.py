import hub_server
import numpy as np
import pandas as pd
import pytest
import torch
from setfit import SetFitModel
from test_values import CONTAINERS

from helpers.data.sources import Source
from helpers.errors import ValuesError
from helpers.llm_labelling import ServedModel, ms_per_text, predict_labels, push_model, train_model
from helpers.llm_labelling.errors import SavedModelError, UnknownLabelError

SCHEMA = ("Sports", "Business")
TEXTS = pd.Series(["The striker scored in the final", "The bank raised its rates"], ["s", "b"])


@pytest.fixture(scope="module")
def model(encoder):
    return train_model(encoder, SCHEMA, ["A match won late", "Shares fell"], SCHEMA, steps=2)


def test_label_names_alone_make_a_model(encoder, capfd):
    before = [parameter.detach().clone() for parameter in encoder.parameters()]
    model = train_model(encoder, SCHEMA, steps=2)
    printed, drawn = capfd.readouterr()
    assert printed == ""
    assert all("Training SetFit" in line for line in drawn.splitlines() if line)  # Only where it takes long.
    assert predict_labels(model, TEXTS).to_dict() == {"s": "Sports", "b": "Business"}
    assert all((one == other).all() for one, other in zip(before, encoder.parameters(), strict=True))
    tuned = zip(encoder.parameters(), model.model_body.parameters(), strict=True)
    assert any((one != other).any() for one, other in tuned)


def test_texts_are_cut_for_tuning_only(encoder, model):
    assert model.model_body.max_seq_length == encoder.max_seq_length == 256


def test_examples_change_it(encoder):
    texts = ["Zorb won", "Zorb lost", "Zorb again", "Zorb fell", "Zorb rose"]
    for label in SCHEMA:
        model = train_model(encoder, SCHEMA, texts, [label] * 5, steps=2)
        assert model.predict(["Zorb"]) == [label]


def test_a_label_outside_the_schema_is_named(encoder):
    with pytest.raises(UnknownLabelError, match=r"'Weather' is not one of \['Sports', 'Business'\]"):
        train_model(encoder, SCHEMA, ["Rain"], ["Weather"], steps=2)


def test_a_saved_model_predicts_the_same_with_setfit_and_without(model, tmp_path):
    model.save_pretrained(tmp_path)
    expected = predict_labels(model, TEXTS).tolist()
    again = SetFitModel.from_pretrained(tmp_path)
    assert predict_labels(again, TEXTS).tolist() == expected
    scores = model.predict_proba(TEXTS.tolist(), as_numpy=True)
    assert again.predict_proba(TEXTS.tolist(), as_numpy=True) == pytest.approx(scores, abs=1e-6)
    assert ServedModel(tmp_path).predict(TEXTS.tolist()) == expected


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(SavedModelError, match=r"model_head\.pkl is missing: model\.save_pretrained"):
        ServedModel(tmp_path)


def test_latency_is_measured_text_by_text_on_one_core_which_is_undone():
    asked = []

    def predict(texts):
        asked.append((texts, torch.get_num_threads()))

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert ms_per_text(predict, ["a", "b"]) >= 0
        with pytest.raises(ZeroDivisionError):
            ms_per_text(lambda texts: 1 / 0, ["a"])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert asked == [(["a"], 1), (["a"], 1), (["b"], 1)]


def test_a_model_is_pushed_to_the_hub_whole(model, tmp_path):
    model.save_pretrained(tmp_path / "model")
    script = (
        "from setfit import SetFitModel\n"
        "from helpers.llm_labelling import push_model\n"
        f"model = SetFitModel.from_pretrained({str(tmp_path / 'model')!r})\n"
        "print(json.dumps(push_model(model, 'emotion', source)))"
    )
    with hub_server.serve() as hub:
        printed, address = hub_server.online(hub, tmp_path / "home", script, hub_server.TOKEN)
    assert address == f"{hub.url}/tester/emotion"
    assert f"Pushed the model to {address}" in printed
    for name, content in hub.models["tester/emotion"].items():
        path = tmp_path / "pulled" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    pulled = ServedModel(tmp_path / "pulled")
    assert pulled.predict(TEXTS.tolist()) == predict_labels(model, TEXTS).tolist()


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("", Source("hub", hub_reachable=True), "no name of a model is given."),
        ("mine", Source("bundled"), "it is out of reach."),
        ("mine", Source("hub", hub_reachable=True), "there is no token."),
    ],
)
def test_a_model_that_cannot_be_pushed_is_not(name, source, reason, model, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    assert push_model(model, name, source) is None
    assert capsys.readouterr().out.startswith(f"Not pushed to the Hub: {reason}")


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_texts_of_any_container_get_their_own_labels(model, tmp_path, container):
    texts = list(TEXTS)
    predicted = predict_labels(model, container(texts))
    assert predicted.tolist() == list(SCHEMA)
    shown = container(texts)
    if isinstance(shown, pd.Series):
        assert predicted.index.equals(shown.index)
    assert predict_labels(model, container([])).tolist() == []
    assert ms_per_text(lambda texts: None, container(texts)) >= 0


def test_half_a_character_in_a_text_is_read_as_an_unknown_one(model):
    assert len(predict_labels(model, ["half \ud83d", "half \ufffd"]).unique()) == 1


ODD = ('the "best"', "a/b\\c", "日本|中国", "{x} $y _z_", "<b>\n", "label", "x" * 300, "nul \x00!")


def test_labels_of_any_name_are_trained_saved_and_served(encoder, tmp_path):
    model = train_model(encoder, ODD, [f"text {n}" for n in range(8)], np.array(ODD), steps=2)
    folder = tmp_path / "'odd' {folder} 日本"
    model.save_pretrained(folder)
    assert set(model.model_head.classes_) == set(ODD)
    texts = [f"text {n}" for n in range(8)]
    assert ServedModel(folder).predict(texts) == predict_labels(model, texts).tolist()


def test_what_cannot_be_learned_from_is_named(encoder):
    with pytest.raises(UnknownLabelError, match="nan is not one of"):
        train_model(encoder, SCHEMA, ["Rain"], [np.nan], steps=2)
    with pytest.raises(ValuesError, match="hold None at position 0"):
        train_model(encoder, SCHEMA, [None], ["Sports"], steps=2)
    with pytest.raises(ValuesError, match="9 texts and 8 labels"):
        train_model(encoder, SCHEMA, ["Rain"], steps=2)
    with pytest.raises(ValuesError, match=r"kinds \['Sports'\]"):
        train_model(encoder, ["Sports"], steps=2)
    with pytest.raises(ValuesError, match="no text to measure"):
        ms_per_text(len, [])


def test_training_that_takes_long_shows_a_bar(encoder, monkeypatch, capfd):
    import tqdm.auto

    patient = tqdm.auto.tqdm
    at_once = {"delay": 0, "mininterval": 0}
    monkeypatch.setattr(tqdm.auto, "tqdm", lambda **options: patient(**options | at_once))
    train_model(encoder, SCHEMA, steps=2)
    assert "Training SetFit" in capfd.readouterr().err
