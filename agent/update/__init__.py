"""A new version of the agent: taken only when signed, laid beside the running one, kept only when it proves itself."""
