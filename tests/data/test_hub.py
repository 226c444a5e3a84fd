import io
from collections.abc import Iterator
from typing import Any

import datasets
import httpx
import hub_server
import pandas as pd
import pytest
from hub_server import online

from helpers.data.ag_news import LABELS
from helpers.data.encoder import load_encoder, packaged_model
from helpers.data.errors import HubLoadError, HubPushError, MissingColumnError, UnknownLabelError
from helpers.data.hub import from_argilla_v1, load_prepared_news, push_to_hub
from helpers.data.sources import Source


@pytest.fixture
def hub() -> Iterator[Any]:
    with hub_server.serve() as server:
        yield server


def parquet(rows: list[dict[str, Any]], features: datasets.Features | None = None) -> bytes:
    buffer = io.BytesIO()
    datasets.Dataset.from_list(rows, features=features).to_parquet(buffer)
    return buffer.getvalue()


def record(number: int, **values: Any) -> dict[str, Any]:
    """A record with all columns that Argilla 1.29 exports."""
    return {
        "text": f"text {number}",
        "inputs": {"text": f"text {number}"},
        "prediction": None,
        "prediction_agent": None,
        "annotation": None,
        "annotation_agent": None,
        "multi_label": False,
        "explanation": None,
        "id": f"record-{number}",
        "metadata": {"split": "unlabelled"},
        "status": "Default",
        "event_timestamp": None,
        "metrics": {"text_length": 6},
    } | values


def scores(**by_label: float) -> list[dict[str, Any]]:
    return [{"label": label.replace("_", "/"), "score": score} for label, score in by_label.items()]


TRAIN = [
    record(1, prediction=scores(World=0.1, Sports=0.2, Business=0.6, Sci_Tech=0.1), prediction_agent="None"),
    record(2, prediction=scores(Sports=1.0), text=None),
    record(3),
]
TEST = [record(4, annotation="Sci/Tech", status="Validated"), record(5)]


def test_argilla_1_columns_are_mapped():
    frame = from_argilla_v1(datasets.Dataset.from_list(TRAIN + TEST))
    assert frame.index.tolist() == ["record-1", "record-2", "record-3", "record-4", "record-5"]
    assert frame["text"].tolist() == ["text 1", "text 2", "text 3", "text 4", "text 5"]
    assert frame["prediction"].dropna().to_dict() == {"record-1": "Business", "record-2": "Sports"}
    assert frame["score"].dropna().to_dict() == {"record-1": 0.6, "record-2": 1.0}
    assert frame["annotation"].dropna().to_dict() == {"record-4": "Sci/Tech"}


def test_an_empty_text_without_inputs_stays_empty():
    rows = [record(1), record(2, text="")]
    frame = from_argilla_v1(datasets.Dataset.from_list(rows).remove_columns("inputs"))
    assert frame["text"].tolist() == ["text 1", ""]


@pytest.mark.parametrize("column", ["id", "prediction", "annotation"])
def test_another_format_is_named(column):
    dataset = datasets.Dataset.from_list(TRAIN).remove_columns(column)
    with pytest.raises(MissingColumnError, match=f"no column '{column}'.*not a text classification dataset"):
        from_argilla_v1(dataset)


def test_a_format_without_text_is_named():
    dataset = datasets.Dataset.from_list(TRAIN).remove_columns(["text", "inputs"])
    with pytest.raises(MissingColumnError, match="no column 'text'"):
        from_argilla_v1(dataset, "argilla/news")


def test_without_the_hub_both_are_skipped_with_a_sentence(capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "x")
    frame = pd.DataFrame({"text": ["a"]})
    assert load_prepared_news(Source("bundled")) is None
    assert push_to_hub(frame, "news", Source("bundled")) is None
    assert push_to_hub(frame, "", Source("hub", hub_reachable=True)) is None
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    assert push_to_hub(frame, "news", Source("hub", hub_reachable=True)) is None
    assert capsys.readouterr().out.splitlines() == [
        "Skipped: argilla/news and argilla/news_test are on the Hub, which is out of reach.",
        "Not pushed to the Hub: it is out of reach.",
        "Not pushed to the Hub: no name of a dataset is given.",
        "Not pushed to the Hub: there is no token. Set HF_TOKEN to one with write access.",
    ]


