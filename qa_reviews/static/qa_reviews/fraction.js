/* Exact rational numbers: { n, d } with BigInts, d above 0, in lowest terms. */

const gcd = (a, b) => (b ? gcd(b, a % b) : a < 0n ? -a : a);

function reduced(n, d) {
  const by = gcd(n, d) || 1n;
  return d < 0n ? { n: -n / by, d: -d / by } : { n: n / by, d: d / by };
}

export const ZERO = { n: 0n, d: 1n };
export const whole = (number) => ({ n: BigInt(number), d: 1n });
export const add = (a, b) => reduced(a.n * b.d + b.n * a.d, a.d * b.d);
export const subtract = (a, b) => reduced(a.n * b.d - b.n * a.d, a.d * b.d);
export const multiply = (a, b) => reduced(a.n * b.n, a.d * b.d);
export const divide = (a, b) => reduced(a.n * b.d, a.d * b.n);
export const less = (a, b) => a.n * b.d < b.n * a.d;
export const isZero = (a) => a.n === 0n;

/** From "3", "-2.5" or "1/3". */
export function fraction(text) {
  const [top, bottom = "1"] = text.split("/");
  const [digits, decimals = ""] = top.split(".");
  return reduced(BigInt(digits + decimals), BigInt(bottom) * 10n ** BigInt(decimals.length));
}

/** As decimal text with a fixed number of places, rounded half up (below 0 too: -0.5 becomes 0). */
export function fixed(value, places) {
  const digits = floor(2n * value.n * 10n ** BigInt(places) + value.d, 2n * value.d);
  const text = `${digits < 0n ? -digits : digits}`.padStart(places + 1, "0");
  const sign = digits < 0n ? "-" : "";
  return places ? `${sign}${text.slice(0, -places)}.${text.slice(-places)}` : `${sign}${text}`;
}

/** The quotient rounded down; d above 0. */
const floor = (n, d) => (n < 0n && n % d ? n / d - 1n : n / d);
