"""Finds cameras: ONVIF devices on the local network, USB devices, ribbon cables. Gives frozen values; opens no camera.

Whatever answers on the network is a stranger: its words are bounded, cleaned and never followed to another host.
"""
