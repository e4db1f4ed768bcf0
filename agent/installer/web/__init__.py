"""What the setup page and the household's page have in common: over TLS, in the local net, behind a code."""
