/** Work that one at a time does, however often it is asked for; and once more when it was asked for meanwhile. */
export class Repeated {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #isAsked = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Settles when work that began after this call is done. Rejects as the work does; then it is not done again. */
  run(): Promise<void> {
    this.#isAsked = true;
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    try {
      while (this.#isAsked) {
        this.#isAsked = false;
        await this.#work();
      }
    } finally {
      this.#isAsked = false;
      this.#running = undefined;
    }
  }
}
