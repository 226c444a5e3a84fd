import uuid

import argilla as rg
import pytest

from helpers.annotation import (
    NotPermittedError,
    SimulatedAnnotator,
    create_dataset,
    label_question,
    log_records,
    text_classification_settings,
)
from helpers.errors import ValuesError
from helpers.weak_supervision import (
    Rule,
    WeakLabels,
    add_rules,
    delete_rules,
    labeling_function,
    load_rules,
    push_matches,
    update_rules,
)
from helpers.weak_supervision.errors import (
    DuplicatedRuleNameError,
    EmptyTextError,
    MissingFieldError,
    MissingIdsError,
    MissingLabelError,
    NoRecordsFoundError,
    NoRulesFoundError,
    RuleNotFoundError,
    RuleStorageError,
)

LABELS = ["World", "Sports", "Business"]
TEXTS = ["Playing the final game", "The game of money", "War over money", "A quiet day", "GAME OVER"]
PLAY, MONEY, WAR = (
    Rule("play* | game", "Sports", name="play"),
    Rule("money", "Business"),
    Rule("war", "World"),
)


@pytest.fixture
def dataset(client) -> rg.Dataset:
    settings = text_classification_settings(client, LABELS)
    dataset = create_dataset(client, f"rules-{uuid.uuid4().hex[:8]}", settings)
    log_records(
        dataset,
        [
            rg.Record(id=f"n{i}", fields={"text": text}, metadata={"split": "test" if i < 4 else "train"})
            for i, text in enumerate(TEXTS)
        ],
    )
    return dataset


@pytest.fixture
def annotator(client, dataset):
    return SimulatedAnnotator(
        client, label_question(dataset), {"n0": "Sports", "n1": "Business", "n3": "World"}
    )


@pytest.fixture
def read_only(client, dataset) -> rg.Dataset:
    """The dataset as an annotator sees it, who may not write to it."""
    new = {
        "username": uuid.uuid4().hex,
        "first_name": "Ann",
        "role": "annotator",
        "password": uuid.uuid4().hex,
    }
    user = client.http_client.post("/api/v1/users", json=new).raise_for_status().json()
    client.http_client.post(f"/api/v1/workspaces/{dataset.workspace.id}/users", json={"user_id": user["id"]})
    other = rg.Argilla(api_url=client.api_url, api_key=user["api_key"])
    rg.Argilla._set_default(client)
    return other.datasets(dataset.name)


def metadata(dataset: rg.Dataset) -> dict:
    return dataset._client.http_client.get(f"/api/v1/datasets/{dataset.id}").json()["metadata"]


def set_metadata(dataset: rg.Dataset, value: dict) -> None:
    url = f"/api/v1/datasets/{dataset.id}"
    dataset._client.http_client.patch(url, json={"metadata": value}).raise_for_status()


def fired(dataset: rg.Dataset) -> dict[str, list[str]]:
    return {record.id: record.metadata.get("rules", []) for record in dataset.records()}


# rules in the dataset's metadata


def test_rules_are_kept_with_the_dataset(dataset, client):
    assert load_rules(dataset) == []
    add_rules(dataset, [PLAY, MONEY])
    add_rules(dataset, [WAR])
    elsewhere = client.datasets(dataset.name)
    assert load_rules(elsewhere) == [PLAY, MONEY, WAR]


def test_rules_are_updated_and_deleted_by_name(dataset):
    add_rules(dataset, [PLAY, MONEY, WAR])
    better = Rule("play* | game | cup", "Sports", name="play")
    update_rules(dataset, [better])
    delete_rules(dataset, ["money"])
    assert load_rules(dataset) == [better, WAR]
    delete_rules(dataset, [better, WAR])
    assert load_rules(dataset) == []


def test_other_metadata_stays(dataset):
    set_metadata(dataset, {"owner": "the news desk"})
    add_rules(dataset, [PLAY])
    update_rules(dataset, [Rule("cup", "Sports", name="play")])
    delete_rules(dataset, ["play"])
    assert metadata(dataset)["owner"] == "the news desk"


def test_rules_survive_changes_of_the_settings(dataset):
    add_rules(dataset, [PLAY])
    dataset.settings.guidelines = "Choose one."
    dataset.settings.update()
    assert load_rules(dataset) == [PLAY]


def test_adding_the_same_rules_again_changes_nothing(dataset):
    add_rules(dataset, [PLAY, MONEY])
    add_rules(dataset, [PLAY, MONEY])
    assert load_rules(dataset) == [PLAY, MONEY]


