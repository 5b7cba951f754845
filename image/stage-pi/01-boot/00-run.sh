#!/bin/bash -e
# The firmware package has filled /boot/firmware for every Raspberry Pi. What is left out here no Zero 2 W reads; what
# it does read must be there, or the card is dead.
boot=$ROOTFS_DIR/boot/firmware
rm -f "$boot"/{start4*,fixup4*,bcm2711*,bcm2712*,kernel_2712.img,initramfs*,issue.txt}
for file in bootcode.bin start_x.elf fixup_x.dat kernel8.img bcm2710-rpi-zero-2-w.dtb \
    overlays/{tc358743,dwc2,cma,disable-bt}.dtbo; do
    [ -e "$boot/$file" ] || { log "$boot/$file is missing: the firmware or kernel package has changed" && exit 1; }
done
