"""Language models from elsewhere solve problems, and are refused what they cannot do."""

from pathlib import Path

import pytest
from stub_endpoint import stub_endpoint

from alphakata.envs.code.judge import Case
from alphakata.envs.code.problem import Problem, write_problems
from alphakata.experiments.build import build
from alphakata.experiments.configure import ConfigError, compose
from alphakata.experiments.solve import Found, SolveConfig, solve


def solved(*overrides: str) -> Found:
    return solve(build(compose(list(overrides), "solve"), SolveConfig))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    path = tmp_path / "problems.jsonl"
    write_problems(path, [Problem("double", "Print twice the number.", (Case("2", "4"),), (Case("5", "10"),))])
    return path


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    from tiny_llama import save_tiny_llama

    path = tmp_path_factory.mktemp("llama")
    save_tiny_llama(path)
    return path


def test_an_endpoint_solves_a_problem_by_alphacode(file: Path) -> None:
    programs = {0: "print(4)\n", 1: "print(int(input()) * 2)\n"}
    with stub_endpoint(lambda body: (200, programs[body["seed"] % 2])) as stub:
        found = solved("policy=endpoint", f"policy.url={stub.url}", f"file={file}", "searches.alphacode.num_samples=16")

    assert found.passes_examples
    assert found.program in programs.values()
    assert found.cost.samples == 16
    assert {body["prompt"] for body in stub.bodies} == {found.statement}


def test_an_imported_model_samples_in_its_own_tokens(file: Path, llama: Path) -> None:
    found = solved(
        "policy=hf", f"policy.path={llama}", f"file={file}", "search=sample", "envs.code.world.max_tokens=12"
    )

    assert found.cost.flops > 0
    assert found.cost.policy_tokens > len(found.statement)


def test_beam_search_reads_an_imported_model(file: Path, llama: Path) -> None:
    found = solved("policy=hf", f"policy.path={llama}", f"file={file}", "search=beam", "envs.code.world.max_tokens=6")

    assert found.cost.predictions > 8


@pytest.mark.parametrize(
    ("search", "lacking"),
    [
        ("best_of_n", "values"),
        ("alphacode_value", "values"),
        ("sampled_tree", "values"),
        ("beam", "logits"),
        ("pgtd", "logits"),
        ("puct", "logits and values"),
        ("gumbel", "logits and values"),
    ],
)
def test_what_an_endpoint_cannot_give_is_refused_by_name(search: str, lacking: str) -> None:
    with pytest.raises(ValueError, match=f"{search} goes by {lacking}, which this policy cannot give"):
        solved("policy=endpoint", "policy.url=http://localhost/v1", f"search={search}")


def test_an_imported_model_has_no_values_to_rank_by(llama: Path) -> None:
    with pytest.raises(ValueError, match="best_of_n goes by values"):
        solved("policy=hf", f"policy.path={llama}", "search=best_of_n")


def test_two_policies_at_once_are_refused() -> None:
    with pytest.raises(ConfigError, match="name a policy each"):
        solved("policy=endpoint", "policy.url=http://localhost/v1", "checkpoint=somewhere")


def test_an_address_that_is_missing_is_asked_for() -> None:
    with pytest.raises(ConfigError, match="url"):
        solved("policy=endpoint")


def test_the_end_of_a_text_is_the_last_token_of_the_codec(llama: Path) -> None:
    from alphakata.agents.causal import load_tokenizer
    from alphakata.experiments.tokenizer_codec import TokenizerCodec

    codec = TokenizerCodec("text", load_tokenizer(str(llama)))
    text = "if x:\n    print('é', 10)\n"

    assert codec.decode([*codec.encode(text).tolist(), codec.end]) == text
    assert codec.end == codec.size - 1
    assert codec.ids[codec.end] == 1
    assert codec.opening == (0,)
    assert [int(token) for token in codec.ids[~codec.written]] == [0, 2]
