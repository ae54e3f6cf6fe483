/* How long somebody has been at work on the page: it pauses while the page is hidden, and 30 seconds after the last
   sign of life. */

const IDLE = 30000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "scroll"];

export class ActiveTime {
  /** seconds: spent before; show(seconds) is called once a second while it counts. */
  constructor(seconds, show) {
    Object.assign(this, { spent: seconds * 1000, show });
    this.seen = this.at = performance.now();
    for (const sign of SIGNS) addEventListener(sign, () => this.sign(), { passive: true, capture: true });
    document.addEventListener("visibilitychange", () => this.sign());
    setInterval(() => this.count(), 1000);
    show(this.seconds);
  }

  get seconds() {
    return Math.floor(this.spent / 1000);
  }

  sign() {
    this.count();
    this.seen = performance.now();
  }

  /** Adds what has passed since the last count, as far as somebody was there. */
  count() {
    const now = performance.now();
    if (this.wasVisible !== false) this.spent += Math.max(0, Math.min(now, this.seen + IDLE) - this.at);
    this.wasVisible = document.visibilityState === "visible";
    this.at = Math.max(this.at, now);
    this.show(this.seconds);
  }
}
