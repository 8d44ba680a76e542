"""Small random problems of memory scheduling."""

import numpy as np
from hypothesis import strategies as st

from heurigym.experts.scheduling.graph import Graph
from heurigym.experts.scheduling.memory.problem import MemoryProblem


@st.composite
def problems(draw: st.DrawFn, most: int = 10) -> MemoryProblem:
    """Up to ``most`` nodes, with or without edges, widths and outputs, and some slack."""
    count = draw(st.integers(1, most))
    pairs = [(tail, head) for head in range(count) for tail in range(head)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=16)) if pairs else []
    latency = np.array(draw(st.lists(st.integers(1, 3), min_size=count, max_size=count)))
    graph = Graph.of(latency, edges)
    return MemoryProblem(
        graph,
        np.array(draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))),
        np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count))),
        graph.critical_path + draw(st.integers(0, 5)),
        [str(node) for node in range(count)],
    )