@pytest.mark.parametrize("error", [OSError("no route"), httpx.ConnectError("no route")])
def test_a_hub_that_is_gone_when_it_is_pushed_to_is_named(monkeypatch, error):
    def gone() -> None:
        raise error

    monkeypatch.setattr("huggingface_hub.get_token", lambda: "x")
    monkeypatch.setattr("huggingface_hub.whoami", gone)
    with pytest.raises(HubPushError, match="did not accept 'news': no route"):
        push_to_hub(pd.DataFrame({"text": ["a"]}), "news", Source("hub", hub_reachable=True))


@pytest.mark.parametrize("error", [OSError("no route"), httpx.ConnectError("no route")])
def test_a_hub_that_is_gone_when_it_is_loaded_from_is_named(monkeypatch, error):
    def gone(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("datasets.load_dataset", gone)
    monkeypatch.setattr("sentence_transformers.SentenceTransformer", gone)
    with pytest.raises(HubLoadError, match=r"did not deliver 'argilla/news' \(train\): no route"):
        load_prepared_news(Source("hub", hub_reachable=True))
    with pytest.raises(HubLoadError, match=r"did not deliver 'sentence-transformers/.*: no route"):
        load_encoder(Source("hub", hub_reachable=True))


def test_labels_outside_the_schema_are_named(monkeypatch):
    rows = {"argilla/news": TRAIN, "argilla/news_test": [record(6, annotation="Weather")]}
    monkeypatch.setattr(
        "helpers.data.hub.load_from_hub", lambda name, _: datasets.Dataset.from_list(rows[name])
    )
    with pytest.raises(UnknownLabelError, match=r"argilla/news_test has labels .*\['Weather'\]"):
        load_prepared_news(Source("hub", hub_reachable=True))


def test_ag_news_loads_from_a_hub(hub, tmp_path):
    features = datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=list(LABELS)))
    rows = {
        "train": [{"text": "a", "label": 0}, {"text": "b", "label": 3}],
        "test": [{"text": "c", "label": 2}],
    }
    hub.datasets["fancyzhx/ag_news"] = {
        f"data/{split}-00000-of-00001.parquet": parquet(rows[split], features) for split in rows
    }
    printed, values = online(
        hub,
        tmp_path,
        "from helpers.data.ag_news import load_ag_news, load_ag_news_gold\n"
        "corpus = load_ag_news(source)\n"
        "tables = corpus.train.text, corpus.test.label, load_ag_news_gold(source)\n"
        "print(json.dumps([table.to_dict() for table in tables]))",
    )
    assert values == [
        {"train-0": "a", "train-1": "b"},
        {"test-0": "Business"},
        {"train-0": "World", "train-1": "Sci/Tech"},
    ]
    assert printed.splitlines() == [
        f"Data source: the Hugging Face Hub at {hub.url}, because DATA='hub' asks for it.",
        "Loaded AG News (fancyzhx/ag_news): 2 training texts without labels and 1 labeled test texts in 4"
        " topics.",
    ]


def test_conll2003_loads_from_the_revision_without_a_script(hub, tmp_path):
    names = [f"{prefix}-{label}" for label in ("PER", "ORG", "LOC", "MISC") for prefix in "BI"]
    features = datasets.Features(
        tokens=datasets.List(datasets.Value("string")),
        ner_tags=datasets.List(datasets.ClassLabel(names=["O", *names])),
    )
    rows = {
        "train": [{"tokens": ["Ann", "won"], "ner_tags": [1, 0]}],
        "validation": [{"tokens": ["Oslo"], "ner_tags": [5]}],
    }
    hub.datasets["eriktks/conll2003"] = {
        f"conll2003/{split}/0000.parquet": parquet(rows[split], features) for split in rows
    }
    printed, values = online(
        hub,
        tmp_path,
        "from helpers.data.conll2003 import load_conll2003, load_conll2003_gold\n"
        "corpus = load_conll2003(source)\n"
        "splits = corpus.train, corpus.validation, load_conll2003_gold(source)\n"
        "print(json.dumps([[(d.text, [e.label_ for e in d.ents]) for d in docs] for docs in splits]))",
    )
    assert values == [[["Ann won", []]], [["Oslo", ["LOC"]]], [["Ann won", ["PER"]]]]
    assert "Loaded CoNLL-2003 (eriktks/conll2003): 1 training sentences" in printed
    assert any("/revision/refs/convert/parquet" in request for request in hub.requests)


def test_the_encoder_loads_from_a_hub(hub, tmp_path):
    folder = packaged_model()
    hub.models["sentence-transformers/all-MiniLM-L6-v2"] = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    printed, same = online(
        hub,
        tmp_path,
        "import numpy\n"
        "from helpers.data.encoder import encode, load_encoder\n"
        "from helpers.data.sources import Source\n"
        "vectors = [encode(load_encoder(s), ['one text']) for s in (source, Source('bundled'))]\n"
        "print(json.dumps(bool(numpy.allclose(*vectors, atol=1e-6))))",
    )
    assert same
    assert "Encoder: sentence-transformers/all-MiniLM-L6-v2 from the Hugging Face Hub." in printed


