// One colour per source id, the same as in recordings: see SourceColors.cs. Hue goes round by the golden angle.
const GOLDEN_ANGLE = 137.50776405003785, FIRST = 157.56339376;

export const hueOf = id => (FIRST + id * GOLDEN_ANGLE) % 360;

export const colorOf = id => `oklch(0.80 0.135 ${hueOf(id).toFixed(2)})`;
