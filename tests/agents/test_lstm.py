"""The stack of LSTMs: one cell a layer is all it remembers by."""

import pytest
import torch

from alphakata.agents.lstm import LSTM, LSTMConfig

CONFIG = LSTMConfig(20, d_model=8, num_layers=3)


def test_a_pass_over_documents_is_one_step_after_another() -> None:
    model = LSTM(CONFIG, torch.Generator().manual_seed(0))
    tokens = torch.tensor([[3, 1, 4, 9, 2, 6, 5, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8, 9]])
    documents = torch.tensor([[0, 0, 0, 1, 1, 1, 1, -1, -1], [2] * 9])
    states = model(tokens, torch.zeros_like(tokens), documents)
    for row, first, last in ((0, 0, 3), (0, 3, 7), (1, 0, 9)):
        cells = torch.zeros(1, 3, 2, 8)
        for place in range(first, last):
            state, cells = model.step(tokens[row, [place]], cells)
            torch.testing.assert_close(states[row, place], state[0])


def test_it_begins_by_remembering() -> None:
    model = LSTM(CONFIG, torch.Generator().manual_seed(0))

    assert [block.get_parameter("bias").view(4, 8).mean(1).tolist() for block in model.blocks] == [[0, 1, 0, 0]] * 3


def test_parameters_are_counted_once() -> None:
    layer, embedding, norm, value = 2 * 4 * 8 * 8 + 4 * 8 + 8, 20 * 8, 8, 8

    assert LSTM(CONFIG, torch.Generator()).num_parameters == 3 * layer + embedding + norm + value


def test_sizes_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="num_layers and max_length must be at least 1"):
        LSTMConfig(20, num_layers=0)
