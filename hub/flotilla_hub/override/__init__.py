"""What a manifest becomes on its way to one cluster. Pure; called by `work.build`."""
