/** When to draw: pictures at most once a frame, text at most ten times a second, however many messages come. */

const textIntervalMs = 100;

export interface Frames {
  /** Something changed: draw soon. */
  ask(): void;
}

/**
 * @param drawPicture called in every asked frame; cheap when nothing changed
 * @param drawText brings all panels up to date
 */
export function createFrames(drawPicture: () => void, drawText: () => void): Frames {
  let frameAsked = false;
  let textIsDue = true;
  let textWaits = false;

  const ask = () => {
    if (frameAsked) return;
    frameAsked = true;
    requestAnimationFrame(draw);
  };
  const draw = () => {
    frameAsked = false;
    drawPicture();
    if (!textIsDue) {
      textWaits = true;
      return;
    }
    textIsDue = false;
    textWaits = false;
    setTimeout(() => {
      textIsDue = true;
      if (textWaits) ask();
    }, textIntervalMs);
    drawText();
  };
  return { ask };
}
