"""Which kinds the hub serves: one table of built-in kinds, and those that CustomResourceDefinitions add."""
