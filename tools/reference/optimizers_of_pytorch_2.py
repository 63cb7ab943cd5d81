"""Optimizers that PyTorch 1.13 lacks, or has in another form than PyTorch 2, from their formulas.

Sums are added up in float64 and rounded to the tensors' dtype once, so that no order of adding is part of them.
"""

import math

import torch


def total(x, **where):
    return x.double().sum(**where).to(x.dtype)


def product(x, y):
    return (x.double() @ y.double()).to(x.dtype)


def rms(x):
    return (total(x * x) / x.numel()).sqrt()


def average(old, new, kept, times=1):
    """kept * old + (1 - kept) * new * times, in place."""
    return old.mul_(kept).add_(new * (1 - kept) * times)


class Formula(torch.optim.Optimizer):
    """Applies `update(param, grad, state, group)` to each tensor; `begin` makes its state."""

    defaults_of = {}

    def __init__(self, params, **options):
        super().__init__(params, {**self.defaults_of, **options})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if len(state) == 0:
                    self.begin(param, state)
                grad = -param.grad if group.get("maximize") else param.grad
                self.update(param, grad, state, group)


def penalised(param, grad, group):
    """The L2 penalty: in the gradient, or decoupled from it, in the values."""
    if group["weight_decay"] == 0:
        return grad
    if not group["decoupled_weight_decay"]:
        return grad + group["weight_decay"] * param
    param.mul_(1 - group["lr"] * group["weight_decay"])
    return grad


class WithAverages(Formula):
    def begin(self, param, state):
        state.update(step=0, exp_avg=torch.zeros_like(param), exp_avg_sq=torch.zeros_like(param))

    def advance(self, grad, state, group):
        state["step"] += 1
        average(state["exp_avg"], grad, group["betas"][0])
        average(state["exp_avg_sq"], grad, group["betas"][1], grad)
        return state["step"], state["exp_avg"], state["exp_avg_sq"]


class NAdam(WithAverages):
    """PyTorch 2: the next product of momenta is the product so far times the next momentum. 1.13 has one factor too many."""

    defaults_of = dict(
        lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3, decoupled_weight_decay=False, maximize=False
    )

    def begin(self, param, state):
        super().begin(param, state)
        state["mu_product"] = torch.tensor(1.0)

    def update(self, param, grad, state, group):
        grad = penalised(param, grad, group)
        step, exp_avg, exp_avg_sq = self.advance(grad, state, group)
        beta1, beta2 = group["betas"]
        mu, following = [beta1 * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (step, step + 1)]
        state["mu_product"] *= mu
        so_far = state["mu_product"].item()
        scale = exp_avg_sq.div(1 - beta2**step).sqrt().add_(group["eps"])
        param.addcdiv_(grad, scale, value=-group["lr"] * (1 - mu) / (1 - so_far))
        param.addcdiv_(exp_avg, scale, value=-group["lr"] * following / (1 - so_far * following))


class RAdam(WithAverages):
    """PyTorch 2: 1.13 with decoupled weight decay and maximize."""

    defaults_of = dict(
        lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled_weight_decay=False, maximize=False
    )

    def update(self, param, grad, state, group):
        grad = penalised(param, grad, group)
        step, exp_avg, exp_avg_sq = self.advance(grad, state, group)
        beta1, beta2 = group["betas"]
        move = exp_avg / (1 - beta1**step) * group["lr"]
        most = 2 / (1 - beta2) - 1
        length = most - 2 * step * beta2**step / (1 - beta2**step)
        if length > 5:
            rectified = math.sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length))
            move = move * (math.sqrt(1 - beta2**step) / exp_avg_sq.sqrt().add_(group["eps"])) * rectified
        param.sub_(move)


class Lion(Formula):
    """Chen et al., https://arxiv.org/abs/2302.06675, algorithm 2."""

    defaults_of = dict(lr=1e-4, betas=(0.9, 0.99), weight_decay=0, maximize=False)

    def begin(self, param, state):
        state["exp_avg"] = torch.zeros_like(param)

    def update(self, param, grad, state, group):
        mixed = average(state["exp_avg"].clone(), grad, group["betas"][0])
        average(state["exp_avg"], grad, group["betas"][1])
        param.mul_(1 - group["lr"] * group["weight_decay"]).add_(mixed.sign(), alpha=-group["lr"])


class Muon(Formula):
    """torch.optim.Muon of PyTorch 2.9, which iterates in bfloat16, in the tensors' own dtype."""

    defaults_of = dict(
        lr=1e-3,
        weight_decay=0.1,
        momentum=0.95,
        nesterov=True,
        ns_coefficients=(3.4445, -4.775, 2.0315),
        eps=1e-7,
        ns_steps=5,
        adjust_lr_fn=None,
    )

    def begin(self, param, state):
        state["momentum_buffer"] = torch.zeros_like(param)

    def update(self, param, grad, state, group):
        buffer = average(state["momentum_buffer"], grad, group["momentum"])
        direction = average(buffer.clone(), grad, group["momentum"]) if group["nesterov"] else buffer
        rows, columns = param.shape
        x = direction.T if rows > columns else direction
        x = x / total(x * x).sqrt().clamp(min=group["eps"])
        a, b, c = group["ns_coefficients"]
        for _ in range(group["ns_steps"]):
            gram = product(x, x.T)
            x = a * x + product(b * gram + c * product(gram, gram), x)
        x = x.T if rows > columns else x
        ratio = 0.2 * math.sqrt(max(rows, columns)) if group["adjust_lr_fn"] == "matchRmsAdamw" else math.sqrt(max(1, rows / columns))
        param.mul_(1 - group["lr"] * group["weight_decay"]).sub_(x * (group["lr"] * ratio))


class Adafactor(Formula):
    """torch.optim.Adafactor of PyTorch 2.5. After Shazeer and Stern, https://arxiv.org/abs/1804.04235."""

    defaults_of = dict(lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0, maximize=False)

    def begin(self, param, state):
        state["step"] = 0
        if param.dim() > 1:
            state["row_var"] = torch.zeros_like(param.sum(-1, keepdim=True))
            state["col_var"] = torch.zeros_like(param.sum(-2, keepdim=True))
        else:
            state["variance"] = torch.zeros_like(param)

    def update(self, param, grad, state, group):
        state["step"] += 1
        kept = 1 - state["step"] ** group["beta2_decay"]
        least, smallest = group["eps"]
        least = torch.finfo(param.dtype).eps if least is None else least
        mean = lambda x, dim: total(x, dim=dim, keepdim=True) / x.shape[dim]
        if param.dim() > 1:
            row = average(state["row_var"], mean(grad * grad, -1), kept)
            col = average(state["col_var"], mean(grad * grad, -2), kept)
            power = row * col / mean(row, -2).clamp(min=least)
        else:
            power = average(state["variance"], grad * grad, kept)
        step = grad / power.clamp(min=least * least).sqrt()
        rate = rms(param).clamp(min=smallest) * min(group["lr"], 1 / math.sqrt(state["step"]))
        clip = (rms(step) / group["d"]).clamp(min=1)
        param.mul_(1 - group["lr"] * group["weight_decay"]).sub_(step * (rate / clip))
