// What the decoder's configuration needs to know of an H.264 stream.

const NAL_SPS = 7;

/**
 * The codec string (`avc1.PPCCLL`) of an Annex B access unit, or null when it has no sequence parameter set.
 * Source: RFC 6381 section 3.3; the three bytes are profile_idc, the constraint flags and level_idc (H.264, 7.3.2.1.1).
 */
export function codecString(data) {
  const sps = find(data, NAL_SPS);
  if (sps < 0 || sps + 3 >= data.length) return null;
  const hex = Array.from(data.subarray(sps + 1, sps + 4), (byte) => byte.toString(16).padStart(2, '0'));
  return `avc1.${hex.join('')}`;
}

/** Where the header of the first NAL unit of this type is, or -1. */
function find(data, type) {
  for (let at = 0; at + 3 < data.length; at += 1) {
    if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1 && (data[at + 3] & 0x1f) === type) return at + 3;
  }
  return -1;
}
