// The same loop with other optimizers, and each step explained before it is taken
import { manualSeed, rand, randn } from "@downhill/core";
import { Linear, MSELoss } from "@downhill/nn";
import { Adam, AdamW, explainStep, Lion, type Optimizer, RMSprop, SGD, type StepExplanation } from "@downhill/optim";

export interface Settings {
  readonly seed: number;
  readonly optimizer: "sgd" | "nesterov" | "rmsprop" | "adam" | "adamw" | "lion";
  readonly rate: number;
  /** How much of the running average of gradients stays. */
  readonly momentum: number;
  readonly decay: number;
}

/** What the optimizer's own code will do: its terms, their formulas, and the numbers put into them. */
export type Explanation = Pick<StepExplanation, "optimizer" | "settings" | "numbers" | "terms">;

export interface State {
  /** Counted from 1. */
  readonly update: number;
  readonly weight: Explanation;
  readonly bias: Explanation;
}

type Parameters = ReturnType<Linear["parameters"]>;

function make(
  parameters: Parameters,
  { optimizer, rate: lr, momentum, decay: weightDecay }: Settings,
): Optimizer<object> {
  const betas = [momentum, 0.999] as const;
  switch (optimizer) {
    case "sgd":
      return new SGD(parameters, { lr, momentum, weightDecay });
    case "nesterov":
      return new SGD(parameters, { lr, momentum, weightDecay, nesterov: momentum > 0 });
    case "rmsprop":
      return new RMSprop(parameters, { lr, momentum, weightDecay });
    case "adam":
      return new Adam(parameters, { lr, betas, weightDecay });
    case "adamw":
      return new AdamW(parameters, { lr, betas, weightDecay });
    case "lion":
      return new Lion(parameters, { lr, betas, weightDecay });
  }
}

export async function* experiment(settings: Settings): AsyncGenerator<State> {
  manualSeed(settings.seed);
  const X = rand([100, 1]).mul(10);
  const y = X.mul(2)
    .add(3)
    .add(randn([100, 1]));

  const model = new Linear(1, 1);
  const criterion = new MSELoss();
  const optimizer = make(model.parameters(), settings);

  for (let update = 1; ; update++) {
    const i = (update - 1) % 100;
    optimizer.zeroGrad();
    criterion.forward(model.forward(X.at(i)), y.at(i)).backward();
    const weight = plain(await explainStep(optimizer, model.weight));
    const bias = plain(await explainStep(optimizer, model.bias!));
    optimizer.step(); // which does just that
    yield { update, weight, bias };
  }
}

const plain = ({ optimizer, settings, numbers, terms }: StepExplanation): Explanation => ({
  optimizer,
  settings,
  numbers,
  terms,
});
