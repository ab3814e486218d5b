"""The hub: takes manifests and policies, decides which cluster gets what, and publishes one Work per object and cluster."""
