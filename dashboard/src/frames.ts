/** When to draw: pictures at most once a frame, text at most ten times a second, however many messages come. */

const textIntervalMs = 100;

export class Frames {
  readonly #drawPicture: () => void;
  readonly #drawText: () => void;
  #asked = false;
  #textIsDue = true;
  #textWaits = false;

  /**
   * @param drawPicture called in every asked frame; cheap when nothing changed
   * @param drawText brings all panels up to date
   */
  constructor(drawPicture: () => void, drawText: () => void) {
    this.#drawPicture = drawPicture;
    this.#drawText = drawText;
  }

  /** Something changed: draw soon. */
  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#asked = false;
    this.#drawPicture();
    this.#textWaits = !this.#textIsDue;
    if (this.#textWaits) return;
    this.#textIsDue = false;
    setTimeout(() => {
      this.#textIsDue = true;
      if (this.#textWaits) this.ask();
    }, textIntervalMs);
    this.#drawText();
  }
}
