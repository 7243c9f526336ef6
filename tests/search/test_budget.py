import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphakata.search.budget import Account, Cost, Limits


@given(st.lists(st.integers(0, 50)), st.integers(0, 200))
def test_an_account_never_passes_its_limit_and_refuses_nothing_it_can_pay(prices: list[int], limit: int) -> None:
    account, paid = Account(Limits(policy_tokens=limit), flops_per_token=2), 0
    for price in prices:
        affordable = paid + price <= limit
        assert account.pay(tokens=price) == affordable
        paid += price * affordable
    assert account.cost == Cost(policy_tokens=paid, flops=2 * paid)


def test_a_refused_payment_leaves_the_bill_as_it_was() -> None:
    account = Account(Limits(programs=1), flops_per_token=2)
    assert not account.pay(tokens=5, predictions=1, env_steps=2, programs=2)
    assert account.cost == Cost()


def test_tokens_left_follows_the_tighter_of_tokens_and_flops() -> None:
    account = Account(Limits(policy_tokens=10, flops=30), flops_per_token=5)
    assert account.tokens_left() == 6
    account.pay(tokens=4)
    assert account.tokens_left() == 2
    assert Account(Limits(), flops_per_token=5).tokens_left() is None


def test_seconds_are_looked_at_between_asks() -> None:
    account = Account(Limits(seconds=1.0), flops_per_token=1)
    assert not account.out_of_time()
    account.cost.seconds = 1.0
    assert account.out_of_time()


def test_a_negative_limit_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="programs limit -1 is negative"):
        Limits(programs=-1)
