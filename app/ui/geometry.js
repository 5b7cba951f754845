// Where the picture is inside its element, and what a point on it is to the target's pointer.

const HID_MIN = -32768;
const HID_SPAN = 65535;

/** The rectangle that `object-fit: contain` gives a picture of `size` in `box` (left, top, width, height). */
export function fit(box, size) {
  const scale = Math.min(box.width / size.width, box.height / size.height);
  const width = size.width * scale;
  const height = size.height * scale;
  return {
    left: box.left + (box.width - width) / 2,
    top: box.top + (box.height - height) / 2,
    width,
    height,
  };
}

/** A point in the page as the protocol's absolute coordinates, at the nearest edge when it is not `inside`. */
export function absolute(point, picture) {
  const x = (point.x - picture.left) / picture.width;
  const y = (point.y - picture.top) / picture.height;
  const inside = x >= 0 && x <= 1 && y >= 0 && y <= 1;
  return { x: scale(x), y: scale(y), inside };
}

function scale(fraction) {
  return HID_MIN + Math.round(Math.min(1, Math.max(0, fraction)) * HID_SPAN);
}
