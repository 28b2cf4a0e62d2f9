/** Those who want to hear of something. One that throws does not keep the others from hearing. */
export class Listeners<Event = void> {
  readonly #listeners = new Set<(event: Event) => void>();

  get size(): number {
    return this.#listeners.size;
  }

  /** Returns how to stop listening. The same function may be added twice, and is then called twice. */
  add(listener: (event: Event) => void): () => void {
    const own = (event: Event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  emit(event: Event): void {
    for (const listener of this.#listeners.values().toArray()) {
      try {
        listener(event);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
