"""Long fault tests: `make faults`."""
