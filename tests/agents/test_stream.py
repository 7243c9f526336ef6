import gc
import weakref

from alphakata.agents.stream import Stream


class Note:
    """Something to hang on a node."""


def test_a_stream_is_its_parents_tokens_and_its_own() -> None:
    stream = Stream([1, 2]).then([3]).then([4, 5])

    assert stream.all_tokens().tolist() == [1, 2, 3, 4, 5]
    assert stream.length == 5


def test_branches_share_their_parent() -> None:
    root = Stream([1])

    assert root.then([2]).parent is root.then([3]).parent is root


def test_nothing_more_is_the_same_stream() -> None:
    stream = Stream([1])

    assert stream.then([]) is stream


def test_the_path_leads_from_the_end_to_the_beginning() -> None:
    stream = Stream([1]).then([2]).then([3])

    assert [node.tokens.tolist() for node in stream.path()] == [[3], [2], [1]]


def test_equal_tokens_do_not_make_equal_streams() -> None:
    assert Stream([1]) != Stream([1])


def test_a_node_lives_as_long_as_somebody_holds_what_follows() -> None:
    root, note = Stream([1]), Note()
    root.notes["a reader"] = note
    alive, leaf = weakref.ref(note), root.then([2])
    del root, note
    assert alive() is not None

    del leaf
    gc.collect()
    assert alive() is None


def test_a_stream_of_many_nodes_can_be_dropped() -> None:
    stream = Stream()
    for token in range(100_000):
        stream = stream.then([token])

    del stream
