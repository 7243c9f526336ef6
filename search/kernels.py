"""Adds nodes to a search tree, or to each of a forest, and backs values up; compiled by numba.

The arrays are those of `tree.py` and `forest.py`. Whatever calls another compiled function lives in one file with it,
because numba's cache notices a change only in a function's own file.
"""
# mypy: disable-error-code="no-untyped-def"

import numba
import numpy as np

# What it takes to sum and compare in vectors; logits may be infinite.
_FAST = {"nnan", "nsz", "arcp", "contract", "reassoc"}
_TAKEN = -1.0
"""The prior of an edge that leads to a node; the node keeps what it was."""
_TINY = 1e-38
"""The least prior of a node, so that a mean weighted by priors always exists."""


@numba.njit(cache=True, nogil=True)
def expand(nodes, tokens, priors, order, used, parent, edge, player, reward, legal, logits, value, discount, maximum):
    """Adds the root, or what `edge` of `parent` leads to, and backs `value` up; returns how many edges it has."""
    new, first = used
    last = _open_edges(tokens, priors, first, legal, logits)
    node = nodes[new]
    node.player, node.reward, node.raw_value, node.value, node.visits = player, reward, value, value, 0
    node.parent, node.edge, node.child, node.sibling = parent, edge, -1, -1
    node.first_edge, node.num_edges = first, last - first
    _seek_best(node, priors)
    if parent < 0 and len(order):
        _seek_first(node, priors, order)
    if parent >= 0:
        _take(nodes, priors, order, parent, edge, new)
    used[0], used[1] = new + 1, last
    backup(nodes, new, value, discount, maximum)
    return last - first


@numba.njit(cache=True, nogil=True)
def open_node(nodes, tokens, priors, used, n, legal, logits):
    """Gives edges to a node that was added without; returns how many."""
    first = used[1]
    last = _open_edges(tokens, priors, first, legal, logits)
    node = nodes[n]
    node.first_edge, node.num_edges = first, last - first
    _seek_best(node, priors)
    used[1] = last
    return last - first


@numba.njit(cache=True, nogil=True)
def _take(nodes, priors, order, parent, edge, new):
    """Hangs node `new` on an edge of `parent` and finds the best of the edges that are left."""
    above = nodes[parent]
    nodes[new].prior = max(priors[edge], _TINY)
    nodes[new].sibling = above.child
    above.child = new
    priors[edge] = _TAKEN
    _seek_best(above, priors)
    if parent == 0 and len(order):
        _seek_first(above, priors, order)


@numba.njit(cache=True, nogil=True, fastmath=_FAST)
def _open_edges(tokens, priors, first, legal, logits):
    """Writes the legal tokens and the softmax of their logits from `first` on; returns where they end."""
    last, highest = first, np.float32(-np.inf)
    for v in range(len(legal)):
        if legal[v]:
            tokens[last] = v
            priors[last] = logits[v]
            last += 1
            highest = max(highest, logits[v])
    total = np.float32(0)
    for e in range(first, last):
        # The exponential as (1 + x / 1024 + ...)^1024, which the compiler turns into vector instructions.
        x = max(np.float64(priors[e] - highest), -100.0) / 1024
        power = 1 + x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5))))
        for _ in range(10):
            power *= power
        priors[e] = power
        total += priors[e]
    for e in range(first, last):
        priors[e] /= total
    return last


@numba.njit(cache=True, nogil=True)
def _seek_best(node, priors):
    """Notes the likeliest edge that nobody took, the first of equals, and the prior of all such edges together."""
    first, last = node.first_edge, node.first_edge + node.num_edges
    highest, node.rest = _highest_and_sum(priors, first, last)
    node.best = -1
    if highest >= 0:
        for e in range(first, last):
            if priors[e] == highest:
                node.best = e
                break


@numba.njit(cache=True, nogil=True, fastmath=_FAST)
def _highest_and_sum(priors, first, last):
    highest, total = np.float32(_TAKEN), np.float32(0)
    for e in range(first, last):
        highest = max(highest, priors[e])
        total += max(priors[e], np.float32(0))
    return highest, total


