"""Calls: dials, moves, third parties, transfers, recordings, and how each leg comes and goes."""
