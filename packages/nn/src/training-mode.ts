import { guard, isTracing } from "@downhill/core/engine";

/** What a module asks to know whether it trains. A compiled function that has asked is traced again for the other answer. */
export abstract class TrainingMode {
  #training = true;

  /** Whether the module is training; `train()` and `eval()` set it for all children too. */
  get training(): boolean {
    return isTracing() ? guard(() => this.#training) : this.#training;
  }

  set training(value: boolean) {
    this.#training = value;
  }
}
