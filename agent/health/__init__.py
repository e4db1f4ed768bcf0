"""How the node is: one small file per check, one report, and the faults that are open."""
