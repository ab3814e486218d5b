"""Where objects live: a port with two stores behind it, a watch cache in front, and the objects all others use."""
