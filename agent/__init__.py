"""Edge agent for ward camera nodes.

camera ──Packet──► footage (segments on disk) ───────────────► clip ─┐
   │                                                                 ├─► spool ──► uplink ──► ward
   └──Frame──► motion ─► detection ─► tracking ─► rules ──Event──────┘      ▲
                                                    health ─────────────────┤
ward ──command──► commands ─────────────────────────────────────────────────┘
"""

__version__ = "0.1.0"
