"""How the embedded networks were made, and an artist's own are: what is learned from, small networks, their export."""
