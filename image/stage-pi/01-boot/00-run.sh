#!/bin/bash -e
# The firmware package has filled /boot/firmware for every Raspberry Pi. What is left here a Zero 2 W reads, and without it
# the card is dead.
boot=$ROOTFS_DIR/boot/firmware
read=(bootcode.bin start_x.elf fixup_x.dat kernel8.img bcm2710-rpi-zero-2-w.dtb)
for file in "${read[@]}"; do
    [ -e "$boot/$file" ] || { log "$boot/$file is missing: the firmware or kernel package has changed" && exit 1; }
done
others=()
for file in "${read[@]}" overlays 'LICENCE*' 'COPYING*'; do
    others+=(! -name "$file")
done
find "$boot" -mindepth 1 -maxdepth 1 "${others[@]}" -exec rm -r {} +
(cd ../../.. && python3 -B -m image.firmware --overlays "$boot/overlays")
