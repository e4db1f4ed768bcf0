"""What the ward may ask of a node. One file per command."""
