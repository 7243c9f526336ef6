"""Chooses where a search tree grows next, compiled by numba.

PUCT follows MuZero (Schrittwieser et al. 2020, https://doi.org/10.1038/s41586-020-03051-4, appendix B), Gumbel follows
Danihelka et al. (2022, https://openreview.net/forum?id=bERaNdoegnO), both as written down in mctx (DeepMind,
https://github.com/google-deepmind/mctx), with which they agree on every visit where all tokens are legal. Where some
are not, mctx lets their Q, the mixed value, decide with others what Q is rescaled to; here they count for nothing.

Edges that nobody took share one Q, so the one with the highest prior stands for all of them: choosing takes a walk over
the children, not over all that is legal. Equal scores go to the lower token. The arrays are those of `tree.py`.
"""
# mypy: disable-error-code="no-untyped-def"

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def select_puct(nodes, priors, c1, c2):
    """Walks down by PUCT; returns where the walk ended and the edge to open there, -1 where there is none."""
    n = 0
    while True:
        child, edge = _puct(nodes, priors, n, c1, c2)
        if child < 0:
            return n, edge
        n = child


@numba.njit(cache=True, nogil=True)
def _puct(nodes, priors, n, c1, c2):
    """Returns the child to go to, or -1 and the edge to open."""
    node = nodes[n]
    low = high = node.value
    c = node.child
    while c >= 0:
        low, high = min(low, nodes[c].q), max(high, nodes[c].q)
        c = nodes[c].sibling
    scale = 1.0 / max(high - low, 1e-8)
    explore = np.sqrt(node.visits) * (c1 + np.log((node.visits + c2 + 1.0) / c2))
    child, edge, score = -1, node.best, -np.inf
    if edge >= 0:
        score = priors[edge] * explore
    c = node.child
    while c >= 0:
        other = nodes[c]
        s = (other.q - low) * scale + other.prior * explore / (1.0 + other.visits)
        if s > score or (s == score and other.edge < edge):
            child, edge, score = c, other.edge, s
        c = other.sibling
    return child, edge


@numba.njit(cache=True, nogil=True)
def select_p_ucb(nodes, priors, c, c_base):
    """Walks down by P-UCB, in which what nobody tried is worth 0; returns as `select_puct`."""
    n = 0
    while True:
        node = nodes[n]
        explore = (np.log((node.visits + c_base + 1.0) / c_base) + c) * np.sqrt(np.log(node.visits))
        child, edge, score = -1, node.best, -np.inf
        if edge >= 0:
            score = priors[edge] * explore
        at = node.child
        while at >= 0:
            other = nodes[at]
            s = other.q + other.prior * explore / (1.0 + other.visits)
            if s > score or (s == score and other.edge < edge):
                child, edge, score = at, other.edge, s
            at = other.sibling
        if child < 0:
            return n, edge
        n = child


@numba.njit(cache=True, nogil=True)
def select_gumbel(nodes, priors, order, schedule, visit_offset, value_scale, rescale):
    """Walks down from the root by sequential halving, below it by the improved policy; returns as `select_puct`.

    schedule: how often the root's edge may have been taken that is due next, by simulation.
    """
    due = schedule[min(nodes[0].visits - 1, len(schedule) - 1)]
    child, edge = _halve(nodes, order, due, visit_offset, value_scale, rescale)
    if child < 0:
        return 0, edge
    return _descend(nodes, priors, child, visit_offset, value_scale, rescale)


@numba.njit(cache=True, nogil=True)
def select_round(nodes, priors, order, places, due, visit_offset, value_scale, rescale):
    """Walks down from the root's best edges among those taken `due` times, the best first; returns how many it found.

    places: `[R, 2]`, the node and the edge where each walk ended are written here.
    """
    _, low, scale = _completed(nodes, 0, visit_offset, value_scale, rescale)
    num_edges = nodes[0].num_edges
    score, to = np.full(num_edges, -np.inf), np.full(num_edges, -1)
    if due == 0:
        for e in range(num_edges):
            if priors[e] >= 0:
                score[e] = order[e]
    c = nodes[0].child
    while c >= 0:
        to[nodes[c].edge] = c
        if nodes[c].visits == due:
            score[nodes[c].edge] = order[nodes[c].edge] + (nodes[c].q - low) * scale
        c = nodes[c].sibling
    for i in range(len(places)):
        edge = np.argmax(score)
        if score[edge] == -np.inf:
            return i
        score[edge] = -np.inf
        places[i, 0], places[i, 1] = 0, edge
        if to[edge] >= 0:
            places[i, 0], places[i, 1] = _descend(nodes, priors, to[edge], visit_offset, value_scale, rescale)
    return len(places)


