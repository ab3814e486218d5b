"""Typed, frozen readings of the kinds the hub decides on. What is stored stays the `Obj`; a lens is read from it."""
