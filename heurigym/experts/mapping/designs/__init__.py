"""Circuits of real designs, built gate by gate from their parameters."""

from heurigym.experts.mapping.designs.catalogue import DESIGNS, Design, build_design, draw_designs

__all__ = ["DESIGNS", "Design", "build_design", "draw_designs"]
