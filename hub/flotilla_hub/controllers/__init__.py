"""The asynchronous shell: one loop per file, all of one shape. Each reads, calls one pure function, and writes once."""
