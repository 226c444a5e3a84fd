from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from helpers.llm_labelling import LabelingTask, label_records, load_llm

TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A causal model over bytes that knows nothing."""
    folder = tmp_path_factory.mktemp("tiny")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({each: number for number, each in enumerate([*alphabet, "<end>"])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=257, n_positions=2048, n_embd=8, n_layer=1, n_head=1, eos_token_id=256, bos_token_id=256
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def test_garbage_is_counted_and_the_run_completes(model, tmp_path):
    records = [{"id": f"r{number}", "fields": {"text": "fan " * number}} for number in range(5)]
    task = LabelingTask(("positive", "negative"))
    llm = load_llm(f"transformers:{model}", cache=tmp_path / "answers.db", concurrency=2)
    done = label_records(llm, records, task)
    assert (done.agent, done.is_stand_in, done.n_asked) == (str(model), False, 5)
    assert (len(done.suggestions), done.n_unparsable) == (0, 5)
    assert done.problems["problem"].tolist() == ["unparsable"] * 5
    again = load_llm(f"transformers:{model}", cache=tmp_path / "answers.db")
    done = label_records(again, records, task)
    assert (done.n_asked, done.n_cached, done.n_unparsable) == (0, 5, 5)