@numba.njit(cache=True, nogil=True)
def _seek_first(node, priors, order):
    """Notes the next edge of a root whose edges are opened in an order of their own."""
    best = -1
    for e in range(node.num_edges):
        if priors[e] >= 0 and (best < 0 or order[e] > order[best]):
            best = e
    node.best = best


@numba.njit(cache=True, nogil=True)
def backup(nodes, leaf, value, discount, maximum):
    """Takes `value`, the return from `leaf` for its player, up to the root: into the mean, or as the best so far."""
    n = leaf
    while True:
        node = nodes[n]
        node.visits += 1
        if maximum:
            node.value = value = max(node.value, value)
        else:
            node.value += (value - node.value) / node.visits
        if node.parent < 0:
            return
        sign = 1.0 if nodes[node.parent].player == node.player else -1.0
        node.q = node.reward + discount * sign * node.value
        value = node.reward + discount * sign * value
        n = node.parent


@numba.njit(cache=True, nogil=True)
def list_children(nodes, all_tokens, priors, n, tokens, prior, visits, q, children):
    """Writes what is known of the edges of node `n`, see `tree.Children`."""
    first = nodes[n].first_edge
    for e in range(nodes[n].num_edges):
        tokens[e], prior[e] = all_tokens[first + e], priors[first + e]
        visits[e], q[e], children[e] = 0, 0.0, -1
    c = nodes[n].child
    while c >= 0:
        e = nodes[c].edge - first
        prior[e], visits[e], q[e], children[e] = nodes[c].prior, nodes[c].visits, nodes[c].q, c
        c = nodes[c].sibling


@numba.njit(cache=True, nogil=True)
def open_all(nodes, tokens, embeddings, trees, places, open_trees, open_embeddings, players, open_tokens):
    """Writes tree, embedding, player and token of every walk that ended at an open edge; returns how many there are."""
    leaf = 0
    for m in range(len(trees)):
        b, (n, edge) = trees[m], places[m]
        if edge >= 0:
            open_trees[leaf], players[leaf], open_tokens[leaf] = b, nodes[b, n].player, tokens[b, edge]
            open_embeddings[leaf] = embeddings[b, n]
            leaf += 1
    return leaf


@numba.njit(cache=True, nogil=True)
def backup_ends(nodes, trees, places, discount, maximum):
    """Backs up that nothing more is earned where walks ended at the end of an episode."""
    for m in range(len(trees)):
        if places[m, 0] >= 0 and places[m, 1] < 0:
            backup(nodes[trees[m]], places[m, 0], 0.0, discount, maximum)


@numba.njit(cache=True, nogil=True)
def expand_all(
    nodes, tokens, priors, embeddings, order, used, trees, places, several, most_legal, players, rewards, legal, over,
    new_embeddings, logits, values, discount, maximum,
):  # fmt: skip
    """Opens the edge at which each walk ended, and returns how many did; or minus the tokens legal, if these are more.

    Walks that ended with an episode are backed up first. Where a tree has `several` walks, leaves at which an episode
    is `over` come next and the others last: the order shows in sums of floats. Only these have logits and values.
    """
    backup_ends(nodes, trees, places, discount, maximum)
    no_logits, leaf = np.zeros(0, logits.dtype), -1
    for turn in range(1 + several):
        leaf = row = -1
        for m in range(len(trees)):
            if places[m, 0] >= 0 and places[m, 1] < 0:
                continue
            leaf += 1
            row += not over[leaf]
            if several and over[leaf] == turn:
                continue
            count = legal[leaf].sum()
            if count > most_legal:
                return -count
            b, n = trees[m], places[m, 0]
            embeddings[b, used[b, 0]] = new_embeddings[leaf]
            reward = rewards[leaf, nodes[b, n].player] if n >= 0 else np.float32(0)
            expand(
                nodes[b], tokens[b], priors[b], order[b], used[b], n, places[m, 1], players[leaf], reward, legal[leaf],
                no_logits if over[leaf] else logits[row], 0.0 if over[leaf] else values[row], discount, maximum,
            )  # fmt: skip
    return leaf + 1
