#!/bin/bash -e
# The Debian base is the first stage's tree; `base` made it.
rm -rf "$ROOTFS_DIR"
mkdir -p "$ROOTFS_DIR"
tar --numeric-owner --xattrs --xattrs-include='*' -xpf "$(cat "$CACHE_DIR/base")" -C "$ROOTFS_DIR"
if [ "$RUNNER" = pi-gen ]; then
    install -m 755 apt-get "$ROOTFS_DIR/usr/local/sbin/apt-get"
fi
