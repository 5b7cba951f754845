"""The workbench: what makes the card, as opposed to what runs from it. Nothing here is on the device."""