@numba.njit(cache=True, nogil=True)
def scaled_q(nodes, q, visit_offset, value_scale, rescale):
    """Writes to `q` what is added to the logits of the root's edges."""
    mixed, low, scale = _completed(nodes, 0, visit_offset, value_scale, rescale)
    q[:] = (mixed - low) * scale
    c = nodes[0].child
    while c >= 0:
        q[nodes[c].edge] = (nodes[c].q - low) * scale
        c = nodes[c].sibling


@numba.njit(cache=True, nogil=True)
def _descend(nodes, priors, n, visit_offset, value_scale, rescale):
    """Follows the improved policy from `n`; returns where the walk ended and the edge to take there."""
    while True:
        child, edge = _improved(nodes, priors, n, visit_offset, value_scale, rescale)
        if child < 0:
            return n, edge
        n = child


@numba.njit(cache=True, nogil=True)
def _halve(nodes, order, due, visit_offset, value_scale, rescale):
    """Returns the root's best child that was visited `due` times, or -1 and the edge to open."""
    child, edge, score = -1, -1, -np.inf
    mixed, low, scale = _completed(nodes, 0, visit_offset, value_scale, rescale)
    if due == 0:
        edge = nodes[0].best
        score = order[edge] + (mixed - low) * scale
    c = nodes[0].child
    while c >= 0:
        other = nodes[c]
        if other.visits == due:
            s = order[other.edge] + (other.q - low) * scale
            if s > score or (s == score and other.edge < edge):
                child, edge, score = c, other.edge, s
        c = other.sibling
    return child, edge


@numba.njit(cache=True, nogil=True)
def _improved(nodes, priors, n, visit_offset, value_scale, rescale):
    """Returns the child, or -1 and the edge to open, whose share of visits lags most behind the improved policy."""
    node = nodes[n]
    if node.child < 0:
        return -1, node.best
    mixed, _, scale = _completed(nodes, n, visit_offset, value_scale, rescale)
    # Where every edge was taken none has the mixed value, and all of them may be worth far less.
    some_left = node.best >= 0
    highest = mixed if some_left else -np.inf
    c = node.child
    while c >= 0:
        highest = max(highest, nodes[c].q)
        c = nodes[c].sibling
    unopened = np.exp((mixed - highest) * scale) if some_left else 0.0
    total = node.rest * unopened
    c = node.child
    while c >= 0:
        nodes[c].weight = nodes[c].prior * np.exp((nodes[c].q - highest) * scale)
        total += nodes[c].weight
        c = nodes[c].sibling
    child, edge, score = -1, node.best, -np.inf
    if edge >= 0:
        score = priors[edge] * unopened / total
    c = node.child
    while c >= 0:
        other = nodes[c]
        s = other.weight / total - other.visits / node.visits
        if s > score or (s == score and other.edge < edge):
            child, edge, score = c, other.edge, s
        c = other.sibling
    return child, edge


@numba.njit(cache=True, nogil=True)
def _completed(nodes, n, visit_offset, value_scale, rescale):
    """Returns the Q that stands in where there is none, and what to take off a Q and multiply it with."""
    node = nodes[n]
    total = weighted = 0.0
    most = 0
    low, high = np.inf, -np.inf
    c = node.child
    while c >= 0:
        other = nodes[c]
        total += other.prior
        weighted += other.prior * other.q
        most = max(most, other.visits)
        low, high = min(low, other.q), max(high, other.q)
        c = other.sibling
    mixed = node.raw_value
    if node.child >= 0:
        mixed = (node.raw_value + (node.visits - 1) * weighted / total) / node.visits
    if node.best >= 0:
        low, high = min(low, mixed), max(high, mixed)
    scale = (visit_offset + most) * value_scale
    if rescale:
        return mixed, low, scale / max(high - low, 1e-8)
    return mixed, 0.0, scale


@numba.njit(cache=True, nogil=True)
def select_puct_all(nodes, priors, places, c1, c2):
    """Walks down every tree; writes node and edge to `places`."""
    for b in range(len(nodes)):
        places[b, 0], places[b, 1] = select_puct(nodes[b], priors[b], c1, c2)


@numba.njit(cache=True, nogil=True)
def select_gumbel_all(nodes, priors, order, schedule, places, visit_offset, value_scale, rescale):
    """Walks down every tree; writes node and edge to `places`."""
    for b in range(len(nodes)):
        places[b, 0], places[b, 1] = select_gumbel(
            nodes[b], priors[b], order[b], schedule[b], visit_offset, value_scale, rescale
        )


@numba.njit(cache=True, nogil=True)
def select_rounds_all(nodes, priors, order, counts, due, trees, places, visit_offset, value_scale, rescale):
    """Walks down every tree from some edges of its root; writes tree, node and edge of each walk, returns how many."""
    first = 0
    for b in range(len(nodes)):
        if counts[b]:
            last = first + counts[b]
            found = select_round(
                nodes[b], priors[b], order[b], places[first:last], due[b], visit_offset, value_scale, rescale
            )
            trees[first : first + found] = b
            first += found
    return first
