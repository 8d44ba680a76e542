"""A loop as one tuple of arrays, which is what compiled functions take."""

from typing import NamedTuple

import numpy as np

from heurigym.experts.scheduling.modulo.loop import Ints, Loop, Mask


class LoopArrays(NamedTuple):
    """The arrays of a :class:`Loop`, and its edges and operations grouped.

    Attributes:
        kind, bits, delivery, blocking: of each operation, as in :class:`Loop`.
        units: of each resource.
        source, target, weight, distance, carries: of each edge.
        incoming: edges in the order of their targets; those of operation i at ``incoming_begin[i]`` to
            ``incoming_begin[i + 1]``.
        outgoing: edges in the order of their sources, likewise.
        members: operations in the order of their resources, likewise.
    """

    kind: Ints
    bits: Ints
    delivery: Ints
    blocking: Ints
    units: Ints
    source: Ints
    target: Ints
    weight: Ints
    distance: Ints
    carries: Mask
    incoming: Ints
    incoming_begin: Ints
    outgoing: Ints
    outgoing_begin: Ints
    members: Ints
    members_begin: Ints


def arrays_of(loop: Loop) -> LoopArrays:
    """The arrays of ``loop``."""
    incoming, incoming_begin = loop.edges_by_target
    outgoing, outgoing_begin = loop.edges_by_source
    members = np.argsort(loop.kind, kind="stable").astype(np.int64)
    begins = np.searchsorted(loop.kind[members], np.arange(len(loop.units) + 1)).astype(np.int64)
    return LoopArrays(
        loop.kind,
        loop.bits,
        loop.delivery,
        loop.blocking,
        loop.units,
        loop.source,
        loop.target,
        loop.weight,
        loop.distance,
        loop.carries,
        incoming,
        incoming_begin,
        outgoing,
        outgoing_begin,
        members,
        begins,
    )
