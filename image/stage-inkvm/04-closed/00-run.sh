#!/bin/bash -e
# What packages bring and the device does without. Nobody on it becomes somebody else: no program keeps a set-uid or
# set-gid bit. What starts stands in 01-overlay/links, and nothing else does.
find "$ROOTFS_DIR" -xdev -type f -perm /6000 -exec chmod ug-s {} +
links=$(realpath ../01-overlay/links)
cd "$ROOTFS_DIR"
find etc/systemd -path '*.wants/*' -o -path '*.requires/*' | while read -r link; do
    cut -d' ' -f1 "$links" | grep -qxF "$link" || rm "$link"
done
find etc/systemd -type d \( -name '*.wants' -o -name '*.requires' \) -empty -delete
rm -rf etc/{init.d,rc?.d}
# Nothing is compiled on it, no kernel is installed, and nobody reads manuals.
rm -rf usr/{include,share/{doc,man,info,locale,lintian,bash-completion,i18n}} usr/lib/udev/hwdb.{d,bin}
rm -rf usr/{bin,sbin}/{*initramfs,*tirfs} {etc,usr/share,usr/lib}/initramfs-tools etc/kernel
find usr/lib/locale -mindepth 1 -maxdepth 1 ! -name C.utf8 -exec rm -r {} +
# Kinds of network that the board has not: each would be in NetworkManager's memory.
rm -f usr/lib/*/NetworkManager/*/{libnm-device-plugin-{adsl,bluetooth,team,wwan},libnm-ppp-plugin,libnm-settings-plugin-ifupdown,libnm-wwan}.so
# Rules for devices that the board cannot have, and for what nobody here reads: whose seat it is, what kind of input, links by name.
# udev reads all of them at every start, and asks each of every device, while the data partition waits for its turn.
rm -f usr/lib/udev/rules.d/60-{autosuspend,cdrom_id,dmi-id,drm,evdev,fido-id,infiniband,input-id,persistent-{alsa,input,v4l},sensor,serial}.rules
rm -f usr/lib/udev/rules.d/60-persistent-storage-{mtd,tape}.rules usr/lib/udev/rules.d/64-btrfs.rules
rm -f usr/lib/udev/rules.d/70-{camera,joystick,memory,mouse,power-switch,touchpad,uaccess}.rules usr/lib/udev/rules.d/7{1-seat,3-seat-late}.rules
rm -f usr/lib/udev/rules.d/7{5-probe_mtd,8-sound-card}.rules usr/lib/udev/rules.d/9{0-iocost,0-nm-thunderbolt,6-e2scrub}.rules
# A connection without this would be taken for anybody's.
chmod 600 usr/lib/NetworkManager/system-connections/*.nmconnection
