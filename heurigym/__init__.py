"""HeuriGym: how well does a language model write heuristics?"""

__version__ = "0.1.0"