def test_a_dataset_that_the_hub_lacks_is_named(hub, tmp_path):
    _, message = online(
        hub,
        tmp_path,
        "from helpers.data.ag_news import load_ag_news\n"
        "from helpers.data.errors import HubLoadError\n"
        "try:\n    load_ag_news(source)\n"
        "except HubLoadError as error:\n    print(json.dumps(str(error)))",
    )
    assert message.startswith("The Hub did not deliver 'fancyzhx/ag_news' (train)")


def test_the_prepared_news_load_and_a_result_is_pushed(hub, tmp_path):
    hub.datasets["argilla/news"] = {"data/train-00000-of-00001.parquet": parquet(TRAIN)}
    hub.datasets["argilla/news_test"] = {"data/train-00000-of-00001.parquet": parquet(TEST)}
    printed, values = online(
        hub,
        tmp_path,
        "from helpers.data.hub import load_prepared_news, push_to_hub\n"
        "news = load_prepared_news(source)\n"
        "address = push_to_hub(news.train, 'news-weak', source)\n"
        "print(json.dumps([news.train.to_dict('split'), news.test.to_dict('split'), address]))",
        token=hub_server.TOKEN,
    )
    train, test, address = values
    assert train["columns"] == ["text", "label", "score"]
    assert train["data"] == [["text 1", "Business", 0.6], ["text 2", "Sports", 1.0]]
    assert test == {"index": ["record-4"], "columns": ["text", "label"], "data": [["text 4", "Sci/Tech"]]}
    assert "Loaded 2 texts of argilla/news and 1 of argilla/news_test." in printed
    assert address == f"{hub.url}/datasets/tester/news-weak"
    pushed = pd.read_parquet(
        io.BytesIO(hub.datasets["tester/news-weak"]["data/train-00000-of-00001.parquet"])
    )
    assert pushed.to_dict("list") == {
        "id": ["record-1", "record-2"],
        "text": ["text 1", "text 2"],
        "label": ["Business", "Sports"],
        "score": [0.6, 1.0],
    }


def test_a_token_that_may_not_write_is_named(hub, tmp_path):
    _, message = online(
        hub,
        tmp_path,
        "import pandas\n"
        "from helpers.data.errors import HubPushError\nfrom helpers.data.hub import push_to_hub\n"
        "try:\n    push_to_hub(pandas.DataFrame({'text': ['a']}), 'news-weak', source)\n"
        "except HubPushError as error:\n    print(json.dumps(str(error)))",
        token="hf_another",
    )
    assert message.startswith("The Hub did not accept 'news-weak'")
    assert "Has the token in HF_TOKEN write access there?" in message
    assert hub.datasets == {}


def test_reviews_with_and_without_gold_load_from_a_hub(hub, tmp_path):
    rows = [{"text": "loud", "label": "negative"}, {"text": "a fan", "label": "neutral"}]
    script = (
        "from helpers.data.errors import NoGoldError\n"
        "from helpers.data.reviews import load_reviews, load_reviews_gold\n"
        "corpus = load_reviews(source)\n"
        "try:\n    gold = load_reviews_gold(source).to_dict()\n"
        "except NoGoldError as error:\n    gold = str(error)\n"
        "print(json.dumps([corpus.train.to_dict(), corpus.test.to_dict(), gold]))"
    )
    file = "data/train-00000-of-00001.parquet"
    hub.datasets["argilla/pc-components-reviews"] = {file: parquet(rows)}
    printed, values = online(hub, tmp_path / "with", script)
    assert values == [
        {"text": {"train-1": "a fan"}},
        {"text": {"train-0": "loud"}, "label": {"train-0": "negative"}},
        {"train-1": "neutral"},
    ]
    assert printed.endswith("1 training texts without labels and 1 labeled test texts.")
    hub.datasets["argilla/pc-components-reviews"] = {file: parquet([{"text": row["text"]} for row in rows])}
    printed, (_, test, gold) = online(hub, tmp_path / "without", script)
    assert test == {"text": {"train-0": "loud"}}
    assert printed.endswith("1 training texts without labels and 1 test texts, also without labels.")
    assert gold.startswith("argilla/pc-components-reviews has no column 'label'")
    assert 'ANNOTATOR = "human"' in gold
