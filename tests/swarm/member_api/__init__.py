"""Member clusters that cost next to nothing: thousands of stub API servers behind one port, in one small process.

`python -m tests.swarm.member_api --clusters N` serves each under a path of its own, /c/<n>, to anybody with a
kubeconfig: our agents, another system's controllers, kubectl. Objects live in memory. Names, selectors, patches, field
ownership and discovery are the hub's own pure functions; the contract of the Target port holds the whole to a real
kube-apiserver. There are no defaults, no validation of bodies, no admission, no access rules and no controllers.
"""