def test_another_rule_of_the_same_name_is_refused(dataset):
    add_rules(dataset, [MONEY])
    with pytest.raises(DuplicatedRuleNameError, match=r"'money'.*update_rules"):
        add_rules(dataset, [WAR, Rule("cash", "Business", name="money")])
    with pytest.raises(DuplicatedRuleNameError, match="'war'"):
        add_rules(dataset, [WAR, Rule("conflict", "World", name="war")])
    assert load_rules(dataset) == [MONEY]


def test_unknown_rules_are_named_and_nothing_changes(dataset):
    add_rules(dataset, [MONEY])
    with pytest.raises(RuleNotFoundError, match="'war'"):
        update_rules(dataset, [Rule("cash", "Business", name="money"), WAR])
    with pytest.raises(RuleNotFoundError, match="'war'"):
        delete_rules(dataset, ["money", "war"])
    assert load_rules(dataset) == [MONEY]


def test_a_label_that_the_question_does_not_offer(dataset):
    with pytest.raises(MissingLabelError, match="'Weather'"):
        add_rules(dataset, [Rule("rain", "Weather")])


def test_functions_cannot_be_kept(dataset):
    with pytest.raises(RuleStorageError, match="'short' is a Python function"):
        add_rules(dataset, [labeling_function(name="short")(lambda text: None)])


def test_rules_of_a_later_format(dataset):
    set_metadata(dataset, {"weak_supervision": {"version": 2, "rules": []}})
    with pytest.raises(RuleStorageError, match="format 2"):
        load_rules(dataset)


def test_a_key_that_may_not_write(dataset, read_only):
    add_rules(dataset, [PLAY])
    assert load_rules(read_only) == [PLAY]
    username = read_only._client.me.username
    for refused in (
        lambda: add_rules(read_only, [MONEY]),
        lambda: update_rules(read_only, [PLAY]),
        lambda: delete_rules(read_only, [PLAY]),
        lambda: push_matches(read_only),
    ):
        with pytest.raises(NotPermittedError, match=username):
            refused()


# weak labels of a dataset


def test_rules_match_in_the_server_what_they_match_in_plain_texts(dataset):
    on_server = WeakLabels.from_dataset(dataset, [PLAY, MONEY, WAR])
    on_texts = WeakLabels([PLAY, MONEY, WAR], on_server.texts, labels=LABELS)
    assert on_server.matrix.tolist() == on_texts.matrix.tolist()
    assert sorted(on_server.texts) == sorted(TEXTS)
    assert on_server.labels == tuple(LABELS)


def test_gold_is_what_annotators_submitted(dataset, annotator):
    add_rules(dataset, [PLAY, MONEY])
    annotator.annotate(record for record in dataset.records() if record.id in annotator.gold)
    weak_labels = WeakLabels.from_dataset(dataset)
    gold = dict(zip(weak_labels.ids, weak_labels.gold.tolist(), strict=True))
    assert gold == {"n0": 1, "n1": 2, "n2": -1, "n3": 0, "n4": -1}
    assert weak_labels.summary().loc["total", ["correct", "incorrect"]].tolist() == [2, 1]


def test_annotators_who_disagree_leave_no_gold(dataset, annotator, client):
    record = next(each for each in dataset.records() if each.id == "n0")
    annotator.annotate([record])
    client.http_client.post(
        f"/api/v1/records/{record._server_id}/responses",
        json={"values": {"label": {"value": "World"}}, "status": "submitted"},
    ).raise_for_status()
    assert (WeakLabels.from_dataset(dataset, [PLAY]).gold == -1).all()


def test_a_dataset_can_be_filtered(dataset):
    weak_labels = WeakLabels.from_dataset(dataset, [PLAY], where=("metadata.split", "==", "train"))
    assert (weak_labels.ids, weak_labels.matrix.tolist()) == (("n4",), [[1]])


def test_a_dataset_without_rules(dataset):
    with pytest.raises(NoRulesFoundError, match=dataset.name):
        WeakLabels.from_dataset(dataset)


def test_a_dataset_without_records(client):
    empty = create_dataset(
        client,
        f"empty-{uuid.uuid4().hex[:8]}",
        text_classification_settings(client, LABELS),
    )
    with pytest.raises(NoRecordsFoundError):
        WeakLabels.from_dataset(empty, [PLAY])


