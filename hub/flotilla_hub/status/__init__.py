"""What members report, gathered into the status of Works, bindings, templates and clusters. Pure."""
