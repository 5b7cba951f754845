#!/bin/bash -e
# What is in the image and made it: packages, tools, every path with its mode, owner and content's hash, and the bill of materials.
mkdir -p "$DEPLOY_DIR"
prefix=$DEPLOY_DIR/inkvm-$INKVM_BASE
cd ../../..
if [ "$INKVM_BASE" = debian ]; then
    cp "$(cat "$CACHE_DIR/base").packages" "$prefix.packages"
else # the sealed tree has no package indexes any more
    python3 -m image.records installed --tree "$EXPORT_ROOTFS_DIR" >"$prefix.packages"
fi
cp "$TOOLS_PACKAGES" "$prefix.tools"
python3 -m image.records files --tree "$ROOTFS_DIR" --out "$prefix.files"
python3 -m image.records bill --base "$INKVM_BASE" --version "$INKVM_VERSION" --epoch "$SOURCE_DATE_EPOCH" \
    --tree "$ROOTFS_DIR" --packages "$prefix.packages" --wheels image/lock/wheels.txt --out "$prefix.spdx.json"