def test_a_dataset_without_the_field(dataset):
    with pytest.raises(MissingFieldError, match="'body'"):
        WeakLabels.from_dataset(dataset, [PLAY], field="body")


# matches in the records' metadata


def test_matches_are_written_and_can_be_filtered_by(dataset, annotator):
    annotator.annotate(record for record in dataset.records() if record.id in annotator.gold)
    add_rules(dataset, [PLAY, MONEY])
    assert push_matches(dataset) == 4
    assert fired(dataset) == {
        "n0": ["play"],
        "n1": ["play", "money"],
        "n2": ["money"],
        "n3": [],
        "n4": ["play"],
    }
    found = dataset.records(query=rg.Query(filter=("metadata.rules", "==", "money")))
    assert {record.id for record in found} == {"n1", "n2"}
    record = next(each for each in dataset.records() if each.id == "n0")
    assert record.metadata["split"] == "test"
    assert [each.value for each in record.responses["label"]] == ["Sports"]


def test_matches_of_rules_that_fire_no_more_are_taken_away(dataset):
    push_matches(dataset, [PLAY, MONEY, WAR])
    assert push_matches(dataset, [PLAY, MONEY, WAR]) == 0
    assert push_matches(dataset, [Rule("playing", "Sports", name="play"), MONEY]) == 3
    assert fired(dataset) == {"n0": ["play"], "n1": ["money"], "n2": ["money"], "n3": [], "n4": []}


def test_the_property_is_made_where_it_is_missing(client):
    settings = rg.Settings(fields=[rg.TextField("text")], questions=[rg.LabelQuestion("label", LABELS)])
    bare = create_dataset(client, f"bare-{uuid.uuid4().hex[:8]}", settings)
    log_records(bare, [rg.Record(id="0", fields={"text": "money"})])
    push_matches(bare, WeakLabels.from_dataset(bare, [MONEY]))
    assert [each.name for each in bare.settings.metadata] == ["rules"]
    assert fired(bare) == {"0": ["money"]}


def test_matches_of_plain_texts_need_ids(dataset):
    with pytest.raises(MissingIdsError, match="ids="):
        push_matches(dataset, WeakLabels([PLAY], TEXTS))
    assert push_matches(dataset, WeakLabels([WAR], TEXTS, ids=[f"n{i}" for i in range(5)])) == 1


def test_rules_on_chats_and_on_optional_fields(client):
    settings = rg.Settings(
        fields=[
            rg.TextField("text"),
            rg.TextField("note", required=False),
            rg.ChatField("chat", required=False),
        ],
        questions=[rg.LabelQuestion("label", labels=LABELS)],
    )
    dataset = create_dataset(client, f"rules-{uuid.uuid4().hex[:8]}", settings)
    chat = [{"role": "user", "content": "the game"}, {"role": "assistant", "content": "was lost"}]
    log_records(
        dataset,
        [
            rg.Record(id="a", fields={"text": "one", "note": "a game", "chat": chat}),
            rg.Record(id="b", fields={"text": "a game", "chat": chat[1:]}),
        ],
    )

    @labeling_function
    def lines(text):
        return "Sports" if "\n" in text else None

    weak_labels = WeakLabels.from_dataset(dataset, [PLAY, Rule("*", "World"), lines], field="chat")
    votes = dict(zip(weak_labels.ids, weak_labels.matrix.tolist(), strict=True))
    assert votes == {"a": [1, 0, 1], "b": [1, 0, -1]}
    with pytest.raises(EmptyTextError, match="record 'b'"):
        WeakLabels.from_dataset(dataset, [PLAY], field="note")


def test_one_rule_or_name_is_no_list(dataset):
    add_rules(dataset, [Rule("game", "Sports", name="p"), Rule("money", "Business", name="w")])
    for use in (lambda: delete_rules(dataset, "pw"), lambda: add_rules(dataset, Rule("war", "World"))):
        with pytest.raises(ValuesError, match="Give a list"):
            use()
    assert [rule.name for rule in load_rules(dataset)] == ["p", "w"]


def test_an_empty_name_is_none():
    assert Rule("war", "World", name="").name == "war"


def test_matches_of_other_records_are_refused(dataset):
    with pytest.raises(MissingIdsError, match="such as 'elsewhere'"):
        push_matches(dataset, WeakLabels([PLAY], ["a game"], ids=["elsewhere"]))
