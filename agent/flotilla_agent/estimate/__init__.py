"""How much more fits into a cluster, node by node, when the hub's scheduler asks. Pure; `link/estimates` answers."""
