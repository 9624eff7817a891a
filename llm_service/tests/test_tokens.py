import subprocess
import sys

import pytest
from pytest_django.fixtures import Settings

from llm_service import tokens


@pytest.mark.parametrize(("text", "count"), [("", 0), ("hello world", 2), ("日本語のテキスト", 8)])
def test_counts_are_tiktokens_without_the_network(text: str, count: int):
    assert tokens.count(text) == count


def test_special_tokens_in_a_text_are_text():
    assert tokens.count("<|endoftext|>") > 1


def test_a_text_that_cannot_be_encoded_is_estimated():
    assert tokens.count("half \ud83d a pair") > 0


@pytest.mark.parametrize("text", ["The quick brown fox jumps over the lazy dog. " * 20, "日本語のテキストです。" * 20])
def test_an_estimate_is_in_the_right_region(text: str):
    assert 0.5 < tokens.estimate(text) / tokens.count(text) < 2


def test_counting_does_not_load_litellm():
    check = "import sys; from llm_service import tokens; tokens.count('tea'); sys.exit('litellm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_what_is_kept_with_a_message_is_an_estimate_unless_asked_for(settings: Settings):
    text = "The quick brown fox jumps over the lazy dog. "

    assert tokens.stored_count(text) == tokens.estimate(text)

    settings.LLM_EXACT_TOKENS = True
    assert tokens.stored_count(text) == tokens.count(text)


def test_litellm_gets_its_tokenizer_only_when_it_counts():
    check = """
import django; django.setup()
from llm_service import library
litellm = library.litellm()
before = library._tokenizer.cache_info().currsize
counted = len(litellm.encoding.encode("hello world"))
raise SystemExit(0 if (before, counted) == (0, 2) else f"{before} {counted}")
"""
    done = subprocess.run([sys.executable, "-c", check], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
