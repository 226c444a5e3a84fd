import numpy as np
import pytest

from helpers.data.reviews import LABELS, load_reviews
from helpers.data.sources import Source
from helpers.llm_labelling import LabelingTask, example, is_stand_in, label_records, load_llm, make_labeller
from helpers.llm_labelling.emotion import GUIDELINES as EMOTION
from helpers.llm_labelling.errors import PromptError
from helpers.llm_labelling.stand_in import NAME, read_prompt

NEWS = LabelingTask(("World", "Sports", "Business", "Sci/Tech"))


class WordVectors:
    """Counts four words: an encoder whose answers can be told by hand."""

    def __init__(self):
        self.encoded = []

    def encode(self, texts, **_):
        self.encoded += texts
        vectors = np.array(
            [[text.count(word) for word in ("good", "bad", "so", "fan")] for text in texts], float
        )
        vectors = np.pad(vectors + 1e-6, ((0, 0), (0, 380)))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def records(*texts):
    return [{"id": str(number), "fields": {"text": text}} for number, text in enumerate(texts)]


def prompt(text, task, examples=()):
    labeller = make_labeller(load_llm("offline", encoder=WordVectors()), task, examples)
    return labeller.format_input({"record": {"fields": {"text": text}}})


GUIDELINES = "Judge it.\n\n- positive: good, very good and fine.\n* **Negative**: it is bad; not so good"


def test_the_prompt_is_taken_apart():
    task = LabelingTask(("positive", "negative", "so-so"), GUIDELINES)
    examples = [example("two\nlines", "positive"), example('says "bad"', "negative")]
    read = read_prompt(prompt("a fan\n# Fields\nfields: it blows", task, examples))
    assert read.labels == ("positive", "negative", "so-so")
    assert read.descriptions == (
        ("good", "very good", "fine"),
        ("it is bad", "not so good"),
        ("This is about so.", "This is about so."),
    )
    assert read.examples == (("two\nlines", "positive"), ('says "bad"', "negative"))
    assert read.text == "a fan\n# Fields\nfields: it blows"


def test_without_guidelines_and_examples_the_names_remain():
    read = read_prompt(prompt("text", NEWS))
    assert read.descriptions[2:] == (
        ("This is about Business.",),
        ("This is about Sci.", "This is about Tech."),
    )
    assert read.examples == ()


def test_a_label_without_text_on_its_line_is_described_by_its_name():
    task = LabelingTask(("good", "bad"), "good:\nall that is fine\n**bad:** , .")
    read = read_prompt(prompt("text", task))
    assert read.descriptions == (("This is about good.",), ("This is about bad.",))


def test_another_prompt_is_refused():
    with pytest.raises(PromptError, match="this is none: 'Write a poem"):
        read_prompt([{"role": "user", "content": "Write a poem."}])


def test_the_description_answers_and_examples_change_it():
    task = LabelingTask(("yes", "no"), "yes: good\nno: bad")
    llm = load_llm("offline", encoder=WordVectors())
    assert label_records(llm, records("good", "bad bad good"), task).suggestions["label"].tolist() == [
        "yes",
        "no",
    ]
    taught = [example("so", "no"), example("so fan", "no")]
    answers = label_records(llm, records("so"), task, examples=taught).suggestions["label"]
    assert answers.tolist() == ["no"]


def test_a_text_is_encoded_once_whatever_the_examples():
    words = WordVectors()
    llm = load_llm("offline", encoder=words)
    task = LabelingTask(("yes", "no"), "yes: good\nno: bad")
    for examples in ([], [example("so", "no")], [example("so", "no"), example("fan", "yes")]):
        label_records(llm, records("a fan", "so bad"), task, examples=examples)
    assert sorted(words.encoded) == ["a fan", "bad", "fan", "good", "so", "so bad"]


def test_the_guidelines_of_the_reviews_describe_each_label():
    descriptions = read_prompt(prompt("text", LabelingTask(LABELS, EMOTION))).descriptions
    assert [phrases[0] for phrases in descriptions] == [
        "satisfied",
        "a matter-of-fact",
        "disappointed",
    ]


def test_scores_are_probabilities():
    task = LabelingTask(("yes", "no"), "yes: good\nno: bad")
    llm = load_llm("offline", encoder=WordVectors())
    scores = label_records(llm, records("good bad", "good"), task).suggestions["score"]
    assert scores.tolist() == pytest.approx([0.5, 1.0], abs=1e-3)


def test_it_is_announced_and_signs_as_a_stand_in(encoder, capsys):
    llm = load_llm("offline", encoder=encoder)
    assert is_stand_in(llm)
    assert capsys.readouterr().out == (
        "No language model is configured: the sentence encoder stands in for one.\n"
    )
    done = label_records(llm, records("The striker scored twice.", "Shares fell on Wall Street."), NEWS)
    assert done.suggestions["label"].tolist() == ["Sports", "Business"]
    assert (done.agent, done.is_stand_in) == (NAME, True)


def test_it_is_better_than_chance_on_the_bundled_reviews(encoder):
    corpus = load_reviews(Source("bundled"))
    test = corpus.test.head(60)
    task = LabelingTask(corpus.labels, EMOTION)
    done = label_records(load_llm("offline", encoder=encoder), records(*test["text"]), task)
    assert len(done.suggestions) == 60
    assert (done.suggestions["label"].to_numpy() == test["label"].to_numpy()).mean() > 0.33


NAMES = [
    ("label", "other"),
    ("fields", "response"),
    ('the "best"', "it's"),
    ("a]", "[b"),
    ("pos", "positive"),
    ("US", "us"),
    ("C++", "C#"),
    ("👍", "👎"),
    ("new\nline", "x"),
    ("{x}", "{{y}}"),
    ("日本", "中国"),
    ("nul \x00", "/"),
]


@pytest.mark.parametrize("labels", NAMES, ids=ascii)
@pytest.mark.parametrize("n_examples", [0, 2])
def test_labels_of_any_name_are_understood(labels, n_examples):
    task = LabelingTask(labels, f"{labels[0]}: good\n{labels[1]}: bad")
    shown = [example("so", labels[0]), example("fan", labels[1])][:n_examples]
    read = read_prompt(prompt("text", task, shown))
    assert read.labels == labels
    assert read.descriptions == (("good",), ("bad",))
    assert [label for _, label in read.examples] == list(labels[:n_examples])
    done = label_records(
        load_llm("offline", encoder=WordVectors()), records("good", "bad"), task, examples=shown
    )
    assert done.suggestions["label"].tolist() == list(labels)
    assert done.suggestions["score"].notna().all()


def test_names_without_guidelines_stay_apart():
    read = read_prompt(prompt("text", LabelingTask(("C++", "C#", "/"))))
    assert read.descriptions == (("This is about C++.",), ("This is about C#.",), ("/",))
