"""Rules for people and goods that move: trucks, commuters, travellers, and the sick who pass every gate."""
