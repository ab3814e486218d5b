"""The answers to "why is it there, or not?" and "what would happen if?", by the functions that decide it. Pure."""
