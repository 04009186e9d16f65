// Nothing: exists to own the precompiled header.
