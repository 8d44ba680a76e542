"""Expert solvers that several problems' baselines share; they depend on no other part."""
