#!/bin/bash -e
# The image is made of a copy: sealing a tree would spoil it for the next build.
rm -rf "$ROOTFS_DIR"
mkdir -p "$(dirname "$ROOTFS_DIR")"
cp -a --reflink=auto "$EXPORT_ROOTFS_DIR" "$ROOTFS_DIR"
