"""The setup page: aim, draw, try, save. Served over HTTPS by the running node, only while somebody opened it."""
