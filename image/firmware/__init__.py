"""What the board's firmware is told before Linux starts, checked before it is on a card. Read `rules` next."""
