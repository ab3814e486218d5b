"""Benchmarks of a whole Flotilla in processes of its own, each figure beside its floor: `python -m tests.bench`."""
