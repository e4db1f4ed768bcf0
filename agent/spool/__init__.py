"""The one durability boundary: what must leave the node stays here until it has left."""
