"""OSC: packets, address patterns, and the UDP port that receives and sends them."""
