"""HID report descriptors: what the host is told about the reports that `app.hid` makes.

They live here because declaring them is the gadget's part, and the root one-shot then loads nothing of the input path.
Items: USB Device Class Definition for HID 1.11, section 6.2.2; usages: HID Usage Tables 1.5.
"""

from __future__ import annotations

# The boot keyboard of HID 1.11, appendix B.1, except that the key array goes up to 0xFF instead of 0x65, for the
# international keys and F13 to F24. A BIOS ignores the descriptor and assumes this layout.
KEYBOARD = bytes.fromhex(
    "05 01        "  # Usage Page (Generic Desktop)
    "09 06        "  # Usage (Keyboard)
    "A1 01        "  # Collection (Application)
    "05 07        "  #   Usage Page (Keyboard)
    "19 E0 29 E7  "  #   Usage Minimum/Maximum (Left Control to Right GUI)
    "15 00 25 01  "  #   Logical 0..1
    "75 01 95 08  "  #   8 fields of 1 bit
    "81 02        "  #   Input (Data, Variable, Absolute): modifiers
    "75 08 95 01  "  #   1 field of 8 bits
    "81 01        "  #   Input (Constant): reserved
    "05 08        "  #   Usage Page (LEDs)
    "19 01 29 05  "  #   Usage Minimum/Maximum (Num Lock to Kana)
    "75 01 95 05  "  #   5 fields of 1 bit
    "91 02        "  #   Output (Data, Variable, Absolute): lock LEDs
    "75 03 95 01  "  #   1 field of 3 bits
    "91 01        "  #   Output (Constant): padding
    "05 07        "  #   Usage Page (Keyboard)
    "19 00 29 FF  "  #   Usage Minimum/Maximum (0 to 255)
    "15 00 26 FF 00"  #  Logical 0..255
    "75 08 95 06  "  #   6 fields of 8 bits
    "81 00        "  #   Input (Data, Array): keys
    "C0           "  # End Collection
)
KEYBOARD_LENGTH = 8

_POINTING_HEAD = (
    "05 01        "  # Usage Page (Generic Desktop)
    "09 02        "  # Usage (Mouse)
    "A1 01        "  # Collection (Application)
    "09 01        "  #   Usage (Pointer)
    "A1 00        "  #   Collection (Physical): Apple's recovery ignores a mouse without it
    "05 09        "  #     Usage Page (Button)
    "19 01 29 08  "  #     Usage Minimum/Maximum (1 to 8)
    "15 00 25 01  "  #     Logical 0..1
    "75 01 95 08  "  #     8 fields of 1 bit
    "81 02        "  #     Input (Data, Variable, Absolute): buttons
    "05 01        "  #     Usage Page (Generic Desktop)
)
_POINTING_TAIL = (
    "09 38        "  #     Usage (Wheel)
    "15 81 25 7F  "  #     Logical -127..127
    "75 08 95 01  "  #     1 field of 8 bits
    "81 06        "  #     Input (Data, Variable, Relative): wheel
    "05 0C        "  #     Usage Page (Consumer)
    "0A 38 02     "  #     Usage (AC Pan)
    "81 06        "  #     Input (Data, Variable, Relative): horizontal wheel
    "C0 C0        "  # End Collection, twice
)

# Absolute, so not a boot mouse: firmware would read the position as motion. Windows 7 takes no other range than this.
POINTER = bytes.fromhex(
    _POINTING_HEAD + "09 30 09 31  "  # Usage (X), Usage (Y)
    "15 00 26 FF 7F"  #  Logical 0..32767
    "75 10 95 02  "  #   2 fields of 16 bits
    "81 02        "  #   Input (Data, Variable, Absolute): position
     + _POINTING_TAIL
)
POINTER_LENGTH = 7

# The boot mouse of HID 1.11, appendix B.2, whose three bytes come first; wheel and pan follow.
MOUSE = bytes.fromhex(
    _POINTING_HEAD + "09 30 09 31  "  # Usage (X), Usage (Y)
    "15 81 25 7F  "  #   Logical -127..127
    "75 08 95 02  "  #   2 fields of 8 bits
    "81 06        "  #   Input (Data, Variable, Relative): motion
     + _POINTING_TAIL
)
MOUSE_LENGTH = 5

# Consumer and system keys, of which no BIOS knows. Two application collections on one interface need report IDs (HID 1.11,
# section 5.6), and two they have to be: Windows makes one device of each, and looks for power and sleep in a system control
# alone. The three devices above have no IDs because firmware assumes their reports instead of reading a descriptor.
MEDIA = bytes.fromhex(
    "05 0C        "  # Usage Page (Consumer)
    "09 01        "  # Usage (Consumer Control)
    "A1 01        "  # Collection (Application)
    "85 01        "  #   Report ID (1)
    "19 00 2A FF 03"  # Usage Minimum/Maximum (0 to 0x3FF)
    "15 00 26 FF 03"  # Logical 0..0x3FF
    "75 10 95 04  "  #   4 fields of 16 bits
    "81 00        "  #   Input (Data, Array): keys
    "C0           "  # End Collection
    "05 01        "  # Usage Page (Generic Desktop)
    "09 80        "  # Usage (System Control)
    "A1 01        "  # Collection (Application)
    "85 02        "  #   Report ID (2)
    "19 81 29 83  "  #   Usage Minimum/Maximum (System Power Down to System Wake Up)
    "15 00 25 01  "  #   Logical 0..1
    "75 01 95 03  "  #   3 fields of 1 bit
    "81 02        "  #   Input (Data, Variable, Absolute): keys
    "95 05        "  #   5 fields of 1 bit
    "81 01        "  #   Input (Constant): padding
    "C0           "  # End Collection
)
MEDIA_LENGTH = 9
"""Of the longer report."""
