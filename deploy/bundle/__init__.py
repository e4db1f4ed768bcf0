"""The offline bundle: one file with everything a node installs, for a board and a Python that need not be here."""
