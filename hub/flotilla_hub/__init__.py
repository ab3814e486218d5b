"""The hub: takes manifests and policies, decides which cluster gets what, publishes a Work per object and cluster."""
