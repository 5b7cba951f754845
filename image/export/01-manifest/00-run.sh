#!/bin/bash -e
# What is in the image: packages with their versions, and every path with its mode and owner.
mkdir -p "$DEPLOY_DIR"
prefix=$DEPLOY_DIR/inkvm-$INKVM_BASE
# shellcheck disable=SC2016  # dpkg-query fills in the ${...}
dpkg-query --admindir="$ROOTFS_DIR/var/lib/dpkg" -Wf '${Package} ${Version} ${Architecture}\n' | sort >"$prefix.packages"
(cd "$ROOTFS_DIR" && find . -mindepth 1 -printf '%M %U:%G %s /%P\n' | sort -k4) >"$prefix.files"
