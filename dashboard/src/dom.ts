/** The little that the page needs to build its document. Text only ever goes in as text. */

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  if (className !== "") node.className = className;
  node.append(...children);
  return node;
}

/** Finds an element of the page by its id; a page without it does not belong to this script. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html must have a ${kind.name} with id "${id}"`);
}

/** Sets a text where it differs, so that nothing is laid out anew for nothing. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets a `data-` attribute for the style sheet where it differs. */
export function setData(node: HTMLElement, name: string, value: string): void {
  if (node.dataset[name] !== value) node.dataset[name] = value;
}

/** Sets a share between 0 and 1 that the style sheet draws as a length. */
export function setShare(node: HTMLElement, share: number): void {
  node.style.setProperty("--share", Math.max(0, Math.min(1, share)).toFixed(3));
}

/** One item's part of the document. */
export interface View<Item> {
  readonly root: Element;
  update(item: Item, now: number): void;
}

/** A part of the page that shows what the state says. */
export interface Panel {
  /** Brings it up to date; `now` is epoch milliseconds. */
  update(now: number): void;
}

/** Keeps a parent's children in step with a list, one view a key: what stays is updated, not built anew. */
export class KeyedList<Item> {
  readonly #parent: Element;
  readonly #keyOf: (item: Item) => string;
  readonly #create: (item: Item) => View<Item>;
  readonly #views = new Map<string, View<Item>>();

  constructor(parent: Element, keyOf: (item: Item) => string, create: (item: Item) => View<Item>) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#create = create;
  }

  show(items: readonly Item[], now: number): void {
    this.#removeOthers(new Set(items.map((item) => this.#keyOf(item))));
    items.forEach((item, index) => {
      const key = this.#keyOf(item);
      const view = this.#views.get(key) ?? this.#create(item);
      this.#views.set(key, view);
      view.update(item, now);
      const there = this.#parent.children[index];
      if (there !== view.root) this.#parent.insertBefore(view.root, there ?? null);
    });
  }

  #removeOthers(kept: ReadonlySet<string>): void {
    for (const [key, view] of this.#views) {
      if (kept.has(key)) continue;
      view.root.remove();
      this.#views.delete(key);
    }
  }
}
