import pytest

from helpers.llm_labelling import is_stand_in, load_llm
from helpers.llm_labelling.cache import AnswerCache
from helpers.llm_labelling.errors import LlmSettingError
from helpers.llm_labelling.quiet_distilabel import OpenAILLM, TransformersLLM


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "home" / "answers.db"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("HF_TOKEN", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("setting", "url", "key"),
    [
        ("openai:gpt", "https://api.openai.com/v1", "sk"),
        ("openai:org/model@http://localhost:8000/v1", "http://localhost:8000/v1", "sk"),
        ("hf:org/model", "https://router.huggingface.co/v1", "hf"),
        ("hf:tgi@https://own.example/v1", "https://own.example/v1", "hf"),
    ],
)
def test_endpoints(setting, url, key, cache, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf")
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    llm = load_llm(setting, cache=cache)
    assert isinstance(llm.llm, OpenAILLM)
    assert (llm.llm.base_url, llm.llm.api_key.get_secret_value()) == (url, key)
    assert llm.model_name == setting.partition(":")[2].partition("@")[0]
    assert llm.llm.max_retries == 0
    assert not is_stand_in(llm)


def test_a_server_of_your_own_needs_no_key_and_may_come_from_the_environment(cache, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:11434/v1")
    assert load_llm("openai:tiny", cache=cache).llm.base_url == "http://localhost:11434/v1"


def test_a_model_in_this_process_is_not_loaded_before_it_is_asked(cache, capsys):
    assert isinstance(load_llm("transformers:no/such", cache=cache).llm, TransformersLLM)
    assert capsys.readouterr().out == "Language model: no/such in this process.\n"


@pytest.mark.parametrize(("setting", "variable"), [("openai:gpt", "OPENAI_API_KEY"), ("hf:a/b", "HF_TOKEN")])
def test_a_missing_key_is_named(setting, variable, cache):
    with pytest.raises(LlmSettingError, match=f"set {variable}, or LLM = 'offline'"):
        load_llm(setting, cache=cache)


@pytest.mark.parametrize("setting", ["", "gpt-4", "openai:", "ollama:tiny", "offline:x"])
def test_an_unknown_setting_is_named(setting):
    with pytest.raises(
        LlmSettingError, match=rf"LLM='{setting}' names no back end\. Give 'offline', 'hf:MODEL'"
    ):
        load_llm(setting)


def test_the_stand_in_needs_the_encoder():
    with pytest.raises(LlmSettingError, match="needs the sentence encoder"):
        load_llm("offline")


def test_kept_answers_outlive_the_process(cache):
    first = AnswerCache(cache)
    first.put("a", {"generations": ["é"]})
    first.put("a", {"generations": [None]})
    first.close()
    second = AnswerCache(cache)
    assert (second.get("a"), second.get("b"), len(second)) == ({"generations": [None]}, None, 1)
