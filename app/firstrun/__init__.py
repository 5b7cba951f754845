"""What the owner writes on the card before the first start: found, judged, kept, and made true. Read `plan.py` next."""
