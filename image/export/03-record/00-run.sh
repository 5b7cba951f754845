#!/bin/bash -e
# What was built, from what, and whether its packages are the locked ones; and the entry for Raspberry Pi Imager.
image=$(dirname "$ROOTFS_DIR")/inkvm-$INKVM_BASE.img
prefix=$DEPLOY_DIR/inkvm-$INKVM_BASE
cd ../../..
python3 -m image.records manifest --base "$INKVM_BASE" --version "$INKVM_VERSION" --epoch "$SOURCE_DATE_EPOCH" \
    --commit "$GIT_HASH" --release-url "$RELEASE_URL" --lock "image/lock/$INKVM_BASE" \
    --packages "$prefix.packages" --tools-lock "$TOOLS_LOCK" --tools "$prefix.tools" --image "$prefix.img.zst" \
    --card "$image" --records "$DEPLOY_DIR"
cp app/ui/icon.svg "$DEPLOY_DIR/inkvm.svg"
rm "$image"
