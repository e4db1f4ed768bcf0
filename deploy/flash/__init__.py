"""From a stock image to a card with which a node starts working: `deploy/flash/make-card`.

    node.yaml, nodes.csv -> node_file -> compose -> folder (what lies on the card)
    image.img.xz -> base -> card (injected, read back) -> device
    labels, sign: what is printed with it

No root, no loop mounts: sfdisk reads the partitions, mtools the FAT one, debugfs the ext4 one. docs/design/flash.md.
"""
